// Package espat tests TinyGo's driver of an ESP8266 or ESP32 with Espressif's AT firmware, on a serial line.
package espat

import (
	"machine"

	"tinygo.org/x/drivers/espat"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	chip "github.com/linkflap/linkflap/mocks/espat"
	"github.com/linkflap/linkflap/mocks/uart"
	"github.com/linkflap/linkflap/targets/netdev"
	"github.com/linkflap/linkflap/targets/outside"
)

// Target is the driver on its module. It cannot accept connections, so peers wait for its own from the start.
var Target = harness.Target[*netdev.Device]{
	Name:     "espat",
	Firmware: "tinygo.org/x/drivers/espat",
	Ops:      ops(),
	Faults:   netdev.Faults(uart.Faults, chip.Faults),
	Start:    start,
	Heal:     netdev.Heal,
	Probe:    netdev.ProbeOut,
	Close:    netdev.Close,
	Down:     netdev.Down,
	State:    netdev.State,
}

func start(w *sim.World) (*netdev.Device, error) {
	machine.Reset()
	a := air.New(w)
	module := chip.New(w, a, uart.Config{})
	module.Attach(machine.UART1)
	d := &driver{Device: espat.NewDevice(&espat.Config{Uart: machine.UART1})}
	for _, peer := range air.Peers {
		if err := a.Peer(peer).Listen(outside.PeerPort); err != nil {
			return nil, err
		}
	}
	dev := &netdev.Device{Driver: d, Air: a, Chip: module}
	dev.Record(w, "tinygo.org/x/drivers/espat", "espat.NewDevice(&espat.Config{Uart: machine.UART1})")
	return dev, nil
}
