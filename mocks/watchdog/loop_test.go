package watchdog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/watchdog"
)

const timeout = 15 * time.Second

// dog makes a loop watchdog whose clock shows uptime, checked every timeout.
func dog(t *testing.T, w *sim.World, check watchdog.Check, uptime time.Duration) *watchdog.Loop {
	clock := watchdog.NewClock(w, uptime)
	l, err := watchdog.NewLoop(w, watchdog.LoopConfig{
		Config: watchdog.Config{Name: "loop", Reason: 4}, Timeout: timeout, Check: check, Millis: clock.Millis,
	})
	require.NoError(t, err)
	l.Feed()
	w.After(timeout, timeout, func(time.Time) { l.Check() })
	return l
}

// The check's period is the time-out, and the comparison is strict: more than one and at most two time-outs after the last feed.
func TestLoopBitesBetweenOneAndTwoTimeoutsAfterTheLastFeed(t *testing.T) {
	for _, check := range []watchdog.Check{watchdog.OneVariable, watchdog.TwoVariables, watchdog.PastLimit} {
		for fed := time.Duration(0); fed < timeout; fed += 777 * time.Millisecond {
			bites := in(t, func(w *sim.World) {
				l := dog(t, w, check, 0)
				w.Sleep(fed)
				l.Feed()
				w.Sleep(time.Hour)
			})
			require.Len(t, bites, 1)
			late := bites[0].At - fed
			require.True(t, late > timeout && late <= 2*timeout, "fed at %v: got a bite %v later", fed, late)
			require.Equal(t, "loop", bites[0].Name)
			require.EqualValues(t, 4, bites[0].A)
		}
	}
}

// A loop that comes round in time, across the wrap: the right checks never bite. The wrong one does if a check falls into the last 15 s before
// the wrap, when every limit has wrapped already; the name of the bite says that nothing was late.
func TestOnlyTheWrongCheckBitesAtTheWrap(t *testing.T) {
	const round = time.Second // of the loop
	for before := time.Second; before < 2*timeout-round; before += 321 * time.Millisecond {
		fed := func(check watchdog.Check) []bite {
			return show(in(t, func(w *sim.World) {
				l := dog(t, w, check, watchdog.MillisWrap-before)
				for range 60 {
					w.Sleep(round)
					l.Feed()
				}
			}))
		}
		require.Empty(t, fed(watchdog.OneVariable))
		require.Empty(t, fed(watchdog.TwoVariables))
		bites := fed(watchdog.PastLimit)
		if before <= timeout {
			require.Empty(t, bites, "the first check comes when the clock has wrapped, %v after the start", before)
			continue
		}
		require.Len(t, bites, 1)
		require.Equal(t, "loop (fed in time)", bites[0].name)
		require.LessOrEqual(t, bites[0].unfed, round)
		left := before - bites[0].at
		require.True(t, left > 0 && left < timeout, "got a bite %v before the wrap", left)
	}
}

// The wrong check is wrong in the other direction, too: a loop that was fed for the last time before the limit wrapped, and is not checked
// until the clock has, hangs unseen for 49 days.
func TestTheWrongCheckMissesAHangAtTheWrap(t *testing.T) {
	hangs := func(check watchdog.Check) []bite {
		return show(in(t, func(w *sim.World) {
			l := dog(t, w, check, watchdog.MillisWrap-timeout-time.Second) // checked 1 s before the wrap: still in time
			w.Sleep(500 * time.Millisecond)
			l.Feed() // the limit is 500 ms before the wrap
			w.Sleep(23 * time.Hour)
		}))
	}
	require.Len(t, hangs(watchdog.OneVariable), 1)
	require.Len(t, hangs(watchdog.TwoVariables), 1)
	require.Empty(t, hangs(watchdog.PastLimit))
}

