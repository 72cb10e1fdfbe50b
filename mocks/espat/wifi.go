package espat

import (
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/at"
)

// wifi is the station's state.
type wifi struct {
	joining    bool // by a command, or by itself
	associated bool
	addressed  bool
	static     bool // AT+CIPSTA has set the address
	stay       bool // it joins again when it loses its access point
	failed     int  // error code of the join that failed last
}

// The error codes of AT+CWJAP (Wi-Fi_AT_Commands.rst, AT+CWJAP, "for reference only").
const (
	codeTimeout  = 1
	codePassword = 2
	codeNoAP     = 3
	codeFailed   = 4
)

// events is what the radio reports.
func (m *Module) events() {
	for e, ok := m.air.Event(); ok; e, ok = m.air.Event() {
		switch e.Kind {
		case air.Associated:
			m.wifi.associated = true
			m.tell("WIFI CONNECTED\r\n")
			if m.wifi.static {
				m.addressed()
			}
		case air.GotAddress:
			m.addressed()
		case air.Disconnected:
			m.disconnected(e.Reason)
		}
	}
}

// tell is a message about a change of state; in passthrough mode there are none (Basic_AT_Commands.rst, AT+SYSMSG, bit 2).
func (m *Module) tell(text string) {
	if m.core.Mode() != at.ModePassthrough {
		m.core.Say(text)
	}
}

func (m *Module) addressed() {
	m.wifi.addressed, m.wifi.joining, m.wifi.stay = true, false, true
	m.tell("WIFI GOT IP\r\n")
}

// disconnected is the station having lost its access point, or not having found it. Links stay: the stack goes on sending
// (github.com/espressif/esp-at issue 609).
func (m *Module) disconnected(why air.Reason) {
	if m.wifi.associated {
		m.tell("WIFI DISCONNECT\r\n")
	}
	m.wifi.associated, m.wifi.addressed = false, false
	if why == air.ReasonLeft {
		return
	}
	m.wifi.joining = false
	switch why {
	case air.ReasonNoAP:
		m.wifi.failed = codeNoAP
	case air.ReasonAuthFail:
		m.wifi.failed = codePassword
	default:
		m.wifi.failed = codeFailed
	}
	if m.wifi.stay {
		m.core.After(ReconnectTime, m.rejoin)
	}
}

// rejoin is the station trying again (Wi-Fi_AT_Commands.rst, AT+CWJAP, reconn_interval).
func (m *Module) rejoin() {
	if m.wifi.stay && !m.wifi.joining && !m.wifi.associated {
		m.join()
	}
}

// join starts to join the access point in the flash.
func (m *Module) join() {
	m.wifi.joining, m.wifi.failed = true, 0
	m.air.Join(m.flash.ssid, m.flash.pass)
}

func (r *request) getMode() { r.m.report("+CWMODE:" + itoa(r.m.flash.mode)) }

// setMode is AT+CWMODE: without a station there is no access point.
func (r *request) setMode() {
	r.need(1)
	n := r.number(0, 3, 0)
	if r.number(0, 1, 0); r.wrong {
		return
	}
	r.m.flash.mode = n
	if n&1 == 0 {
		r.m.quit()
	}
	r.m.ok()
}

// joined is the query of AT+CWJAP. Without an access point the answer is chosen.
func (r *request) joined() {
	ap, ok := r.m.air.AP()
	if !ok {
		r.m.report("No AP")
		return
	}
	r.m.report(fmt.Sprintf(`+CWJAP:"%s","%s",%d,%d,0,1,3,0,0`, ap.SSID, bssid(ap), ap.Channel, ap.RSSI))
}

func bssid(ap air.AP) string { return net.HardwareAddr(ap.BSSID[:]).String() }

// joinTo is the set command of AT+CWJAP. What follows the passphrase is not used.
func (r *request) joinTo() {
	ssid, pass := r.text(), r.text()
	if r.wrong {
		return
	}
	if ssid != "" {
		r.m.flash.ssid, r.m.flash.pass = ssid, pass
	}
	r.joinAgain()
}

// joinAgain is the execute command of AT+CWJAP. It requires station mode.
func (r *request) joinAgain() {
	m := r.m
	if m.flash.mode&1 == 0 || m.flash.ssid == "" {
		m.fail()
		return
	}
	m.wifi.stay = false
	m.join()
	m.events() // of leaving the access point before
	limit := m.w.Now() + JoinLimit
	m.core.Wait(func() bool { return m.joinedBy(limit) }, JoinLimit)
}

