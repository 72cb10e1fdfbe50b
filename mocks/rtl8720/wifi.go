package rtl8720

import (
	"encoding/binary"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
)

// Numbers of the SDK's wifi_constants.h.
const (
	rtwError      = -1
	rtwTimeout    = 2
	rtwInvalidKey = 4

	modeNone = 0
	modeSTA  = 1
	modeAP   = 2

	securityOpen = 0
	securityWPA2 = 0x00400004 // RTW_SECURITY_WPA2_AES_PSK
)

const (
	minKey  = 8  // RTW_MIN_PSK_LEN
	maxKey  = 64 // RTW_MAX_PSK_LEN
	maxSSID = 32
)

// What the module says of itself.
const (
	firmwareVersion = "2.1.3"
	macSize         = 18 // IDL: out uint8[18] mac; a text and its NUL (SDK, wifi_conf.c, wifi_get_mac_address)
	macAddress      = "02:00:00:00:00:0c\x00"
)

// Addresses of the module's own: until DHCP has given it one (SDK, lwip_netconf.c, LwIP_Init), and where nothing answers.
var (
	defaultIP      = air.IP{192, 168, 1, 80}
	defaultMask    = air.IP{255, 255, 255, 0}
	defaultGateway = air.IP{192, 168, 1, 1}
)

// wifi is the state of the radio and of the network interface.
type wifi struct {
	mode       int32
	joining    bool // by wifi_connect
	associated bool
	failed     bool // the attempt under way
	dhcp       bool // LwIP_DHCP is under way
	addressed  bool // ip is a lease
	scanning   bool
	scanned    []air.AP
	ip         air.IP
	mask       air.IP
	gateway    air.IP
}

// The events of the module's Wi-Fi (Seeed_Arduino_rpcUnified, src/esp/esp_event.h, system_event_id_t).
const (
	eventScanDone     = 1
	eventStart        = 2
	eventConnected    = 4
	eventDisconnected = 5
	eventGotIP        = 7
	eventAPStart      = 13
)

// eventSize is the size of a system_event_t: a number, and a union whose largest member tells of an access point. Derived.
const eventSize = 4 + 44

// tell calls the host: rpc_wifi_event_callback, oneway (IDL, rpc_wifi_callback.erpc; firmware, wifi_callback.c, wifi_callback_ind).
func (m *Module) tell(event uint32, info []byte) {
	m.sequence++
	m.message(typeOneway, serviceCallback, 1, m.sequence)
	m.out = binary.LittleEndian.AppendUint32(m.out, eventSize)
	m.out = binary.LittleEndian.AppendUint32(m.out, event)
	m.out = append(m.out, info...)
	m.out = append(m.out, make([]byte, eventSize-4-len(info))...)
	m.seal()
	m.line.Send(m.out)
}

// events is what the radio reports.
func (m *Module) events() {
	for e, ok := m.air.Event(); ok; e, ok = m.air.Event() {
		switch e.Kind {
		case air.Associated:
			m.wifi.associated = true
			m.tell(eventConnected, m.accessPoint())
		case air.Disconnected:
			m.disconnected(e.Reason)
		}
	}
}

// accessPoint is a system_event_sta_connected_t: name, its length, BSSID, channel, how it encrypts.
func (m *Module) accessPoint() []byte {
	ap, _ := m.air.AP()
	info := make([]byte, 44)
	info[32] = byte(copy(info[:32], ap.SSID))
	copy(info[33:], ap.BSSID[:])
	info[39] = ap.Channel
	return info
}

// disconnected is wifi_disconn_hdl (SDK, wifi_conf.c): an attempt to join has failed, or the access point is lost. DHCP stops; the address
// and the sockets stay (lwIP, dhcp_stop).
func (m *Module) disconnected(why air.Reason) {
	was := m.wifi.associated
	m.wifi.associated, m.wifi.dhcp = false, false
	if why == air.ReasonLeft && !was {
		return
	}
	m.wifi.failed = why != air.ReasonLeft
	m.tell(eventDisconnected, nil)
}

