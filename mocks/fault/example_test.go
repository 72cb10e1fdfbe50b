package fault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/fault"
)

// faults is what can go wrong with a thermometer.
var faults = []fault.Kind{
	{Name: "stuck", Doc: "the reading is that of before", Site: "reading", Lawful: true},
	{Name: "reads", Doc: "the reading is value", Site: "reading", HasValue: true, Min: -55, Max: 125, Nice: []int64{85, -55, 125}, Unit: "count"},
}

// thermometer is a mock: it asks at its site, by each fault's name, whether it strikes now.
type thermometer struct {
	w         *sim.World
	real, had int64
}

func (m *thermometer) read() int64 {
	if v, ok := m.w.Fault("reads"); ok {
		return v
	}
	if _, ok := m.w.Fault("stuck"); !ok {
		m.had = m.real
	}
	return m.had
}

// The table tells a target what programs may contain, such as (fault: reads@2=85); the passage counts within the call.
func Example() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		w.Spawn("a", 0, func(task *sim.Task) {
			for _, f := range faults {
				task.Arm(sim.Fault{Name: f.Name, Nth: 2, Value: 85, Lawful: f.Lawful})
				m := &thermometer{w: w}
				for m.real = 20; m.real < 23; m.real++ {
					fmt.Print(m.read(), " ")
				}
				fmt.Printf("(%s, at the second %s)\n", f.Doc, f.Site)
			}
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 20 20 22 (the reading is that of before, at the second reading)
	// 20 85 22 (the reading is value, at the second reading)
}