// overwrites are what a rogue program may do to the variables one second after they were fed, in a loop that hangs from then on. Times are of
// the first check (15 s) or the second one (30 s).
var overwrites = []struct {
	why    string
	check  watchdog.Check
	do     func(v *watchdog.Vars, now uint32)
	name   string
	at     time.Duration
	always bool // it goes on overwriting
}{
	{
		"one variable, set to the past: it bites at the next check", watchdog.OneVariable, func(v *watchdog.Vars, _ uint32) { v.Time = 0 },
		"loop (overwritten)", timeout, false,
	},
	{
		"one variable, set to the future: unsigned, that is long ago", watchdog.OneVariable, func(v *watchdog.Vars, _ uint32) { v.Time = 2345688799 },
		"loop (overwritten)", timeout, false,
	},
	{
		"one variable, set to the clock's time: as if fed", watchdog.OneVariable, func(v *watchdog.Vars, now uint32) { v.Time = now },
		"loop", 2 * timeout, false,
	},
	{
		"one variable, kept at the clock's time: it never bites", watchdog.OneVariable, func(v *watchdog.Vars, now uint32) { v.Time = now },
		"", 0, true,
	},
	{
		"two variables, the first overwritten: caught at the next check", watchdog.TwoVariables,
		func(v *watchdog.Vars, now uint32) { v.Time = now }, "loop (overwritten)", timeout, false,
	},
	{
		"two variables, the first kept at the clock's time: caught, too", watchdog.TwoVariables,
		func(v *watchdog.Vars, now uint32) { v.Time = now }, "loop (overwritten)", timeout, true,
	},
	{
		"two variables, the second overwritten: caught at the next check", watchdog.TwoVariables,
		func(v *watchdog.Vars, _ uint32) { v.Limit = 0 }, "loop (overwritten)", timeout, false,
	},
	{
		"two variables, both overwritten consistently: not caught until the time-out has passed", watchdog.TwoVariables,
		func(v *watchdog.Vars, now uint32) { v.Time, v.Limit = now, now+15000 }, "loop", 2 * timeout, false,
	},
	{
		"two variables, both kept consistent: a rogue program that feeds defeats it", watchdog.TwoVariables,
		func(v *watchdog.Vars, now uint32) { v.Time, v.Limit = now, now+15000 }, "", 0, true,
	},
	{
		"the wrong check does not look at the first variable", watchdog.PastLimit, func(v *watchdog.Vars, _ uint32) { v.Time = 2345688799 },
		"loop", 2 * timeout, false,
	},
}

func TestOverwrittenVariables(t *testing.T) {
	for _, c := range overwrites {
		t.Run(c.why, func(t *testing.T) {
			bites := show(in(t, func(w *sim.World) {
				clock := watchdog.NewClock(w, time.Minute)
				l := dog(t, w, c.check, time.Minute)
				w.Sleep(time.Second)
				c.do(&l.Vars, clock.Millis())
				for range 3600 {
					w.Sleep(time.Second)
					if c.always {
						c.do(&l.Vars, clock.Millis())
					}
				}
			}))
			if c.name == "" {
				require.Empty(t, bites)
				return
			}
			require.Equal(t, []bite{{c.name, 4, c.at, c.at}}, bites)
		})
	}
}

func TestALoopWatchdogThatIsNotCheckedDoesNotBite(t *testing.T) {
	require.Empty(t, in(t, func(w *sim.World) {
		l, err := watchdog.NewLoop(w, watchdog.LoopConfig{
			Config: watchdog.Config{Name: "loop"}, Timeout: timeout, Check: watchdog.TwoVariables, Millis: func() uint32 { return 0 },
		})
		require.NoError(t, err)
		require.Equal(t, watchdog.Vars{Time: 0, Limit: 15000}, l.Vars, "before the first feed")
		w.Sleep(time.Hour)
	}))
}

func TestClock(t *testing.T) {
	in(t, func(w *sim.World) {
		c := watchdog.NewClock(w, 0)
		require.Zero(t, c.Millis())
		w.Sleep(1999 * time.Microsecond)
		require.EqualValues(t, 1, c.Millis())
		require.EqualValues(t, 1999, c.Micros())

		c = watchdog.NewClock(w, watchdog.MillisWrap-10*time.Second)
		start := c.Millis()
		require.EqualValues(t, 1<<32-10000, start)
		w.Sleep(15 * time.Second)
		require.EqualValues(t, 5000, c.Millis())
		require.EqualValues(t, 15000, c.Millis()-start, "elapsed time is a difference")

		c = watchdog.NewClock(w, watchdog.MicrosWrap-time.Microsecond)
		require.EqualValues(t, 1<<32-1, c.Micros())
		require.EqualValues(t, 4294967, c.Millis(), "which does not wrap with the microseconds")
		w.Sleep(time.Microsecond)
		require.Zero(t, c.Micros())
		require.Equal(t, "1193h2m47.296s", watchdog.MillisWrap.String())
		require.Equal(t, "1h11m34.967296s", watchdog.MicrosWrap.String())
	})
}
