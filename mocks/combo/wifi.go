package combo

import (
	"fmt"
	"net"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
)

// modeStation is the bit of AT+WMODE that says that there is a station.
const modeStation = 1

// stationMAC is the module's hardware address, as AT+CIPSTAMAC_DEF writes it; chosen.
const stationMAC = "02000000000a"

// wifi is the station's state.
type wifi struct {
	mode       int // AT+WMODE
	ssid, pass string
	joining    bool // by a command, or by itself
	associated bool
	addressed  bool
	stay       bool // it joins again when it loses its access point
	tries      int  // attempts to join again that have failed
	failed     int  // error code of the join that failed last
}

// status is that of AT+WJAP? (guide, AT+WJAP).
func (w *wifi) status() int {
	switch {
	case w.addressed:
		return 3
	case w.associated:
		return 2
	case w.joining || w.stay && w.failed == 0:
		return 1
	case w.failed != 0:
		return 4
	}
	return 0
}

// events is what the radio reports.
func (m *Module) events() {
	for e, ok := m.air.Event(); ok; e, ok = m.air.Event() {
		switch e.Kind {
		case air.Associated:
			m.wifi.associated = true
			m.event("WIFI_CONNECT")
		case air.GotAddress:
			m.wifi.addressed, m.wifi.joining, m.wifi.stay, m.wifi.tries, m.wifi.failed = true, false, true, 0, 0
			m.event("WIFI_GOT_IP")
		case air.Disconnected:
			m.disconnected(e.Reason)
		}
	}
}

// disconnected is the station having lost its access point, or not having found it. Sockets stay: no source says that they go.
func (m *Module) disconnected(why air.Reason) {
	if m.wifi.associated {
		m.event("WIFI_DISCONNECT")
	}
	m.wifi.associated, m.wifi.addressed = false, false
	if why == air.ReasonLeft {
		return
	}
	m.wifi.joining = false
	code := codeNoJoin
	if why == air.ReasonNoAP {
		code = codeNoAP
	}
	if m.wifi.stay && m.wifi.tries < rejoins {
		m.core.After(RejoinTime, m.rejoin)
		return
	}
	m.wifi.stay, m.wifi.failed = false, code
}

// rejoin is the station trying again (guide, AT+WJAP, status 1).
func (m *Module) rejoin() {
	if m.wifi.stay && !m.wifi.joining && !m.wifi.associated {
		m.wifi.tries++
		m.join(m.wifi.ssid, m.wifi.pass)
	}
}

func (m *Module) join(ssid, pass string) {
	m.wifi.ssid, m.wifi.pass = ssid, pass
	m.wifi.joining, m.wifi.failed = true, 0
	m.air.Join(ssid, pass)
}

// quit leaves the access point for good.
func (m *Module) quit() {
	m.wifi.stay, m.wifi.joining = false, false
	m.air.Leave()
	m.events()
}

func (r *request) getMode() { r.m.report("+WMODE:" + itoa(r.m.wifi.mode)) }

// setMode is AT+WMODE; without a station there is no access point.
func (r *request) setMode() {
	r.count(2, 2)
	n, save := r.number(0, 3, 0), r.number(0, 1, 0)
	if r.wrong > 0 {
		return
	}
	r.m.wifi.mode = n
	if save == 1 {
		r.m.flash.mode = n
	}
	if n&modeStation == 0 {
		r.m.quit()
	}
	r.m.ok()
}

// joined is the query of AT+WJAP. Without an access point the fields are empty or zero (chosen).
func (r *request) joined() {
	m := r.m
	ap, _ := m.air.AP()
	ip, ok := m.air.Address()
	gateway := air.Gateway
	if !ok {
		ip, gateway = air.IP{}, air.IP{}
	}
	m.report(fmt.Sprintf("+WJAP:%d,%s,%s,%s,%s,%s,%d,%s,%s",
		m.wifi.status(), m.wifi.ssid, m.wifi.pass, bssid(ap), security(ap), colons(stationMAC), ap.Channel, dotted(ip), dotted(gateway)))
}

// colons is a hardware address as AT+WJAP? writes it.
func colons(mac string) string {
	for i := 2; i < len(mac); i += 3 {
		mac = mac[:i] + ":" + mac[i:]
	}
	return mac
}

func security(ap air.AP) string {
	if ap.Passphrase == "" {
		return "Open"
	}
	return "WPA2 AES"
}

func bssid(ap air.AP) string { return net.HardwareAddr(ap.BSSID[:]).String() }

