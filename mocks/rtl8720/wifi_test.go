package rtl8720_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/rtl8720"
)

// Events of the module's Wi-Fi (Seeed_Arduino_rpcUnified, src/esp/esp_event.h).
const (
	scanDone, staStart, staConnected, staDisconnected, staGotIP, apStart = 1, 2, 4, 5, 7, 13
)

func (b *board) info() (ip, mask, gateway air.IP) {
	p, rest := b.blob(b.call(tcpService, 7, 0))
	b.Len(p, 12)
	b.Zero(last(rest))
	return air.IP(p[0:4]), air.IP(p[4:8]), air.IP(p[8:12])
}

func (b *board) connect(ssid, key string, security int) int {
	if key == "" {
		return b.num(drvService, 1, ssid, byte(1), security, -1, 0)
	}
	return b.num(drvService, 1, ssid, byte(0), key, security, -1, 0)
}

// IDL, rpc_wifi_conf.erpc and rpc_wifi_tcpip.erpc; seeed-ambd-firmware, wifi_api.c, wifi_tcpip_adapter.c.
func TestJoin(t *testing.T) {
	onBoard(t, func(b *board) {
		b.on()
		b.Equal(-1, b.num(drvService, 4), "rltk_wlan_is_connected_to_ap: -1 is no")
		ip, _, _ := b.info()
		b.Equal(air.IP{192, 168, 1, 80}, ip, "the SDK's default address")
		start := b.w.Now()
		b.Zero(b.connect("home", "password1", wpa2))
		b.Greater(b.w.Now()-start, time.Second, "it returns when the station is associated")
		b.Zero(b.num(drvService, 4))
		b.Zero(b.num(tcpService, 13, 0))
		ip, mask, gateway := b.info()
		b.Equal([]air.IP{{10, 0, 0, 2}, {255, 255, 255, 0}, {10, 0, 0, 1}}, []air.IP{ip, mask, gateway})
		b.Equal([]uint32{staStart, staConnected, staGotIP}, b.events)

		p := b.call(drvService, 19)
		b.Equal(-48, int(int32(binary.LittleEndian.Uint32(p))), "dBm")
		b.Zero(last(p))
		b.Zero(b.num(drvService, 3))
		b.Equal(-1, b.num(drvService, 4))
		b.call(sysService, 1)
		b.Equal([]uint32{staStart, staConnected, staGotIP, staDisconnected}, b.events)
		b.Zero(b.num(drvService, 3), "wifi_disconnect without an access point is no error")
		b.Zero(b.connect("cafe", "", 0), "a network without a passphrase")
		b.Zero(b.num(tcpService, 4, 0))
	})
}

// SDK, wifi_conf.c, wifi_connect.
func TestJoinFails(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(-1, b.connect("home", "password1", wpa2), "before wifi_on")
		b.on()
		b.Equal(4, b.connect("home", "short", wpa2), "RTW_INVALID_KEY: less than RTW_MIN_PSK_LEN")
		b.Equal(-1, b.connect("nowhere", "password1", wpa2), "RTW_ERROR: no network")
		b.Equal(-1, b.connect("home", "password2", wpa2), "RTW_ERROR: wrong password")
		b.Equal(-1, b.connect("home", "", 0), "RTW_ERROR: no password")
		b.call(sysService, 1)
		b.Equal([]uint32{staStart, staDisconnected, staDisconnected, staDisconnected}, b.events)
		b.Zero(b.connect("home", "password1", wpa2), "and then it is there")
	})
}

// SDK, lwip_netconf.c, LwIP_DHCP: after MAX_DHCP_TRIES the static address; and at once when the access point goes.
func TestDHCPFails(t *testing.T) {
	onBoard(t, func(b *board) {
		b.a.DHCP("home", air.DHCPOff)
		b.on()
		b.Zero(b.connect("home", "password1", wpa2))
		start := b.w.Now()
		b.Equal(-1, b.num(tcpService, 13, 0))
		b.InDelta(rtl8720.DHCPLimit, b.w.Now()-start, float64(10*time.Millisecond))
		ip, _, _ := b.info()
		b.Equal(air.IP{192, 168, 1, 80}, ip)
		b.w.After(time.Second, 0, func(time.Time) { b.a.Deauth("home") })
		start = b.w.Now()
		b.Equal(-1, b.num(tcpService, 13, 0))
		b.Less(b.w.Now()-start, 2*time.Second)
	})
}

// wifi_callback.c: events come when something happens, whether or not a call is under way. It does not join again by itself.
func TestLinkLoss(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		fd := b.dial("echo", 7)
		b.a.Deauth("home")
		b.w.Sleep(time.Minute)
		b.Equal(-1, b.num(drvService, 4))
		b.Equal([]uint32{staStart, staConnected, staGotIP, staDisconnected}, b.events)
		ip, _, _ := b.info()
		b.Equal(air.IP{10, 0, 0, 2}, ip, "lwIP 2.0.2, dhcp_stop: the address stays")
		b.Equal(5, b.send(fd, []byte("hello")), "and the connection: the stack tries again")
		b.Zero(b.connect("home", "password1", wpa2))
		b.Zero(b.num(tcpService, 13, 0))
		b.w.Sleep(time.Second)
		got, _ := b.recv(fd, 100)
		b.Equal("hello", string(got))
	})
}

// IDL: out uint8[18] mac, a text with its NUL (SDK, wifi_conf.c, wifi_get_mac_address: strcpy).
func TestMAC(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.call(drvService, 8)
		b.Len(p, 18+4)
		b.Regexp("^([0-9a-f]{2}:){5}[0-9a-f]{2}\x00$", string(p[:18]))
		b.Zero(last(p))
	})
}

// seeed-ambd-firmware, wifi_api.c, rpc_wifi_start_ap: an access point, or RTW_TIMEOUT.
func TestStartAP(t *testing.T) {
	onBoard(t, func(b *board) {
		b.on()
		b.Equal(2, b.num(drvService, 38, "mine", byte(0), "short", wpa2, 6))
		b.Zero(b.num(drvService, 38, "mine", byte(0), "password1", wpa2, 6))
		b.Zero(b.num(tcpService, 11, 0), "dhcps_start")
		b.Equal(uint32(apStart), b.events[len(b.events)-1])
	})
}

// owhinata/wio-lite-ai, app/wifi_rpc.h: scan_start, is_scaning until it is over, get_ap_num, get_ap_records with 62 bytes each.
func TestScan(t *testing.T) {
	onBoard(t, func(b *board) {
		b.on()
		b.Zero(b.num(drvService, 64))
		b.Equal([]byte{1}, b.call(drvService, 65))
		b.w.Sleep(rtl8720.ScanTime)
		b.Equal([]byte{0}, b.call(drvService, 65))
		b.Equal([]byte{2, 0}, b.call(drvService, 67))
		p, rest := b.blob(b.call(drvService, 66, uint16(2)))
		b.Len(p, 2*62)
		b.Zero(last(rest))
		b.Equal("\x04home", string(p[:5]))
		b.Equal(uint32(wpa2), binary.LittleEndian.Uint32(p[46:]), "security")
		b.Equal(uint32(6), binary.LittleEndian.Uint32(p[62+54:]), "channel")
		b.Equal([]uint32{staStart, scanDone}, b.events)
	})
}
