package tally_test

import (
	"fmt"
	"os"

	"github.com/linkflap/linkflap/harness/tally"
)

// A worker counts and leaves what it counted; whoever started the workers adds their tallies up.
func Example() {
	dir, err := os.MkdirTemp("", "tally-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	defer func() { _ = os.Unsetenv(tally.Env) }()
	_ = os.Setenv(tally.Env, dir) // in a hunt its watcher does this, for all workers

	worker := &tally.Tally{Target: "modem"}
	worker.Programs = 1000
	worker.Hit("panic: modem.Stop")
	worker.Found("leak: task keeper is left after disconnect", "corpus/modem/leak.txt")
	worker.Leave()
	tally.Note("the worker ran out of time")

	total, notes := tally.Collect(dir)
	fmt.Println(total.Programs, total.Hits, total.New)
	fmt.Println(notes)
	// Output:
	// 1000 map[panic: modem.Stop:1] map[leak: task keeper is left after disconnect:corpus/modem/leak.txt]
	// [the worker ran out of time]
}

// States counts what is different: it says whether fuzzing still gets anywhere.
func ExampleStates() {
	var mine, others tally.States
	for _, hash := range []uint{7, 7, 9} {
		mine.Visit(hash)
	}
	others.Visit(9)
	others.Visit(11)
	fmt.Println(mine.Count(), others.Count())
	mine.Add(others)
	fmt.Println(mine.Count())
	// Output:
	// 2 2
	// 3
}
