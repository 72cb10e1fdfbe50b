package combo

import "github.com/linkflap/linkflap/mocks/at"

// upload is what AT+SOCKETSEND has announced and the board is sending.
type upload struct {
	r      *request
	socket int // index, -1 if there is no such socket
	gen    int64
	left   int
	data   []byte
}

// send is AT+SOCKETSEND: a prompt on a line of its own, and then the bytes (guide, AT+SOCKETSEND). Bytes that come before the prompt are
// taken as well (chosen). To a ConID that does not exist the prompt comes, too, and the bytes are dropped without a word (at_device_aiwb2).
func (r *request) send() {
	m := r.m
	r.count(2, 2)
	id := r.number(0, 1<<31-1, 0)
	n := r.number(1, 1<<31-1, 0)
	if r.wrong > 0 {
		return
	}
	up := upload{r: r, socket: -1, left: n, data: m.upload.data[:0]}
	if id >= 1 && id <= NumSockets && m.sockets[id-1].kind != 0 {
		up.socket, up.gen = id-1, m.sockets[id-1].gen
		if m.sockets[up.socket].status != statusConnected {
			r.fail(codeStatus)
			return
		}
	}
	m.upload = up
	if _, ok := m.w.Fault("noprompt"); !ok {
		m.answer("\r\n>")
	}
	m.core.Enter(at.ModeData)
}

// take takes bytes of the upload and returns what is left of p.
func (m *Module) take(p []byte) (rest []byte) {
	up := &m.upload
	n := min(up.left, len(p))
	up.data = append(up.data, p[:n]...)
	if up.left -= n; up.left == 0 {
		m.core.Enter(at.ModeCommand)
		m.core.Hold(m.sendUpload)
	}
	return p[n:]
}

// sendUpload hands the complete upload to the stack. OK says that the stack has it (chosen); a datagram that is longer than a packet becomes
// several (guide, AT+SOCKETSEND).
func (m *Module) sendUpload() {
	up := &m.upload
	m.core.Work(m.w.Now() + HandleTime)
	if _, ok := m.w.Fault("sendfail"); ok {
		up.r.fail(codeSend)
		return
	}
	if up.socket >= 0 {
		m.hand(up.r, up.socket, up.gen, up.data)
	}
}

// hand gives bytes to the stack and answers when it has them.
func (m *Module) hand(r *request, i int, gen int64, p []byte) {
	s := &m.sockets[i]
	switch {
	case s.gen != gen || s.status != statusConnected:
		r.fail(codeStatus)
	case s.udp != nil:
		m.datagrams(r, s, p)
	case s.conn.WriteAll(p) != nil:
		r.fail(codeSend)
	default:
		conn := s.conn
		m.core.Wait(func() bool {
			switch {
			case conn.Err() != nil || s.conn != conn:
				r.fail(codeSend)
			case conn.Unwritten() > 0:
				return false
			default:
				m.ok()
			}
			return true
		})
	}
}

func (m *Module) datagrams(r *request, s *socket, p []byte) {
	for len(p) > 0 {
		n := min(len(p), MaxPacket)
		if s.udp.Send(s.ip, s.port, p[:n]) != nil {
			r.fail(codeSend)
			return
		}
		p = p[n:]
	}
	m.ok()
}

// sendLine is AT+SOCKETSENDLINE. Of more bytes than announced only those are sent (guide, TCP-IP_AT_Examples.rst, "as a TCP server", note);
// fewer are a wrong parameter (chosen).
func (r *request) sendLine() {
	r.count(3, 3)
	if r.wrong > 0 {
		return
	}
	i, ok := r.find()
	if !ok {
		return
	}
	n := r.number(1, MaxCommand, 0)
	p := r.text()
	if len(p) < n {
		r.reject(codeParameter)
	}
	if r.wrong == 0 {
		r.m.hand(r, i, r.m.sockets[i].gen, []byte(p[:n]))
	}
}