// wifiConnect is rpc_wifi_connect: it waits until the station is associated or has failed (SDK, wifi_conf.c, wifi_connect).
func (r *request) wifiConnect() {
	m := r.m
	ssid, key, security := string(r.data[0]), string(r.data[1]), r.nums[0]
	switch {
	case security != securityOpen && (len(key) < minKey || len(key) > maxKey):
		r.ret(rtwInvalidKey)
		return
	case m.wifi.mode != modeSTA:
		r.ret(rtwError)
		return
	}
	if security == securityOpen {
		key = ""
	}
	m.air.Join(ssid[:min(len(ssid), maxSSID)], key)
	m.events() // of leaving the access point before
	m.wifi.joining, m.wifi.failed = true, false
	limit := m.w.Now() + JoinLimit
	r.until(func() bool { return r.joined(limit) }, JoinLimit)
}

// joined answers wifi_connect once it is known what became of it.
func (r *request) joined(limit time.Duration) bool {
	w := &r.m.wifi
	switch {
	case w.associated:
		r.ret(0)
	case w.failed:
		r.ret(rtwError)
	case r.m.w.Now() >= limit:
		r.ret(rtwTimeout)
	default:
		return false
	}
	w.joining = false
	return true
}

// leave takes the station off its access point.
func (m *Module) leave() {
	m.air.Leave()
	m.events()
}

// wifiDisconnect is rpc_wifi_disconnect; that there is nothing to leave is no error.
func (r *request) wifiDisconnect() {
	r.m.leave()
	r.ret(0)
}

// wifiIsConnected says RTW_SUCCESS if the station is associated. Of an access point of its own, which the closed part of the SDK decides, it
// says so as well (chosen).
func (r *request) wifiIsConnected() {
	if r.m.wifi.associated || r.m.wifi.mode == modeAP {
		r.ret(0)
		return
	}
	r.ret(rtwError)
}

func (r *request) wifiMAC() {
	r.out = append(r.out, macAddress...)
	r.ret(0)
}

func (r *request) wifiRSSI() {
	ap, ok := r.m.air.AP()
	r.put(uint32(ap.RSSI))
	r.ret(int32(bit(ok)) - 1)
}

// wifiOn is rpc_wifi_on: it takes its time, and tells when a station is ready to join.
func (r *request) wifiOn() {
	m, mode := r.m, r.int(0)
	m.leave()
	at := m.w.Now() + RadioTime
	r.until(func() bool {
		if m.w.Now() < at {
			return false
		}
		if m.wifi.mode = mode; mode == modeSTA {
			m.tell(eventStart, nil)
		}
		r.ret(0)
		return true
	}, RadioTime)
}

func (r *request) wifiOff() {
	m := r.m
	m.leave()
	at := m.w.Now() + RadioTime
	r.until(func() bool {
		if m.w.Now() < at {
			return false
		}
		m.wifi.mode = modeNone
		r.ret(0)
		return true
	}, RadioTime)
}

// wifiStartAP is rpc_wifi_start_ap: an access point of the module's own, on which nobody is.
func (r *request) wifiStartAP() {
	m := r.m
	key, security := r.data[1], r.nums[0]
	if security != securityOpen && (len(key) < minKey || len(key) > maxKey) || len(r.data[0]) == 0 {
		r.ret(rtwTimeout)
		return
	}
	m.leave()
	at := m.w.Now() + APTime
	r.until(func() bool {
		if m.w.Now() < at {
			return false
		}
		m.wifi.mode = modeAP
		m.tell(eventAPStart, nil)
		r.ret(0)
		return true
	}, APTime)
}

