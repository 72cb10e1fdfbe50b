// Package esp is an ESP32 under ESP-IDF, as far as a network driver sees it: the default event loop, esp_netif, the Wi-Fi driver and SNTP,
// with the states and error codes of their public contract. It stands between a modelled driver, which calls it as it would call ESP-IDF,
// and mocks/air, which it puts the board on.
//
// The hard word is loop: the default event loop, a queue and a task ("sys_evt") that calls the handlers of one event after the other.
// Everybody on the chip shares it; what a handler does, or the loop's end, everybody feels.
//
// Sources: github.com/espressif/esp-idf, docs/en/api-guides/wifi.rst ("wifi.rst" below), docs/en/api-reference/system/esp_event.rst,
// components/esp_event/esp_event.c, default_event_loop.c, components/esp_wifi/src/wifi_default.c and wifi_init.c, and the public headers.
// The Wi-Fi driver below them is a closed library: what is marked "derived" was concluded, not read. Each call is a scheduling point; those
// that wait for the radio take time.
//
// Not modelled: sockets (on a disconnect lwIP aborts them), stations that join the chip's own access point, power saving, Ethernet, a loop
// that is deleted by one of its own handlers.
package esp

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// Config is how the chip's firmware was built. The zero value is DefaultConfig.
type Config struct {
	IDF       IDF
	QueueSize int           // CONFIG_ESP_SYSTEM_EVENT_QUEUE_SIZE
	LostIP    time.Duration // CONFIG_ESP_NETIF_IP_LOST_TIMER_INTERVAL: how long an address outlives the link
}

// DefaultConfig has the defaults of ESP-IDF's Kconfig files.
var DefaultConfig = Config{IDF: IDF52, QueueSize: 32, LostIP: 120 * time.Second}

// IDF is a release line of ESP-IDF, as far as releases differ.
type IDF struct {
	Name string
	// CreateChecks: esp_netif_create_default_wifi_sta and _ap abort if the default handlers cannot be registered. In 4.x they ignore it.
	CreateChecks bool
	// ClearStopsEarly: destroying a default interface looks no further than the first that is left, so destroying the access point's before
	// the station's leaves a dangling pointer, and the handlers (esp-idf pull request 8779, fixed in 2022).
	ClearStopsEarly bool
	// UnregisterQueues: while a handler runs, unregister marks its entry, and posts an internal event, without limit, that removes it. Before
	// that it waits for the handler and removes the entry. Read in esp_event.c of 2025; in which release it began is doubtful.
	UnregisterQueues bool
	// RegisterOverwrites: registering the same function again for the same event overwrites its argument. Read in esp_event.c of 2025; for
	// the older lines it is doubtful.
	RegisterOverwrites bool
	// InitTwice is what a second esp_wifi_init returns; doubtful for every line, it is not documented.
	InitTwice Err
}

// The release lines.
var (
	IDF44 = IDF{Name: "4.4", ClearStopsEarly: true, RegisterOverwrites: true, InitTwice: ErrInitState}
	IDF52 = IDF{Name: "5.2", CreateChecks: true, RegisterOverwrites: true}
	IDF54 = IDF{Name: "5.4", CreateChecks: true, RegisterOverwrites: true, UnregisterQueues: true}
)

// How long esp_wifi_start and esp_wifi_stop keep their caller waiting for the driver's own task.
const (
	StartTime = 60 * time.Millisecond // from "AP mode configured" to "WIFI started" in the log of github.com/atomvm/AtomVM issue 1314
	StopTime  = 20 * time.Millisecond // chosen
)

// Forever is portMAX_DELAY.
const Forever time.Duration = -1

// Chip is one ESP32. Its methods are ESP-IDF's functions.
type Chip struct {
	w       *sim.World
	air     *air.Air
	cfg     Config
	serial  int64 // of the last entry in a ledger
	loop    *loop // nil: there is none
	removed map[place]int64

	netifs    []*Netif              // in the order of their making
	defaults  [numInterfaces]*Netif // wifi_default.c s_wifi_netifs
	installed bool                  // wifi_default.c wifi_default_handlers_set

	wifi wifi
	sntp sntp
}

// New is a chip that has booted and done nothing yet, on that air.
func New(w *sim.World, a *air.Air, cfg Config) *Chip {
	if cfg == (Config{}) {
		cfg = DefaultConfig
	}
	c := &Chip{w: w, air: a, cfg: cfg, removed: map[place]int64{}}
	a.OnChange(c.radio)
	return c
}

// call is a function of ESP-IDF being called: a scheduling point, and an event with what it returns.
func (c *Chip) call(name string, f func() Err) Err {
	c.w.Point(name)
	e := f()
	c.w.Emit(trace.Bus, name, 0, -1, int64(e))
	return e
}

// Who asked for an entry of a ledger to be taken or released, in C of Take and Free events.
const byHost = 0

// take enters something in a ledger, and returns its number.
func (c *Chip) take(ledger string) int64 {
	c.serial++
	c.w.Emit(trace.Take, ledger, c.serial, 1, byHost)
	return c.serial
}

func (c *Chip) free(ledger string, serial int64) { c.w.Emit(trace.Free, ledger, serial, 1, byHost) }

// misuse reports that what was released is released again.
func (c *Chip) misuse(ledger string, serial int64) { c.w.Emit(trace.Misuse, ledger, serial, 1, 0) }

// State is a number that differs between states worth telling apart: of the Wi-Fi driver, the interfaces, and the loop.
func (c *Chip) State() uint {
	state := uint(c.wifi.state)*4 + uint(c.wifi.mode)
	for _, n := range c.defaults {
		state *= 3
		if n != nil {
			state += 1 + bit(n.up)
		}
	}
	state = state*2 + bit(c.wifi.joining)
	if c.loop == nil {
		return state * 32
	}
	return state*32 + 1 + uint(min(c.loop.registered(), 30))
}

func bit(b bool) uint {
	if b {
		return 1
	}
	return 0
}
