package nina_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/nina"
)

// WiFi.h wl_status_t.
const (
	idle = iota
	noSSID
	scanned
	connected
	connectFailed
	connectionLost
	disconnected
	apListening
	_
	apFailed
)

// WiFi.cpp begin, handleSystemEvent STA_CONNECTED and GOT_IP; CommandHandler.cpp getIPaddr: addresses in network order.
func TestJoin(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(idle, b.num(opStatus))
		b.num(opSetPassphrase, []byte("home"), []byte("password1"))
		b.Equal(noSSID, b.num(opStatus))
		b.w.Sleep(air.ScanTime + air.AuthTime + air.DHCPTime)
		b.Equal(connected, b.num(opStatus))
		b.Equal(0, b.num(opReason))
		b.Equal([][]byte{{10, 0, 0, 2}, {255, 255, 255, 0}, {10, 0, 0, 1}}, b.do(opIP, u8(0xff)))
		b.Equal("home", string(b.do(0x23, u8(0xff))[0]))
		b.Equal(int(uint32(0xffffffd0)), b.num(0x25, u8(0xff)), "RSSI -48, low byte first")
		b.Equal(4, b.num(0x26, u8(0xff)), "CCMP")
		b.Equal(connected, b.join("cafe", ""), "another network, an open one")
		b.Equal(7, b.num(0x26, u8(0xff)), "none")
	})
}

// CommandHandler.cpp setNet and setKey: an open network; and a key behind its index.
func TestOtherJoins(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(1, b.num(0x10, []byte("cafe")))
		b.w.Sleep(5 * time.Second)
		b.Equal(connected, b.num(opStatus))
		b.Equal(1, b.num(0x12, []byte("home"), u8(0), []byte("password1")))
		b.w.Sleep(5 * time.Second)
		b.Equal(connected, b.num(opStatus))
		b.Equal("home", string(b.do(0x23, u8(0xff))[0]))
	})
}

// What the firmware copies or looks up unchecked is reported, and harmless here.
func TestUncheckedArguments(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.Equal(connectFailed, b.join("a name that is longer than any name may be", ""))
		b.Equal(0, b.num(0x32, u8(10)))
		b.Empty(b.do(opRead, u8(0), []byte{0xff, 0xff})[0])
		b.Equal(1, b.num(opInsert, u8(0), make([]byte, 1501)))
	})
	require.Equal(t, [][4]any{
		{"string longer than the firmware's buffer", opSetPassphrase, 1, 0},
		{"scan result out of range", 0x32, 1, 0},
		{"read longer than the firmware's buffer", opRead, 1, 0},
		{"datagram longer than the firmware's buffer", opInsert, 1, 0},
	}, find(tr, trace.Frame))
}

// WiFi.cpp handleSystemEvent STA_DISCONNECTED: 201 and 202 mean that the connect failed, most others that the link is down.
func TestStatus(t *testing.T) {
	for _, c := range []struct {
		name           string
		ssid, pass     string
		then           func(b *board)
		status, reason int
	}{
		{"no access point", "nowhere", "", nil, connectFailed, 201},
		{"access point off", "home", "password1", nil, connectFailed, 201},
		{"wrong passphrase", "home", "password2", nil, connectFailed, 202},
		{"deauthenticated", "home", "password1", func(b *board) { b.a.Deauth("home") }, disconnected, 2},
		{"beacons lost", "home", "password1", func(b *board) { b.a.Down("home"); b.w.Sleep(air.BeaconLoss) }, disconnected, 200},
		{"beacons not yet lost", "home", "password1", func(b *board) { b.a.Down("home"); b.w.Sleep(air.BeaconLoss - time.Second) }, connected, 0},
		{"restarted access point", "home", "password1", func(b *board) { b.a.Down("home"); b.a.Up("home") }, disconnected, 7},
		{"told to disconnect", "home", "password1", func(b *board) { b.num(opDisconnect, u8(0xff)) }, disconnected, 8},
		{"no lease", "cafe", "", nil, noSSID, 0},
		{"uplink cut", "home", "password1", func(b *board) { b.a.Uplink(false) }, connected, 0},
	} {
		onBoard(t, func(b *board) {
			switch c.name {
			case "access point off":
				b.a.Down("home")
			case "no lease":
				b.a.DHCP("cafe", air.DHCPOff)
			}
			b.join(c.ssid, c.pass)
			if c.then != nil {
				c.then(b)
			}
			b.Equal(c.status, b.num(opStatus), c.name)
			b.Equal(c.reason, b.num(opReason), c.name)
		})
	}
}

// WiFi.cpp handleSystemEvent STA_DISCONNECTED: after reason 203 the firmware joins again by itself.
func TestAssociationFailureIsRetried(t *testing.T) {
	onBoard(t, func(b *board) {
		b.num(opSetPassphrase, []byte("home"), []byte("password1"))
		b.w.Sleep(air.ScanTime)
		b.a.Down("home")
		b.w.Sleep(air.AuthTime)
		b.Equal(noSSID, b.num(opStatus))
		b.Equal(203, b.num(opReason))
		b.a.Up("home")
		b.w.Sleep(3 * time.Second)
		b.Equal(connected, b.num(opStatus))
	})
}

// WiFi.cpp handleSystemEvent STA_LOST_IP; sdkconfig CONFIG_IP_LOST_TIMER_INTERVAL=120: the address outlives the link for two minutes.
func TestLostIP(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.a.Deauth("home")
		b.w.Sleep(119 * time.Second)
		b.Equal(disconnected, b.num(opStatus))
		b.Equal([]byte{10, 0, 0, 2}, b.do(opIP, u8(0xff))[0])
		b.w.Sleep(time.Second)
		b.Equal(connectionLost, b.num(opStatus))
		b.Equal([]byte{0, 0, 0, 0}, b.do(opIP, u8(0xff))[0])
	})
}

