package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

// run runs the given tasks, named a, b, ..., until nothing more happens, and returns the outcome and the trace.
func run(t *testing.T, cfg sim.Config, tasks ...func(w *sim.World)) (out sim.Outcome, tr *trace.Trace) {
	t.Helper()
	tr = sim.Run(t, cfg, func(w *sim.World) {
		for i, f := range tasks {
			w.Spawn(string(rune('a'+i)), i, func(*sim.Task) { f(w) })
		}
		out = w.Await(time.Hour, 0)
	})
	return out, tr
}

// find renders the events of kind k, without their times.
func find(tr *trace.Trace, k trace.Kind) (lines []string) {
	for _, e := range tr.Events {
		if e.Kind == k {
			lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %d %d", tr.Tasks[e.Task], e.Name, e.A, e.B)))
		}
	}
	return lines
}

func TestTimePassesOnlyWhenNobodyCanRun(t *testing.T) {
	var order []string
	say := func(s string) { order = append(order, s) }
	out, _ := run(t, sim.Config{},
		func(w *sim.World) { w.Sleep(2 * time.Second); say("a " + w.Now().String()) },
		func(w *sim.World) { say("b " + w.Now().String()); w.Sleep(time.Second); say("b " + w.Now().String()) },
	)
	require.Equal(t, sim.Settled, out)
	require.Equal(t, []string{"b 0s", "b 1s", "a 2s"}, order)
}

func TestTheBubblesClockFollows(t *testing.T) {
	run(t, sim.Config{}, func(w *sim.World) {
		start := time.Now()
		w.Sleep(3 * time.Second)
		w.Sync()
		require.Equal(t, 3*time.Second, time.Since(start))
		require.Equal(t, time.Now().UnixNano(), w.Time().UnixNano())
	})
}

func TestScheduleDecidesWhoRuns(t *testing.T) {
	points := func(name string, log *[]string) func(w *sim.World) {
		return func(w *sim.World) {
			for i := range 3 {
				*log = append(*log, fmt.Sprint(name, i))
				w.Point("test")
			}
		}
	}
	for _, c := range []struct {
		schedule []sim.Step
		want     string
	}{
		{nil, "a0 a1 a2 b0 b1 b2"},
		{[]sim.Step{{Task: 1, Done: true}}, "b0 b1 b2 a0 a1 a2"},
		{[]sim.Step{{Task: 0, Points: 2}, {Task: 1, Points: 1}, {Task: 0}}, "a0 a1 b0 a2 b1 b2"},
		{[]sim.Step{{Task: 1, Points: 1}, {Task: 0, Points: 1}}, "b0 a0 a1 a2 b1 b2"},
		{[]sim.Step{{Task: 0, Points: 100}, {Task: 1, Points: 1}}, "a0 a1 a2 b0 b1 b2"},
		{[]sim.Step{{Task: 7, Points: 1}, {Task: 1, Points: 1}}, "a0 a1 a2 b0 b1 b2"},
	} {
		var log []string
		run(t, sim.Config{Schedule: c.schedule}, points("a", &log), points("b", &log))
		require.Equal(t, c.want, strings.Join(log, " "), "schedule %v", c.schedule)
	}
}

func TestAStepUntilBlockEndsWhenItsTaskSleeps(t *testing.T) {
	var log []string
	out, _ := run(t, sim.Config{Schedule: []sim.Step{{Task: 1}}},
		func(*sim.World) { log = append(log, "a") },
		func(w *sim.World) { log = append(log, "b0"); w.Sleep(time.Second); log = append(log, "b1") },
	)
	require.Equal(t, sim.Settled, out)
	require.Equal(t, []string{"b0", "a", "b1"}, log)
}

func TestDeadlockIsQuiescentAndNamesTheHolder(t *testing.T) {
	var m, n shim.Mutex
	out, tr := run(t, sim.Config{},
		func(w *sim.World) { m.Lock(); w.Sleep(1); n.Lock() },
		func(w *sim.World) { n.Lock(); w.Sleep(1); m.Lock() },
	)
	require.Equal(t, sim.Quiescent, out)
	require.Equal(t, []string{"a  2 2", "b  2 1"}, find(tr, trace.Stuck)) // on a lock, held by the other
}

func TestSendForEverNamesTheLastReceiver(t *testing.T) {
	ch := make(chan bool)
	var m shim.Mutex
	out, tr := run(t, sim.Config{},
		func(w *sim.World) { m.Lock(); w.Sleep(3 * time.Second); shim.SendTo(ch)(true) },
		func(*sim.World) {
			tick := shim.NewTicker(2 * time.Second)
			switch shim.Select(false, shim.OnRecv(ch), shim.OnRecv(tick.C)) {
			case 1:
				m.Lock() // a holds it: never
			}
		},
	)
	require.Equal(t, sim.Late, out, "the ticker goes on")
	require.Equal(t, []string{"a  3 2", "b  2 1"}, find(tr, trace.Stuck), "a on the channel that b read last, b on the lock of a")
}

func TestPanicStopsTheRun(t *testing.T) {
	var after bool
	out, tr := run(t, sim.Config{Verbose: true, Firmware: "github.com/linkflap/linkflap/harness/sim_test"},
		func(*sim.World) { var a []int; _ = a[len(find(&trace.Trace{}, 0))] },
		func(*sim.World) { after = true },
	)
	require.Equal(t, sim.Stopped, out)
	require.False(t, after)
	require.Len(t, find(tr, trace.Panic), 1)
}

