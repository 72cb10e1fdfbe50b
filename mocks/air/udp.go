package air

import "github.com/linkflap/linkflap/harness/trace"

// MaxDatagram is the longest UDP payload that fits into one frame; longer ones vanish.
const MaxDatagram = 1472

// UDP is a UDP port of the board.
type UDP struct {
	Port uint16
	a    *Air
	rcv  []Datagram // at most UDPBox
}

// Datagram is what arrives at a UDP port.
type Datagram struct {
	From IP
	Port uint16
	Data []byte
}

// OpenUDP opens a UDP port of the board, any if port is 0. It fails if the port is in use.
func (a *Air) OpenUDP(port uint16) (*UDP, error) {
	a.settle()
	for _, u := range a.udps {
		if u.Port == port {
			return nil, ErrInUse
		}
	}
	if port == 0 {
		port = a.ephemeral()
	}
	u := &UDP{Port: port, a: a}
	a.udps = append(a.udps, u)
	return u, nil
}

// Send sends a datagram. It fails only if the board has no address: what becomes of the datagram nobody learns.
func (u *UDP) Send(to IP, port uint16, data []byte) error {
	u.a.settle()
	if !u.a.station.addressed {
		return ErrUnreachable
	}
	if len(data) > 0 {
		u.a.w.Emit(trace.Data, "udp", int64(u.Port), int64(data[0]), int64(len(data)))
	}
	u.a.capture(u.a.w.Now(), at(u.a.station.ip, u.Port), at(to, port), 0, data)
	h := u.a.hostAt(to)
	if u.a.path() && len(data) <= MaxDatagram && h.kind == kindEcho && port == EchoPort {
		u.arrive(Datagram{From: to, Port: port, Data: append([]byte(nil), data...)})
	}
	return nil
}

func (u *UDP) arrive(d Datagram) {
	u.a.capture(u.a.w.Now(), at(d.From, d.Port), at(u.a.station.ip, u.Port), 0, d.Data)
	u.a.rx++
	if len(u.rcv) < UDPBox {
		u.rcv = append(u.rcv, d)
	}
	u.a.tell()
}

// Recv takes the oldest datagram that has arrived; false if none has.
func (u *UDP) Recv() (Datagram, bool) {
	u.a.settle()
	if len(u.rcv) == 0 {
		return Datagram{}, false
	}
	d := u.rcv[0]
	u.rcv = u.rcv[:copy(u.rcv, u.rcv[1:])]
	return d, true
}

// Close closes the port.
func (u *UDP) Close() {
	u.a.settle()
	for i, o := range u.a.udps {
		if o == u {
			u.a.udps = append(u.a.udps[:i], u.a.udps[i+1:]...)
			return
		}
	}
}
