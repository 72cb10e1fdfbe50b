// Package driver is a model of AtomVM's ESP32 network driver: network_driver.c, a native port, and network.erl, the gen_server before it. It is
// the firmware under test, written by hand on top of mocks/esp and beam from what the public source does at each release.
//
// The hard word is release: one row of a table of differences. Everything else is one implementation.
//
// Sources, all in github.com/atomvm/AtomVM: src/platforms/esp32/components/avm_builtins/network_driver.c, libs/eavmlib/src/network.erl at
// v0.6.4, v0.6.5 and v0.6.6; issues 643, 1449; pull requests 1137, 1450, 1487. Not modelled: scans, the signal strength, mDNS, stations
// that join the chip's own access point.
package driver

import (
	"time"

	"github.com/linkflap/linkflap/mocks/esp"
)

// Release is what differs from release to release.
type Release struct {
	Name string
	// StopsPort: the server that ends tells the port to stop, which then stops Wi-Fi and ends. Before 0.6.5 the port goes on for ever (643).
	StopsPort bool
	// Unregisters are the events whose handler stop_network unregisters.
	Unregisters []event
	// DeletesLoop: stop_network deletes the default event loop, which is everybody's (1449).
	DeletesLoop bool
	// WaitsForPort is how long the server that ends waits for the port's end; 0: not at all (1487).
	WaitsForPort time.Duration
	// Continues: the server is started before the port has answered, whose errors then only end it (1487): start returns ok for a
	// configuration that is malformed, for which its documentation says {error, Reason}.
	Continues bool
	// FreesTwice: on an error of the access point's configuration the station's, which was freed, is freed again (1137).
	FreesTwice bool
}

// event is something that a handler is registered for.
type event struct {
	base esp.Base
	id   int32
}

const (
	sntpBase esp.Base = "sntp_event_base"
	sntpSync int32    = 0 // SNTP_EVENT_BASE_SYNC
)

// events are what start_network registers its handler for, in this order.
var events = []event{
	{esp.WifiEvent, esp.AnyID}, {esp.IPEvent, esp.EventSTAGotIP}, {esp.IPEvent, esp.EventAPSTAIPAssigned}, {sntpBase, sntpSync},
}

// Releases are the releases, and the two halves of the fix of issue 1449 (pull request 1450), neither of which suffices.
var Releases = []Release{
	{Name: "A0", FreesTwice: true},                                                                 // up to 0.6.4
	{Name: "A1", StopsPort: true, Unregisters: events[:1], DeletesLoop: true},                      // 0.6.5
	{Name: "A2", StopsPort: true, Unregisters: events, WaitsForPort: time.Second, Continues: true}, // 0.6.6
	{Name: "keep-loop", StopsPort: true, Unregisters: events[:1]},                                  // 0.6.5 without step 7
	{Name: "unregister-all", StopsPort: true, Unregisters: events, DeletesLoop: true},              // 0.6.5 with all of step 1
}