func TestSpinIsCutAndNamed(t *testing.T) {
	stop := false
	out, tr := run(t, sim.Config{Budget: sim.Budget{Points: 1e6, Loops: 5000, Transfers: 1e6, Wall: time.Minute}},
		func(*sim.World) {
			for !stop {
				shim.Loop()
			}
		})
	require.Equal(t, sim.Stopped, out)
	require.Len(t, find(tr, trace.Spin), 1)
}

func TestSpinningOnAnotherTaskMakesProgress(t *testing.T) {
	stop := false
	out, tr := run(t, sim.Config{},
		func(*sim.World) {
			for !stop {
				shim.Loop()
			}
		},
		func(*sim.World) { stop = true })
	require.Equal(t, sim.Settled, out)
	require.Empty(t, find(tr, trace.Spin))
}

func TestEveryTaskIsUnwound(t *testing.T) {
	var m shim.Mutex
	var deferred []string
	out, _ := run(t, sim.Config{},
		func(w *sim.World) {
			defer func() { m.Lock(); deferred = append(deferred, "a"); m.Unlock(); m.Unlock() }() // nothing of this may block or panic now
			shim.Forever()
		},
		func(w *sim.World) {
			defer func() { deferred = append(deferred, "b") }()
			shim.Recv(make(chan int))
		})
	require.Equal(t, sim.Quiescent, out)
	require.Equal(t, []string{"a", "b"}, deferred)
}

func TestFaultFiresOnceAtItsPassage(t *testing.T) {
	var hits []int
	pass := func(w *sim.World) {
		for i := range 5 {
			if v, ok := w.Fault("bus"); ok {
				require.EqualValues(t, 0xff, v)
				hits = append(hits, i)
			}
			_, ok := w.Fault("other")
			require.False(t, ok)
		}
	}
	run(t, sim.Config{}, func(w *sim.World) { sim.Current().Arm(sim.Fault{Name: "bus", Nth: 3, Value: 0xff}); pass(w) })
	require.Equal(t, []int{2}, hits)
	run(t, sim.Config{}, pass)
	require.Equal(t, []int{2}, hits, "not armed: stays quiet")
}

func TestAFaultSaysWhetherItKeepsToTheProtocol(t *testing.T) {
	for _, lawful := range []bool{true, false} {
		_, tr := run(t, sim.Config{}, func(w *sim.World) {
			sim.Current().Arm(sim.Fault{Name: "noack", Nth: 1, Lawful: lawful})
			w.Fault("noack")
			sim.Current().Arm(sim.Fault{Name: "noack", Nth: 1})
			sim.Current().Arm(sim.Fault{})
			_, ok := w.Fault("noack")
			require.False(t, ok, "disarmed")
		})
		var laws []bool
		for _, e := range tr.Events {
			if e.Kind == trace.Fault {
				laws = append(laws, e.C == 1)
			}
		}
		require.Equal(t, []bool{lawful}, laws)
	}
}

func TestAwaitReturnsWhenOnlyBlockersAreLeft(t *testing.T) {
	var out sim.Outcome
	var at time.Duration
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		w.Spawn("a", 0, func(self *sim.Task) {
			self.MayBlock(true)
			for {
				w.Sleep(100 * time.Millisecond)
			}
		})
		out = w.Await(time.Hour, 5*time.Second)
		at = w.Now()
	})
	require.Equal(t, sim.Settled, out)
	require.Equal(t, 5*time.Second, at)
}

func TestSameRunSameHash(t *testing.T) {
	hash := func(schedule []sim.Step) uint64 {
		var m shim.Mutex
		ch := make(chan int, 1)
		worker := func(w *sim.World) {
			for i := range 20 {
				m.Lock()
				w.Sleep(time.Duration(i) * time.Millisecond)
				m.Unlock()
				select {
				case ch <- i:
				default:
				}
				shim.Select(true, shim.OnRecv(ch))
			}
		}
		_, tr := run(t, sim.Config{Schedule: schedule}, worker, worker, worker)
		return tr.Hash()
	}
	first := hash(nil)
	for range 20 {
		require.Equal(t, first, hash(nil))
	}
	require.NotEqual(t, first, hash([]sim.Step{{Task: 2, Points: 7}, {Task: 1}}))
}

func BenchmarkEmptyRun(b *testing.B) { bench(b, 1, func(*sim.World) {}) }

func BenchmarkSleep(b *testing.B) { bench(b, 1, func(w *sim.World) { w.Sleep(time.Millisecond) }) }

func BenchmarkPoint(b *testing.B) { bench(b, 1, func(w *sim.World) { w.Point("bench") }) }

func BenchmarkHandOver(b *testing.B) { bench(b, 2, func(*sim.World) { sim.Current().Gosched() }) }

// bench measures op, done 1000 times by each of so many tasks of one run.
func bench(b *testing.B, tasks int, op func(w *sim.World)) {
	const times = 1000
	b.ReportAllocs()
	tr := &trace.Trace{}
	sim.Bench(b, func(t *testing.T) {
		for b.Loop() {
			tr.Reset()
			sim.Run(t, sim.Config{Trace: tr}, func(w *sim.World) {
				for i := range tasks {
					w.Spawn("a", i, func(*sim.Task) {
						for range times {
							op(w)
						}
					})
				}
				w.Await(time.Hour, 0)
			})
		}
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*times*tasks), "ns/point")
}
