package shim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestLocks(t *testing.T) {
	playAll(t, []scene{
		{"a mutex keeps the second out", "a in, a out, b in", func(say func(...any)) {
			var m shim.Mutex
			m.Lock()
			together(
				func() { m.Lock(); say("b in"); m.Unlock() },
				func() { shim.Gosched(); say("a in"); shim.Gosched(); say("a out"); m.Unlock() },
			)
		}},
		{"TryLock never waits", "true false true", func(say func(...any)) {
			var m shim.Mutex
			first, second := m.TryLock(), m.TryLock()
			m.Unlock()
			say(first, second, m.TryLock())
		}},
		{"readers share, a writer does not", "true false, true false false", func(say func(...any)) {
			var m shim.RWMutex
			m.RLock()
			say(m.TryRLock(), m.TryLock())
			m.RUnlock()
			m.RUnlock()
			say(m.TryLock(), m.TryLock(), m.TryRLock())
			m.Unlock()
		}},
		{"a waiting writer keeps new readers out", "writer, reader", func(say func(...any)) {
			var m shim.RWMutex
			m.RLock()
			together(
				func() { m.Lock(); say("writer"); m.Unlock() },
				func() {
					for m.TryRLock() { // until the writer waits
						m.RUnlock()
						shim.Gosched()
					}
					together(func() { m.RLock(); say("reader"); m.RUnlock() }, m.RUnlock)
				},
			)
		}},
		{"RLocker locks for reading", "true false", func(say func(...any)) {
			var m shim.RWMutex
			l := m.RLocker()
			l.Lock()
			reader, writer := m.TryRLock(), m.TryLock()
			say(reader, writer)
			m.RUnlock()
			l.Unlock()
			m.Lock() // both are gone
		}},
		{"a copy of a mutex is another mutex", "true false", func(say func(...any)) {
			d := &struct{ m shim.Mutex }{}
			free := copyOf(d)
			d.m.Lock()
			held := copyOf(d)
			say(free.m.TryLock(), held.m.TryLock())
			held.m.Unlock()
			d.m.Unlock()
		}},
	})
}

// copyOf is what a method with a value receiver works on.
func copyOf[T any](v *T) T { return *v }

// "Unlock ... if rw is locked for writing ... announce to readers there is no active writer": readers that wait at an Unlock come before
// the next writer (sync/rwmutex.go).
func TestWaitingReadersComeBeforeTheNextWriter(t *testing.T) {
	var m shim.RWMutex
	var said words
	hold := func(name string) func(*sim.World) {
		return func(w *sim.World) { m.Lock(); said.say(name); w.Sleep(time.Second); m.Unlock() }
	}
	out, _ := world(t, sim.Config{}, hold("w1"), hold("w2"),
		func(*sim.World) { m.RLock(); said.say("r1"); m.RUnlock() },
		func(*sim.World) { m.RLock(); said.say("r2"); m.RUnlock() })
	require.Equal(t, sim.Settled, out)
	require.Equal(t, "w1, r1, r2, w2", said.String())
}

func TestTryLockDoesNotWaitForWhoComesBetween(t *testing.T) {
	for name, try := range map[string]func(m *shim.RWMutex) bool{"TryLock": (*shim.RWMutex).TryLock, "TryRLock": (*shim.RWMutex).TryRLock} {
		for points := range 3 {
			var m shim.RWMutex
			schedule := []sim.Step{{Task: 0, Points: points + 1}, {Task: 1}}
			out, tr := world(t, sim.Config{Schedule: schedule},
				func(*sim.World) { try(&m) },
				func(*sim.World) { m.Lock() })
			blocked := events(tr, trace.Block)
			require.NotContains(t, blocked, "a lock 2", "%s, preempted at point %d: %v", name, points+1, out)
		}
	}
}

func TestAWriterWaitsForTheReaderThatIsStillThere(t *testing.T) {
	var m shim.RWMutex
	_, tr := world(t, sim.Config{},
		func(w *sim.World) { m.RLock(); w.Sleep(time.Minute); shim.Forever() },
		func(w *sim.World) { m.RLock(); w.Sleep(time.Second); m.RUnlock() },
		func(w *sim.World) { w.Sleep(2 * time.Second); m.Lock() })
	require.Contains(t, events(tr, trace.Block), "c lock 1", "task 1 is a, the reader that stays")
}

func TestMisuseIsThePanicOfItsCaller(t *testing.T) {
	var m shim.Mutex
	var rw shim.RWMutex
	for _, c := range []struct {
		want   string
		misuse func()
	}{
		{"sync: unlock of unlocked mutex", m.Unlock},
		{"sync: Unlock of unlocked RWMutex", rw.Unlock},
		{"sync: RUnlock of unlocked RWMutex", rw.RUnlock},
		{"sync: negative WaitGroup counter", func() { var g shim.WaitGroup; g.Done() }},
		{"close of closed channel", func() { ch := make(chan int); shim.Close(ch); shim.Close(ch) }},
		{"close of nil channel", func() { var ch chan int; shim.Close(ch) }},
		{"send on closed channel", func() { ch := make(chan int, 1); shim.Close(ch); shim.SendTo(ch)(1) }},
		{"time: Stop called on uninitialized Timer", func() { new(shim.Timer).Stop() }},
	} {
		out, tr := world(t, sim.Config{Verbose: true}, func(*sim.World) { c.misuse(); t.Error("went on") })
		require.Equal(t, sim.Stopped, out, c.want)
		require.Equal(t, []string{"a shim_test.TestMisuseIsThePanicOfItsCaller -1"}, events(tr, trace.Panic), c.want)
		require.Contains(t, tr.Details[len(tr.Events)-2], c.want) // before the end of the task
	}
}

