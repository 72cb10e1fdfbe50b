package wiced

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// How long things may take; all are chosen.
const (
	JoinLimit = 10 * time.Second
	DHCPLimit = 10 * time.Second
	RejoinGap = 3 * time.Second // between the loss of the link, or a failed attempt, and the next attempt
)

// phase is where the link stands.
type phase uint8

const (
	phaseOff    phase = iota // the radio is off
	phaseIdle                // nothing is joined, nor should be
	phaseJoin                // InterfaceUp is under way
	phaseRejoin              // the link was lost and the stack tries to get it back
	phaseJoined
)

// link is the station interface.
type link struct {
	phase      phase
	ssid, pass string
	dhcp       bool // the DHCP client runs
	leased     bool // the address is of this association
	ip         air.IP
	cancels    int // calls of CancelJoin
	rejoin     *sim.Timer
	ups, downs []func()
}

func (l *link) state() uint {
	state := uint(l.phase) * 2
	if l.leased {
		state++
	}
	return state
}

// enter changes the phase.
func (s *Stack) enter(p phase) {
	if s.link.phase != p {
		s.link.phase = p
		s.w.Emit(trace.Link, "wiced.link", int64(p), 0, 0)
	}
}

// ConnectivityInit switches the radio and lwIP on (wiced_connectivity_init, called by device-os wlan_activate). Again it does nothing.
func (s *Stack) ConnectivityInit() Result {
	s.w.Point("wiced_connectivity_init")
	if s.link.phase == phaseOff {
		s.enter(phaseIdle)
	}
	return s.called("wiced_connectivity_init", -1, Success)
}

// ConnectivityDeinit switches them off (called by device-os wlan_deactivate from 0.7.0 on). The network goes down; every netconn is freed,
// whoever still points to it, and so ends every listener; the subscribers of the link are forgotten. The table of servers stays: chosen, it
// is WICED's and not lwIP's. NotUp: they are off.
func (s *Stack) ConnectivityDeinit() Result {
	s.w.Point("wiced_connectivity_deinit")
	if s.link.phase == phaseOff {
		return NotUp
	}
	s.down()
	for len(s.conns) > 0 {
		s.free(s.conns[0].self, "wiced_connectivity_deinit")
	}
	for len(s.pcbs) > 0 {
		s.abort(s.pcbs[0])
	}
	s.events = nil
	s.link.ups, s.link.downs = nil, nil
	s.timerDead = s.cfg.TimerDies
	s.enter(phaseOff)
	s.stir()
	return s.called("wiced_connectivity_deinit", -1, Success)
}

// RegisterLink makes up and down be called on the networking worker after the link came or went unasked: when the access point was lost,
// and when the stack has joined it again by itself; both are chosen. Error: there are MaxSubscribers already.
func (s *Stack) RegisterLink(up, down func()) Result {
	s.w.Point("wiced_network_register_link_callback")
	if len(s.link.ups) == MaxSubscribers {
		return s.called("wiced_network_register_link_callback", -1, Error)
	}
	s.link.ups = append(s.link.ups, up)
	s.link.downs = append(s.link.downs, down)
	return s.called("wiced_network_register_link_callback", len(s.link.ups)-1, Success)
}

// InterfaceUp joins a network and returns when that has succeeded or not. Success: also if one was joined. Error: there is no such network,
// or it does not let us in. Timeout. Aborted: CancelJoin or NetworkDown. NotUp: the radio is off.
func (s *Stack) InterfaceUp(ssid, pass string) Result {
	s.w.Point("wiced_interface_up")
	return s.called("wiced_interface_up", -1, s.join(ssid, pass))
}

func (s *Stack) join(ssid, pass string) Result {
	l := &s.link
	switch {
	case l.phase == phaseOff:
		return NotUp
	case l.phase == phaseJoined:
		return Success
	}
	s.stopRejoin()
	l.ssid, l.pass = ssid, pass
	s.enter(phaseJoin)
	s.air.Join(ssid, pass)
	s.drain()
	cancels := l.cancels
	switch r := s.await(JoinLimit, func() bool { return l.phase != phaseJoin || l.cancels != cancels }); {
	case r == NotUp, l.phase == phaseOff:
		return NotUp
	case l.phase == phaseJoined:
		return Success
	case l.phase == phaseJoin: // time is over, or it was cancelled
		s.leaveAir()
		s.enter(phaseIdle)
		if r == Timeout {
			return Timeout
		}
		return Aborted
	}
	if l.cancels != cancels {
		return Aborted
	}
	return Error
}

