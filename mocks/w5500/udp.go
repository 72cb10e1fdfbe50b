package w5500

import (
	"encoding/binary"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
)

const (
	mtuUDP     = 1472 // section 4.2, Sn_MSSR
	packetInfo = 8    // before each datagram in the receive memory: address, port, length (UDP Function, Receiving process)
)

// udpPort is a UDP port of the board. Sockets that are opened on one port share it, and the first gets what arrives (chosen).
func (c *Chip) udpPort(port uint16) *air.UDP {
	if s := c.first(func(p *air.UDP) bool { return p.Port == port }); s != nil {
		return s.port
	}
	p, err := c.air.OpenUDP(port)
	if err != nil {
		panic("w5500: a UDP port that the chip does not know")
	}
	return p
}

// first is the first socket in UDP mode whose port is one that is looked for, nil if there is none.
func (c *Chip) first(is func(*air.UDP) bool) *socket {
	for i := range c.sockets {
		if p := c.sockets[i].port; p != nil && is(p) {
			return &c.sockets[i]
		}
	}
	return nil
}

// unbind closes a port that no socket has any more.
func (c *Chip) unbind(port *air.UDP) {
	if c.first(func(p *air.UDP) bool { return p == port }) == nil {
		port.Close()
	}
}

// fetch moves datagrams into the receive memory, each behind its packet info; one that does not fit is lost.
func (s *socket) fetch() {
	if s.c.first(func(p *air.UDP) bool { return p == s.port }) != s {
		return
	}
	for d, ok := s.port.Recv(); ok; d, ok = s.port.Recv() {
		if packetInfo+len(d.Data) > s.room() {
			continue
		}
		var info [packetInfo]byte
		copy(info[:], d.From[:])
		binary.BigEndian.PutUint16(info[4:], d.Port)
		binary.BigEndian.PutUint16(info[6:], uint16(len(d.Data)))
		s.store(info[:])
		s.store(d.Data)
		s.raise(irRECV)
	}
}

// datagrams sends what is in the transmit memory, in pieces of the MTU (section 4.2, Sn_MSSR).
func (s *socket) datagrams() {
	mtu := int(s.get16(snMSSR))
	if mtu == 0 || mtu > mtuUDP {
		mtu = mtuUDP
	}
	for n := min(int(s.get16(snTXWR)-s.get16(snTXRD)), s.tx.size); n > 0; {
		d := s.c.datagram[:0:min(n, mtu)]
		for len(d) < cap(d) {
			p := s.unsent(cap(d) - len(d))
			d = append(d, p...)
			s.put16(snTXRD, s.get16(snTXRD)+uint16(len(p)))
		}
		n -= len(d)
		_ = s.port.Send(air.IP(s.reg[snDIPR:]), s.get16(snDPORT), d)
	}
	s.sending = false
	s.raise(irSENDOK)
}

// sendMAC is SEND_MAC: the hardware address is the host's to know.
func (s *socket) sendMAC() {
	if s.protocol() != protoUDP {
		s.c.wrong("SEND_MAC outside UDP mode", 0x21)
		return
	}
	s.transmit(func(then func(*socket)) { then(s) }, 0x21)
}

// arp is a socket's search for a hardware address.
type arp struct {
	known air.IP        // whose address it has
	next  time.Duration // of the next request, or of the answer
	until time.Duration // ARP_TO
	found bool          // the answer is on its way
}

// ask makes the socket do something once it has the hardware address of Sn_DIPR, or of the gateway if that is in another network.
func (s *socket) ask(then func(*socket)) {
	now := s.c.w.Now()
	s.waits = then
	s.arp = arp{known: s.arp.known, next: now, until: now + s.c.arpLimit()}
	s.resolve()
}

// hop is whose hardware address it takes to reach Sn_DIPR; false if it takes none, for a broadcast.
func (s *socket) hop() (ip air.IP, some bool) {
	ip = air.IP(s.reg[snDIPR:])
	mask, own := s.c.common[regSUBR:], s.c.common[regSIPR:]
	near, all, subnet := true, true, true
	for i, b := range ip {
		near = near && b&mask[i] == own[i]&mask[i]
		all = all && b == 0xff
		subnet = subnet && b == own[i]|^mask[i]
	}
	if !near {
		ip = air.IP(s.c.common[regGAR:])
	}
	return ip, !all && !subnet
}

// resolve brings the search up to now: a request every RTR, RCR+1 times (section 4.1, RCR, ARP_TO).
func (s *socket) resolve() {
	for s.waits != nil && s.c.w.Now() >= s.arp.next {
		ip, some := s.hop()
		fresh := s.protocol() == protoUDP && s.arp.known == ip && s.c.common[regMR]&mrFARP == 0
		switch {
		case s.arp.found || fresh || !some:
			s.arp.known = ip
			s.putMAC(ip)
			then := s.waits
			s.waits = nil
			then(s)
		case s.arp.next >= s.arp.until:
			s.unreached()
		case s.c.air.Reaches(ip):
			s.arp.found = true
			s.later(air.RTT)
		default:
			s.later(s.c.rtr())
		}
	}
}

// later puts the next step of the search off by d, and looks then: what follows from it is for others to see, whether the host looks or not.
func (s *socket) later(d time.Duration) {
	s.arp.next += d
	if wait := s.arp.next - s.c.w.Now(); wait > 0 {
		s.c.w.After(wait, 0, func(time.Time) { s.c.look() })
	}
}

// unreached is ARP_TO: a connection attempt ends in SOCK_CLOSED; a UDP socket stays open, its datagram is not sent (section 4.2, Sn_CR; UDP
// Function, Check complete sending).
func (s *socket) unreached() {
	if s.state() != sockUDP {
		s.timeout()
		return
	}
	s.waits, s.sending = nil, false
	s.put16(snTXRD, s.get16(snTXWR))
	s.raise(irTIMEOUT)
}

// putMAC shows the hardware address that belongs to an address: what hosts have is chosen.
func (s *socket) putMAC(ip air.IP) {
	copy(s.reg[snDHAR:], []byte{2, 0, ip[0], ip[1], ip[2], ip[3]})
}
