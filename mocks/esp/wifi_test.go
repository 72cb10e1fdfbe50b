package esp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
)

// esp_err.h, esp_wifi.h: the values and names of the codes.
func TestErrorCodes(t *testing.T) {
	for name, code := range map[string]esp.Err{
		"ESP_OK": 0, "ESP_FAIL": -1, "ESP_ERR_NO_MEM": 0x101, "ESP_ERR_INVALID_ARG": 0x102, "ESP_ERR_INVALID_STATE": 0x103,
		"ESP_ERR_NOT_FOUND": 0x105, "ESP_ERR_TIMEOUT": 0x107, "ESP_ERR_WIFI_NOT_INIT": 0x3001, "ESP_ERR_WIFI_NOT_STARTED": 0x3002,
		"ESP_ERR_WIFI_NOT_STOPPED": 0x3003, "ESP_ERR_WIFI_IF": 0x3004, "ESP_ERR_WIFI_MODE": 0x3005, "ESP_ERR_WIFI_STATE": 0x3006,
		"ESP_ERR_WIFI_CONN": 0x3007, "ESP_ERR_WIFI_NVS": 0x3008, "ESP_ERR_WIFI_MAC": 0x3009, "ESP_ERR_WIFI_SSID": 0x300a,
		"ESP_ERR_WIFI_PASSWORD": 0x300b, "ESP_ERR_WIFI_TIMEOUT": 0x300c, "ESP_ERR_WIFI_NOT_CONNECT": 0x300f, "ESP_ERR_WIFI_POST": 0x3012,
		"ESP_ERR_WIFI_INIT_STATE": 0x3013, "ESP_ERR_WIFI_STOP_STATE": 0x3014, "UNKNOWN ERROR": 0x7777,
	} {
		require.Equal(t, name, code.Error())
	}
}

// calls are the functions of the Wi-Fi driver, by name.
var calls = map[string]func(b *board) esp.Err{
	"set_storage": func(b *board) esp.Err { return b.WifiSetStorage() },
	"set_mode":    func(b *board) esp.Err { return b.WifiSetMode(esp.ModeSTA) },
	"set_config":  func(b *board) esp.Err { return b.WifiSetConfig(esp.STA, home) },
	"start":       func(b *board) esp.Err { return b.WifiStart() },
	"connect":     func(b *board) esp.Err { return b.WifiConnect() },
	"disconnect":  func(b *board) esp.Err { return b.WifiDisconnect() },
	"stop":        func(b *board) esp.Err { return b.WifiStop() },
	"deinit":      func(b *board) esp.Err { return b.WifiDeinit() },
	"ap_info":     func(b *board) esp.Err { _, e := b.WifiSTAGetAPInfo(); return e },
}

// esp_wifi.h: what each function returns in each state of the driver.
func TestStatesOfTheDriver(t *testing.T) {
	states := []struct {
		name    string
		prepare func(b *board)
	}{
		{"off", func(*board) {}},
		{"initialised", func(b *board) { b.is(esp.OK, b.WifiInit()) }},
		{"started", func(b *board) { b.netif(); b.started(esp.ModeSTA, home) }},
		{"as access point", func(b *board) {
			b.is(esp.OK, b.WifiInit())
			b.is(esp.OK, b.WifiSetMode(esp.ModeAP))
			b.is(esp.OK, b.WifiStart())
		}},
		{"connecting", func(b *board) { b.netif(); b.started(esp.ModeSTA, home); b.is(esp.OK, b.WifiConnect()) }},
		{"connected", func(b *board) { b.online() }},
		{"stopped", func(b *board) { b.online(); b.is(esp.OK, b.WifiStop()) }},
	}
	const (
		ok, off, idle, up  = esp.OK, esp.ErrWifiNotInit, esp.ErrNotStarted, esp.ErrNotStopped
		mode, conn, nobody = esp.ErrWifiMode, esp.ErrWifiConn, esp.ErrNotConnect
	)
	for name, want := range map[string][]esp.Err{
		//             off, init, started, AP, connecting, connected, stopped
		"set_storage": {off, ok, ok, ok, ok, ok, ok},
		"set_mode":    {off, ok, ok, ok, ok, ok, ok},
		"set_config":  {off, ok, ok, mode, ok, ok, ok},
		"start":       {off, ok, ok, ok, ok, ok, ok},
		"connect":     {off, idle, ok, mode, conn, conn, idle},
		"disconnect":  {off, idle, ok, ok, ok, ok, idle},
		"stop":        {off, ok, ok, ok, ok, ok, ok},
		"deinit":      {off, ok, up, up, up, up, ok},
		"ap_info":     {conn, conn, nobody, conn, nobody, ok, conn},
	} {
		for i, s := range states {
			on(t, esp.Config{}, func(b *board) {
				s.prepare(b)
				got := calls[name](b)
				b.Equal(want[i], got, "esp_wifi_%s while %s: got %s", name, s.name, got.Error())
			})
		}
	}
}

