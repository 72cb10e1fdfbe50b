package espat

import (
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/at"
)

// upload is what AT+CIPSEND has announced and the board is sending.
type upload struct {
	link int
	left int
	data []byte
	ip   air.IP // of udp: to whom
	port uint16
}

// send is the set command of AT+CIPSEND: OK, and a prompt (TCP-IP_AT_Commands.rst, AT+CIPSEND; TCP-IP_AT_Examples.rst, "Send 4 bytes").
// Bytes that come before the prompt are taken as well (chosen).
func (r *request) send() {
	m := r.m
	r.need(1 + m.net.mux)
	i := r.id()
	n := r.number(1, maxSend, 0)
	if r.wrong {
		return
	}
	l := &m.net.links[i]
	up := upload{link: i, left: n, data: m.upload.data[:0], ip: l.ip, port: l.port}
	if l.kind == udp && r.more() {
		r.need(2)
		ip, ok := address(r.text())
		up.ip, up.port = ip, uint16(r.number(1, 65535, 0))
		if r.wrong = r.wrong || !ok; r.wrong {
			return
		}
	}
	if !l.open || m.net.passthrough == 1 {
		m.fail()
		return
	}
	m.upload = up
	m.answer("\r\nOK\r\n\r\n>")
	m.core.Enter(at.ModeData)
}

// take takes bytes of the upload and returns what is left of p. What follows at once upon the last byte that was announced is turned down.
func (m *Module) take(p []byte) (rest []byte) {
	up := &m.upload
	n := min(up.left, len(p))
	up.data = append(up.data, p[:n]...)
	if up.left -= n; up.left > 0 {
		return nil
	}
	if n < len(p) {
		m.turnDown()
	}
	m.core.Enter(at.ModeCommand)
	m.core.Hold(m.sendUpload)
	return nil
}

// sendUpload hands the complete upload to the stack: SEND OK says that it has it, not that anybody has received it (index.rst, "AT
// Messages").
func (m *Module) sendUpload() {
	m.core.Work(m.w.Now() + HandleTime)
	m.core.Say("\r\nRecv ", itoa(len(m.upload.data)), " bytes\r\n")
	l := &m.net.links[m.upload.link]
	if !l.open {
		m.fail()
		return
	}
	if _, ok := m.w.Fault("sendfail"); ok {
		m.sent(false)
		return
	}
	if l.kind == udp {
		m.sent(l.udp.Send(m.upload.ip, m.upload.port, m.upload.data) == nil)
		return
	}
	if l.conn.WriteAll(m.upload.data) != nil {
		m.sent(false)
		return
	}
	conn := l.conn
	m.core.Wait(func() bool {
		failed := conn.Err() != nil
		if !failed && conn.Unwritten() > 0 {
			return false
		}
		m.sent(!failed)
		return true
	})
}

// sent answers with what became of the upload.
func (m *Module) sent(ok bool) {
	if ok {
		m.answer("\r\nSEND OK\r\n")
	} else {
		m.answer("\r\nSEND FAIL\r\n")
	}
}

// sendThrough is the execute command of AT+CIPSEND: passthrough mode begins.
func (r *request) sendThrough() {
	m := r.m
	l := &m.net.links[0]
	if m.net.passthrough == 0 || !l.open || l.kind == ssl {
		m.fail()
		return
	}
	m.answer("\r\nOK\r\n\r\n>")
	m.core.Enter(at.ModePassthrough)
}

// pass is a packet in passthrough mode; "+++" alone ends the mode, without an answer (TCP-IP_AT_Commands.rst, AT+CIPSEND;
// Basic_AT_Commands.rst, AT+SYSMSG, bit 0).
func (m *Module) pass(p []byte) {
	l := &m.net.links[0]
	switch {
	case string(p) == "+++":
		l.redial = false
		m.core.Enter(at.ModeCommand)
		m.core.Look()
	case l.kind == udp:
		_ = l.udp.Send(l.ip, l.port, p)
	case !l.redial:
		_ = l.conn.WriteAll(p)
	}
}
