package combo

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// kinds of sockets: the types of AT+SOCKET that can be opened here (guide, AT+SOCKET); 0 is a socket that is free.
const (
	udpClient = 2
	tcpClient = 4
	sslClient = 7
)

// status is that of AT+SOCKET? (reference 4.2.3; the guide numbers them otherwise, but its example has 3 for a connection).
type status int

const (
	statusDown      status = 0
	statusOpening   status = 1
	statusConnected status = 3
)

// Who takes or frees a socket, in C of Take and Free events.
const (
	byHost     = 0
	byFirmware = 1 // unasked
	byReset    = 2
)

// socket is one socket of the module; its ConID is its index and one.
type socket struct {
	kind   int
	status status
	gen    int64
	ip     air.IP // the remote end
	port   uint16
	host   string // as the command named it
	conn   *air.Conn
	shaken time.Duration // of sslClient: when the handshake is over; 0: it has not begun
	udp    *air.UDP
	stored [][]byte // of passive mode: packets that wait to be read
	tries  int      // attempts to open it anew
}

// claim makes socket i of a kind, at the host's asking.
func (m *Module) claim(i, kind int) *socket {
	s := &m.sockets[i]
	*s = socket{kind: kind, gen: s.gen + 1, status: statusOpening}
	m.w.Emit(trace.Take, "combo.socket", int64(i+1), s.gen, byHost)
	return s
}

// free makes socket i free; it may be free already. What it has received goes with it (guide, AT+SOCKETDEL).
func (m *Module) free(i int, who int64) {
	s := &m.sockets[i]
	if s.kind == 0 {
		return
	}
	m.w.Emit(trace.Free, "combo.socket", int64(i+1), s.gen, who)
	conn, port := s.conn, s.udp
	*s = socket{gen: s.gen}
	if conn != nil {
		conn.Close()
	}
	if port != nil {
		port.Close()
	}
}

// deleted frees socket i and says so (reference, events, SocketAutoDel; at_device_aiwb2: also when the host has asked for it).
func (m *Module) deleted(i int, who int64) {
	m.free(i, who)
	m.event("SocketAutoDel," + itoa(i+1))
}

// opens moves the opening of a socket to s.ip on and reports whether it is decided; code says why it came to nothing.
func (m *Module) opens(s *socket) (done bool, code int) {
	if s.kind == udpClient {
		port, err := m.air.OpenUDP(0)
		s.udp = port
		if _, ok := m.air.Address(); !ok || err != nil {
			return true, codeNoSocket
		}
		return true, 0
	}
	if s.conn == nil {
		s.conn = m.air.Dial(s.ip, s.port)
	}
	switch {
	case s.conn.Err() != nil:
		return true, codeNoConnect
	case s.conn.State() == air.Opening:
		return false, 0
	}
	return s.kind == tcpClient || m.shakes(s), 0
}

// shakes reports whether the handshake of an SSL client is over.
func (m *Module) shakes(s *socket) bool {
	if s.shaken == 0 {
		s.shaken = m.w.Now() + TLSTime
		m.core.After(TLSTime, m.core.Look)
	}
	return m.w.Now() >= s.shaken
}

// receive brings every socket up to what has reached it. In active mode bytes are passed on as fast as the line takes them: what it does not
// take waits in the stack, and the sender's window fills.
func (m *Module) receive() {
	for i := range m.sockets {
		m.reopens(i)
		for m.sockets[i].status == statusConnected && m.deliver(i) {
			if m.core.Sending() {
				return
			}
		}
	}
}

// deliver passes on the next packet of socket i, or its end. It reports whether there may be more.
func (m *Module) deliver(i int) bool {
	s := &m.sockets[i]
	switch {
	case s.conn != nil && (s.conn.Err() != nil || s.conn.Avail() == 0 && s.conn.Ended()):
		m.lost(i)
		return false
	case s.conn != nil && s.conn.Avail() == 0:
		return false
	case m.active && m.core.Sending():
		return true
	}
	if s.udp != nil {
		return m.deliverDatagram(i, s)
	}
	var buf [MaxPacket]byte
	n, _ := s.conn.Read(buf[:])
	m.packet(i, buf[:n])
	return true
}

// deliverDatagram passes on the next datagram. Only its server's are taken (chosen), in packets of their own.
func (m *Module) deliverDatagram(i int, s *socket) bool {
	d, ok := s.udp.Recv()
	if !ok {
		return false
	}
	if d.From == s.ip && d.Port == s.port {
		m.packet(i, d.Data[:min(len(d.Data), MaxPacket)])
	}
	return true
}

// packet is bytes that a socket has received: they are printed, or stored and announced (guide, AT+SOCKETRECVCFG).
func (m *Module) packet(i int, p []byte) {
	head := "SocketDown," + itoa(i+1) + ","
	if !m.active {
		if m.store(&m.sockets[i], p) {
			m.event(head + itoa(len(p)))
		}
		return
	}
	n := len(p)
	if more, ok := m.w.Fault("length"); ok {
		n += int(more)
	}
	m.core.SayData(p, "\r\n", "\r\n+EVENT:", head, itoa(n), ",")
}

// store keeps a packet for AT+SOCKETREAD, if there is memory left; else it is lost.
func (m *Module) store(s *socket, p []byte) bool {
	used := 0
	for i := range m.sockets {
		for _, q := range m.sockets[i].stored {
			used += len(q)
		}
	}
	if used+len(p) > MaxStored {
		return false
	}
	s.stored = append(s.stored, append([]byte(nil), p...))
	return true
}

// lost is the connection of socket i having ended at the other end. The spelling of the event is the module's (at_device_aiwb2); the
// reference writes SocketDissconnect. A client is then opened anew: reference, events, SocketReconnect.
func (m *Module) lost(i int) {
	s := &m.sockets[i]
	s.conn.Close()
	s.conn, s.shaken, s.status, s.tries = nil, 0, statusDown, 0
	m.event("SocketDisconnect," + itoa(i+1))
	m.again(i)
}

// again opens socket i anew after a time.
func (m *Module) again(i int) {
	gen := m.sockets[i].gen
	m.core.After(ReconnectTime, func() {
		if s := &m.sockets[i]; s.gen == gen && s.kind != 0 && s.status == statusDown {
			s.tries++
			s.status = statusOpening
			m.core.Look()
		}
	})
}

// reopens moves the opening anew of socket i on. That a socket which cannot be opened anew is deleted is inferred from the names of the
// events.
func (m *Module) reopens(i int) {
	s := &m.sockets[i]
	if s.status != statusOpening || s.tries == 0 {
		return
	}
	done, code := m.opens(s)
	switch {
	case !done:
	case code == 0:
		s.status, s.tries = statusConnected, 0
		m.event("SocketReconnect," + itoa(i+1))
	case s.tries == reconnects:
		m.deleted(i, byFirmware)
	default:
		s.conn.Close()
		s.conn, s.shaken, s.status = nil, 0, statusDown
		m.again(i)
	}
}
