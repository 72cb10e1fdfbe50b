package toy

import (
	"os"
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
)

func op(name, arg string, do func(t *Toy, v int64)) harness.Op[*Toy] {
	return harness.Op[*Toy]{
		Op: prog.Op{Name: name, Args: []prog.Arg{{Name: arg, Kind: prog.Int, Max: 1023}}},
		Do: func(c *harness.Call[*Toy]) (int64, error) { do(c.Dev, int64(c.Int(0))); return 0, nil },
	}
}

// target is a toy that can be poked through a door.
func target(name string) harness.Target[*Toy] {
	return harness.Target[*Toy]{
		Name: name, Firmware: "example.com/toy", Model: true,
		Ops: []harness.Op[*Toy]{
			op("door", "number", func(t *Toy, v int64) { t.Door = v }),
			op("poke", "spot", func(t *Toy, v int64) {
				if os.Getenv("TOY_IS_TAME") == "" {
					t.Poke(v)
				}
			}),
			op("die", "when", func(_ *Toy, v int64) {
				if os.Getenv("TOY_DIES") != "" && v > 1000 {
					os.Exit(3)
				}
			}),
		},
		Start: func(*sim.World) (*Toy, error) { return &Toy{}, nil },
		State: func(t *Toy) uint { return uint(t.Door) },
	}
}

func FuzzToy(f *testing.F)        { harness.Fuzz(f, target("toy")) }
func FuzzDoll(f *testing.F)       { harness.Fuzz(f, target("doll")) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, target("toy")) }
func TestProperties(t *testing.T) { harness.TestProperties(t, target("toy")) }

func FuzzSkipped(f *testing.F) { f.Skip("there is nothing to fuzz") }