// A second esp_wifi_init is not documented; the cell of the release table decides. After deinit it is the first again.
func TestInitTwice(t *testing.T) {
	for _, idf := range []esp.IDF{esp.IDF44, esp.IDF52} {
		on(t, esp.Config{IDF: idf, QueueSize: 32}, func(b *board) {
			b.is(esp.OK, b.WifiInit())
			b.is(idf.InitTwice, b.WifiInit())
			b.is(esp.OK, b.WifiDeinit())
			b.is(esp.OK, b.WifiInit())
		})
	}
}

// esp_wifi.h, esp_wifi_set_config and esp_wifi_set_mode: what is refused, and that its twin is not.
func TestConfigurations(t *testing.T) {
	long := "0123456789012345678901234567890123456789012345678901234567890123456789"
	for _, c := range []struct {
		name string
		i    esp.Interface
		cfg  esp.WifiConfig
		want esp.Err
	}{
		{"no such interface", 2, home, esp.ErrWifiIf},
		{"a station", esp.STA, home, esp.OK},
		{"an open network", esp.STA, esp.WifiConfig{SSID: "cafe"}, esp.OK},
		{"a name too long", esp.STA, esp.WifiConfig{SSID: long[:33]}, esp.ErrInvalidArg},
		{"the longest name", esp.STA, esp.WifiConfig{SSID: long[:32]}, esp.OK},
		{"a password too long", esp.STA, esp.WifiConfig{SSID: "home", Password: long[:65]}, esp.ErrWifiPassword},
		{"the longest password", esp.STA, esp.WifiConfig{SSID: "home", Password: long[:64]}, esp.OK},
		{"an access point's short password", esp.AP, esp.WifiConfig{SSID: "me", Password: "1234567"}, esp.ErrWifiPassword},
		{"an access point", esp.AP, esp.WifiConfig{SSID: "me", Password: "12345678", Channel: 13}, esp.OK},
		{"an open access point", esp.AP, esp.WifiConfig{SSID: "me"}, esp.OK},
		{"a channel that is not allowed", esp.AP, esp.WifiConfig{SSID: "me", Channel: 14}, esp.ErrInvalidArg},
	} {
		on(t, esp.Config{}, func(b *board) {
			b.is(esp.OK, b.WifiInit())
			b.is(esp.ErrInvalidArg, b.WifiSetMode(4))
			b.is(esp.OK, b.WifiSetMode(esp.ModeAPSTA))
			b.Equal(c.want, b.WifiSetConfig(c.i, c.cfg), c.name)
		})
	}
}

// esp_wifi.h, esp_wifi_connect: "ESP_ERR_WIFI_SSID: SSID of AP which station connects is invalid".
func TestConnectWithoutAName(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		b.started(esp.ModeSTA, esp.WifiConfig{})
		b.is(esp.ErrWifiSSID, b.WifiConnect())
	})
}

