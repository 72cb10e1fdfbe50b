package sim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

// mailbox is polled every 10 ms by a task of the firmware; what arrives is seen at the look that follows.
type mailbox struct {
	w     *sim.World
	vain  bool // looks in vain are left out
	poll  sim.Poll
	at    []time.Duration // when what has not been seen arrives
	seen  []time.Duration
	looks int
}

func (m *mailbox) arrive(at time.Duration) {
	m.at = append(m.at, at)
	m.poll.Due(m.w, m.at[0])
}

func (m *mailbox) serve() {
	for {
		m.looks++
		for len(m.at) > 0 && m.at[0] <= m.w.Now() {
			m.at = m.at[1:]
			m.seen = append(m.seen, m.w.Now())
		}
		due := time.Duration(-1)
		if len(m.at) > 0 {
			due = m.at[0]
		}
		if m.vain {
			m.poll.Vain(m.w, due)
		}
		m.w.Sleep(10 * time.Millisecond)
	}
}

// What is seen is seen at the same times, whether looks in vain are run or left out.
func TestLooksInVain(t *testing.T) {
	const ms = time.Millisecond
	run := func(vain bool) (m *mailbox, out sim.Outcome) {
		sim.Run(t, sim.Config{}, func(w *sim.World) {
			m = &mailbox{w: w, vain: vain}
			w.Spawn("a", 0, func(*sim.Task) {
				w.Sleep(3 * ms)
				w.Go("fw", m.serve)
				w.Sleep(10 * ms)
				m.arrive(50 * ms)
				w.Sleep(time.Second)
				m.arrive(w.Now() + ms)
				m.arrive(w.Now() + 2*ms)
				w.Sleep(time.Minute)
			})
			out = w.Await(time.Hour, 0)
		})
		return m, out
	}
	all, _ := run(false)
	some, out := run(true)
	require.Equal(t, []time.Duration{53 * ms, 1023 * ms, 1023 * ms}, all.seen)
	require.Equal(t, all.seen, some.seen)
	require.Equal(t, sim.Settled, out)
	require.Less(t, some.looks, 6)
	require.Greater(t, all.looks, 6000)
}

// A task that reads for everybody passes the sites of whoever makes a call.
func TestServedFault(t *testing.T) {
	struck := func(serving bool, site string) bool {
		tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
			w.Spawn("a", 0, func(self *sim.Task) {
				self.Call = 0
				self.Arm(sim.Fault{Name: "lost", Nth: 2})
				require.True(t, w.Armed())
				w.Sleep(time.Second)
			})
			serve := func() {
				w.ServedFault(site)
				w.ServedFault(site)
			}
			w.Spawn("b", 1, func(self *sim.Task) {
				self.Call = 1
				if serving {
					w.Go("fw", serve)
					return
				}
				serve()
			})
			w.Await(time.Minute, 0)
			require.Equal(t, !serving || site != "lost", w.Armed())
		})
		for _, e := range tr.Events {
			if e.Kind == trace.Fault {
				return true
			}
		}
		return false
	}
	require.True(t, struck(true, "lost"))
	require.False(t, struck(true, "doubled"), "another site")
	require.False(t, struck(false, "lost"), "a call has faults of its own")
}

// Who waits on a timer's channel waits for time to pass; who waits on another waits for somebody.
func TestWaitingForATimer(t *testing.T) {
	for _, c := range []struct {
		name string
		wait func()
		want trace.Wait
	}{
		{"a ticker", func() { shim.Select(false, shim.OnRecv(shim.NewTicker(time.Hour).C), shim.OnRecv(make(chan int))) }, trace.OnSleep},
		{"no timer", func() { shim.Select(false, shim.OnRecv(make(chan int))) }, trace.OnChan},
		{"one that was stopped", func() {
			tk := shim.NewTicker(time.Hour)
			tk.Stop()
			shim.Select(false, shim.OnRecv(tk.C))
		}, trace.OnChan},
	} {
		tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
			w.Spawn("a", 0, func(*sim.Task) { c.wait() })
			w.Await(time.Minute, 0)
		})
		last := tr.Events[len(tr.Events)-1]
		require.Equal(t, trace.Stuck, last.Kind, c.name)
		require.Equal(t, int64(c.want), last.A, c.name)
	}
}
