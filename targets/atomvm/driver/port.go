package driver

import (
	"errors"
	"fmt"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/targets/atomvm/beam"
)

// portName is what the port is registered as.
const portName = "network_port"

// errBadarg is {error, badarg}.
var errBadarg = errors.New("{error, badarg}")

// Driver is network_driver.c and network.erl on one chip.
type Driver struct {
	Release
	vm      *beam.VM
	chip    *esp.Chip
	heap    *heap.Heap
	handler esp.Handler
}

// Init is network_driver_init, which runs once when the machine boots. It accepts a default event loop that is there.
func Init(chip *esp.Chip) {
	if e := chip.EventLoopCreateDefault(); e != esp.OK && e != esp.ErrInvalidState {
		panic("abort() was called: failed to create default event loop")
	}
}

// New is the driver of one release.
func New(vm *beam.VM, chip *esp.Chip, memory *heap.Heap, r Release) *Driver {
	d := &Driver{Release: r, vm: vm, chip: chip, heap: memory}
	d.handler = esp.Handler{Name: "event_handler", Func: d.eventHandler}
	return d
}

// clientData is struct ClientData: whom a handler sends what to. It is allocated at every start and freed by none of the releases.
type clientData struct {
	owner *beam.Process
	ref   beam.Ref
}

// The sizes of what the driver allocates, in bytes; chosen, as a compiler would lay them out.
const (
	clientDataSize = 24
	wifiConfigSize = 132
)

// The commands to the port, and its answer.
type (
	startCommand struct {
		from *beam.Process
		ref  beam.Ref
		cfg  Config
	}
	stopCommand struct{}
	answer      struct {
		ref beam.Ref
		err error
	}
)

// openPort is network:open_port/0.
func (d *Driver) openPort() *beam.Process {
	port := d.vm.Spawn(portName, d.consumeMailbox)
	d.vm.Register(portName, port)
	return port
}

// consumeMailbox is the port: one command after the other; what waits behind stop is dropped with the port.
func (d *Driver) consumeMailbox(port *beam.Process) beam.Reason {
	for {
		msg, _ := port.Receive(nil, beam.Infinity, func(any) bool { return true })
		switch m := msg.(type) {
		case startCommand:
			d.vm.Send(m.from, answer{m.ref, d.startNetwork(m)})
		case stopCommand:
			d.stopNetwork()
			return beam.Normal
		}
	}
}

// startNetwork is start_network. On an error it returns without undoing what it has done.
func (d *Driver) startNetwork(m startCommand) error {
	if m.cfg.STA == nil && m.cfg.AP == nil {
		return errBadarg
	}
	sta, ap := d.getSTAConfig(m.cfg.STA), d.getAPConfig(m.cfg.AP)
	if sta.Null() && ap.Null() {
		return errBadarg
	}
	data := d.heap.Alloc("ClientData", "start_network", clientDataSize, &clientData{m.from, m.ref})
	if data.Null() {
		return errors.New("{error, out_of_memory}")
	}
	var staNetif, apNetif *esp.Netif
	mode := esp.ModeNull
	if !sta.Null() {
		staNetif, mode = d.createSTA(), mode|esp.ModeSTA
	}
	if !ap.Null() {
		apNetif, mode = d.createAP(), mode|esp.ModeAP
	}
	if e := d.configure(mode, data, sta, ap); e != esp.OK {
		return fmt.Errorf("{error, %#x}", int(e))
	}
	if m.cfg.SNTP {
		d.chip.SNTPInit(d.timeSyncNotification)
	}
	for _, n := range []*esp.Netif{staNetif, apNetif} {
		if n != nil {
			_ = d.chip.NetifSetHostname(n, "atomvm-240ac4010203")
		}
	}
	return nil
}

// createSTA makes the station's interface: esp_netif_create_default_wifi_sta does not return if it fails.
func (d *Driver) createSTA() *esp.Netif {
	n, abort := d.chip.NetifCreateDefaultWifiSTA()
	if abort != nil {
		panic(abort)
	}
	return n
}

// createAP makes the access point's interface.
func (d *Driver) createAP() *esp.Netif {
	n, abort := d.chip.NetifCreateDefaultWifiAP()
	if abort != nil {
		panic(abort)
	}
	return n
}

// configure is start_network from esp_wifi_init to esp_wifi_start.
func (d *Driver) configure(mode esp.Mode, data, sta, ap heap.Pointer) esp.Err {
	c := d.chip
	steps := []func() esp.Err{c.WifiInit, c.WifiSetStorage}
	for _, e := range events {
		steps = append(steps, func() esp.Err { return c.EventHandlerRegister(e.base, e.id, &d.handler, data) })
	}
	steps = append(steps,
		func() esp.Err { return c.WifiSetMode(mode) },
		func() esp.Err { return d.setSTA(sta, ap) },
		func() esp.Err { return d.setAP(sta, ap) },
		c.WifiStart,
	)
	for _, step := range steps {
		if e := step(); e != esp.OK {
			return e
		}
	}
	return esp.OK
}