// WiFi.cpp macAddress and BSSID: last byte first.
func TestAddressesAreReversed(t *testing.T) {
	onBoard(t, func(b *board) {
		m := nina.MAC
		b.Equal([]byte{m[5], m[4], m[3], m[2], m[1], m[0]}, b.do(opMAC, u8(0xff))[0])
		b.Equal([]byte{1, 0, 0, 0, 0, 2}, b.joined().do(0x24, u8(0xff))[0])
	})
}

// CommandHandler.cpp scanNetworks: one parameter for each network; it leaves the access point (WiFi.cpp scanNetworks: esp_wifi_stop).
func TestScan(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.a.Down("home")
		b.Equal([][]byte{[]byte("cafe")}, b.do(opScan))
		b.Equal(scanned, b.num(opStatus))
		b.Equal([]byte{2, 0, 0, 0, 0, 2}, b.do(0x3c, u8(0))[0])
		b.Equal(6, b.num(0x3d, u8(0)))
		b.Equal(7, b.num(0x33, u8(0)))
		b.Equal(int(uint32(0xffffffbd)), b.num(0x32, u8(0)))
		b.Equal(1, b.num(0x36))
	})
}

// CommandHandler.cpp reqHostByName: a failure leaves 255.255.255.255. With the uplink cut it takes as long as DNS tries.
func TestDNS(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		start := b.w.Now()
		b.Equal(1, b.num(opReqHost, []byte("echo")))
		b.InDelta(air.RTT, b.w.Now()-start, float64(time.Millisecond))
		b.Equal([]byte{10, 0, 0, 21}, b.do(opHost)[0])
		b.Equal(0, b.num(opReqHost, []byte("unheard-of")))
		b.Equal([]byte{255, 255, 255, 255}, b.do(opHost)[0])
		b.Equal(1, b.num(opReqHost, []byte("10.0.0.77")))
		b.Equal([]byte{10, 0, 0, 77}, b.do(opHost)[0])
		b.a.Uplink(false)
		start = b.w.Now()
		b.Equal(0, b.num(opReqHost, []byte("echo")))
		b.InDelta(7*time.Second, b.w.Now()-start, float64(time.Millisecond))
	})
}

// CommandHandler.cpp ping: milliseconds in 16 bits, -1 if there is no answer in 5 s.
func TestPing(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(0xffff, b.num(opPing, []byte{10, 0, 0, 21}, u8(64)))
		b.joined()
		b.Equal(20, b.num(opPing, []byte{10, 0, 0, 21}, u8(64)))
		b.Equal(0xffff, b.num(opPing, []byte{10, 0, 0, 24}, u8(64)))
	})
}

// WiFi.cpp beginAP; CommandHandler.cpp setApPassPhrase takes the channel from behind the passphrase, sent or not.
func TestAccessPoint(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(1, b.num(0x19, []byte("mine"), []byte("password1"), u8(6)))
		b.Equal(apListening, b.num(opStatus))
		b.Equal([]byte{192, 168, 4, 1}, b.do(opIP, u8(0xff))[0])
		b.Equal(0, b.num(0x19, []byte("mine"), []byte("password1")), "padding read as channel 255")
		b.Equal(apFailed, b.num(opStatus))
		b.Equal(0, b.num(0x19, []byte("mine"), []byte("short"), u8(6)))
		b.Equal(1, b.num(0x18, []byte("mine"), u8(1)))
		b.num(opDisconnect, u8(0xff))
		b.Equal(idle, b.num(opStatus), "WiFi.cpp AP_STOP")
	})
}

// CommandHandler.cpp setIPconfig, WiFi.cpp STA_CONNECTED with a static address: connected without DHCP.
func TestStaticAddress(t *testing.T) {
	onBoard(t, func(b *board) {
		b.a.DHCP("home", air.DHCPOff)
		b.Equal(0, b.num(0x14, u8(3), []byte{10, 0, 0, 50}, []byte{10, 0, 0, 1}, []byte{255, 255, 0, 0}))
		b.joined()
		b.Equal([][]byte{{10, 0, 0, 50}, {255, 255, 0, 0}, {10, 0, 0, 1}}, b.do(opIP, u8(0xff)))
		b.True(b.dial(0, 0, "echo", 7))
	})
}

// Commands that only have to be taken, and CommandHandler.cpp getTime, getTemperature: low byte first.
func TestOddments(t *testing.T) {
	onBoard(t, func(b *board) {
		for _, c := range []struct {
			op     byte
			params [][]byte
		}{
			{0x15, [][]byte{u8(1), {8, 8, 8, 8}, {0, 0, 0, 0}}},
			{0x16, [][]byte{[]byte("board")}},
			{0x17, [][]byte{u8(1)}},
			{0x1a, [][]byte{u8(1)}},
			{0x50, [][]byte{u8(5), u8(1)}},
			{0x51, [][]byte{u8(5), u8(1)}},
			{0x52, [][]byte{u8(5), u8(1)}},
			{0x2a, [][]byte{u8(0)}},
		} {
			b.Equal(1, b.num(c.op, c.params...), "opcode %#x", c.op)
		}
		b.Equal(0, b.num(0x3b), "no time before SNTP")
		b.joined()
		b.Equal(1_700_000_005, b.num(0x3b))
		b.Equal(0x42555555, b.num(0x1b), "53.3 as a float")
	})
}