// joinTo is the set command of AT+WJAP. It is over when there is an address: error code 67 is one of its own (guide, error_code_.rst), and so
// the examples of reference 4.1.8, for the BW16, and 4.2.7 have it. In those of the guide OK comes before the address. A BSSID is read and
// not used.
func (r *request) joinTo() {
	m := r.m
	r.count(2, 3)
	ssid, pass := r.text(), r.text()
	switch {
	case len(ssid) == 0 || len(ssid) > 32: // guide, AT+WJAP: at most 32 bytes
		r.reject(codeParameter)
	case r.wrong > 0:
	case m.wifi.mode == 0:
		r.fail(codeNoWiFi)
	case m.wifi.mode&modeStation == 0:
		r.fail(codeWiFiMode)
	default:
		m.wifi.stay = false
		m.join(ssid, pass)
		m.events() // of leaving the access point before
		limit := m.w.Now() + JoinLimit
		m.core.Wait(func() bool { return m.joinedBy(r, limit) }, JoinLimit)
	}
}

// joinedBy answers AT+WJAP once it is known what became of it.
func (m *Module) joinedBy(r *request, limit time.Duration) bool {
	switch {
	case m.wifi.addressed:
		m.ok()
		return true
	case m.wifi.joining && m.w.Now() < limit:
		return false
	case m.wifi.joining:
		m.wifi.failed = codeNoJoin
		if m.wifi.associated {
			m.wifi.failed = codeNoDHCP
		}
		m.quit()
	}
	r.fail(m.wifi.failed)
	return true
}

// leave is AT+WDISCONNECT: Wi-Fi goes off and on again (reference 4.1.2). The event comes first (guide, AT+WDISCONNECT).
func (r *request) leave() {
	r.m.quit()
	r.m.wifi.failed = 0
	r.m.ok()
}

func (r *request) getAuto() { r.m.report("+WAUTOCONN:" + itoa(int(bit(r.m.flash.auto)))) }

// setAuto is AT+WAUTOCONN; without a name of its own it keeps that of the access point joined last (reference 4.1.9).
func (r *request) setAuto() {
	r.count(1, 4)
	n := r.number(0, 1, 0)
	f := &r.m.flash
	switch {
	case r.wrong > 0:
		return
	case len(r.args) > 1:
		f.ssid, f.pass = r.text(), r.text()
	case n == 1:
		f.ssid, f.pass = r.m.wifi.ssid, r.m.wifi.pass
	}
	if n == 1 && f.ssid == "" {
		r.fail(codeGeneral)
		return
	}
	f.auto = n == 1
	r.m.ok()
}

// ping is AT+PING, of an address or a name.
func (r *request) ping() {
	r.count(1, 2)
	name := r.text()
	if r.number(1, 100, 3); r.wrong > 0 {
		return
	}
	m, q := r.m, r.m.air.Resolve(name)
	m.core.Wait(func() bool {
		ip, found, done := q.Answer()
		switch {
		case !done:
		case found && m.air.Reaches(ip):
			m.report("+PING:" + itoa(int(air.RTT/time.Millisecond)))
		default:
			r.fail(codePing)
		}
		return done
	})
}

func (r *request) getCountry() { r.m.report("+WCOUNTRY:" + itoa(r.m.flash.country)) }

func (r *request) setCountry() {
	r.count(1, 1)
	n := r.number(0, 999, 0)
	switch {
	case r.wrong > 0:
	case n > 15: // guide, AT+WCOUNTRY
		r.fail(codeCountry)
	default:
		r.m.flash.country = n
		r.m.ok()
	}
}

// strength is AT+WRSSI. Without an access point it fails (chosen).
func (r *request) strength() {
	ap, ok := r.m.air.AP()
	if !ok {
		r.fail(codeNoLink)
		return
	}
	r.m.report("+WRSSI:" + itoa(int(ap.RSSI)))
}

// scan is AT+WSCAN, for a station only.
func (r *request) scan() {
	m := r.m
	if m.wifi.mode&modeStation == 0 {
		r.fail(codeWiFiMode)
		return
	}
	at := m.w.Now() + ScanTime
	m.core.Wait(func() bool {
		if m.w.Now() < at {
			return false
		}
		lines := []string{"+WSCAN:index SSID,CH,SECURITY,RSSI,BSSID"}
		for i, ap := range m.air.Scan(nil) {
			lines = append(lines, fmt.Sprintf("%d %s,%d,%s,%d,%s", i+1, ap.SSID, ap.Channel, security(ap), ap.RSSI, bssid(ap)))
		}
		m.report(lines...)
		return true
	}, ScanTime)
}