// NetworkUp gets an address by DHCP and returns when that has succeeded or not. Success: also if there was one. Timeout. Aborted:
// CancelJoin or NetworkDown. NotUp: nothing is joined, or no more.
func (s *Stack) NetworkUp() Result {
	s.w.Point("wiced_network_up")
	return s.called("wiced_network_up", -1, s.lease())
}

func (s *Stack) lease() Result {
	l := &s.link
	if l.phase != phaseJoined {
		return NotUp
	}
	l.dhcp = true
	s.bind()
	cancels := l.cancels
	r := s.await(DHCPLimit, func() bool { return l.leased || l.phase != phaseJoined || l.cancels != cancels })
	switch {
	case r == Success && l.cancels != cancels:
		l.dhcp = l.leased
		return Aborted
	case r == Success && !l.leased:
		return NotUp
	case r == Timeout:
		l.dhcp = false
	}
	return r
}

// bind is lwIP's dhcp_bind: the address that the air has for the station becomes the interface's.
func (s *Stack) bind() {
	l := &s.link
	if ip, ok := s.air.Address(); ok && l.dhcp && !l.leased && l.phase == phaseJoined {
		l.leased = true
		s.setAddress(ip)
		s.q.WakeAll(s.w)
	}
}

// NetworkDown gives the address up, which aborts every connection and leaves listeners alone (lwIP 1.4 netif_set_ipaddr), and leaves the
// network, or stops trying to join it (wiced_network_down). NotUp: the radio is off.
func (s *Stack) NetworkDown() Result {
	s.w.Point("wiced_network_down")
	if s.link.phase == phaseOff {
		return s.called("wiced_network_down", -1, NotUp)
	}
	s.down()
	return s.called("wiced_network_down", -1, Success)
}

func (s *Stack) down() {
	s.stopRejoin()
	s.link.dhcp, s.link.leased = false, false
	s.setAddress(air.IP{})
	if s.link.phase == phaseJoin {
		s.link.cancels++
	}
	s.leaveAir()
	s.enter(phaseIdle)
	s.stir()
}

// CancelJoin makes InterfaceUp and NetworkUp, if they are under way, return Aborted.
func (s *Stack) CancelJoin() {
	s.w.Point("wiced.cancel")
	s.link.cancels++
	s.q.WakeAll(s.w)
}

// Joined says that the link is up.
func (s *Stack) Joined() bool { return s.link.phase == phaseJoined && !s.halted }

// Address is the interface's address, false if it has none of this association.
func (s *Stack) Address() (air.IP, bool) { return s.link.ip, s.link.leased }

// leaveAir ends the association or the attempt.
func (s *Stack) leaveAir() {
	s.air.Leave()
	s.drain()
}

// drain forgets what the radio said of an association that is over.
func (s *Stack) drain() {
	for ok := true; ok; {
		_, ok = s.air.Event()
	}
}

// stopRejoin ends the attempts to join again.
func (s *Stack) stopRejoin() {
	if s.link.rejoin != nil {
		s.w.Cancel(s.link.rejoin)
		s.link.rejoin = nil
	}
}

// radio handles the radio's events.
func (s *Stack) radio() {
	for e, ok := s.air.Event(); ok; e, ok = s.air.Event() {
		switch e.Kind {
		case air.Associated:
			s.associated()
		case air.GotAddress:
			s.bind()
		case air.Disconnected:
			s.lost()
		}
	}
}

// associated is the end of a join. Of one that the stack made by itself the subscribers are told, and DHCP starts, which they are not told
// (device-os commit 245fc46c3).
func (s *Stack) associated() {
	again := s.link.phase == phaseRejoin
	s.enter(phaseJoined)
	if again {
		s.link.dhcp = true
		s.tell(s.link.ups)
	}
}

// lost is a join that failed, or a link that is gone; the address stays the interface's.
func (s *Stack) lost() {
	switch s.link.phase {
	case phaseJoin:
		s.enter(phaseIdle)
	case phaseJoined:
		s.link.dhcp, s.link.leased = false, false
		s.enter(phaseRejoin)
		s.tell(s.link.downs)
		s.rejoinLater()
	case phaseRejoin:
		s.rejoinLater()
	}
}

func (s *Stack) tell(subscribers []func()) {
	for _, f := range subscribers {
		if f != nil {
			s.post(f)
		}
	}
}

// rejoinLater makes the stack try to join again by itself (device-os commit 245fc46c3).
func (s *Stack) rejoinLater() {
	s.stopRejoin()
	s.link.rejoin = s.w.After(RejoinGap, 0, func(time.Time) {
		s.link.rejoin = nil
		s.air.Join(s.link.ssid, s.link.pass)
		s.drain()
	})
}
