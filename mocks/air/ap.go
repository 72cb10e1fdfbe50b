package air

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// AP is an access point.
type AP struct {
	SSID       string
	Passphrase string // empty: open
	BSSID      [6]byte
	Channel    byte
	RSSI       int32 // dBm
	up         bool
	dhcp       Mode
	pool       byte // last byte of the address that it leases next
}

// Mode is what an access point's DHCP server does.
type Mode int

// The modes of DHCP.
const (
	DHCPOff  Mode = iota // does not answer
	DHCPOn               // leases the same address again
	DHCPMove             // leases another address from the next time on
)

// Reason is why a station is not associated: IEEE 802.11 reason codes, and from 200 on those of ESP-IDF (wifi_err_reason_t).
type Reason uint8

// The reasons that happen here.
const (
	ReasonAuthExpire Reason = 2   // the access point sent a deauthentication
	ReasonUnknownSTA Reason = 7   // NOT_ASSOCED: the access point has restarted and does not know the station
	ReasonLeft       Reason = 8   // ASSOC_LEAVE: the station left
	ReasonBeacons    Reason = 200 // BEACON_TIMEOUT: the access point has vanished
	ReasonNoAP       Reason = 201 // NO_AP_FOUND
	ReasonAuthFail   Reason = 202 // AUTH_FAIL; what a wrong passphrase gives, chosen: ESP-IDF may also report 15 or 204
	ReasonAssocFail  Reason = 203 // ASSOC_FAIL: the access point vanished between authentication and association
)

// EventKind says what happened to the station.
type EventKind uint8

// The kinds of station events.
const (
	Associated EventKind = iota
	GotAddress
	Disconnected
)

// Event is something that the chip's radio reports to its firmware.
type Event struct {
	At     time.Duration
	Kind   EventKind
	Reason Reason // of Disconnected
}

type stationState uint8

const (
	stIdle stationState = iota
	stScanning
	stJoining
	stAssociated
)

// station is the board's radio.
type station struct {
	state      stationState
	ap         *AP // from stJoining on
	ssid, pass string
	at         time.Duration // when the next step is due
	vanished   bool          // associated, but the access point is gone: at is the beacon timeout
	wired      bool          // ap is the switch at the other end of a cable (Plug)
	static     bool          // the chip sets the address
	addressed  bool
	ip         IP
	events     []Event
}

// lookup returns the access point of that name, nil if there is none.
func (a *Air) lookup(ssid string) *AP {
	for _, ap := range a.aps {
		if ap.SSID == ssid {
			return ap
		}
	}
	return nil
}

// Scan appends the access points that are up to found, strongest first. It takes no time: the chip lets the time pass first.
func (a *Air) Scan(found []AP) []AP {
	a.settle()
	for _, ap := range a.aps {
		if ap.up {
			found = append(found, *ap)
		}
	}
	return found
}

// Join starts associating; what becomes of it arrives as events. A station that was associated leaves first.
func (a *Air) Join(ssid, pass string) {
	a.Leave()
	s := &a.station
	s.state, s.ssid, s.pass = stScanning, ssid, pass
	s.at = a.w.Now() + ScanTime
	a.wait(s.at)
}

// Leave ends the association, or the attempt; a station that is idle stays so, without an event.
func (a *Air) Leave() {
	a.settle()
	if a.station.state != stIdle {
		a.drop(a.w.Now(), ReasonLeft)
	}
}

// SetAddress gives the station a fixed address and stops DHCP. The zero address brings DHCP back, from the next association on; on a cable,
// where there is none, it leaves the board without an address.
func (a *Air) SetAddress(ip IP) {
	a.settle()
	s := &a.station
	s.static = ip != IP{}
	if s.static {
		s.ip, s.addressed = ip, s.state == stAssociated
		a.flow()
	} else if s.wired {
		s.addressed = false
	}
}

// Address is the board's address; false if it has none.
func (a *Air) Address() (IP, bool) {
	a.settle()
	return a.station.ip, a.station.addressed
}

// AP is the access point that the station is associated with; false if there is none.
func (a *Air) AP() (AP, bool) {
	a.settle()
	if a.station.state != stAssociated {
		return AP{}, false
	}
	return *a.station.ap, true
}

// Event takes the oldest event that the chip has not seen.
func (a *Air) Event() (Event, bool) {
	a.settle()
	s := &a.station
	if len(s.events) == 0 {
		return Event{}, false
	}
	e := s.events[0]
	s.events = s.events[:copy(s.events, s.events[1:])]
	return e, true
}

var eventNames = [...]string{"associated", "address", "disconnected"}

func (a *Air) event(at time.Duration, k EventKind, r Reason) {
	a.station.events = append(a.station.events, Event{at, k, r})
	a.w.Emit(trace.Link, eventNames[k], int64(r), 0, 0)
	a.change()
}

// drop ends the association or the attempt for reason r.
func (a *Air) drop(at time.Duration, r Reason) {
	s := &a.station
	s.state, s.at, s.vanished, s.addressed = stIdle, never, false, false
	a.event(at, Disconnected, r)
	a.negotiate(at)
}

// step is the station's next step, due at time at.
func (a *Air) step(at time.Duration) {
	s := &a.station
	s.at = never
	switch s.state {
	case stScanning:
		if s.ap = a.lookup(s.ssid); s.ap == nil || !s.ap.up {
			a.drop(at, ReasonNoAP)
			return
		}
		s.state, s.at = stJoining, at+AuthTime
	case stJoining:
		a.joined(at)
	case stAssociated:
		if s.vanished {
			a.drop(at, ReasonBeacons)
			return
		}
		a.lease(at)
	}
}

func (a *Air) joined(at time.Duration) {
	s := &a.station
	switch {
	case !s.ap.up:
		a.drop(at, ReasonAssocFail)
		return
	case !s.wired && s.ap.Passphrase != "" && s.ap.Passphrase != s.pass:
		a.drop(at, ReasonAuthFail)
		return
	}
	s.state = stAssociated
	a.event(at, Associated, 0)
	if s.static || s.wired {
		s.addressed = s.static
		a.flow()
		return
	}
	s.at = at + DHCPTime
}

func (a *Air) lease(at time.Duration) {
	s := &a.station
	if s.ap.dhcp == DHCPOff {
		a.captureDHCP(at, discover)
		s.at = at + DHCPRetry
		return
	}
	s.ip, s.addressed = IP{10, 0, 0, s.ap.pool}, true
	a.captureLease(at)
	a.event(at, GotAddress, 0)
	a.flow()
}
