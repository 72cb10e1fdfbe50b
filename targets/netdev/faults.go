package netdev

import (
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/mocks/uart"
)

// fault is a row of the table of faults that every mock has, as type or, for a chip that knows nothing of serial lines, field by field.
type fault interface {
	~struct {
		Name, Doc, Site  string
		Lawful, HasValue bool
		Min, Max         int64
		Nice             []int64
		Unit             string
		Hex              bool
	}
}

// Faults are the faults of a chip, and of the line that it is on, as programs name them.
func Faults[F fault](tables ...[]F) (specs []prog.FaultSpec) {
	const passages = 1000 // bytes of a long transfer; a call that waits polls its chip hundreds of times
	for _, table := range tables {
		for _, row := range table {
			f := uart.Fault(row)
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
