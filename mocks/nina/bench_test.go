package nina_test

import (
	"machine"
	"testing"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/nina"
)

// BenchmarkByte is a byte through pins and bus, on a chip in a world without tasks.
func BenchmarkByte(b *testing.B) {
	w := sim.NewBare()
	machine.Reset()
	defer machine.Reset()
	nina.New(w, air.New(w)).Attach(pinCS, pinACK, pinGPIO0, pinRESETN, machine.NINA_SPI)
	pinCS.Low()
	for range b.N {
		_, _ = machine.NINA_SPI.Transfer(0xff)
	}
	pinCS.High()
}

// BenchmarkNew is what a run pays for its chip and air.
func BenchmarkNew(b *testing.B) {
	w := sim.NewBare()
	for range b.N {
		nina.New(w, air.New(w))
	}
}
