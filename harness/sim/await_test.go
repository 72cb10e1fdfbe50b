package sim_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestOutcomesOfAwait(t *testing.T) {
	const limit, grace = time.Minute, 5 * time.Second
	tick := func(w *sim.World) {
		for {
			w.Sleep(time.Second)
		}
	}
	for _, c := range []struct {
		name string
		task func(w *sim.World, self *sim.Task)
		want sim.Outcome
		at   time.Duration
	}{
		{"it ends", func(w *sim.World, _ *sim.Task) { w.Sleep(time.Second) }, sim.Settled, time.Second},
		{"it ends, the firmware goes on", func(w *sim.World, _ *sim.Task) { w.Go("fw", func() { tick(w) }); w.Sleep(time.Second) }, sim.Settled, time.Second},
		{"it may block", func(w *sim.World, self *sim.Task) { self.MayBlock(true); tick(w) }, sim.Settled, grace},
		{"it may block from 2 s on", func(w *sim.World, self *sim.Task) {
			w.Sleep(2 * time.Second)
			self.MayBlock(true)
			tick(w)
		}, sim.Settled, 2*time.Second + grace},
		{"it may no longer block", func(w *sim.World, self *sim.Task) {
			self.MayBlock(true)
			w.Sleep(2 * time.Second)
			self.MayBlock(false)
			tick(w)
		}, sim.Late, limit},
		{"it goes on", func(w *sim.World, _ *sim.Task) { tick(w) }, sim.Late, limit},
		{"it ends when the limit does", func(w *sim.World, _ *sim.Task) { w.Sleep(limit) }, sim.Settled, limit},
		{"it waits for ever", func(*sim.World, *sim.Task) { shim.Forever() }, sim.Quiescent, 0},
		{"it stops the run", func(w *sim.World, _ *sim.Task) { w.Sleep(time.Second); w.Stop(); w.Sleep(time.Second) }, sim.Stopped, time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			sim.Run(t, sim.Config{}, func(w *sim.World) {
				w.Spawn("a", 0, func(self *sim.Task) { c.task(w, self) })
				require.Equal(t, c.want, w.Await(limit, grace))
				require.Equal(t, c.at, w.Now())
				require.Equal(t, c.want == sim.Stopped, w.Stopped())
			})
		})
	}
}

func TestGraceIsForThoseThatMayBlock(t *testing.T) {
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		w.Spawn("a", 0, func(*sim.Task) { w.Sleep(time.Second) })
		w.Spawn("b", 1, func(self *sim.Task) { self.MayBlock(true); w.Sleep(time.Hour) })
		require.Equal(t, sim.Settled, w.Await(time.Minute, 5*time.Second))
		require.Equal(t, 6*time.Second, w.Now(), "grace begins when only they are left")
	})
}

func TestAwaitGoesOnWhereTheLastOneEnded(t *testing.T) {
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := w.Spawn("a", 0, func(*sim.Task) { w.Sleep(90 * time.Second) })
		require.Equal(t, sim.Late, w.Await(time.Minute, 0))
		require.True(t, a.Overdue())
		require.Equal(t, sim.Settled, w.Await(time.Minute, 0))
		require.Equal(t, 90*time.Second, w.Now())
		require.False(t, a.Overdue())
		w.Stop()
		require.Equal(t, sim.Stopped, w.Await(time.Minute, 0), "for good")
	})
}

func TestQueues(t *testing.T) {
	var q sim.Queue
	var said []string
	say := func(w *sim.World, s string) { said = append(said, s+" "+w.Now().String()) }
	wait := func(name string, d time.Duration) func(w *sim.World) {
		return func(w *sim.World) {
			if q.WaitFor(w, "test", d) {
				name += " woken"
			}
			say(w, name)
		}
	}
	out, tr := run(t, sim.Config{},
		wait("a", time.Second), wait("b", 2*time.Second), wait("c", time.Minute),
		func(w *sim.World) { q.Wait(w, "test"); say(w, "d woken") },
		func(w *sim.World) { w.Sleep(2 * time.Second); q.WakeAll(w); q.WakeAll(w) },
		wait("f", 0))
	require.Equal(t, sim.Settled, out)
	require.Equal(t, []string{"f 0s", "a 1s", "b 2s", "c woken 2s", "d woken 2s"}, said, "who is woken when the time is up was late")
	require.Len(t, find(tr, trace.Block), 5)
}

