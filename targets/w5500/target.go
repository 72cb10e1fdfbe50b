// Package w5500 tests TinyGo's driver of WIZnet's W5500: an Ethernet controller with TCP/IP in hardware, on an SPI bus.
//
// The hard word is cable: the driver has no Netlinker, since there is nothing to join. What an application does instead to bring the device
// up and down, the type cable makes of the driver's own calls.
package w5500

import (
	"machine"

	"tinygo.org/x/drivers/w5500"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	chip "github.com/linkflap/linkflap/mocks/w5500"
	"github.com/linkflap/linkflap/targets/netdev"
)

// Target is the driver on its chip.
var Target = harness.Target[*netdev.Device]{
	Name:     "w5500",
	Firmware: "tinygo.org/x/drivers/w5500",
	Ops:      ops(),
	Faults:   netdev.Faults(chip.Faults),
	Start:    start,
	Heal:     heal,
	Probe:    netdev.Probe,
	Close:    netdev.Close,
	Down:     netdev.Down,
	State:    netdev.State,
}

// The board's wiring; the driver uses neither interrupt nor reset.
const cs, intn, rstn = machine.Pin(1), machine.Pin(2), machine.Pin(3)

func start(w *sim.World) (*netdev.Device, error) {
	machine.Reset()
	a := air.New(w)
	c := chip.New(w, a)
	c.Attach(cs, intn, rstn, machine.SPI0)
	return &netdev.Device{Driver: &cable{Device: w5500.New(machine.SPI0, cs), w: w}, Air: a, Chip: c}, nil
}

func heal(d *netdev.Device) {
	netdev.Heal(d)
	d.Chip.(*chip.Chip).Heal()
}
