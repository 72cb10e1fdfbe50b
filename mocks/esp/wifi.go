package esp

import (
	"github.com/linkflap/linkflap/mocks/air"
)

// The events of the Wi-Fi driver and of the interfaces (esp_wifi_types.h wifi_event_t, esp_netif_types.h ip_event_t, release 5).
const (
	EventSTAStart          int32 = 2
	EventSTAStop           int32 = 3
	EventSTAConnected      int32 = 4
	EventSTADisconnected   int32 = 5 // Data is Disconnected
	EventAPStart           int32 = 12
	EventAPStop            int32 = 13
	EventAPSTAConnected    int32 = 14
	EventAPSTADisconnected int32 = 15
	EventSTABeaconTimeout  int32 = 21

	EventSTAGotIP        int32 = 0 // Data is GotIP
	EventSTALostIP       int32 = 1
	EventAPSTAIPAssigned int32 = 2
)

// Disconnected is a wifi_event_sta_disconnected_t: 802.11 reason codes, from 200 on ESP-IDF's (wifi_err_reason_t).
type Disconnected struct{ Reason air.Reason }

// GotIP is an ip_event_got_ip_t.
type GotIP struct {
	IP, Netmask, Gateway air.IP
	Changed              bool // another address than the one before
}

// Mode is a wifi_mode_t.
type Mode uint8

// The modes.
const (
	ModeNull Mode = iota
	ModeSTA
	ModeAP
	ModeAPSTA
)

// WifiConfig is a wifi_config_t.
type WifiConfig struct {
	SSID     string
	Password string
	Channel  int // of an access point; 0: the driver's default
}

// The limits of a configuration. What esp_wifi_set_config refuses of an access point is derived: a short password (the driver logs "invalid
// password length"), a channel that the default country has not (espressif/esp-idf issue 11510).
const (
	minPassword = 8
	maxPassword = 64
	maxSSID     = 32
	maxChannel  = 13
)

type wifiState uint8

const (
	wifiOff wifiState = iota
	wifiInit
	wifiStarted
)

// wifi is the Wi-Fi driver.
type wifi struct {
	state   wifiState
	mode    Mode
	configs [numInterfaces]WifiConfig
	joining bool // or connected
}

// has says that the mode has an interface.
func (m Mode) has(i Interface) bool { return m&(1<<i) != 0 }

// WifiInit is esp_wifi_init. Of a second one see IDF.InitTwice.
func (c *Chip) WifiInit() Err {
	return c.call("esp_wifi_init", func() Err {
		if c.wifi.state != wifiOff {
			return c.cfg.IDF.InitTwice
		}
		c.wifi = wifi{state: wifiInit, mode: ModeSTA} // esp_wifi.h esp_wifi_set_mode: "The default mode is station mode"
		return OK
	})
}

// WifiDeinit is esp_wifi_deinit: ErrWifiNotInit, or ErrNotStopped before esp_wifi_stop (wifi_init.c).
func (c *Chip) WifiDeinit() Err {
	return c.call("esp_wifi_deinit", func() Err {
		switch c.wifi.state {
		case wifiOff:
			return ErrWifiNotInit
		case wifiStarted:
			return ErrNotStopped
		}
		c.wifi = wifi{}
		return OK
	})
}

// WifiSetStorage is esp_wifi_set_storage. Nothing is stored here.
func (c *Chip) WifiSetStorage() Err {
	return c.call("esp_wifi_set_storage", c.initialised)
}

func (c *Chip) initialised() Err {
	if c.wifi.state == wifiOff {
		return ErrWifiNotInit
	}
	return OK
}

// WifiSetMode is esp_wifi_set_mode. While Wi-Fi runs, the interfaces that the new mode has not are stopped, and those that only it has are
// started (derived; that is how Arduino's WiFi.mode uses it).
func (c *Chip) WifiSetMode(m Mode) Err {
	return c.call("esp_wifi_set_mode", func() Err {
		switch {
		case c.wifi.state == wifiOff:
			return ErrWifiNotInit
		case m > ModeAPSTA:
			return ErrInvalidArg
		}
		old := c.wifi.mode
		if c.wifi.state == wifiStarted {
			c.bringDown(old &^ m)
			c.bringUp(m &^ old)
		}
		c.wifi.mode = m
		return OK
	})
}

// bringUp starts interfaces.
func (c *Chip) bringUp(m Mode) {
	if m.has(STA) {
		c.send(WifiEvent, EventSTAStart, nil)
	}
	if m.has(AP) {
		c.send(WifiEvent, EventAPStart, nil)
	}
}

// bringDown stops interfaces. A station that is connected, or about to be, leaves first.
func (c *Chip) bringDown(m Mode) {
	if m.has(STA) {
		c.air.Leave()
		c.radio()
		c.send(WifiEvent, EventSTAStop, nil)
	}
	if m.has(AP) {
		c.send(WifiEvent, EventAPStop, nil)
	}
}

