package deviceos

import "time"

// The watchdog of the WLAN (system_network_internal.h, eWanTimings): when it is over the network is switched off and on again.
const (
	connectMax  = 30 * time.Second // CONNECT_TO_ADDRESS_MAX
	reconnectIn = 2 * time.Second  // DISCONNECT_TO_RECONNECT
)

// network is ManagedNetworkInterface: flags that all threads read and write without a lock.
type network struct {
	started bool // SPARK_WLAN_STARTED: the radio is on
	sleep   bool // SPARK_WLAN_SLEEP: it is to stay off
	reset   bool // SPARK_WLAN_RESET: somebody wants it switched off and on

	manual       bool // WLAN_DISCONNECT: the application has disconnected
	connected    bool // WLAN_CONNECTED: associated
	connecting   bool // WLAN_CONNECTING
	dhcp         bool // WLAN_DHCP: there is an address
	listenStart  bool // WLAN_SMART_CONFIG_START: listening mode is asked for
	listening    bool // WLAN_SMART_CONFIG_ACTIVE
	listenOnFail bool // WLAN_LISTEN_ON_FAILED_CONNECT

	watchSince time.Duration // wlan_watchdog_base
	watchFor   time.Duration // wlan_watchdog_duration; 0: not armed
}

func (d *Device) arm(limit time.Duration) {
	d.net.watchSince, d.net.watchFor = d.w.Now(), limit
	d.changed()
}

// bitten is WLAN_WD_TO.
func (n *network) bitten(now time.Duration) bool {
	return n.watchFor > 0 && now-n.watchSince > n.watchFor
}

func (n *network) ready() bool { return n.started && n.dhcp }

func (d *Device) hasCredentials() bool { return d.cfg.SSID != "" }

// on is ManagedNetworkInterface::on.
func (d *Device) on(show bool) {
	n := &d.net
	if n.started {
		return
	}
	d.wlanActivate()
	n.started, n.sleep = true, false
	if show {
		d.show(NetworkOn)
	}
	d.changed()
}

// off is ManagedNetworkInterface::off.
func (d *Device) off() {
	n := &d.net
	if !n.started {
		return
	}
	d.disconnect()
	d.wlanDeactivate()
	n.sleep, n.started = true, false
	n.dhcp, n.connected, n.connecting = false, false, false
	d.show(NetworkOff)
	d.changed()
}

// connect is ManagedNetworkInterface::connect: it returns when there is an address, or none can be had.
func (d *Device) connect(listen bool) {
	n := &d.net
	if n.ready() || n.started && n.connecting || n.listening || n.listenStart {
		return
	}
	sleeping := n.sleep
	d.on(false)
	n.manual = false
	n.started, n.sleep = true, false
	switch {
	case d.hasCredentials():
		n.connecting = true
		d.show(NetworkConnecting)
		d.arm(connectMax)
		d.wlanConnect()
	case listen:
		d.listen(true)
	case sleeping:
		d.disconnect()
	}
}

// disconnect is ManagedNetworkInterface::disconnect.
func (d *Device) disconnect() {
	n := &d.net
	if !n.started {
		return
	}
	n.manual = true
	n.connecting, n.connected, n.dhcp = false, false, false
	d.cloudDisconnect(true)
	d.wlanDisconnect()
}

// notifyConnected: there is a link. If DHCP has run, it is only back.
func (d *Device) notifyConnected() {
	n := &d.net
	n.connected, n.connecting = true, false
	if !n.manual && !n.dhcp {
		d.show(NetworkDHCP)
		d.arm(connectMax)
	}
}

// notifyDisconnected: there is none any more. No socket is closed here.
func (d *Device) notifyDisconnected() {
	n := &d.net
	d.cloudDisconnect(false)
	if n.connected || !n.listening {
		if !n.manual {
			d.arm(reconnectIn)
		}
		if n.connected || n.manual {
			d.show(NetworkOn)
		} else {
			d.show(NetworkConnecting)
		}
	}
	n.connected, n.connecting, n.dhcp = false, false, false
	d.changed()
}

// notifyDHCP: an address was got, or not.
func (d *Device) notifyDHCP(ok bool) {
	n := &d.net
	n.connecting = false
	switch {
	case ok:
		n.watchFor, n.dhcp, n.listenOnFail = 0, true, false
		d.show(NetworkConnected)
	case n.listenOnFail:
		n.dhcp = false
		d.listen(true)
	default:
		n.dhcp = false
		d.arm(reconnectIn)
	}
	d.changed()
}

// listen asks for listening mode, or ends it.
func (d *Device) listen(on bool) {
	n := &d.net
	switch {
	case !on:
		n.listenOnFail, n.listenStart, n.listening = false, false, false
	case !n.listening:
		n.listenStart = true
	}
	d.changed()
}

// listenLoop is listen_loop: the system stays in listening mode until somebody ends it. Nobody configures anything here.
func (d *Device) listenLoop() {
	n := &d.net
	if !n.listenStart {
		return
	}
	n.listenStart, n.listening = false, true
	d.cloudDisconnect(true)
	d.show(ListeningMode)
	for n.listening {
		d.sys.wake.WaitFor(d.w, "listening", listenGap)
		d.runQueue()
	}
	if d.hasCredentials() {
		d.connect(true)
	}
}

// listenGap is how often listening mode looks at its consoles.
const listenGap = 250 * time.Millisecond
