package machine_test

import (
	"fmt"

	"machine"
)

// lamp is a chip on a pin, inverter one on a bus.
type (
	lamp     struct{ on bool }
	inverter struct{}
)

func (l *lamp) Write(high bool) { l.on = high }
func (l *lamp) Read() bool      { return l.on }

func (inverter) Transfer(out byte) byte { return ^out }

// What a driver does with pins and buses reaches whatever is attached to them; with nothing attached they are a bare board's.
func Example() {
	defer machine.Reset()
	exchange := func() []byte {
		machine.Pin(7).High()
		in := make([]byte, 2)
		_ = machine.SPI0.Tx([]byte{0x01, 0x02}, in)
		return in
	}
	fmt.Printf("%x\n", exchange())

	l := &lamp{}
	machine.AttachPin(7, l)
	machine.SPI0.Attach(inverter{})
	fmt.Printf("%x, the lamp is on: %v\n", exchange(), l.on)
	// Output:
	// ffff
	// fefd, the lamp is on: true
}

// A chip select tells its chip of the edges, not of every write: a frame ends when it rises.
func ExampleInput() {
	defer machine.Reset()
	frames := 0
	cs := machine.Pin(7)
	machine.AttachPin(cs, &machine.Input[int]{Chip: &frames, High: true, Fall: func(*int) {}, Rise: func(n *int) { *n++ }})
	for range 2 {
		cs.Low()
		cs.High()
		cs.High()
	}
	fmt.Println(frames, cs.Get())
	// Output: 2 true
}

// A recorded dialogue can be played to a driver without the chips. The first step that the driver does otherwise is told.
func ExamplePlay() {
	defer machine.Reset()
	exchange := func(out ...byte) {
		machine.Pin(7).Low()
		_ = machine.SPI0.Tx(out, nil)
		machine.Pin(7).High()
	}
	machine.SPI0.Attach(inverter{})
	machine.AttachPin(7, &lamp{})
	script := ""
	flush := machine.Record(func(step string) { script += step + "\n" })
	exchange(0x01, 0x02)
	flush()
	fmt.Print(script)

	defer func() { fmt.Println(recover()) }()
	machine.Play(script, func(got, want string) { panic("got " + got + ", want " + want) })
	exchange(0x01, 0x03)
	// Output:
	// pin7 = 0
	// spi0 x 0102 fefd
	// pin7 = 1
	// got spi0 x 03, after 1 bytes, want spi0 x 0102 fefd
}