// WifiSetConfig is esp_wifi_set_config: ErrWifiMode if the mode has no such interface.
func (c *Chip) WifiSetConfig(i Interface, cfg WifiConfig) Err {
	return c.call("esp_wifi_set_config", func() Err {
		w := &c.wifi
		short := len(cfg.Password) > 0 && len(cfg.Password) < minPassword
		switch {
		case w.state == wifiOff:
			return ErrWifiNotInit
		case i < 0 || i >= numInterfaces:
			return ErrWifiIf
		case !w.mode.has(i):
			return ErrWifiMode
		case len(cfg.SSID) > maxSSID, i == AP && (cfg.Channel < 0 || cfg.Channel > maxChannel):
			return ErrInvalidArg
		case i == AP && short, len(cfg.Password) > maxPassword:
			return ErrWifiPassword
		}
		w.configs[i] = cfg
		return OK
	})
}

// WifiStart is esp_wifi_start: events STA_START and AP_START follow, and it returns StartTime later. Starting again does nothing (derived).
func (c *Chip) WifiStart() Err {
	return c.call("esp_wifi_start", func() Err {
		w := &c.wifi
		switch w.state {
		case wifiOff:
			return ErrWifiNotInit
		case wifiStarted:
			return OK
		}
		w.state = wifiStarted
		c.bringUp(w.mode)
		c.w.Sleep(StartTime)
		return OK
	})
}

// WifiStop is esp_wifi_stop. A station that is connected, or about to, leaves first: STA_DISCONNECTED with reason 8, then STA_STOP and AP_STOP
// (wifi.rst); it returns StopTime later. Stopping what is not started does nothing (derived).
func (c *Chip) WifiStop() Err {
	return c.call("esp_wifi_stop", func() Err {
		w := &c.wifi
		switch w.state {
		case wifiOff:
			return ErrWifiNotInit
		case wifiInit:
			return OK
		}
		c.bringDown(w.mode)
		w.state = wifiInit
		c.w.Sleep(StopTime)
		return OK
	})
}

// WifiConnect is esp_wifi_connect: it tries once; what becomes of it arrives as STA_CONNECTED or STA_DISCONNECTED (wifi.rst). A station that
// is connected, or about to be, gets ErrWifiConn (derived: the driver logs "sta is connecting, return error").
func (c *Chip) WifiConnect() Err {
	return c.call("esp_wifi_connect", func() Err {
		w := &c.wifi
		if e := c.station(); e != OK {
			return e
		}
		cfg := &w.configs[STA]
		switch {
		case w.joining:
			return ErrWifiConn
		case cfg.SSID == "":
			return ErrWifiSSID
		}
		w.joining = true
		c.air.Join(cfg.SSID, cfg.Password)
		return OK
	})
}

// WifiDisconnect is esp_wifi_disconnect. STA_DISCONNECTED with reason 8 follows if the station was connected, or about to be.
func (c *Chip) WifiDisconnect() Err {
	return c.call("esp_wifi_disconnect", func() Err {
		if e := c.station(); e != OK && e != ErrWifiMode {
			return e
		}
		c.air.Leave()
		c.radio()
		return OK
	})
}

// station says why the station cannot be used.
func (c *Chip) station() Err {
	switch w := &c.wifi; {
	case w.state == wifiOff:
		return ErrWifiNotInit
	case w.state == wifiInit:
		return ErrNotStarted
	case !w.mode.has(STA):
		return ErrWifiMode
	}
	return OK
}

// WifiSTAGetAPInfo is esp_wifi_sta_get_ap_info: ErrWifiConn if the station is not started, ErrNotConnect if it is not connected.
func (c *Chip) WifiSTAGetAPInfo() (ap air.AP, e Err) {
	e = c.call("esp_wifi_sta_get_ap_info", func() (e Err) {
		if c.station() != OK {
			return ErrWifiConn
		}
		known := false
		if ap, known = c.air.AP(); !known {
			return ErrNotConnect
		}
		return OK
	})
	return ap, e
}

// radio makes events of what has happened to the station. The air calls it, from whatever task is running.
func (c *Chip) radio() {
	for e, ok := c.air.Event(); ok; e, ok = c.air.Event() {
		if c.wifi.state != wifiStarted {
			continue
		}
		switch e.Kind {
		case air.Associated:
			c.send(WifiEvent, EventSTAConnected, nil)
		case air.GotAddress:
			c.gotIP()
		case air.Disconnected:
			c.left(e.Reason)
		}
	}
}

// left is the end of a connection, or of the attempt. Missing beacons are an event of their own first (wifi.rst, "Wi-Fi beacon timeout").
func (c *Chip) left(r air.Reason) {
	c.wifi.joining = false
	if r == air.ReasonBeacons {
		c.send(WifiEvent, EventSTABeaconTimeout, nil)
	}
	c.send(WifiEvent, EventSTADisconnected, Disconnected{r})
}
