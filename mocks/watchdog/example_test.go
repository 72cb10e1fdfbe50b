package watchdog_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/watchdog"
)

// Three dogs, one loop. It feeds the hardware's and its own; the SDK feeds the software's whenever the loop gives it the processor. First the
// loop hangs and yields meanwhile, then it hangs and does not.
func Example() {
	t := new(testing.T) // in a test: its own
	for _, yields := range []bool{true, false} {
		sim.Run(t, sim.Config{}, func(w *sim.World) {
			dog := func(name string) watchdog.Config {
				return watchdog.Config{Name: name, Reset: func(b watchdog.Bite) {
					fmt.Printf("%v: %s bites, %v after it was fed\n", w.Now(), b.Name, b.Unfed)
				}}
			}
			w.Spawn("loop", 0, func(*sim.Task) {
				hardware, _ := watchdog.NewHardware(w, watchdog.HardwareConfig{Config: dog("hardware"), Stages: []time.Duration{8 * time.Second}})
				asked := false
				software, _ := watchdog.NewSoftware(w, watchdog.SoftwareConfig{
					Config: dog("software"), Interval: 1600 * time.Millisecond, Pause: time.Hour, Ask: func() { asked = true },
				})
				own, _ := watchdog.NewLoop(w, watchdog.LoopConfig{
					Config: dog("loop"), Timeout: 5 * time.Second, Check: watchdog.OneVariable, Millis: watchdog.NewClock(w, 0).Millis,
				})
				w.After(time.Second, time.Second, func(time.Time) { own.Check() })
				hardware.Start()
				software.Start()
				for step := range 200 { // of 0.1 s
					if hangs := step >= 30; !hangs {
						hardware.Feed()
						own.Feed()
					}
					if asked && (step < 30 || yields) {
						asked = false
						software.Feed()
					}
					w.Sleep(100 * time.Millisecond)
				}
			})
			w.Await(time.Minute, 0)
		})
		fmt.Println("--")
	}
	// Output:
	// 8s: loop bites, 5.1s after it was fed
	// 10.9s: hardware bites, 8s after it was fed
	// --
	// 4.8s: software bites, 3.2s after it was fed
	// 8s: loop bites, 5.1s after it was fed
	// 10.9s: hardware bites, 8s after it was fed
	// --
}

// Does it bite? With a time-out of 5 s, and the loop's last feed 2 s before a 32-bit clock of milliseconds wraps, one of the checks is wrong.
func ExampleCheck() {
	const timeout = 5000
	fed := uint32(1<<32 - 2000) // two seconds before the clock wraps
	v := watchdog.Vars{Time: fed, Limit: fed + timeout}
	for _, after := range []uint32{1000, 3000, 6000} {
		now := fed + after
		fmt.Printf("%d ms after it was fed: one variable %v, two %v, past the limit %v\n", after,
			watchdog.OneVariable(v, now, timeout), watchdog.TwoVariables(v, now, timeout), watchdog.PastLimit(v, now, timeout))
	}
	// Output:
	// 1000 ms after it was fed: one variable false, two false, past the limit true
	// 3000 ms after it was fed: one variable false, two false, past the limit false
	// 6000 ms after it was fed: one variable true, two true, past the limit true
}