// joinedBy answers AT+CWJAP once it is known what became of it.
func (m *Module) joinedBy(limit time.Duration) bool {
	switch {
	case m.wifi.addressed:
		m.ok()
		return true
	case m.wifi.joining && m.w.Now() < limit:
		return false
	case m.wifi.joining:
		m.wifi.failed = codeTimeout
		m.quit()
	}
	m.answer("+CWJAP:" + itoa(m.wifi.failed) + "\r\n\r\nERROR\r\n")
	return true
}

// quit leaves the access point for good.
func (m *Module) quit() {
	m.wifi.stay, m.wifi.joining = false, false
	m.air.Leave()
}

// leave is AT+CWQAP.
func (r *request) leave() {
	r.m.ok()
	r.m.quit()
}

// scan is AT+CWLAP.
func (r *request) scan() {
	m := r.m
	end := m.w.Now() + ScanTime
	m.core.Wait(func() bool {
		if m.w.Now() < end {
			return false
		}
		var lines []string
		for _, ap := range m.air.Scan(nil) {
			ecn := 3
			if ap.Passphrase == "" {
				ecn = 0
			}
			lines = append(lines, fmt.Sprintf(`+CWLAP:(%d,"%s",%d,"%s",%d,-1,-1,4,4,7,0)`, ecn, ap.SSID, ap.RSSI, bssid(ap), ap.Channel))
		}
		m.report(lines...)
		return true
	}, ScanTime)
}

func (r *request) getSoftAP() { r.m.report("+CWSAP:" + r.m.flash.softAP) }

// setSoftAP is AT+CWSAP, which works only with an access point of the module's own (mode 2 or 3).
func (r *request) setSoftAP() {
	r.need(4)
	ssid, pass := r.text(), r.text()
	channel, ecn, limit, hidden := r.number(1, 14, 1), r.number(0, 4, 0), r.number(1, 10, 4), r.number(0, 1, 0)
	switch {
	case r.wrong:
	case r.m.flash.mode&2 == 0:
		r.m.fail()
	default:
		r.m.flash.softAP = fmt.Sprintf(`"%s","%s",%d,%d,%d,%d`, ssid, pass, channel, ecn, limit, hidden)
		r.m.ok()
	}
}

func (r *request) getDHCP() { r.m.report("+CWDHCP:" + itoa(int(3-bit(r.m.wifi.static)))) }

// setDHCP is AT+CWDHCP: with DHCP the station has no fixed address.
func (r *request) setDHCP() {
	r.need(2)
	on, which := r.number(0, 1, 1), r.number(0, 3, 0)
	if r.wrong {
		return
	}
	if on == 1 && which&1 != 0 {
		r.m.wifi.static = false
		r.m.air.SetAddress(air.IP{})
	}
	r.m.ok()
}

func (r *request) setAuto() {
	r.need(1)
	if n := r.number(0, 1, 1); !r.wrong {
		r.m.flash.auto = n == 1
		r.m.ok()
	}
}

// getAddress is the query of AT+CIPSTA (TCP-IP_AT_Examples.rst, "as a TCP client in single connection", step 3).
func (r *request) getAddress() {
	var gateway, netmask air.IP
	ip, ok := r.m.air.Address()
	if ok {
		gateway, netmask = air.Gateway, air.Netmask
	} else {
		ip = air.IP{}
	}
	r.m.report("+CIPSTA:ip:"+dotted(ip), "+CIPSTA:gateway:"+dotted(gateway), "+CIPSTA:netmask:"+dotted(netmask))
}

// setAddress is the set command of AT+CIPSTA: DHCP is off then.
func (r *request) setAddress() {
	r.need(1)
	ip, ok := address(r.text())
	r.wrong = r.wrong || !ok
	if r.wrong {
		return
	}
	r.m.wifi.static = true
	r.m.air.SetAddress(ip)
	r.m.ok()
}

func (r *request) getSoftIP() {
	r.m.report(`+CIPAP:ip:"`+r.m.flash.softIP+`"`, `+CIPAP:gateway:"`+r.m.flash.softIP+`"`, "+CIPAP:netmask:"+dotted(air.Netmask))
}

func (r *request) setSoftIP() {
	r.need(1)
	ip := r.text()
	if _, ok := address(ip); !ok {
		r.wrong = true
		return
	}
	r.m.flash.softIP = ip
	r.m.ok()
}

func address(s string) (air.IP, bool) {
	ip, err := netip.ParseAddr(s)
	if err != nil || !ip.Is4() {
		return air.IP{}, false
	}
	return ip.As4(), true
}
