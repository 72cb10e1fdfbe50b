package shrink_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/shrink"
)

// A bug that takes a stop, and at least two seconds before it.
func ExampleShrink() {
	spec := &prog.Spec{Ops: []prog.Op{
		{Name: "start"},
		{Name: "stop"},
		{Name: "sleep", Args: []prog.Arg{{Name: "d", Kind: prog.Dur, Max: int64(time.Minute)}}},
	}}
	p, _ := prog.Parse(spec, "", 1, "start()\nsleep(10s)\nstop()\nstart()\na: sleep(1s)\nb: stop()\n")
	fails := func(p *prog.Prog) bool {
		slept := slices.IndexFunc(p.Calls, func(c prog.Call) bool { return c.Op == 2 && c.Args[0] >= int64(2*time.Second) })
		stop := slices.IndexFunc(p.Calls, func(c prog.Call) bool { return c.Op == 1 })
		return slept >= 0 && stop > slept
	}
	small := shrink.Shrink(p, 1000, fails)
	fmt.Print(small.Prog)
	fmt.Println(small.Minimal)
	// Output:
	// sleep(2s)
	// stop()
	// true
}
