// Package wifinina tests TinyGo's driver of the NINA-W102 Wi-Fi module: an ESP32 with Arduino's nina-fw, on an SPI bus.
package wifinina

import (
	"machine"

	"tinygo.org/x/drivers/wifinina"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/nina"
	"github.com/linkflap/linkflap/targets/netdev"
)

// Target is the driver on its chip.
var Target = harness.Target[*netdev.Device]{
	Name:     "wifinina",
	Firmware: "tinygo.org/x/drivers/wifinina",
	Ops:      append(netdev.Ops[:len(netdev.Ops):len(netdev.Ops)], pin),
	Faults:   netdev.Faults(nina.Faults),
	Start:    start,
	Heal:     netdev.Heal,
	Probe:    netdev.Probe,
	Close:    netdev.Close,
	Down:     netdev.Down,
	State:    netdev.State,
}

// The board's wiring.
const (
	cs, ack, gpio0, resetn = machine.Pin(1), machine.Pin(2), machine.Pin(3), machine.Pin(4)
)

func start(w *sim.World) (*netdev.Device, error) {
	machine.Reset()
	a := air.New(w)
	chip := nina.New(w, a)
	chip.Attach(cs, ack, gpio0, resetn, machine.NINA_SPI)
	driver := wifinina.New(&wifinina.Config{Freq: 8_000_000, Cs: cs, Ack: ack, Gpio0: gpio0, Resetn: resetn})
	d := &netdev.Device{Driver: driver, Air: a, Chip: chip}
	d.Record(w, "tinygo.org/x/drivers/wifinina",
		"wifinina.New(&wifinina.Config{Freq: 8_000_000, Cs: machine.Pin(1), Ack: machine.Pin(2), Gpio0: machine.Pin(3), Resetn: machine.Pin(4)})")
	return d, nil
}

// pin configures one of the module's own pins, such as its RGB LED's.
var pin = harness.Op[*netdev.Device]{
	Op: prog.Op{Name: "pin", Args: []prog.Arg{{Name: "pin", Kind: prog.Int, Max: 39, Nice: []int64{25, 26, 27}}}},
	Do: func(c *harness.Call[*netdev.Device]) (int64, error) {
		var err error
		c.Dev.Recorded(func() {
			err = wifinina.Pin(c.Int(0)).Configure(wifinina.PinConfig{Mode: wifinina.PinMode(wifinina.PinOutput)})
		}, "_ = wifinina.Pin(%d).Configure(wifinina.PinConfig{Mode: wifinina.PinMode(wifinina.PinOutput)})", c.Int(0))
		return 0, err
	},
}
