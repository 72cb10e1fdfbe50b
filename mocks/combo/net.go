package combo

import (
	"fmt"
	"math"

	"github.com/linkflap/linkflap/mocks/air"
)

// find is the socket with the ConID that is the next parameter; false, and the command is turned down, if there is none.
func (r *request) find() (i int, ok bool) {
	id := r.number(0, math.MaxUint32, 0)
	if r.wrong > 0 {
		return 0, false
	}
	if id < 1 || id > NumSockets || r.m.sockets[id-1].kind == 0 {
		r.fail(codeParameter)
		return 0, false
	}
	return id - 1, true
}

// open is the set command of AT+SOCKET. A ConID may be asked for; one that is in use, or beyond those that there are, is turned down
// (chosen). Servers are not modelled: comboat says that the BW16 answers "Socket bind error" to a station's.
func (r *request) open() {
	m := r.m
	kind := r.number(1, 8, 0)
	switch kind {
	case udpClient, tcpClient, sslClient:
	case 1, 3, 6:
		r.fail(codeBind)
		return
	default:
		r.reject(codeType)
		return
	}
	r.count(3, 5)
	host, port := r.text(), r.number(1, 65535, 0)
	r.number(0, 7200, 0) // keep-alive: guide, AT+SOCKET: not implemented
	i := r.number(0, math.MaxUint32, 0) - 1
	if host == "" {
		r.reject(codeParameter)
	}
	if r.wrong > 0 {
		return
	}
	if i < 0 {
		i = m.unused()
	}
	_, full := m.w.Fault("full")
	if full || i >= NumSockets || m.sockets[i].kind != 0 {
		r.fail(codeNoSocket)
		return
	}
	s := m.claim(i, kind)
	s.host, s.port = host, uint16(port)
	q := m.air.Resolve(host)
	m.core.Wait(func() bool { return m.opened(r, i, q) })
}

// unused is the first socket that is free, NumSockets if none is.
func (m *Module) unused() int {
	for i := range m.sockets {
		if m.sockets[i].kind == 0 {
			return i
		}
	}
	return NumSockets
}

// opened answers AT+SOCKET once it is known what became of it (guide, TCP-IP_AT_Examples.rst, "as a TCP client", step 5; users' logs:
// "+SOCKET:97").
func (m *Module) opened(r *request, i int, q *air.Query) bool {
	s := &m.sockets[i]
	ip, found, done := q.Answer()
	if !done {
		return false
	}
	code := codeDNS
	if found {
		s.ip = ip
		done, code = m.opens(s)
	}
	switch {
	case !done:
	case code != 0:
		m.free(i, byFirmware)
		r.fail(code)
	default:
		s.status = statusConnected
		if _, ok := m.w.Fault("noid"); ok {
			m.ok()
		} else {
			m.report("connect success ConID=" + itoa(i+1))
		}
	}
	return done
}

// list is the query of AT+SOCKET (reference 4.2.3; at_device_aiwb2: lines without a prefix, and none if there is no socket). What has no
// value for a client is -1, and 0 for the server (guide, AT+SOCKET, example).
func (r *request) list() {
	var lines []string
	for i := range r.m.sockets {
		if s := &r.m.sockets[i]; s.kind != 0 {
			lines = append(lines, fmt.Sprintf("%d,%d,%d,%s,%d,-1,0", i+1, s.kind, s.status, s.host, s.port))
		}
	}
	r.m.report(lines...)
}

// read is AT+SOCKETREAD: one packet. Without one it fails (chosen).
func (r *request) read() {
	r.count(1, 1)
	i, ok := r.find()
	if !ok {
		return
	}
	s := &r.m.sockets[i]
	if len(s.stored) == 0 {
		r.fail(codeReceive)
		return
	}
	p := s.stored[0]
	s.stored = s.stored[1:]
	r.m.report(fmt.Sprintf("+SOCKETREAD,%d,%d,%s", i+1, len(p), p))
}

// remove is AT+SOCKETDEL.
func (r *request) remove() {
	r.count(1, 1)
	if i, ok := r.find(); ok {
		r.m.ok()
		r.m.deleted(i, byHost)
	}
}

// setActive is AT+SOCKETRECVCFG.
func (r *request) setActive() {
	r.count(1, 1)
	if n := r.number(0, 1, 0); r.wrong == 0 {
		r.m.active = n == 1
		r.m.ok()
	}
}

// resolve is AT+WDOMAIN.
func (r *request) resolve() {
	r.count(1, 1)
	name := r.text()
	if name == "" {
		r.reject(codeParameter)
	}
	if r.wrong > 0 {
		return
	}
	m, q := r.m, r.m.air.Resolve(name)
	m.core.Wait(func() bool {
		ip, found, done := q.Answer()
		switch {
		case !done:
		case found:
			m.report("+WDOMAIN:" + dotted(ip))
		default:
			r.fail(codeDNS)
		}
		return done
	})
}

// getDNS is the query of AT+WDNS. DHCP's server is the gateway.
func (r *request) getDNS() {
	dns := r.m.dns
	if dns[0] == "" {
		dns[0] = dotted(air.Gateway)
	}
	if dns[1] == "" {
		dns[1] = dotted(air.IP{})
	}
	r.m.report("+WDNS:" + dns[0] + "," + dns[1])
}

// setDNS is the set command of AT+WDNS. Who is asked makes no difference: one network, one answer.
func (r *request) setDNS() {
	r.count(1, 2)
	var dns [2]string
	text := "+WDNS:"
	for i := range r.args[:min(2, len(r.args))] {
		dns[i] = r.address()
		if i > 0 {
			text += ","
		}
		text += dns[i]
	}
	if r.wrong == 0 {
		r.m.dns = dns
		r.m.report(text)
	}
}
