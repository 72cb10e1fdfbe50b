package w5500_test

import (
	"machine"
	"testing"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/w5500"
)

// BenchmarkByte is a byte of a long read through pins and bus, on a chip in a world without tasks.
func BenchmarkByte(b *testing.B) {
	w := sim.NewBare()
	machine.Reset()
	defer machine.Reset()
	pinCS.High()
	w5500.New(w, air.New(w)).Attach(pinCS, pinINT, pinRST, machine.SPI0)
	pinCS.Low()
	for range b.N {
		_, _ = machine.SPI0.Transfer(0)
	}
	pinCS.High()
}

// BenchmarkNew is what a run pays for its chip and air.
func BenchmarkNew(b *testing.B) {
	w := sim.NewBare()
	for range b.N {
		w5500.New(w, air.New(w))
	}
}
