package esp

import (
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// The keys of the default interfaces (components/esp_netif/include/esp_netif_defaults.h, if_key).
const (
	KeySTA = "WIFI_STA_DEF"
	KeyAP  = "WIFI_AP_DEF"
)

// Interface is a wifi_interface_t.
type Interface int

// The interfaces of the Wi-Fi driver.
const (
	STA Interface = iota // WIFI_IF_STA
	AP                   // WIFI_IF_AP
	numInterfaces
)

var keys = [numInterfaces]string{KeySTA, KeyAP}

// apIP is a default access point's own address.
var apIP = air.IP{192, 168, 4, 1}

// Netif is an esp_netif_t.
type Netif struct {
	Key       string
	Hostname  string
	serial    int64
	up        bool
	ip        air.IP
	last      air.IP     // that it had before
	lost      *sim.Timer // until LOST_IP
	destroyed bool
	touched   []string // functions that have used it since
}

// NetifCreateDefaultWifiSTA is esp_netif_create_default_wifi_sta. With an interface of the same key there is no new one, and the chip aborts
// (esp-idf issues 4411, 4704); without a default loop it aborts too, but see IDF.CreateChecks.
func (c *Chip) NetifCreateDefaultWifiSTA() (*Netif, *Abort) {
	return c.createDefault(STA, "esp_netif_create_default_wifi_sta", "esp_wifi_set_default_wifi_sta_handlers()", 390)
}

// NetifCreateDefaultWifiAP is esp_netif_create_default_wifi_ap; of its aborts see NetifCreateDefaultWifiSTA.
func (c *Chip) NetifCreateDefaultWifiAP() (*Netif, *Abort) {
	return c.createDefault(AP, "esp_netif_create_default_wifi_ap", "esp_wifi_set_default_wifi_ap_handlers()", 0)
}

func (c *Chip) createDefault(i Interface, function, expr string, line int) (n *Netif, abort *Abort) {
	c.call(function, func() Err {
		if n = c.netifNew(keys[i]); n == nil {
			abort = &Abort{File: "wifi_default.c", Func: function, Expr: "netif"}
			return Fail
		}
		c.defaults[i] = n
		e := c.install()
		if e != OK && c.cfg.IDF.CreateChecks {
			abort = &Abort{Err: e, File: "/IDF/components/esp_wifi/src/wifi_default.c", Line: line, Func: function, Expr: expr}
		}
		return e
	})
	return n, abort
}

// netifNew is esp_netif_new, nil if the key is taken.
func (c *Chip) netifNew(key string) *Netif {
	if c.netifOf(key) != nil {
		return nil
	}
	n := &Netif{Key: key, serial: c.take("esp.netif")}
	c.netifs = append(c.netifs, n)
	return n
}

func (c *Chip) netifOf(key string) *Netif {
	for _, n := range c.netifs {
		if n.Key == key {
			return n
		}
	}
	return nil
}

// NetifGetHandleFromIfkey is esp_netif_get_handle_from_ifkey: nil if there is no such interface.
func (c *Chip) NetifGetHandleFromIfkey(key string) (n *Netif) {
	c.call("esp_netif_get_handle_from_ifkey", func() Err { n = c.netifOf(key); return OK })
	return n
}

// NetifIsUp is esp_netif_is_netif_up: of the station, from WIFI_EVENT_STA_CONNECTED to the next disconnect.
func (c *Chip) NetifIsUp(n *Netif) bool {
	return n != nil && c.alive(n, "esp_netif_is_netif_up") && n.up
}

// NetifSetHostname is esp_netif_set_hostname. It returns ErrInvalidParams without an interface.
func (c *Chip) NetifSetHostname(n *Netif, name string) Err {
	return c.call("esp_netif_set_hostname", func() Err {
		if n == nil || !c.alive(n, "esp_netif_set_hostname") {
			return ErrInvalidParams
		}
		n.Hostname = name
		return OK
	})
}

// NetifDestroyDefaultWifi is esp_netif_destroy_default_wifi. With the last default interface ESP-IDF's own handlers go, too; that their
// unregistering may fail is ignored.
func (c *Chip) NetifDestroyDefaultWifi(n *Netif) {
	c.call("esp_netif_destroy_default_wifi", func() Err {
		switch {
		case n == nil:
			return OK
		case n.destroyed:
			c.misuse("esp.netif", n.serial)
			return OK
		}
		c.detach(n)
		c.stopLost(n)
		n.destroyed = true
		c.netifs = slices.DeleteFunc(c.netifs, func(o *Netif) bool { return o == n })
		c.free("esp.netif", n.serial)
		return OK
	})
}

// detach is wifi_default.c esp_wifi_clear_default_wifi_driver_and_handlers.
func (c *Chip) detach(n *Netif) {
	left := false
	for i := range c.defaults {
		if c.defaults[i] == n && !(left && c.cfg.IDF.ClearStopsEarly) {
			c.defaults[i] = nil
		}
		left = left || c.defaults[i] != nil
	}
	if !left {
		c.uninstall()
	}
}

// alive reports a use of an interface that is destroyed, once for each function.
func (c *Chip) alive(n *Netif, function string) bool {
	if n.destroyed && !slices.Contains(n.touched, function) {
		n.touched = append(n.touched, function)
		c.w.Emit(trace.Touch, function+" uses a netif that esp_netif_destroy freed", n.serial, 1, 0)
	}
	return !n.destroyed
}

// ESP-IDF's own handlers (wifi_default.c _esp_wifi_set_default_wifi_handlers). They are registered when the first default interface is made,
// so before an application's, and do to the interface what the event says.
var actions = []struct {
	base    Base
	id      int32
	handler *Handler
}{
	{WifiEvent, EventSTAStart, action("wifi_default_action_sta_start", STA, func(*Chip, *Netif) {})},
	{WifiEvent, EventSTAStop, action("wifi_default_action_sta_stop", STA, (*Chip).netifDown)},
	{WifiEvent, EventSTAConnected, action("wifi_default_action_sta_connected", STA, (*Chip).netifConnected)},
	{WifiEvent, EventSTADisconnected, action("wifi_default_action_sta_disconnected", STA, (*Chip).netifDown)},
	{WifiEvent, EventAPStart, action("wifi_default_action_ap_start", AP, func(_ *Chip, n *Netif) { n.up, n.ip = true, apIP })},
	{WifiEvent, EventAPStop, action("wifi_default_action_ap_stop", AP, func(_ *Chip, n *Netif) { n.up = false })},
	{IPEvent, EventSTAGotIP, action("wifi_default_action_sta_got_ip", STA, func(*Chip, *Netif) {})},
}

// action is a handler that does something to a default interface, if there is one. Its argument is the chip.
func action(name string, i Interface, do func(c *Chip, n *Netif)) *Handler {
	return &Handler{Name: name, Func: func(arg any, _ Event) {
		c := arg.(*Chip)
		if n := c.defaults[i]; n != nil && c.alive(n, name) {
			do(c, n)
		}
	}}
}

func (c *Chip) install() Err {
	if c.installed {
		return OK
	}
	for _, a := range actions {
		if e, _ := c.register(place{a.base, a.id, a.handler}, c); e != OK {
			c.uninstall()
			return e
		}
	}
	c.installed = true
	return OK
}

func (c *Chip) uninstall() {
	for _, a := range actions {
		_ = c.unregister(place{a.base, a.id, a.handler})
	}
	c.installed = false
}

// netifConnected is esp_netif_action_connected: the interface is up, and DHCP begins. What becomes of it the radio says; it may have said so.
func (c *Chip) netifConnected(n *Netif) {
	n.up = true
	c.gotIP()
}

// gotIP posts the address that the station has by now, if its interface is up.
func (c *Chip) gotIP() {
	n := c.defaults[STA]
	ip, ok := c.air.Address()
	if n == nil || n.destroyed || !n.up || !ok || n.ip == ip {
		return
	}
	c.stopLost(n)
	changed := n.last != ip
	n.ip, n.last = ip, ip
	c.send(IPEvent, EventSTAGotIP, GotIP{IP: ip, Netmask: air.Netmask, Gateway: air.Gateway, Changed: changed})
}

// netifDown is esp_netif_action_disconnected, and _stop: the address is kept for a while, in case it comes again.
func (c *Chip) netifDown(n *Netif) {
	n.up = false
	if n.ip == (air.IP{}) {
		return
	}
	n.ip = air.IP{}
	c.stopLost(n)
	n.lost = c.w.After(c.cfg.LostIP, 0, func(time.Time) {
		n.lost = nil
		n.last = air.IP{}
		c.send(IPEvent, EventSTALostIP, nil)
	})
}

func (c *Chip) stopLost(n *Netif) {
	if n.lost != nil {
		c.w.Cancel(n.lost)
		n.lost = nil
	}
}
