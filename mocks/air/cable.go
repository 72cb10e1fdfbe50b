package air

import "time"

// Plug connects the board by cable, for chips that are no radio: the access point stands for the switch at the other end. There is nothing
// to join. The link is up LinkTime after both ends are, the first time after the time that is given here, and each time that is an
// Associated event; it drops, with a Disconnected event, as soon as the switch is down. There is no DHCP: the chip sets its address.
func (a *Air) Plug(ssid string, after time.Duration) {
	a.settle()
	a.station = station{wired: true, ap: a.lookup(ssid), at: never, events: a.station.events}
	a.negotiate(a.w.Now() + after - LinkTime)
	a.settle()
}

// negotiate starts what brings a cable's link up, at time at, if the switch is up.
func (a *Air) negotiate(at time.Duration) {
	s := &a.station
	if s.wired && s.ap != nil && s.ap.up {
		s.state, s.at = stJoining, at+LinkTime
		a.wait(s.at)
	}
}
