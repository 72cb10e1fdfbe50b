package netdev

import (
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/mocks/fault"
)

// Faults are the faults of a chip, and of the line that it is on, as programs name them.
func Faults(tables ...[]fault.Kind) (specs []prog.FaultSpec) {
	const passages = 1000 // bytes of a long transfer; a call that waits polls its chip hundreds of times
	for _, table := range tables {
		for _, f := range table {
			spec := prog.FaultSpec{Name: f.Name, Doc: f.Doc, Site: f.Site, MaxNth: passages, Lawful: f.Lawful}
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
