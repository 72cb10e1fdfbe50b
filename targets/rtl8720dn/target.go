// Package rtl8720dn tests TinyGo's driver of Realtek's RTL8720DN Wi-Fi module with Seeed's RPC firmware, on a serial line.
package rtl8720dn

import (
	"machine"

	"tinygo.org/x/drivers/rtl8720dn"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/rtl8720"
	"github.com/linkflap/linkflap/mocks/uart"
	"github.com/linkflap/linkflap/targets/netdev"
)

// Target is the driver on its module.
var Target = harness.Target[*netdev.Device]{
	Name:     "rtl8720dn",
	Firmware: "tinygo.org/x/drivers/rtl8720dn",
	Ops:      netdev.Ops,
	Faults:   netdev.Faults(uart.Faults, rtl8720.Faults),
	Start:    start,
	Heal:     netdev.Heal,
	Probe:    netdev.Probe,
	Close:    netdev.Close,
	Down:     netdev.Down,
	State:    netdev.State,
}

// The Wio Terminal's wiring (netlink/probe/rtl8720dn.go in the driver's module); which pin it is, is chosen.
const (
	enable = machine.Pin(1)
	baud   = 614_400
)

func start(w *sim.World) (*netdev.Device, error) {
	machine.Reset()
	a := air.New(w)
	module := rtl8720.New(w, a, uart.Config{Baud: baud})
	module.Attach(machine.UART1, enable)
	driver := rtl8720dn.New(&rtl8720dn.Config{En: enable, Uart: machine.UART1, Baudrate: baud})
	d := &netdev.Device{Driver: driver, Air: a, Chip: module}
	d.Record(w, "tinygo.org/x/drivers/rtl8720dn", "rtl8720dn.New(&rtl8720dn.Config{En: machine.Pin(1), Uart: machine.UART1, Baudrate: 614_400})")
	return d, nil
}
