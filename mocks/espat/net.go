package espat

import (
	"fmt"
	"strings"

	"github.com/linkflap/linkflap/mocks/air"
)

// id reads the link that a command names in multiple connections mode, and must not name in the other.
func (r *request) id() int {
	if r.m.net.mux == 0 {
		return 0
	}
	return r.number(0, numLinks-1, 0)
}

// start is AT+CIPSTART (TCP-IP_AT_Commands.rst).
func (r *request) start() {
	m := r.m
	r.need(3 + m.net.mux)
	i := r.id()
	k := kindOf(r.text())
	host, port := r.text(), r.number(1, 65535, 0)
	local, follow := 0, 0
	if k == udp {
		local, follow = r.number(0, 65535, 0), r.number(0, 2, 0)
	} else {
		r.number(0, 7200, 0) // TCP keep-alive
	}
	if r.wrong = r.wrong || k == free || host == ""; r.wrong {
		return
	}
	if m.net.links[i].kind != free {
		m.answer("ALREADY CONNECTED\r\n\r\nERROR\r\n")
		return
	}
	l := m.claim(i, k)
	l.port, l.local, l.follow = uint16(port), uint16(local), follow
	q := m.air.Resolve(host)
	m.core.Wait(func() bool { return m.connects(i, q) })
}

// connects answers AT+CIPSTART once it is known what became of it. That a failure is followed by CLOSED is not documented; the firmware's
// users report it (github.com/atlas-aero/rt-esp-at-nal issue 10, github.com/JAndrassy/WiFiEspAT issue 94).
func (m *Module) connects(i int, q *air.Query) bool {
	done, failed := m.opens(i, q)
	switch {
	case !done:
	case failed:
		m.fail()
		m.closed(i)
	default:
		m.net.links[i].open = true
		m.answer(m.tag(i) + "CONNECT\r\n\r\nOK\r\n")
	}
	return done
}

func kindOf(name string) linkKind {
	for k := tcp; k <= udp; k++ {
		if kindNames[k] == name {
			return k
		}
	}
	return free
}

// closeOnly is the execute command of AT+CIPCLOSE: it is for single connection mode.
func (r *request) closeOnly() {
	if r.m.net.mux == 1 {
		r.m.fail()
		return
	}
	r.m.closeLinks(0, 0)
}

// closeLink is the set command of AT+CIPCLOSE, for multiple connections mode; 5 is all of them.
func (r *request) closeLink() {
	r.need(1)
	i := r.number(0, numLinks, 0)
	switch {
	case r.wrong:
	case r.m.net.mux == 0:
		r.m.fail()
	case i == numLinks:
		r.m.closeLinks(0, numLinks-1)
	default:
		r.m.closeLinks(i, i)
	}
}

// closeLinks frees links. With none to free it fails (chosen, for AT+CIPCLOSE=5 too).
func (m *Module) closeLinks(from, to int) {
	text := ""
	for i := from; i <= to; i++ {
		if m.net.links[i].kind != free {
			m.free(i, byHost)
			text += m.tag(i) + "CLOSED\r\n"
		}
	}
	if text == "" {
		m.fail()
		return
	}
	m.answer(text + "\r\nOK\r\n")
}

// resolve is AT+CIPDOMAIN.
func (r *request) resolve() {
	r.need(1)
	name := r.text()
	if r.wrong = r.wrong || name == ""; r.wrong {
		return
	}
	m, q := r.m, r.m.air.Resolve(name)
	m.core.Wait(func() bool {
		ip, found, done := q.Answer()
		switch {
		case !done:
		case found:
			m.report("+CIPDOMAIN:" + dotted(ip))
		default:
			m.fail()
		}
		return done
	})
}

// status is AT+CIPSTATUS.
func (r *request) status() {
	m, stat := r.m, 5
	if m.wifi.addressed {
		stat = 2
	}
	lines := []string{""}
	for i := range m.net.links {
		if l := &m.net.links[i]; l.open {
			stat = 3
			local := l.local
			if l.conn != nil {
				local = l.conn.LocalPort
			}
			lines = append(lines, fmt.Sprintf(`+CIPSTATUS:%d,"%s",%s,%d,%d,0`, i, kindNames[l.kind], dotted(l.ip), l.port, local))
		}
	}
	lines[0] = "STATUS:" + itoa(stat)
	m.report(lines...)
}

// addresses is AT+CIFSR. Only a station that is connected has an address to tell.
func (r *request) addresses() {
	var lines []string
	if ip, ok := r.m.air.Address(); ok {
		lines = []string{"+CIFSR:STAIP," + dotted(ip), `+CIFSR:STAMAC,"` + stationMAC + `"`}
	}
	r.m.report(lines...)
}

func (r *request) getMux() { r.m.report("+CIPMUX:" + itoa(r.m.net.mux)) }

// setMux is AT+CIPMUX: only without links, and not to multiple connections in passthrough mode.
func (r *request) setMux() {
	r.need(1)
	n := r.number(0, 1, 0)
	switch {
	case r.wrong:
	case r.m.net.used(), n == 1 && r.m.net.passthrough == 1:
		r.m.fail()
	default:
		r.m.net.mux = n
		r.m.ok()
	}
}

func (n *network) used() bool {
	for i := range n.links {
		if n.links[i].kind != free {
			return true
		}
	}
	return false
}

func (r *request) getPassthrough() { r.m.report("+CIPMODE:" + itoa(r.m.net.passthrough)) }

// setPassthrough is AT+CIPMODE: single connection mode only, and not for SSL (AT+CIPSTART, "Establish SSL connection", notes).
func (r *request) setPassthrough() {
	r.need(1)
	n := r.number(0, 1, 0)
	switch {
	case r.wrong:
	case n == 1 && (r.m.net.mux == 1 || r.m.net.links[0].kind == ssl):
		r.m.fail()
	default:
		r.m.net.passthrough = n
		r.m.ok()
	}
}

func (r *request) setInfo() {
	r.need(1)
	if n := r.number(0, 1, 0); !r.wrong {
		r.m.net.info = n
		r.m.ok()
	}
}

// getDNS is the query of AT+CIPDNS. DHCP's server is the gateway.
func (r *request) getDNS() {
	if r.m.net.dns == nil {
		r.m.report("+CIPDNS:0," + dotted(air.Gateway))
		return
	}
	r.m.report(`+CIPDNS:1,"` + strings.Join(r.m.net.dns, `","`) + `"`)
}

// setDNS is the set command of AT+CIPDNS. Who is asked makes no difference: one network, one answer.
func (r *request) setDNS() {
	r.need(1)
	manual := r.number(0, 1, 0)
	var servers []string
	for manual == 1 && r.more() && len(servers) < 3 {
		s := r.text()
		_, ok := address(s)
		r.wrong = r.wrong || !ok
		servers = append(servers, s)
	}
	if r.wrong {
		return
	}
	if manual == 1 && servers == nil {
		servers = []string{"222.222.67.208"}
	}
	r.m.net.dns = servers
	r.m.ok()
}
