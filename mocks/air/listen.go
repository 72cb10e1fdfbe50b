package air

import "github.com/linkflap/linkflap/harness/trace"

// Listener is a port on which the board takes connections.
type Listener struct {
	Port    uint16
	a       *Air
	backlog int
	admit   func() bool // asked about every SYN, if there is one
	pending []*Conn     // opened by a peer, not yet accepted
}

// Listen opens a port of the board. At most backlog connections wait to be accepted; a SYN beyond that is not answered (lwIP
// tcp_listen_input). It fails if the port is in use, by a listener or by a connection that is not over (lwIP
// tcp_bind; TIME_WAIT is not modelled).
func (a *Air) Listen(port uint16, backlog int) (*Listener, error) {
	a.settle()
	for _, c := range a.conns {
		if c.LocalPort == port && c.state != Failed && !c.over() {
			return nil, ErrInUse
		}
	}
	return a.listen(port, &Listener{a: a, backlog: max(backlog, 1)})
}

func (a *Air) listen(port uint16, l *Listener) (*Listener, error) {
	if a.listener(port) != nil {
		return nil, ErrInUse
	}
	if port == 0 {
		port = a.ephemeral()
	}
	l.Port = port
	a.listeners = append(a.listeners, l)
	return l, nil
}

func (a *Air) listener(port uint16) *Listener {
	for _, l := range a.listeners {
		if l.Port == port {
			return l
		}
	}
	return nil
}

// Accept returns the oldest connection that waits, nil if none does.
func (l *Listener) Accept() *Conn {
	l.a.settle()
	if len(l.pending) == 0 {
		return nil
	}
	c := l.pending[0]
	l.pending = l.pending[:copy(l.pending, l.pending[1:])]
	return c
}

// Close closes the port; the connections that wait are reset.
func (l *Listener) Close() {
	l.a.settle()
	for i, o := range l.a.listeners {
		if o == l {
			l.a.listeners = append(l.a.listeners[:i], l.a.listeners[i+1:]...)
			break
		}
	}
	for _, c := range l.pending {
		c.abort(&c.board, &c.far)
	}
	l.pending = nil
}

// knock is a SYN from a peer arriving at the board. It returns the open connection; ErrRefused if nobody listens, ErrTimeout if nothing
// answers.
func (a *Air) knock(h *host, port uint16) (*Conn, error) {
	a.settle()
	if !a.path() {
		return nil, ErrTimeout
	}
	a.rx++
	far, board := at(h.ip, max(h.port+1, firstEphemeral)), at(a.station.ip, port)
	a.capture(a.w.Now(), far, board, trace.SYN, nil)
	l := a.listener(port)
	switch {
	case l == nil:
		a.capture(a.w.Now(), board, far, trace.RST|trace.ACK, nil)
		return nil, ErrRefused
	case len(l.pending) >= l.backlog, l.admit != nil && !l.admit():
		return nil, ErrTimeout
	}
	h.port = max(h.port+1, firstEphemeral)
	c := a.newConn(h, port, h.port)
	c.RemoteIP, c.state = h.ip, Open
	l.pending = append(l.pending, c)
	c.sends(a.w.Now(), trace.SYN|trace.ACK, nil)
	c.gets(a.w.Now(), trace.ACK, nil)
	c.emit("accept")
	a.rx++ // the handshake's last: of the SYN the chip may have been told when it made room
	a.tell()
	return c, nil
}

// PowerOff is the board's radio and network stack losing power: everything is forgotten, and nobody is told.
func (a *Air) PowerOff() {
	a.settle()
	for _, c := range a.conns {
		c.forget()
	}
	a.station = station{at: never, events: a.station.events[:0]}
	a.listeners, a.udps, a.queries = nil, nil, nil
}
