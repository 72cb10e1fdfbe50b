package wiced

import (
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// FinWait is how long a connection that the board has closed waits for the other side's FIN (lwIP 1.4 TCP_FIN_WAIT_TIMEOUT). lwIP counts it
// from the acknowledgement of its own FIN, and is more patient before; the mock is not.
const FinWait = 20 * time.Second

// tick is the resolution of lwIP's idea of who has been idle for how long (TCP_SLOW_INTERVAL).
const tick = 500 * time.Millisecond

// pcb is lwIP's memory of one connection. It outlives its netconn until both sides have closed.
type pcb struct {
	conn     *air.Conn // nil: not connected yet
	owner    *netconn  // nil: none yet, or none any more
	listener *listener // that it came to
	local    air.IP
	active   time.Duration // when something arrived last, in ticks
	read     int           // bytes that the owner has read
	arrived  int           // bytes that the tcpip thread was told of
	opened   bool          // so was the connection's opening
	ended    bool          // and its end
	dead     bool          // lwIP has freed it
	closed   time.Duration // when the board closed it; 0: it has not
}

// listener is a listening pcb.
type listener struct {
	air   *air.Listener
	owner *netconn
}

// newPCB is tcp_alloc; nil if there is no room for another.
func (s *Stack) newPCB() *pcb {
	if !s.room() {
		return nil
	}
	p := &pcb{local: s.link.ip}
	s.pcbs = append(s.pcbs, p)
	s.seen(p)
	return p
}

// seen notes that a segment has arrived (lwIP 1.4 tcp_process sets pcb->tmr).
func (s *Stack) seen(p *pcb) { p.active = s.w.Now() / tick }

// room makes sure that one more pcb can be had (lwIP 1.4 tcp_alloc): of the connections that are active the one that has been idle for
// longest, of several the oldest, has to go (tcp_kill_prio; all have the same priority), if the release does so.
func (s *Stack) room() bool {
	s.reap()
	if len(s.pcbs) < s.cfg.PCBs {
		return true
	}
	if !s.cfg.KillOldest {
		return false
	}
	var oldest *pcb
	for _, p := range s.pcbs {
		if p.conn != nil && (oldest == nil || p.active < oldest.active) {
			oldest = p
		}
	}
	if oldest == nil {
		return false
	}
	s.abort(oldest)
	return true
}

// reap forgets connections that are over, or have waited long enough for the other side.
func (s *Stack) reap() {
	now := s.w.Now()
	s.pcbs = slices.DeleteFunc(s.pcbs, func(p *pcb) bool {
		switch {
		case p.closed == 0:
			return false
		case p.conn.Over(), p.conn.Err() != nil:
			return true
		}
		return !s.timerDead && now-p.closed >= FinWait
	})
}

// abort is tcp_abort: the connection is broken with a RST and its pcb free; its netconn learns of it.
func (s *Stack) abort(p *pcb) {
	s.forget(p)
	if p.conn != nil {
		p.conn.Abort()
	}
	s.broken(p, Aborted)
	s.events = append(s.events, event{ended, p})
	s.stir()
}

func (s *Stack) forget(p *pcb) {
	p.dead = true
	s.pcbs = slices.DeleteFunc(s.pcbs, func(o *pcb) bool { return o == p })
}

// closePCB is tcp_close: FIN, and the pcb stays until the other side has closed, too; or RST, if there is something unread.
func (s *Stack) closePCB(p *pcb) {
	p.owner = nil
	if p.conn == nil || p.conn.State() != air.Open {
		s.forget(p)
	} else {
		p.closed = max(s.w.Now(), 1)
	}
	if p.conn != nil {
		p.conn.Close()
	}
	s.reap()
}

// closeListener closes a port; connections that came to it and were not accepted are broken.
func (s *Stack) closeListener(l *listener) {
	l.air.Close()
	s.listeners = slices.DeleteFunc(s.listeners, func(o *listener) bool { return o == l })
	for _, p := range slices.Clone(s.pcbs) {
		if n := p.owner; p.listener == l && p.closed == 0 && (n == nil || n.slot.Null()) {
			s.abort(p)
		}
	}
	for _, n := range slices.Clone(s.conns) {
		if n.from == l && n.slot.Null() {
			s.free(n.self, "wiced_tcp_server_stop")
		}
	}
}

// setAddress is lwIP 1.4 netif_set_ipaddr: connections of the old address are aborted. Listeners take the new one, whatever it is, which
// here they do by having none.
func (s *Stack) setAddress(ip air.IP) {
	old := s.link.ip
	if ip == old {
		return
	}
	s.link.ip = ip
	s.w.Emit(trace.Link, "wiced.address", int64(ip[3]), 0, 0)
	for _, p := range slices.Clone(s.pcbs) {
		if p.conn != nil && p.local == old {
			s.abort(p)
		}
	}
}

// happening is what a packet meant for a connection.
type happening uint8

const (
	opened  happening = iota // to an outgoing connection
	knocked                  // a new one to a listener
	arrived                  // bytes
	ended                    // FIN, RST, or the stack gave it up
)

// event is what the tcpip thread is told.
type event struct {
	what happening
	pcb  *pcb
}

// scan notes what the packets that have just arrived meant, in the order of the pcbs.
func (s *Stack) scan() {
	for _, l := range s.listeners {
		for c := l.air.Accept(); c != nil; c = l.air.Accept() {
			p := &pcb{conn: c, listener: l, local: s.link.ip, opened: true}
			s.pcbs = append(s.pcbs, p)
			s.seen(p)
			s.events = append(s.events, event{knocked, p})
		}
	}
	for _, p := range s.pcbs {
		if p.conn != nil && p.closed == 0 {
			s.compare(p)
		}
	}
	s.pcbs = slices.DeleteFunc(s.pcbs, func(p *pcb) bool { return p.dead })
}

// compare notes what is new about one connection.
func (s *Stack) compare(p *pcb) {
	if !p.opened && p.conn.State() == air.Open {
		p.opened = true
		s.seen(p)
		s.events = append(s.events, event{opened, p})
	}
	if n := p.read + p.conn.Avail(); n > p.arrived {
		p.arrived = n
		s.seen(p)
		s.events = append(s.events, event{arrived, p})
	}
	why := p.conn.Err()
	if !p.ended && p.opened && (why != nil || p.conn.Ended()) {
		p.ended = true
		s.seen(p)
		s.events = append(s.events, event{ended, p})
	}
	if p.opened && why != nil {
		s.broken(p, result(why))
		p.conn.Close()
	}
}

// broken is netconn's err_tcp: lwIP has freed the pcb.
func (s *Stack) broken(p *pcb, why Result) {
	p.dead = true
	if n := p.owner; n != nil {
		n.pcb, n.err = nil, why
	}
}
