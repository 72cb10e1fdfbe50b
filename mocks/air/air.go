// Package air is what is outside the board, in virtual time: access points, the uplink behind them, DHCP and DNS, remote hosts and peers.
// It stands below the mocked chips, which put the board on it (Join, Dial, Listen, OpenUDP, Resolve), and beside the program's tasks,
// which disturb it (Down, Deauth, Uplink, DHCP) and act as peers (Peer). It knows networking and no chip.
//
// The hard word is path. A path is up while the board is associated with an access point that is up, has an address, and the uplink is
// connected. TCP is modelled at the level of connections: two byte queues with bounded windows, which flow whenever the path is up, with
// FIN and RST behind them. While the path is down everything in flight is held, as TCP's retransmission would, and new connections wait.
//
// Nothing happens by itself: what time changes is computed when somebody looks (settle), in the order of the times at which it happened.
// There are no locks; the task that holds the token is alone here.
package air

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// IP is an IPv4 address in network order.
type IP [4]byte

// The addresses of the network. Both access points bridge to it.
var (
	Gateway = IP{10, 0, 0, 1}
	Netmask = IP{255, 255, 255, 0}
)

// never is a time that does not come.
const never = time.Duration(1<<63 - 1)

// Air is the world outside one board.
type Air struct {
	w       *sim.World
	aps     []*AP
	uplink  bool
	station station
	hosts   []*host
	peers   []*Peer

	conns     []*Conn // in order of their numbers; finished ones are dropped
	listeners []*Listener
	udps      []*UDP
	queries   []*Query
	opened    int    // connections so far; the last one's number
	port      uint16 // the last ephemeral port that the board's stack gave out
	rx        uint64 // packets that have reached the board
	told      uint64 // of them, those that the chip was told of
	receive   func()
	syn       schedule      // of the board's SYNs
	giveUp    time.Duration // after which the board stops sending what nobody acknowledges
	telling   bool
	next      time.Duration // nothing happens by itself before this
	settling  bool

	changed func() // of OnChange
	alarm   *sim.Timer
	alarmAt time.Duration
}

// New makes the default air: access points "home" and "cafe", the hosts in Hosts, the peers in Peers, everything up.
func New(w *sim.World) *Air {
	a := &Air{w: w, uplink: true, next: never, port: firstEphemeral - 1, syn: synTimes, giveUp: GiveUp}
	a.aps = []*AP{
		{SSID: "home", Passphrase: "password1", BSSID: [6]byte{2, 0, 0, 0, 0, 1}, Channel: 1, RSSI: -48, up: true, dhcp: DHCPOn, pool: 2},
		{SSID: "cafe", BSSID: [6]byte{2, 0, 0, 0, 0, 2}, Channel: 6, RSSI: -67, up: true, dhcp: DHCPOn, pool: 102},
	}
	a.station.at = never
	a.hosts = defaultHosts()
	for i, name := range Peers {
		p := &Peer{a: a, Name: name, ip: IP{10, 0, 0, byte(31 + i)}}
		a.peers = append(a.peers, p)
		a.hosts = append(a.hosts, &host{name: name, ip: p.ip, peer: p})
	}
	return a
}

// OnReceive makes f be called after packets have reached the board, for chips whose firmware acts on every one. It may be called while
// any task runs, also from within the chip's own calls.
func (a *Air) OnReceive(f func()) { a.receive = f }

// tell calls the chip's function until it has caused no more packets.
func (a *Air) tell() {
	if a.telling || a.settling || a.receive == nil {
		return
	}
	a.telling = true
	for a.told != a.rx {
		a.told = a.rx
		a.receive()
	}
	a.telling = false
}

// Peer returns the peer of that name, nil if there is none.
func (a *Air) Peer(name string) *Peer {
	for _, p := range a.peers {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// path reports whether packets pass between the board and the hosts now.
func (a *Air) path() bool {
	s := &a.station
	return a.uplink && s.state == stAssociated && s.addressed && s.ap.up
}

// settle brings everything that time changes up to now.
func (a *Air) settle() {
	if a.settling || a.w.Now() < a.next {
		return
	}
	a.settling = true
	acted := false
	for now := a.w.Now(); ; acted = true {
		at, act := a.earliest()
		if at > now {
			a.next = at
			break
		}
		act(at)
	}
	a.settling = false
	a.arm()
	a.tell()
	if acted {
		a.change()
	}
}

// earliest finds what happens next by itself, and when.
func (a *Air) earliest() (at time.Duration, act func(time.Duration)) {
	at = never
	if a.station.at < at {
		at, act = a.station.at, a.step
	}
	for _, c := range a.conns {
		if c.retry.at < at {
			at, act = c.retry.at, c.step
		}
	}
	for _, q := range a.queries {
		if q.retry.at < at {
			at, act = q.retry.at, q.step
		}
	}
	return at, act
}

// wait makes sure that settle looks again at time at.
func (a *Air) wait(at time.Duration) {
	a.next = min(a.next, at)
	a.arm()
}

// flow lets bytes move on every connection after the path may have changed.
func (a *Air) flow() {
	kept := a.conns[:0]
	for _, c := range a.conns {
		c.pump()
		if !c.over() {
			kept = append(kept, c)
		}
	}
	clear(a.conns[len(kept):])
	a.conns = kept
}