// scanStart begins a scan; what it found stays until the next one (IDL, rpc_wifi_conf.erpc; owhinata/wio-lite-ai, app/wifi_rpc.h).
func (r *request) scanStart() {
	m := r.m
	m.wifi.scanning = true
	m.after(ScanTime, func() {
		m.wifi.scanning = false
		m.wifi.scanned = m.air.Scan(nil)
		m.tell(eventScanDone, nil)
	})
	r.ret(0)
}

func (r *request) isScanning() { r.out = append(r.out, byte(bit(r.m.wifi.scanning))) }

func (r *request) scanNumber() {
	r.result = int32(len(r.m.wifi.scanned))
	r.out = binary.LittleEndian.AppendUint16(r.out, uint16(r.result))
}

// scanRecords gives back as many rtw_scan_result_t as were asked for, though no more than there are (owhinata/wio-lite-ai, app/wifi_rpc.h,
// WIFI_RPC_SCAN_REC_SIZE): SSID, BSSID, signal, and the numbers of BSS type, security, WPS, channel and band.
func (r *request) scanRecords() {
	var p []byte
	for _, ap := range r.m.wifi.scanned[:min(int(r.nums[0]), len(r.m.wifi.scanned))] {
		record := make([]byte, 62)
		record[0] = byte(copy(record[1:33], ap.SSID))
		copy(record[34:], ap.BSSID[:])
		binary.LittleEndian.PutUint16(record[40:], uint16(ap.RSSI))
		security := uint32(securityWPA2)
		if ap.Passphrase == "" {
			security = securityOpen
		}
		binary.LittleEndian.PutUint32(record[46:], security)
		binary.LittleEndian.PutUint32(record[54:], uint32(ap.Channel))
		p = append(p, record...)
	}
	r.binary(p)
	r.ret(0)
}

// version is rpc_system_version.
func (r *request) version() { r.binary([]byte(firmwareVersion)) }

// ack is rpc_system_ack: what comes goes back.
func (r *request) ack() {
	r.result = r.int(0)
	r.out = append(r.out, byte(r.result))
}

// adapterInit is LwIP_Init; it happens once.
func (r *request) adapterInit() {
	if w := &r.m.wifi; w.ip == (air.IP{}) {
		w.ip, w.mask, w.gateway = defaultIP, defaultMask, defaultGateway
	}
	r.ret(0)
}

// adapterStop stops DHCP (firmware, wifi_tcpip_adapter.c, tcpip_adapter_stop and tcpip_adapter_dhcpc_stop).
func (r *request) adapterStop() {
	r.m.wifi.dhcp = false
	r.ret(0)
}

// adapterInfo is tcpip_adapter_get_ip_info: address, mask and gateway, always with success.
func (r *request) adapterInfo() {
	w := &r.m.wifi
	p := append(append(append([]byte(nil), w.ip[:]...), w.mask[:]...), w.gateway[:]...)
	r.binary(p)
	r.ret(0)
}

// dhcpStart is LwIP_DHCP (SDK, lwip_netconf.c): it waits for an address. Without one after a while, or without an access point, the
// interface has its default one, and the call fails.
func (r *request) dhcpStart() {
	m := r.m
	w := &m.wifi
	w.ip, w.mask, w.gateway, w.addressed, w.dhcp = air.IP{}, air.IP{}, air.IP{}, false, true
	limit := m.w.Now() + DHCPLimit
	r.until(func() bool {
		ip, ok := m.air.Address()
		switch {
		case ok && w.dhcp:
			w.ip, w.mask, w.gateway, w.addressed = ip, air.Netmask, air.Gateway, true
			m.tell(eventGotIP, append(append(append([]byte(nil), w.ip[:]...), w.mask[:]...), w.gateway[:]...))
			r.ret(0)
		case !w.dhcp || m.w.Now() >= limit:
			w.ip, w.mask, w.gateway = defaultIP, defaultMask, defaultGateway
			r.ret(rtwError)
		default:
			return false
		}
		w.dhcp = false
		return true
	}, DHCPLimit)
}