func (d *Driver) setSTA(sta, ap heap.Pointer) esp.Err {
	if sta.Null() {
		return esp.OK
	}
	e := d.chip.WifiSetConfig(esp.STA, *heap.Get[esp.WifiConfig](d.heap, sta, "start_network"))
	d.heap.Free(sta, "start_network")
	if e != esp.OK {
		d.heap.Free(ap, "start_network")
	}
	return e
}

func (d *Driver) setAP(sta, ap heap.Pointer) esp.Err {
	if ap.Null() {
		return esp.OK
	}
	e := d.chip.WifiSetConfig(esp.AP, *heap.Get[esp.WifiConfig](d.heap, ap, "start_network"))
	d.heap.Free(ap, "start_network")
	if e != esp.OK && d.FreesTwice {
		d.heap.Free(sta, "start_network")
	}
	return e
}

// getSTAConfig is get_sta_wifi_config; null if there is no usable configuration. That the passphrase is missing is only warned of, and then
// its length is asked for: strlen(NULL), in every release here (fixed by commit 1ddd43f7e of 2026). That this faults is the ESP32's memory
// map: nothing can be read at address 0.
func (d *Driver) getSTAConfig(n *Net) (none heap.Pointer) {
	if n == nil || n.SSID == nil {
		return none
	}
	if n.PSK == nil {
		panic("Guru Meditation Error: Core 0 panic'ed (LoadProhibited). Exception was unhandled. EXCVADDR: 0x00000000")
	}
	return d.heap.Alloc("wifi_config_t", "get_sta_wifi_config", wifiConfigSize, &esp.WifiConfig{SSID: *n.SSID, Password: *n.PSK})
}

// minPSK is the shortest passphrase that get_ap_wifi_config takes.
const minPSK = 8

// getAPConfig is get_ap_wifi_config; null if there is no usable configuration. The name and the passphrase have defaults.
func (d *Driver) getAPConfig(n *Net) (none heap.Pointer) {
	if n == nil {
		return none
	}
	cfg := &esp.WifiConfig{SSID: "atomvm-240ac4010203", Channel: n.Channel}
	if n.SSID != nil {
		cfg.SSID = *n.SSID
	}
	if n.PSK != nil {
		if cfg.Password = *n.PSK; len(cfg.Password) < minPSK {
			return none
		}
	}
	return d.heap.Alloc("wifi_config_t", "get_ap_wifi_config", wifiConfigSize, cfg)
}

// stopNetwork is stop_network; it looks at no result.
func (d *Driver) stopNetwork() {
	c := d.chip
	for _, e := range d.Unregisters {
		_ = c.EventHandlerUnregister(e.base, e.id, &d.handler)
	}
	sta, ap := c.NetifGetHandleFromIfkey(esp.KeySTA), c.NetifGetHandleFromIfkey(esp.KeyAP)
	if sta != nil && c.NetifIsUp(sta) {
		_ = c.WifiDisconnect()
	}
	_ = c.WifiStop()
	_ = c.WifiDeinit()
	c.SNTPStop()
	if d.DeletesLoop {
		_ = c.EventLoopDeleteDefault()
	}
	c.NetifDestroyDefaultWifi(ap)
	c.NetifDestroyDefaultWifi(sta)
}

// What the port tells its owner.
type (
	notice struct {
		ref  beam.Ref
		what any
	}
	staConnected    struct{}
	staDisconnected struct{}
	staBeacons      struct{}
	staGotIP        struct{ ip air.IP }
	apStarted       struct{}
	sntpSynced      struct{}
)

// eventHandler is event_handler, in the loop's task. A station that is disconnected connects again at once, whatever the reason.
func (d *Driver) eventHandler(arg any, e esp.Event) {
	data := heap.Get[clientData](d.heap, arg.(heap.Pointer), "event_handler")
	tell := func(what any) { d.vm.Send(data.owner, notice{data.ref, what}) }
	switch (event{e.Base, e.ID}) {
	case event{esp.WifiEvent, esp.EventSTAStart}:
		_ = d.chip.WifiConnect()
	case event{esp.WifiEvent, esp.EventSTAConnected}:
		tell(staConnected{})
	case event{esp.WifiEvent, esp.EventSTADisconnected}:
		_ = d.chip.WifiConnect()
		tell(staDisconnected{})
	case event{esp.WifiEvent, esp.EventSTABeaconTimeout}:
		tell(staBeacons{})
	case event{esp.WifiEvent, esp.EventAPStart}:
		tell(apStarted{})
	case event{esp.IPEvent, esp.EventSTAGotIP}:
		d.chip.SNTPRestart()
		tell(staGotIP{e.Data.(esp.GotIP).IP})
	case event{sntpBase, sntpSync}:
		tell(sntpSynced{})
	}
}

// timeSyncNotification is time_sync_notification_cb, in lwIP's task.
func (d *Driver) timeSyncNotification() {
	_ = d.chip.EventPost(sntpBase, sntpSync, nil, esp.Forever)
}