func TestWaitGroupsOncesPools(t *testing.T) {
	playAll(t, []scene{
		{"Wait waits for Done", "1, 2, waited", func(say func(...any)) {
			var g shim.WaitGroup
			g.Add(2)
			shim.Go("b", func() { shim.Sleep(time.Second); say(1); g.Done() })
			shim.Go("c", func() { shim.Sleep(2 * time.Second); say(2); g.Done() })
			g.Wait()
			say("waited")
		}},
		{"Go counts", "done, waited", func(say func(...any)) {
			var g shim.WaitGroup
			g.Go(func() { shim.Sleep(time.Second); say("done") })
			g.Wait()
			say("waited")
		}},
		{"a negative counter panics", "sync: negative WaitGroup counter", func(say func(...any)) {
			say(panicOf(func() { new(shim.WaitGroup).Done() }))
		}},
		{"Once runs once", "once, after, after", func(say func(...any)) {
			var o shim.Once
			first := func() { o.Do(func() { shim.Gosched(); say("once") }); say("after") }
			together(first, first)
		}},
		{"a Once whose function panics is done", "x, <nil>", func(say func(...any)) {
			var o shim.Once
			say(panicOf(func() { o.Do(func() { panic("x") }) }))
			say(panicOf(func() { o.Do(func() { panic("y") }) }))
		}},
		{"OnceFunc, OnceValue, OnceValues", "f, 1 1, 1 a 1 a", func(say func(...any)) {
			f := shim.OnceFunc(func() { say("f") })
			f()
			f()
			n := 0
			v := shim.OnceValue(func() int { n++; return n })
			say(v(), v())
			k := 0
			vs := shim.OnceValues(func() (int, string) { k++; return k, "a" })
			a, b := vs()
			c, d := vs()
			say(a, b, c, d)
		}},
		{"what OnceFunc made panics every time", "f f, v v, vs vs", func(say func(...any)) {
			f := shim.OnceFunc(func() { panic("f") })
			say(panicOf(f), panicOf(f))
			v := shim.OnceValue(func() int { panic("v") })
			say(panicOf(func() { v() }), panicOf(func() { v() }))
			vs := shim.OnceValues(func() (int, int) { panic("vs") })
			say(panicOf(func() { vs() }), panicOf(func() { vs() }))
		}},
		{"a pool gives back what was put in last, then makes", "2, 1, made", func(say func(...any)) {
			p := shim.Pool{New: func() any { return "made" }}
			p.Put(1)
			p.Put(2)
			say(p.Get())
			say(p.Get())
			say(p.Get())
		}},
		{"a pool that cannot make gives nil", "<nil>", func(say func(...any)) { say(new(shim.Pool).Get()) }},
	})
}

func TestConds(t *testing.T) {
	wait := func(c *shim.Cond, woken func()) func() {
		return func() { c.L.Lock(); c.Wait(); woken(); c.L.Unlock() }
	}
	made := map[string]func() *shim.Cond{
		"NewCond": func() *shim.Cond { return shim.NewCond(&shim.Mutex{}) },
		"literal": func() *shim.Cond { return &shim.Cond{L: &shim.RWMutex{}} },
	}
	for name, cond := range made {
		t.Run(name, func(t *testing.T) {
			playAll(t, []scene{
				{"Signal wakes who waits longest, one", "b, signal, c", func(say func(...any)) {
					c := cond()
					together(
						func() { shim.Sleep(2 * time.Second); wait(c, func() { say("c") })() },
						func() { shim.Sleep(1 * time.Second); wait(c, func() { say("b") })() },
						func() {
							shim.Sleep(3 * time.Second)
							c.Signal()
							shim.Sleep(time.Second)
							say("signal")
							c.Signal()
						})
				}},
				{"Broadcast wakes all", "b, b", func(say func(...any)) {
					c := cond()
					b := wait(c, func() { say("b") })
					together(b, b, func() { shim.Sleep(time.Second); c.Broadcast() })
				}},
				{"a Signal before the Wait is lost", "late", func(say func(...any)) {
					c := cond()
					c.Signal()
					together(wait(c, func() { say("late") }), func() { shim.Sleep(time.Second); c.Signal() })
				}},
			})
		})
	}
}

// "Wait atomically unlocks c.L and suspends execution of the calling goroutine": a Signal under the lock cannot come between.
func TestNoSignalIsLostWhileWaitUnlocks(t *testing.T) {
	for points := range 6 {
		c := shim.NewCond(&shim.Mutex{})
		ready := false
		out, _ := world(t, sim.Config{Schedule: []sim.Step{{Task: 0, Points: points + 1}, {Task: 1, Done: true}}},
			func(*sim.World) {
				c.L.Lock()
				for !ready {
					c.Wait()
				}
				c.L.Unlock()
			},
			func(*sim.World) { c.L.Lock(); ready = true; c.Signal(); c.L.Unlock() })
		require.Equal(t, sim.Settled, out, "preempted at point %d", points+1)
	}
}
