package espat

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/at"
)

// linkKind is what a link is.
type linkKind uint8

const (
	free linkKind = iota
	tcp
	ssl
	udp
)

var kindNames = [...]string{"", "TCP", "SSL", "UDP"}

// Who takes or frees a link, in C of Take and Free events.
const (
	byHost     = 0
	byFirmware = 1 // unasked
	byReset    = 2
)

// link is one connection or UDP transmission.
type link struct {
	kind   linkKind
	open   bool // CONNECT has been said
	gen    int64
	ip     air.IP // the remote end
	port   uint16
	conn   *air.Conn
	shaken time.Duration // of ssl: when the handshake is over; 0: it has not begun
	udp    *air.UDP
	local  uint16 // of udp
	follow int    // of udp: who is sent to changes with who sends: 0 never, 1 once, 2 always (AT+CIPSTART, UDP mode)
	redial bool   // passthrough: the connection is gone, and will be opened again
}

// network is the TCP/IP side of the firmware.
type network struct {
	links       [numLinks]link
	mux         int
	passthrough int      // AT+CIPMODE
	info        int      // AT+CIPDINFO
	dns         []string // AT+CIPDNS; nil: what DHCP says
}

// forget is the state after power-on; the generations go on counting.
func (n *network) forget() {
	was := n.links
	*n = network{}
	for i := range was {
		n.links[i].gen = was[i].gen
	}
}

// tag is what a message about link i begins with: its number, in multiple connections mode.
func (m *Module) tag(i int) string {
	if m.net.mux == 0 {
		return ""
	}
	return itoa(i) + ","
}

// claim makes link i of a kind, at the host's asking.
func (m *Module) claim(i int, k linkKind) *link {
	l := &m.net.links[i]
	*l = link{kind: k, gen: l.gen + 1}
	m.w.Emit(trace.Take, "espat.link", int64(i), l.gen, byHost)
	return l
}

// free makes link i free; it may be free already.
func (m *Module) free(i int, who int64) {
	l := &m.net.links[i]
	if l.kind == free {
		return
	}
	m.w.Emit(trace.Free, "espat.link", int64(i), l.gen, who)
	conn, port := l.conn, l.udp
	*l = link{gen: l.gen}
	if conn != nil {
		conn.Close()
	}
	if port != nil {
		port.Close()
	}
}

// closed is link i having ended by itself (index.rst, "AT Messages", CLOSED).
func (m *Module) closed(i int) {
	m.free(i, byFirmware)
	m.tell(m.tag(i) + "CLOSED\r\n")
}

// opens moves the opening of link i on and reports whether it is decided; failed says that it came to nothing.
func (m *Module) opens(i int, q *air.Query) (done, failed bool) {
	l := &m.net.links[i]
	if l.conn == nil {
		ip, found, answered := q.Answer()
		if !answered || !found {
			return answered, true
		}
		l.ip = ip
		if l.kind == udp {
			port, err := m.air.OpenUDP(l.local)
			l.udp = port
			return true, err != nil
		}
		l.conn = m.air.Dial(ip, l.port)
	}
	if l.conn.Err() != nil {
		return true, true
	}
	if l.conn.State() == air.Opening {
		return false, false
	}
	return l.kind == tcp || m.shakes(l), false
}

// shakes reports whether the handshake of an ssl link is over.
func (m *Module) shakes(l *link) bool {
	if l.shaken == 0 {
		l.shaken = m.w.Now() + TLSTime
		m.core.After(TLSTime, m.core.Look)
	}
	return m.w.Now() >= l.shaken
}

// receive passes on what links have received, as fast as the line takes it: what it does not take waits in the stack, and the sender's
// window fills. In passthrough mode the bytes come bare.
func (m *Module) receive() {
	for i := range m.net.links {
		for m.net.links[i].open && m.deliver(i) {
			if m.core.Sending() {
				return
			}
		}
	}
}

// deliver passes on the next bytes of link i, or its end. It reports whether there may be more; then the line is busy.
func (m *Module) deliver(i int) bool {
	l := &m.net.links[i]
	switch {
	case l.redial:
		return false
	case l.kind == udp:
		return m.deliverDatagram(i, l)
	case l.conn.Err() == nil && l.conn.Avail() > 0:
		return m.deliverBytes(i, l)
	case l.conn.Err() == nil && !l.conn.Ended():
		return false
	case m.core.Mode() == at.ModePassthrough:
		m.again(l)
		return false
	}
	m.closed(i)
	return true
}

func (m *Module) deliverBytes(i int, l *link) bool {
	if m.core.Sending() {
		return true
	}
	var buf [maxReceived]byte
	n, _ := l.conn.Read(buf[:])
	m.ipd(i, l, buf[:n])
	return true
}

func (m *Module) deliverDatagram(i int, l *link) bool {
	if m.core.Sending() {
		return true
	}
	d, ok := l.udp.Recv()
	if !ok {
		return false
	}
	if l.follow > 0 && m.core.Mode() != at.ModePassthrough {
		l.ip, l.port, l.follow = d.From, d.Port, l.follow&2
	}
	m.ipd(i, l, d.Data)
	return true
}

// ipd is the message that brings received bytes (TCP-IP_AT_Examples.rst; TCP-IP_AT_Commands.rst, AT+CIPDINFO).
func (m *Module) ipd(i int, l *link, p []byte) {
	switch {
	case m.core.Mode() == at.ModePassthrough:
		m.core.SayData(p, "")
	case m.net.info == 1:
		m.core.SayData(p, "", "\r\n+IPD,", m.tag(i), itoa(len(p)), ",", dotted(l.ip), ",", itoa(int(l.port)), ":")
	default:
		m.core.SayData(p, "", "\r\n+IPD,", m.tag(i), itoa(len(p)), ":")
	}
}

// again opens the connection of passthrough mode anew (TCP-IP_AT_Commands.rst, AT+CIPMODE: it keeps trying to reconnect).
func (m *Module) again(l *link) {
	l.redial = true
	l.conn.Close()
	gen := l.gen
	m.core.After(RedialTime, func() {
		if l.gen == gen && l.redial {
			l.conn, l.redial = m.air.Dial(l.ip, l.port), false
			m.core.Look()
		}
	})
}
