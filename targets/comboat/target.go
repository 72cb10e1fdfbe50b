// Package comboat tests TinyGo's driver of an Ai-Thinker module with Combo-AT firmware, such as that of Elecrow's Pico W5, on a serial line.
package comboat

import (
	"machine"

	"tinygo.org/x/drivers/comboat"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/combo"
	"github.com/linkflap/linkflap/mocks/uart"
	"github.com/linkflap/linkflap/targets/netdev"
)

// Target is the driver on its module. It cannot accept connections.
var Target = harness.Target[*netdev.Device]{
	Name:     "comboat",
	Firmware: "tinygo.org/x/drivers/comboat",
	Ops:      netdev.Ops,
	Faults:   netdev.Faults(uart.Faults, combo.Faults),
	Start:    start,
	Heal:     heal,
	Probe:    netdev.ProbeOut,
	Close:    netdev.Close,
	Down:     netdev.Down,
	State:    netdev.State,
}

func start(w *sim.World) (*netdev.Device, error) {
	machine.Reset()
	a := air.New(w)
	module := combo.New(w, a, uart.Config{Served: true})
	module.Attach(machine.UART1)
	driver := comboat.NewDevice(&comboat.Config{BaudRate: uart.DefaultBaud, Uart: machine.UART1})
	d := &netdev.Device{Driver: driver, Air: a, Chip: module}
	d.Record(w, "tinygo.org/x/drivers/comboat", "comboat.NewDevice(&comboat.Config{BaudRate: 115200, Uart: machine.UART1})")
	return d, nil
}

func heal(d *netdev.Device) {
	netdev.Heal(d)
	d.Chip.(*combo.Module).Heal()
}
