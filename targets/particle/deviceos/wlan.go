package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/mocks/wiced"
)

// radioTime is how long the caller waits for the radio when it is switched on or off or leaves a network; chosen. It matters that there is such a
// time: the other threads run in it, and finish what they were in the middle of.
const radioTime = 5 * time.Millisecond

// networkDown is wiced_network_down, which has the radio leave the network.
func (d *Device) networkDown() {
	d.w.Sleep(radioTime)
	d.stack.NetworkDown()
}

// wlanActivate is wlan_activate. It registers its callbacks every time; a stack that was not switched off meanwhile has them already.
func (d *Device) wlanActivate() {
	d.w.Sleep(radioTime)
	if d.stack.ConnectivityInit() == wiced.Success {
		d.stack.RegisterLink(d.linkUp, d.linkDown)
	}
}

// linkUp and linkDown are HAL_NET_notify_connected and HAL_NET_notify_disconnected as the networking worker calls them.
func (d *Device) linkUp() {
	defer d.guard(d.enter())
	d.w.Point("hal")
	d.notifyConnected()
}

func (d *Device) linkDown() {
	defer d.guard(d.enter())
	d.w.Point("hal")
	d.notifyDisconnected()
}

// wlanConnect is wlan_connect_finalize: it joins and gets an address before it returns. Its timer of 60 s is made and never started
// (inferred), so it is not modelled.
func (d *Device) wlanConnect() {
	d.w.Point("hal")
	if d.cfg.Variant.DownFirst {
		d.networkDown()
	}
	r := d.stack.InterfaceUp(d.cfg.SSID, d.cfg.Password)
	if r == wiced.Success {
		d.notifyConnected()
		r = d.stack.NetworkUp()
	} else {
		d.networkDown()
	}
	d.notifyDHCP(r == wiced.Success)
}

// wlanDisconnect is wlan_disconnect_now.
func (d *Device) wlanDisconnect() {
	d.w.Point("hal")
	if d.cfg.Variant.CloseAllBy == ByDisconnect {
		d.socketCloseAll()
	}
	d.stack.CancelJoin()
	d.networkDown()
	d.notifyDisconnected()
}

// wlanDeactivate is wlan_deactivate.
func (d *Device) wlanDeactivate() {
	d.w.Point("hal")
	if d.cfg.Variant.CloseAllBy == ByDeactivate {
		d.socketCloseAll()
	}
	d.wlanDisconnect()
	if d.cfg.Variant.Deinits {
		d.w.Sleep(radioTime)
		d.stack.ConnectivityDeinit()
	}
}
