package sim_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestBudgets(t *testing.T) {
	budget := sim.Budget{Points: 100, Loops: 2000, Transfers: 1000, Wall: time.Minute}
	times := func(n int, f func()) {
		for range n {
			f()
		}
	}
	for _, c := range []struct {
		name  string
		want  sim.Outcome
		kind  trace.Kind
		event string
		task  func(w *sim.World)
	}{
		{"points up to the budget", sim.Settled, 0, "", func(w *sim.World) { times(100, func() { w.Point("x") }) }},
		{"one point more", sim.Stopped, trace.Limit, "a points 0 0", func(w *sim.World) { times(101, func() { w.Point("x") }) }},
		{"bytes up to the budget", sim.Settled, 0, "", func(w *sim.World) { w.Transfer(400); w.Transfer(600) }},
		{"one byte more", sim.Stopped, trace.Spin, "a sim_test.TestBudgets -1 0", func(w *sim.World) { w.Transfer(400); w.Transfer(601) }},
		{"time passes between the bytes", sim.Settled, 0, "", func(w *sim.World) { times(9, func() { w.Transfer(900); w.Sleep(1) }) }},
		{"loops below the budget", sim.Settled, 0, "", func(*sim.World) { times(1999, shim.Loop) }},
		{"one loop more", sim.Stopped, trace.Spin, "a sim_test.TestBudgets -1 0", func(*sim.World) { times(2000, shim.Loop) }},
		{"time passes between the loops", sim.Settled, 0, "", func(w *sim.World) { times(9, func() { times(900, shim.Loop); w.Sleep(1) }) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := sim.Config{Budget: budget, Firmware: "github.com/linkflap/linkflap/harness/sim_test"}
			out, tr := run(t, cfg, c.task)
			require.Equal(t, c.want, out)
			var want []string
			if c.event != "" {
				want = []string{c.event}
			}
			require.Equal(t, want, append(find(tr, trace.Limit), find(tr, trace.Spin)...))
			if want != nil {
				require.NotEmpty(t, find(tr, c.kind))
			}
		})
	}
}

// A driver's deferred unlock, or the farewell that it sends, must not make a second finding of the first.
func TestAUsedUpBudgetIsReportedOnce(t *testing.T) {
	for name, use := range map[string]func(w *sim.World){
		"points":    func(w *sim.World) { w.Point("x") },
		"transfers": func(w *sim.World) { w.Transfer(1) },
		"loops":     func(*sim.World) { shim.Loop() },
	} {
		forever := func(w *sim.World) {
			for {
				use(w)
			}
		}
		unwound := false
		out, tr := run(t, sim.Config{Budget: sim.Budget{Points: 10, Loops: 2000, Transfers: 10, Wall: time.Minute}}, func(w *sim.World) {
			defer func() { unwound = true }()
			defer forever(w)
			forever(w)
		})
		require.Equal(t, sim.Stopped, out)
		require.True(t, unwound, name)
		require.Len(t, append(find(tr, trace.Limit), find(tr, trace.Spin)...), 1, name)
	}
}

func TestTheAlarmRingsForATaskThatNeverYields(t *testing.T) {
	var rang atomic.Bool
	cfg := sim.Config{Budget: sim.DefaultBudget, OnWall: func() { rang.Store(true) }}
	cfg.Budget.Wall = time.Millisecond
	out, _ := run(t, cfg, func(*sim.World) {
		for !rang.Load() { // no Loop: nothing else could stop it
		}
	})
	require.Equal(t, sim.Settled, out)

	rang.Store(false)
	cfg.Budget.Wall = time.Hour
	run(t, cfg, func(w *sim.World) { w.Sleep(30 * time.Minute) })
	require.False(t, rang.Load(), "virtual time is not real time")
}
