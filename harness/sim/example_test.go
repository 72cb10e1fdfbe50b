package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// Two tasks go their way in virtual time: whoever sleeps lets the other one run, and the clock moves only when both sleep.
func Example() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		say := func(text string) { fmt.Println(w.Now(), text) }
		w.Spawn("a", 0, func(*sim.Task) { say("a begins"); w.Sleep(2 * time.Hour); say("a ends") })
		w.Spawn("b", 1, func(*sim.Task) { say("b begins"); w.Sleep(time.Hour); say("b ends") })
		fmt.Println(w.Await(24*time.Hour, 0) == sim.Settled)
	})
	// Output:
	// 0s a begins
	// 0s b begins
	// 1h0m0s b ends
	// 2h0m0s a ends
	// true
}

// A schedule says who runs, down to the scheduling point: two tasks that read a number and write it back lose an addition only under the
// one that lets b in between.
func ExampleConfig() {
	t := new(testing.T) // in a test: its own
	run := func(schedule ...sim.Step) (sum int) {
		add := func(w *sim.World) {
			had := sum
			w.Point("between")
			sum = had + 1
		}
		sim.Run(t, sim.Config{Schedule: schedule}, func(w *sim.World) {
			w.Spawn("a", 0, func(*sim.Task) { add(w) })
			w.Spawn("b", 1, func(*sim.Task) { add(w) })
			w.Await(time.Hour, 0)
		})
		return sum
	}
	fmt.Println("as they come:", run())
	fmt.Println("b after a's first point:", run(sim.Step{Task: 0, Points: 1}, sim.Step{Task: 1, Done: true}))
	// Output:
	// as they come: 2
	// b after a's first point: 1
}

// A fault is armed for what a task does, and strikes where a mock asks for it: here at the third byte.
func ExampleWorld_Fault() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		w.Spawn("a", 0, func(task *sim.Task) {
			task.Arm(sim.Fault{Name: "flipped", Nth: 3, Value: 0x20})
			line := []byte("linkflap")
			for i := range line {
				if bits, ok := w.Fault("flipped"); ok {
					line[i] ^= byte(bits)
				}
			}
			fmt.Println(string(line))
		})
		w.Await(time.Hour, 0)
	})
	// Output:
	// liNkflap
}