// wifi.rst, "ESP32 Wi-Fi Station General Scenario": start, connect, and the way back.
func TestTheOrderOfEvents(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		n := b.netif()
		b.watch()
		b.started(esp.ModeSTA, home)
		b.Equal([]string{"WIFI_EVENT 2"}, b.events())
		b.is(esp.OK, b.WifiConnect())
		b.Empty(b.events(), "it scans")
		b.w.Sleep(joinTime)
		b.Equal([]string{"WIFI_EVENT 4"}, b.events())
		b.True(b.NetifIsUp(n), "connected, without an address yet")
		b.w.Sleep(air.DHCPTime)
		b.Equal([]string{"IP_EVENT 0 [10 0 0 2] true"}, b.events())
		b.is(esp.OK, b.WifiDisconnect())
		b.Equal([]string{"WIFI_EVENT 5 reason 8"}, b.events())
		b.False(b.NetifIsUp(n))
		b.is(esp.OK, b.WifiConnect())
		b.w.Sleep(leaseTime)
		b.Equal([]string{"WIFI_EVENT 4", "IP_EVENT 0 [10 0 0 2] false"}, b.events(), "the same address again")
		b.is(esp.OK, b.WifiStop())
		b.Equal([]string{"WIFI_EVENT 5 reason 8", "WIFI_EVENT 3"}, b.events())
		b.is(esp.OK, b.WifiDeinit())
		b.w.Sleep(time.Minute)
		b.Empty(b.events())
	})
}

// wifi.rst, "Wi-Fi Reason Code": why a station is not connected, and that it tries once only.
func TestReasons(t *testing.T) {
	for _, c := range []struct {
		name    string
		cfg     esp.WifiConfig
		disturb func(b *board)
		want    []string
	}{
		{"no such access point", esp.WifiConfig{SSID: "nowhere"}, nil, []string{"WIFI_EVENT 5 reason 201"}},
		{"a wrong password", esp.WifiConfig{SSID: "home", Password: "password2"}, nil, []string{"WIFI_EVENT 5 reason 202"}},
		{"it vanishes while we join", home, func(b *board) { b.w.Sleep(air.ScanTime); b.air.Down("home") }, []string{"WIFI_EVENT 5 reason 203"}},
		{
			"it sends the station away", home, func(b *board) { b.w.Sleep(leaseTime); b.air.Deauth("home") },
			[]string{"WIFI_EVENT 4", "IP_EVENT 0 [10 0 0 2] true", "WIFI_EVENT 5 reason 2"},
		},
		{
			"it has restarted", home, func(b *board) { b.w.Sleep(leaseTime); b.air.Down("home"); b.w.Sleep(time.Second); b.air.Up("home") },
			[]string{"WIFI_EVENT 4", "IP_EVENT 0 [10 0 0 2] true", "WIFI_EVENT 5 reason 7"},
		},
		{"its DHCP does not answer", home, func(b *board) { b.air.DHCP("home", air.DHCPOff) }, []string{"WIFI_EVENT 4"}},
	} {
		on(t, esp.Config{}, func(b *board) {
			b.netif()
			b.watch()
			b.started(esp.ModeSTA, c.cfg)
			b.events()
			b.is(esp.OK, b.WifiConnect())
			if c.disturb != nil {
				c.disturb(b)
			}
			b.w.Sleep(time.Minute)
			b.Equal(c.want, b.events(), c.name)
		})
	}
}

// wifi.rst, "Wi-Fi Beacon Timeout": after 6 s without beacons the event, then the disconnect with reason 200.
func TestBeaconTimeout(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		b.online()
		b.air.Down("home")
		b.w.Sleep(air.BeaconLoss - time.Millisecond)
		b.Empty(b.events())
		b.w.Sleep(time.Millisecond)
		b.Equal([]string{"WIFI_EVENT 21", "WIFI_EVENT 5 reason 200"}, b.events())
	})
}

// esp_netif's Kconfig, "IP Address lost timer interval (seconds)", 120: LOST_IP, unless there is an address again before.
func TestLostIP(t *testing.T) {
	const interval = 120 * time.Second
	on(t, esp.Config{}, func(b *board) {
		b.online()
		b.is(esp.OK, b.WifiDisconnect())
		b.Equal([]string{"WIFI_EVENT 5 reason 8"}, b.events())
		b.w.Sleep(interval - time.Millisecond)
		b.Empty(b.events())
		b.w.Sleep(time.Millisecond)
		b.Equal([]string{"IP_EVENT 1"}, b.events())
	})
	on(t, esp.Config{}, func(b *board) {
		b.online()
		b.is(esp.OK, b.WifiDisconnect())
		b.is(esp.OK, b.WifiConnect())
		b.w.Sleep(2 * interval)
		b.NotContains(b.events(), "IP_EVENT 1")
	})
	on(t, esp.Config{}, func(b *board) {
		n := b.online()
		b.is(esp.OK, b.WifiStop())
		b.events()
		b.NetifDestroyDefaultWifi(n)
		b.w.Sleep(2 * interval)
		b.Empty(b.events(), "the interface is gone")
	})
}

