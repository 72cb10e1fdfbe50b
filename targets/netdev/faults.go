package netdev

import (
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/mocks/uart"
)

// Faults are the faults of a serial line and of the module on it, as programs name them.
func Faults(tables ...[]uart.Fault) (specs []prog.FaultSpec) {
	const passages = 1000 // bytes of a long transfer
	for _, table := range tables {
		for _, f := range table {
			spec := prog.FaultSpec{Name: f.Name, MaxNth: passages, Lawful: f.Lawful}
			if f.HasValue {
				spec.Value = &prog.Arg{Name: "value", Kind: prog.Int, Min: f.Min, Max: f.Max, Nice: f.Nice, Hex: f.Hex}
				if f.Unit == "ns" {
					spec.Value.Kind = prog.Dur
				}
			}
			specs = append(specs, spec)
		}
	}
	return specs
}
