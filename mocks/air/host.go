package air

// Hosts are the remote hosts that need no task, by name: DNS knows them, and the peers.
//
//	echo    TCP port 7 and UDP port 7: sends back what it gets, at once (RFC 862); closes when the board does
//	sink    takes connections on every TCP port and never reads, so its receive window fills; reads once healed
//	closed  answers every SYN with RST
//	gone    answers nothing
var Hosts = []string{"echo", "sink", "closed", "gone"}

// Peers are the peers, by name.
var Peers = []string{"p1", "p2", "p3"}

// EchoPort is the port of host echo.
const EchoPort = 7

type kind uint8

const (
	kindPeer kind = iota
	kindEcho
	kindSink
	kindClosed
	kindGone
)

// host is a remote host.
type host struct {
	name   string
	ip     IP
	kind   kind
	peer   *Peer  // of kindPeer
	asleep bool   // the sink does not read
	port   uint16 // its last ephemeral port
}

func defaultHosts() []*host {
	return []*host{
		{name: "echo", ip: IP{10, 0, 0, 21}, kind: kindEcho},
		{name: "sink", ip: IP{10, 0, 0, 22}, kind: kindSink, asleep: true},
		{name: "closed", ip: IP{10, 0, 0, 23}, kind: kindClosed},
		{name: "gone", ip: IP{10, 0, 0, 24}, kind: kindGone},
	}
}

// HostIP is the address of a host or peer; false if there is none of that name.
func (a *Air) HostIP(name string) (IP, bool) {
	for _, h := range a.hosts {
		if h.name == name {
			return h.ip, true
		}
	}
	return IP{}, false
}

// nobody is at every address that no host has.
var nobody = host{name: "nobody", kind: kindGone}

func (a *Air) hostAt(ip IP) *host {
	for _, h := range a.hosts {
		if h.ip == ip {
			return h
		}
	}
	return &nobody
}

// hears reports whether the host answers a SYN to port at all.
func (h *host) hears(port uint16) bool {
	switch h.kind {
	case kindGone:
		return false
	case kindPeer:
		return !h.peer.vanished && !(h.peer.listens(port) && h.peer.busy())
	}
	return true
}

// accepts reports whether its answer is a connection, not a RST.
func (h *host) accepts(port uint16) bool {
	switch h.kind {
	case kindEcho:
		return port == EchoPort
	case kindSink:
		return true
	case kindPeer:
		return h.peer.listens(port)
	}
	return false
}

// opened is the board having connected to the host.
func (h *host) opened(c *Conn) {
	if h.kind == kindPeer {
		h.peer.take(c)
	}
}

// react is what the host does by itself on a connection; it reports whether it did anything.
func (h *host) react(c *Conn) bool {
	e := &c.far
	if h.kind == kindPeer || h.asleep || e.gone || e.err != nil {
		return false
	}
	n := e.rcv.len()
	if h.kind == kindEcho {
		n = min(n, SndBuf-e.snd.len())
		shift(&e.snd, &e.rcv, n)
	} else {
		e.rcv.skip(n)
	}
	if e.eof && e.rcv.len() == 0 && !e.fin {
		e.fin, e.gone = true, true
		return true
	}
	return n > 0
}

// Reaches reports whether a ping of that address is answered now.
func (a *Air) Reaches(ip IP) bool {
	a.settle()
	h := a.hostAt(ip)
	alive := h.kind != kindGone && (h.kind != kindPeer || !h.peer.vanished)
	return a.station.addressed && (a.path() && alive || ip == Gateway)
}
