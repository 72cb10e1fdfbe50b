package sim_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
)

// A bare world has no scheduler to fire timers: they fire when somebody asks for the time, in order, and may make others.
func TestTimersOfABareWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewBare()
		var fired []string
		note := func(what string) func(time.Time) { return func(time.Time) { fired = append(fired, what) } }
		w.After(2*time.Second, 0, note("b"))
		w.After(time.Second, 0, func(time.Time) {
			note("a")(w.Time())
			w.After(time.Second, 0, note("c"))
		})
		tick := w.After(5*time.Second, time.Second, note("tick"))
		w.Sleep(time.Second - 1)
		require.Equal(t, time.Second-1, w.Now())
		require.Empty(t, fired)
		w.Sleep(3 * time.Second)
		w.Now()
		require.Equal(t, []string{"a", "b"}, fired)
		w.Sleep(time.Second)
		w.Now()
		require.Equal(t, []string{"a", "b", "c"}, fired, "a late timer's time counts from when it was called")
		time.Sleep(2 * time.Second)
		w.Now()
		require.Equal(t, []string{"a", "b", "c", "tick", "tick"}, fired)
		require.True(t, w.Cancel(tick))
	})
}
