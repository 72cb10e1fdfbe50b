package nina

import "github.com/linkflap/linkflap/mocks/air"

// udpBuf is the size of both buffers of a WiFiUDP (WiFiUdp.h).
const udpBuf = 1500

// udp is a WiFiUDP. It has one remote address for both directions: a datagram that arrives changes where the next one goes.
type udp struct {
	lwip *lwip
	fd   int
	ip   air.IP
	port uint16
	rcv  []byte // of the current datagram, what is not read
	snd  []byte
}

// begin is WiFiUdp.cpp begin; a socket that it had stays open.
func (u *udp) begin(port uint16) bool {
	u.fd = noFD
	if u.lwip.full() {
		return false
	}
	p, err := u.lwip.air.OpenUDP(port)
	if err != nil {
		return false
	}
	u.fd = u.lwip.socket(socket{udp: p})
	return true
}

// stop is WiFiUdp.cpp stop.
func (u *udp) stop() {
	u.lwip.close(u.fd)
	u.fd = noFD
}

// available is WiFiUdp.cpp available.
func (u *udp) available() int { return len(u.rcv) }

// parsePacket is WiFiUdp.cpp parsePacket: it fetches the next datagram and reports whether there was one.
func (u *udp) parsePacket() bool {
	u.rcv = nil
	p := u.lwip.get(u.fd).udp
	if p == nil {
		return false
	}
	d, ok := p.Recv()
	if !ok {
		return false
	}
	u.rcv, u.ip, u.port = d.Data[:min(len(d.Data), udpBuf)], d.From, d.Port
	return len(u.rcv) > 0
}

// read is WiFiUdp.cpp read.
func (u *udp) read(p []byte) int {
	n := copy(p, u.rcv)
	u.rcv = u.rcv[n:]
	return n
}

// beginPacket is WiFiUdp.cpp beginPacket.
func (u *udp) beginPacket(ip air.IP, port uint16) { u.ip, u.port, u.snd = ip, port, u.snd[:0] }

// write is WiFiUdp.cpp write: what fits.
func (u *udp) write(p []byte) int {
	n := min(len(p), udpBuf-len(u.snd))
	u.snd = append(u.snd, p[:n]...)
	return n
}

// endPacket is WiFiUdp.cpp endPacket: it sends what was written, which stays written.
func (u *udp) endPacket() bool {
	p := u.lwip.get(u.fd).udp
	return p != nil && p.Send(u.ip, u.port, u.snd) == nil
}
