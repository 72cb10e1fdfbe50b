package nina

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// The states of the firmware's Wi-Fi (WiFi.h wl_status_t).
const (
	statusIdle           = 0
	statusNoSSID         = 1
	statusScanned        = 2
	statusConnected      = 3
	statusConnectFailed  = 4
	statusConnectionLost = 5
	statusDisconnected   = 6
	statusAPListening    = 7
	statusAPFailed       = 9
)

// lostIP is CONFIG_IP_LOST_TIMER_INTERVAL: how long the address outlives the link.
const lostIP = 120 * time.Second

// maxScan is MAX_SCAN_RESULTS.
const maxScan = 10

// apIP is the chip's address on its own access point (ESP-IDF's default).
var apIP = air.IP{192, 168, 4, 1}

// wifi is the WiFiClass.
type wifi struct {
	c       *Chip
	status  byte
	reason  byte
	ap      air.AP // _apRecord
	ip      air.IP // _ipInfo
	mask    air.IP
	gateway air.IP
	static  bool
	lostAt  time.Duration // when the address is given up; 0: it is not
	ssid    string        // that Join was called with
	pass    string
	softAP  bool
	synced  bool // has the time
	scanned []air.AP
}

// set changes the status; a change is an event of the trace.
func (w *wifi) set(status byte) {
	if w.status != status {
		w.status = status
		w.c.w.Emit(trace.Link, "nina.status", int64(status), 0, 0)
	}
}

// events is WiFi.cpp handleSystemEvent, for everything that has happened since the last look.
func (w *wifi) events() {
	for e, ok := w.c.air.Event(); ok; e, ok = w.c.air.Event() {
		w.lose(e.At)
		w.event(e)
	}
	w.lose(w.c.w.Now())
}

func (w *wifi) event(e air.Event) {
	switch e.Kind {
	case air.Associated:
		w.reason = 0
		w.ap, _ = w.c.air.AP()
		if w.static {
			w.lostAt = 0
			w.set(statusConnected)
		}
	case air.GotAddress:
		w.lostAt = 0
		w.ip, _ = w.c.air.Address()
		w.mask, w.gateway = air.Netmask, air.Gateway
		w.set(statusConnected)
	case air.Disconnected:
		w.disconnected(e)
	}
}

// disconnected is the event STA_DISCONNECTED: the reason decides what it means, and only the last case closes the sockets.
func (w *wifi) disconnected(e air.Event) {
	w.reason = byte(e.Reason)
	w.ap = air.AP{}
	if w.lostAt == 0 && w.ip != (air.IP{}) && !w.static {
		w.lostAt = e.At + lostIP
	}
	switch e.Reason {
	case air.ReasonNoAP, air.ReasonAuthFail:
		w.set(statusConnectFailed)
	case air.ReasonAssocFail:
		w.c.air.Join(w.ssid, w.pass)
	default:
		w.set(statusDisconnected)
		w.c.lwip.disconnected()
	}
}

// lose is the event STA_LOST_IP, if it is due at time at.
func (w *wifi) lose(at time.Duration) {
	if w.lostAt != 0 && at >= w.lostAt {
		w.lostAt = 0
		w.ip, w.mask, w.gateway = air.IP{}, air.IP{}, air.IP{}
		w.set(statusConnectionLost)
	}
}

// stop is esp_wifi_stop: the station leaves, the access point ends (events STA_DISCONNECTED, AP_STOP).
func (w *wifi) stop() {
	if w.softAP {
		w.softAP = false
		w.ap, w.ip, w.mask, w.gateway = air.AP{}, air.IP{}, air.IP{}, air.IP{}
		w.set(statusIdle)
	}
	w.c.air.Leave()
	w.events()
}

// begin is WiFi.cpp begin: the command is answered when the radio has started; what becomes of the attempt, the status tells.
func (w *wifi) begin(ssid, pass string) {
	w.set(statusNoSSID)
	w.stop()
	w.ssid, w.pass = ssid, pass
	w.c.air.Join(ssid, pass)
}

// maxChannel is the last channel of ESP-IDF's default country.
const maxChannel = 13

// beginAP is WiFi.cpp beginAP. What esp_wifi_set_config refuses is derived: no name, a passphrase of less than eight bytes, a channel that
// the country has not (espressif/esp-idf issue 11510; zephyrproject-rtos/zephyr pull request 61268 saw no access point with channel 255).
func (w *wifi) beginAP(ssid, pass string, open bool, channel byte) bool {
	w.set(statusNoSSID)
	w.stop()
	if ssid == "" || !open && len(pass) < 8 || channel > maxChannel {
		w.set(statusAPFailed)
		return false
	}
	w.softAP = true
	w.ap = air.AP{SSID: ssid, Passphrase: pass, Channel: channel}
	if !w.static {
		w.ip, w.mask, w.gateway = apIP, air.Netmask, apIP
	}
	w.set(statusAPListening)
	return true
}

// scan is the end of WiFi.cpp scanNetworks.
func (w *wifi) scan() {
	w.scanned = w.c.air.Scan(w.scanned[:0])
	w.scanned = w.scanned[:min(len(w.scanned), maxScan)]
	w.set(statusScanned)
}

// The firmware's names for how an access point encrypts (WiFi.cpp encryptionType).
const (
	encCCMP = 4
	encNone = 7
)

func encryption(ap air.AP) byte {
	if ap.Passphrase == "" {
		return encNone
	}
	return encCCMP
}

// reversed is an address as the firmware sends it: last byte first.
func reversed(mac [6]byte) [6]byte {
	return [6]byte{mac[5], mac[4], mac[3], mac[2], mac[1], mac[0]}
}
