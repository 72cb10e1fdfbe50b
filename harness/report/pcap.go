package report

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"slices"

	"github.com/linkflap/linkflap/harness/trace"
)

// Sizes of headers, without options, and of the most that a frame carries here.
const (
	etherLen   = 14
	ipLen      = 20
	tcpLen     = 20
	udpLen     = 8
	maxSegment = 1436 // the MSS of the mocks' TCP
)

// Pcap writes what was in the air as a capture file that Wireshark opens: Ethernet frames at virtual times, counted from 1970 on. Where a
// network is not modelled to the last bit, this puts in what a valid frame needs: hardware addresses made of the IP addresses, sequence
// numbers from 1000 and 2000 on, windows. Acknowledgements without data are not there.
//
// The format is libpcap's with times in nanoseconds (draft-ietf-opsawg-pcap, section 4).
func Pcap(w io.Writer, d *Document) error {
	const magic, major, minor, snapLen, ethernet = 0xa1b23c4d, 2, 4, 262144, 1
	var out bytes.Buffer
	put := func(values ...any) {
		for _, v := range values {
			_ = binary.Write(&out, binary.LittleEndian, v) // a Buffer takes all
		}
	}
	put(uint32(magic), uint16(major), uint16(minor), int32(0), uint32(0), uint32(snapLen), uint32(ethernet))
	packets := slices.Clone(d.Packets)
	slices.SortStableFunc(packets, func(a, b trace.Packet) int { return cmp.Compare(a.At, b.At) })
	n := network{}
	for i := range packets {
		p := &packets[i]
		if !p.From.Addr().Is4() || !p.To.Addr().Is4() || p.At < 0 || len(p.Data) > 65535-ipLen-tcpLen {
			return fmt.Errorf("got packet %d from %v to %v with %d bytes, want one of IPv4", i, p.From, p.To, len(p.Data))
		}
		for _, frame := range n.frames(p) {
			sec, nano := uint32(p.At/1e9), uint32(p.At%1e9)
			put(sec, nano, uint32(len(frame)), uint32(len(frame)), frame)
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

// flow is one direction of a connection.
type flow struct{ from, to netip.AddrPort }

// network is what the frames of a run depend on: the next sequence number of every direction, and the frames' own numbers.
type network struct {
	next map[flow]uint32
	id   uint16
}

// frames are those of a packet: several if its data need several segments.
func (n *network) frames(p *trace.Packet) (all [][]byte) {
	if p.Flags == 0 {
		return [][]byte{n.frame(p, 17, n.datagram(p))}
	}
	if n.next == nil {
		n.next = map[flow]uint32{}
	}
	data := p.Data
	for {
		size := min(len(data), maxSegment)
		all = append(all, n.frame(p, 6, n.segment(p, data[:size])))
		if data = data[size:]; len(data) == 0 {
			return all
		}
	}
}

// segment is a TCP segment (RFC 9293, section 3.1).
func (n *network) segment(p *trace.Packet, data []byte) []byte {
	const window = 5744
	there, back := flow{p.From, p.To}, flow{p.To, p.From}
	if p.Flags&trace.SYN != 0 {
		n.next[there] = 1000
		if p.Flags&trace.ACK != 0 {
			n.next[there] = 2000
		}
	}
	seq := n.next[there]
	n.next[there] += uint32(len(data))
	if p.Flags&(trace.SYN|trace.FIN) != 0 {
		n.next[there]++
	}
	s := make([]byte, tcpLen, tcpLen+len(data))
	binary.BigEndian.PutUint16(s[0:], p.From.Port())
	binary.BigEndian.PutUint16(s[2:], p.To.Port())
	binary.BigEndian.PutUint32(s[4:], seq)
	if p.Flags&trace.ACK != 0 {
		binary.BigEndian.PutUint32(s[8:], n.next[back])
	}
	s[12], s[13] = tcpLen/4<<4, byte(p.Flags)
	binary.BigEndian.PutUint16(s[14:], window)
	s = append(s, data...)
	binary.BigEndian.PutUint16(s[16:], checksum(pseudo(p, 6, len(s)), s))
	return s
}

// datagram is a UDP datagram (RFC 768).
func (n *network) datagram(p *trace.Packet) []byte {
	s := make([]byte, udpLen, udpLen+len(p.Data))
	binary.BigEndian.PutUint16(s[0:], p.From.Port())
	binary.BigEndian.PutUint16(s[2:], p.To.Port())
	binary.BigEndian.PutUint16(s[4:], uint16(udpLen+len(p.Data)))
	s = append(s, p.Data...)
	binary.BigEndian.PutUint16(s[6:], cmp.Or(checksum(pseudo(p, 17, len(s)), s), 0xffff)) // 0 would say that there is none
	return s
}

// frame is an Ethernet frame with an IPv4 packet (RFC 894; RFC 791, section 3.1).
func (n *network) frame(p *trace.Packet, protocol byte, payload []byte) []byte {
	const ttl, dontFragment = 64, 0x40
	from, to := p.From.Addr().As4(), p.To.Addr().As4()
	f := make([]byte, etherLen+ipLen, etherLen+ipLen+len(payload))
	copy(f[0:], hardware(to))
	copy(f[6:], hardware(from))
	f[12] = 0x08 // IPv4
	n.id++
	h := f[etherLen:]
	h[0] = 0x45 // version 4, five words
	binary.BigEndian.PutUint16(h[2:], uint16(ipLen+len(payload)))
	binary.BigEndian.PutUint16(h[4:], n.id)
	h[6], h[8], h[9] = dontFragment, ttl, protocol
	copy(h[12:], from[:])
	copy(h[16:], to[:])
	binary.BigEndian.PutUint16(h[10:], checksum(0, h))
	return append(f, payload...)
}

// hardware is the address of an interface: locally administered, and the IP address.
func hardware(ip [4]byte) []byte {
	if ip == [4]byte{255, 255, 255, 255} {
		return []byte{255, 255, 255, 255, 255, 255}
	}
	return append([]byte{2, 0}, ip[:]...)
}

// pseudo is the sum of the pseudo header, which TCP and UDP checksums cover.
func pseudo(p *trace.Packet, protocol uint32, length int) (sum uint32) {
	for _, ip := range [][4]byte{p.From.Addr().As4(), p.To.Addr().As4()} {
		sum += uint32(ip[0])<<8 + uint32(ip[1]) + uint32(ip[2])<<8 + uint32(ip[3])
	}
	return sum + protocol + uint32(length)
}

// checksum is the Internet checksum of b (RFC 1071), on top of sum.
func checksum(sum uint32, b []byte) uint16 {
	for ; len(b) > 1; b = b[2:] {
		sum += uint32(b[0])<<8 | uint32(b[1])
	}
	if len(b) > 0 {
		sum += uint32(b[0]) << 8
	}
	for sum>>16 != 0 {
		sum = sum&0xffff + sum>>16
	}
	return ^uint16(sum)
}