// wifi.rst, IP_EVENT_STA_GOT_IP: "IP changed" is told if the address is another; a lease that comes late is told when it comes.
func TestAnotherAddress(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		b.online()
		b.air.DHCP("home", air.DHCPMove)
		b.is(esp.OK, b.WifiDisconnect())
		b.is(esp.OK, b.WifiConnect())
		b.w.Sleep(leaseTime)
		b.Equal([]string{"WIFI_EVENT 5 reason 8", "WIFI_EVENT 4", "IP_EVENT 0 [10 0 0 3] true"}, b.events())
		b.air.DHCP("home", air.DHCPOff)
		b.air.Deauth("home")
		b.is(esp.OK, b.WifiConnect())
		b.w.Sleep(time.Minute)
		b.Equal([]string{"WIFI_EVENT 5 reason 2", "WIFI_EVENT 4"}, b.events())
		b.air.DHCP("home", air.DHCPOn)
		b.w.Sleep(air.DHCPRetry)
		b.Equal([]string{"IP_EVENT 0 [10 0 0 3] false"}, b.events())
	})
}

// wifi.rst, "ESP32 Wi-Fi AP General Scenario"; both modes at once start and stop both interfaces.
func TestAccessPoint(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		n, abort := b.NetifCreateDefaultWifiAP()
		b.Nil(abort)
		b.watch()
		b.is(esp.OK, b.WifiInit())
		b.is(esp.OK, b.WifiSetMode(esp.ModeAP))
		b.is(esp.OK, b.WifiSetConfig(esp.AP, esp.WifiConfig{SSID: "me"}))
		b.is(esp.OK, b.WifiStart())
		b.Equal([]string{"WIFI_EVENT 12"}, b.events())
		b.True(b.NetifIsUp(n))
		b.is(esp.OK, b.WifiStop())
		b.Equal([]string{"WIFI_EVENT 13"}, b.events())
		b.False(b.NetifIsUp(n))
	})
}

// The handlers of a slow application hold back ESP-IDF's own: the interface comes up late, and its address is told then.
func TestASlowHandlerHoldsTheInterfaceBack(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		b.netif()
		b.watch()
		b.slow()
		b.started(esp.ModeSTA, home)
		b.is(esp.OK, b.WifiConnect())
		b.w.Sleep(joinTime - time.Millisecond)
		b.events()
		b.is(esp.OK, b.EventPost(app, 9, nil, 0))
		b.w.Sleep(air.DHCPTime + time.Millisecond)
		b.Empty(b.events())
		b.w.Sleep(time.Second)
		b.Equal([]string{"WIFI_EVENT 4", "IP_EVENT 0 [10 0 0 2] true"}, b.events())
	})
}

// esp_sntp.h: the callback comes each time that the clock was set, nothing after stop; restart asks at once.
func TestSNTP(t *testing.T) {
	synced := 0
	on(t, esp.Config{}, func(b *board) {
		b.False(b.SNTPRestart(), "there is none")
		b.SNTPStop()
		b.SNTPInit(func() { synced++ })
		b.w.Sleep(time.Minute)
		b.Zero(synced, "no network")
		b.online()
		b.True(b.SNTPRestart())
		b.w.Sleep(time.Second)
		b.Equal(1, synced)
		b.air.Uplink(false)
		b.w.Sleep(90 * time.Minute)
		b.Equal(1, synced, "no uplink")
		b.air.Uplink(true)
		b.w.Sleep(15 * time.Second)
		b.Equal(2, synced)
		b.SNTPStop()
		b.w.Sleep(3 * time.Hour)
		b.Equal(2, synced)
	})
}
