package air

// APs are the names of the access points of the default air.
var APs = []string{"home", "cafe"}

// Down switches an access point off. Its station notices when the beacons have been missing for BeaconLoss, one on a cable at once.
func (a *Air) Down(ssid string) {
	a.settle()
	ap := a.lookup(ssid)
	if ap == nil || !ap.up {
		return
	}
	ap.up = false
	if s := &a.station; s.state == stAssociated && s.ap == ap {
		if s.wired {
			a.drop(a.w.Now(), ReasonBeacons)
			return
		}
		s.vanished, s.at = true, a.w.Now()+BeaconLoss
		a.wait(s.at)
	}
}

// Up switches an access point on. It has forgotten its stations: one that did not notice that it was gone is sent away.
func (a *Air) Up(ssid string) {
	a.settle()
	ap := a.lookup(ssid)
	if ap == nil || ap.up {
		return
	}
	ap.up = true
	switch s := &a.station; {
	case s.ap != ap:
	case s.state == stAssociated:
		a.drop(a.w.Now(), ReasonUnknownSTA)
	case s.state == stIdle:
		a.negotiate(a.w.Now())
	}
}

// Deauth lets an access point send its station away, or spoil its attempt to join; a switch lets the link drop and come back.
func (a *Air) Deauth(ssid string) {
	a.settle()
	s := &a.station
	if ap := a.lookup(ssid); ap != nil && ap.up && s.state >= stJoining && s.ap == ap {
		a.drop(a.w.Now(), ReasonAuthExpire)
	}
}

// Uplink connects or cuts what is behind the access points. The link stays when it is cut, but packets vanish.
func (a *Air) Uplink(on bool) {
	a.settle()
	a.uplink = on
	a.flow()
}

// DHCP sets what an access point's DHCP server does, from the next request on.
func (a *Air) DHCP(ssid string, m Mode) {
	a.settle()
	ap := a.lookup(ssid)
	if ap == nil {
		return
	}
	if m == DHCPMove {
		ap.pool, m = ap.pool+1, DHCPOn
	}
	ap.dhcp = m
}

// Heal ends every disturbance: access points up, DHCP on, uplink connected, peers willing again for new connections, the sink reads.
// Connections that a peer left unanswered stay so.
func (a *Air) Heal() {
	for _, ap := range a.aps {
		a.Up(ap.SSID)
		ap.dhcp = DHCPOn
	}
	for _, p := range a.peers {
		p.vanished = false
	}
	for _, h := range a.hosts {
		h.asleep = false
	}
	a.Uplink(true)
}
