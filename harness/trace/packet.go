package trace

import (
	"net/netip"
	"time"
)

// Flags are those of a TCP segment, by their place in its header (RFC 9293, section 3.1).
type Flags uint8

// The flags that matter here.
const (
	FIN Flags = 1 << iota
	SYN
	RST
	PSH
	ACK
)

// Packet is one that was in the air, or on the cable. Like Details, packets are for people: they are not part of the hash, and nobody judges
// them. Their times need not be in order: what happened while nobody looked is added when somebody does.
type Packet struct {
	At       time.Duration
	From, To netip.AddrPort
	Flags    Flags // of a TCP segment; 0 is a UDP datagram
	Data     []byte
}

// MaxPackets is how many packets a trace keeps. Chosen.
const MaxPackets = 1 << 13

// Capture keeps a packet, with its data.
func (t *Trace) Capture(p Packet) {
	if len(t.Packets) < MaxPackets {
		t.Packets = append(t.Packets, p)
	}
}