func TestTimers(t *testing.T) {
	var fired []string
	run(t, sim.Config{}, func(w *sim.World) {
		after := func(name string, d, period time.Duration) *sim.Timer {
			return w.After(d, period, func(now time.Time) {
				require.Equal(t, w.Time(), now)
				fired = append(fired, name+" "+w.Now().String())
			})
		}
		after("late", 3*time.Second, 0)
		after("first", time.Second, 0)
		after("second", time.Second, 0)
		past := after("past", -time.Second, 0)
		tick := after("tick", 2*time.Second, 2*time.Second)
		w.Sleep(5 * time.Second)
		require.True(t, w.Cancel(tick))
		require.False(t, w.Cancel(tick))
		require.False(t, w.Cancel(past))
		w.Sleep(time.Minute)
	})
	require.Equal(t, []string{"past 0s", "first 1s", "second 1s", "tick 2s", "late 3s", "tick 4s"}, fired)
}

func TestGoschedLetsEachOtherTaskGoFirst(t *testing.T) {
	var log []string
	task := func(name string) func(*sim.World) {
		return func(*sim.World) {
			log = append(log, name)
			sim.Current().Gosched()
			log = append(log, name)
		}
	}
	run(t, sim.Config{}, task("a"), task("b"))
	require.Equal(t, []string{"a", "b", "a", "b"}, log)
}

func TestScheduleNamesTasksThatHaveEnded(t *testing.T) {
	for _, until := range []sim.Step{{Task: 0}, {Task: 0, Points: 5}, {Task: 0, Done: true}} {
		var log []string
		say := func(s string) func(w *sim.World) {
			return func(w *sim.World) { log = append(log, s); w.Point("x"); log = append(log, s) }
		}
		out, _ := run(t, sim.Config{Schedule: []sim.Step{{Task: 0, Done: true}, until, {Task: 2, Done: true}}}, say("a"), say("b"), say("c"))
		require.Equal(t, sim.Settled, out)
		require.Equal(t, []string{"a", "a", "c", "c", "b", "b"}, log, "%+v is skipped", until)
	}
}

func TestABareWorldHasTheBubblesClockAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewBare()
		start := time.Now()
		w.Sleep(time.Second)
		var q sim.Queue
		require.False(t, q.WaitFor(w, "nobody", time.Second), "nobody can wake it")
		w.Sync()
		require.Equal(t, 2*time.Second, w.Now())
		require.Equal(t, start.Add(2*time.Second), w.Time())
		w.Point("x")
		w.Transfer(1 << 30)
		_, ok := w.Fault("bus")
		require.False(t, ok)
		w.Log("x")
		require.Empty(t, w.Trace.Events)
		require.Nil(t, sim.Current())
	})
}

func TestSlotsBelongToTheirWorld(t *testing.T) {
	type key struct{}
	for range 2 {
		sim.Run(t, sim.Config{}, func(w *sim.World) {
			n := w.Slot(key{}, func() any { return new(int) }).(*int)
			*n++
			require.Same(t, n, w.Slot(key{}, nil), "made once")
			require.Equal(t, 1, *n)
		})
	}
}

func TestWhoCouldRunWasNotStuck(t *testing.T) {
	_, tr := run(t, sim.Config{},
		func(w *sim.World) { w.Sleep(1); w.Stop(); shim.Forever() },
		func(w *sim.World) { w.Sleep(1); t.Error("the run was stopped before") })
	require.Equal(t, []string{"a  3 -1", "b  0 -1"}, find(tr, trace.Stuck), "b does not sleep any more")
}

func TestNothingHappensAfterTheRun(t *testing.T) {
	var world *sim.World
	var m shim.Mutex
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		world = w
		w.Spawn("a", 0, func(*sim.Task) {
			defer w.Go("late", func() { t.Error("a task begins while the run is being unwound") })
			shim.Forever()
		})
		w.Spawn("never runs", 1, func(*sim.Task) { t.Error("it ran") })
		w.Stop()
		require.Equal(t, sim.Stopped, w.Await(time.Hour, 0))
	})
	events := len(tr.Events)
	world.Log("too late")
	require.Len(t, tr.Events, events)
	require.Equal(t, []string{"a  0 -1", "never runs  0 -1"}, find(tr, trace.Stuck), "they could run")
	require.Nil(t, sim.Current())
	require.True(t, m.TryLock(), "outside again")
}
