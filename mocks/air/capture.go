package air

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// What is captured is for people who read the run in Wireshark: packets that the board sends while it is associated, and those that reach it.
// Acknowledgements that carry nothing else are not modelled, and neither are retransmissions of data. Without texts for people nothing is
// captured, and nothing is allocated.

// at is a port of an address.
func at(ip IP, port uint16) netip.AddrPort { return netip.AddrPortFrom(netip.AddrFrom4(ip), port) }

func (a *Air) capture(when time.Duration, from, to netip.AddrPort, f trace.Flags, data []byte) {
	if a.w.Verbose() && a.station.state == stAssociated {
		a.w.Trace.Capture(trace.Packet{At: when, From: from, To: to, Flags: f, Data: slices.Clone(data)})
	}
}

// sends captures a segment of the board.
func (c *Conn) sends(when time.Duration, f trace.Flags, data []byte) {
	c.a.capture(when, at(c.from, c.LocalPort), at(c.RemoteIP, c.RemotePort), f, data)
}

// gets captures a segment of the remote host.
func (c *Conn) gets(when time.Duration, f trace.Flags, data []byte) {
	c.a.capture(when, at(c.RemoteIP, c.RemotePort), at(c.from, c.LocalPort), f, data)
}

// passes captures a segment that arrives at dst now.
func (c *Conn) passes(dst *end, f trace.Flags, data []byte) {
	if dst == &c.board {
		c.gets(c.a.w.Now(), f, data)
	} else {
		c.sends(c.a.w.Now(), f, data)
	}
}

const dnsPort = 53

// capture captures the question, or its answer. That the gateway answers, and from which port it is asked, is chosen.
func (q *Query) capture(when time.Duration, answer bool) {
	a := q.a
	if !a.w.Verbose() {
		return
	}
	board, server := at(a.station.ip, firstEphemeral-1), at(Gateway, dnsPort)
	if answer {
		a.capture(when, server, board, 0, dnsAnswer(q.name, q.found, q.ip))
	} else {
		a.capture(when, board, server, 0, dnsQuestion(q.name, 0x0100, 0)) // recursion desired
	}
}

// dnsQuestion is a message with a question for an A record, and so many answers to follow (RFC 1035, sections 4.1.1 and 4.1.2).
func dnsQuestion(name string, flags, answers uint16) (m []byte) {
	for _, v := range []uint16{1, flags, 1, answers, 0, 0} {
		m = binary.BigEndian.AppendUint16(m, v)
	}
	for label := range strings.SplitSeq(name, ".") {
		m = append(append(m, byte(len(label))), label...)
	}
	return append(m, 0, 0, 1, 0, 1) // the root, type A, class IN
}

// dnsAnswer is the answer: an address, or that there is no such name.
func dnsAnswer(name string, found bool, ip IP) []byte {
	const flags, noSuchName = 0x8180, 3 // an answer, recursion desired and available
	if !found {
		return dnsQuestion(name, flags|noSuchName, 0)
	}
	m := append(dnsQuestion(name, flags, 1), 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4) // the name above, A, IN, 60 s (chosen), four bytes
	return append(m, ip[:]...)
}

// DHCP's message types (RFC 2132, section 9.6).
const (
	discover = 1
	offer    = 2
	request  = 3
	ack      = 5
)

// captureLease captures the four messages of a lease. They are shown at its end, in DHCPTime before it.
func (a *Air) captureLease(when time.Duration) {
	for i, kind := range []byte{discover, offer, request, ack} {
		a.captureDHCP(when-DHCPTime*time.Duration(3-i)/4, kind)
	}
}

// captureDHCP captures one message (RFC 2131, section 2). The board is at no address, and everybody is spoken to.
func (a *Air) captureDHCP(when time.Duration, kind byte) {
	if !a.w.Verbose() {
		return
	}
	const serverPort, clientPort = 67, 68
	everybody := IP{255, 255, 255, 255}
	m := make([]byte, 240)
	m[0], m[1], m[2], m[7] = 1, 1, 6, 1 // a request, over Ethernet, of transaction 1
	from, to := at(IP{}, clientPort), at(everybody, serverPort)
	ip := a.station.ip
	if kind == offer || kind == ack {
		m[0] = 2
		copy(m[16:], ip[:])
		from, to = at(Gateway, serverPort), at(everybody, clientPort)
	}
	copy(m[28:], []byte{2, 0, 0, 0, 0, 0}) // the board's hardware address: chosen
	copy(m[236:], []byte{99, 130, 83, 99}) // the magic cookie
	m = append(m, 53, 1, kind)
	if kind != discover {
		m = append(append(m, 54, 4), Gateway[:]...)
	}
	if kind == request {
		m = append(append(m, 50, 4), ip[:]...)
	}
	if kind == offer || kind == ack {
		m = append(append(m, 1, 4), Netmask[:]...)
		m = append(append(m, 3, 4), Gateway[:]...)
	}
	a.capture(when, from, to, 0, append(m, 255))
}
