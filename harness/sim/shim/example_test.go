package shim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

// door is what the instrumenter makes of a package that used sync, go and time: its waiting is the scheduler's.
type door struct{ mu shim.Mutex }

func (d *door) use(n time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	shim.Sleep(n * time.Second)
}

// In a run, who waits for whom, and for how long, is in the trace.
func Example() {
	t := new(testing.T) // in a test: its own
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		d := &door{}
		w.Spawn("a", 0, func(*sim.Task) { d.use(2) })
		w.Spawn("b", 1, func(*sim.Task) { d.use(1) })
		w.Await(time.Hour, 0)
	})
	for _, e := range tr.Events {
		switch e.Kind {
		case trace.Block, trace.Wake, trace.Exit:
			fmt.Println(e.At, tr.Tasks[e.Task], e.Kind)
		}
	}
	// Output:
	// 0s b block
	// 2s a exit
	// 2s b wake
	// 3s b exit
}

// Outside of a run the same code is ordinary code.
func Example_outside() {
	d, done := &door{}, make(chan string, 1)
	shim.Go("user", func() {
		d.use(0)
		done <- "used"
	})
	fmt.Println(<-done)
	// Output:
	// used
}

// In a run, of several cases that can go on, a select takes the first: there is no chance in it.
func ExampleSelect() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(*sim.World) {
		left, right := make(chan int, 1), make(chan int, 1)
		left <- 1
		right <- 2
		for range 2 {
			l, r := shim.OnRecv(left), shim.OnRecv(right)
			switch shim.Select(false, l, r) {
			case 0:
				fmt.Println("left", l.Get())
			case 1:
				fmt.Println("right", r.Get())
			}
		}
	})
	// Output:
	// left 1
	// right 2
}
