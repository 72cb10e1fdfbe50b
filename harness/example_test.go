package harness_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
)

// modem is the firmware under test, with a bug: stop tells the poll to end, and holds the lock that the poll wants before it listens. It is
// written against the shim, as the instrumenter would rewrite it.
type modem struct {
	mu   shim.Mutex
	quit chan struct{}
	fill int // how full it is
}

func (m *modem) start() {
	m.quit = make(chan struct{})
	shim.Go("modem.poll", m.poll)
}

func (m *modem) poll() {
	second := shim.NewTicker(time.Second)
	for {
		tick, quit := shim.OnRecv(second.C), shim.OnRecv(m.quit)
		if shim.Select(false, tick, quit) == 1 {
			return
		}
		m.mu.Lock()
		m.fill++
		m.mu.Unlock()
	}
}

func (m *modem) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.quit != nil {
		shim.SendTo(m.quit)(struct{}{})
		m.quit = nil
	}
}

// target says how a modem is made, and what may be called on it.
var target = harness.Target[*modem]{
	Name:     "modem",
	Firmware: "github.com/linkflap/linkflap/harness_test",
	Model:    true,
	Start:    func(*sim.World) (*modem, error) { return &modem{}, nil },
	Ops: []harness.Op[*modem]{
		{Op: prog.Op{Name: "start"}, Do: func(c *harness.Call[*modem]) (int64, error) { c.Dev.start(); return 0, nil }},
		{Op: prog.Op{Name: "stop"}, Do: func(c *harness.Call[*modem]) (int64, error) { c.Dev.stop(); return 0, nil }},
		{
			Op: prog.Op{Name: "sleep", Args: []prog.Arg{{Name: "d", Kind: prog.Dur, Max: int64(time.Minute)}}},
			Do: func(c *harness.Call[*modem]) (int64, error) { c.World.Sleep(c.Dur(0)); return 0, nil },
		},
	},
}

// A program is run on the target, and the run is judged.
func Example() {
	for _, text := range []string{"stop()\n", "start()\nstop()\n", "start()\nsleep(3s)\nstop()\n"} {
		p, err := prog.Parse(target.Spec(), "example", 1, text)
		if err != nil {
			fmt.Println(err)
			return
		}
		res := target.Run(new(testing.T), p, false) // in a test: its own T
		fmt.Println(res.Verdict())
		for _, v := range res.Violations {
			fmt.Print(report.Timeline(res.Trace, v.At, 12))
		}
	}
	// Output:
	// ok
	// ok
	// deadlock: stop in harness_test.stop waits for a channel operation of modem.poll, which waits for a lock held by stop
	//               ... 1 earlier lines
	//    0.000000s  main       > start #0
	//    0.000000s  main       starts task modem.poll
	//    0.000000s  main       < #0 ok 0
	//    0.000000s  main       > sleep #1
	//    0.000000s  modem.poll waits for a channel (3 times)
	//    3.000000s  main       < #1 ok 0
	//    3.000000s  main       > stop #2
	//    3.000000s  main       waits for a channel
	//    3.000000s  modem.poll waits for a lock of main
	//  480.000000s  harness    == heal
	//  780.000000s  main       is cut off: waits for a channel of modem.poll in harness_test.stop
	//  780.000000s  modem.poll is cut off: waits for a lock of main in harness_test.poll
}

// The test file of a target: each of these is the whole body of a function of its own.
func ExampleFuzz() {
	_ = func(f *testing.F) { harness.Fuzz(f, target) }           // func FuzzModem
	_ = func(t *testing.T) { harness.TestCorpus(t, target) }     // func TestCorpus
	_ = func(t *testing.T) { harness.TestProperties(t, target) } // func TestProperties
}
