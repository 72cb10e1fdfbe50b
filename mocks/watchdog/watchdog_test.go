package watchdog_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/watchdog"
)

// in runs f as the only task of a world for a day at most, and returns the bites.
func in(t *testing.T, f func(w *sim.World)) (bites []trace.Event) {
	t.Helper()
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		w.Spawn("board", 0, func(*sim.Task) { f(w) })
		require.Equal(t, sim.Settled, w.Await(24*time.Hour, 0))
	})
	for _, e := range tr.Events {
		if e.Kind == trace.Bite {
			bites = append(bites, e)
		}
	}
	return bites
}

// bite is what of a bite a test looks at.
type bite struct {
	name   string
	reason int64
	at     time.Duration
	unfed  time.Duration
}

func show(events []trace.Event) (bites []bite) {
	for _, e := range events {
		bites = append(bites, bite{e.Name, e.A, e.At, time.Duration(e.B) * time.Millisecond})
	}
	return bites
}

func hardware(t *testing.T, w *sim.World, stages ...time.Duration) *watchdog.Hardware {
	h, err := watchdog.NewHardware(w, watchdog.HardwareConfig{Config: watchdog.Config{Name: "hardware", Reason: 1}, Stages: stages})
	require.NoError(t, err)
	return h
}

func TestHardwareBitesOnePeriodAfterItWasFed(t *testing.T) {
	bites := in(t, func(w *sim.World) {
		h := hardware(t, w, 2*time.Second, 3*time.Second)
		require.Equal(t, 5*time.Second, h.Period())
		h.Start()
		for range 10 {
			w.Sleep(4999 * time.Millisecond)
			h.Feed()
		}
		require.True(t, h.Armed())
		w.Sleep(time.Hour)
		require.False(t, h.Armed(), "it bites once")
	})
	require.Equal(t, []bite{{"hardware", 1, 54990 * time.Millisecond, 5 * time.Second}}, show(bites))
}

func TestHardwareInterruptsAtTheEndOfAStage(t *testing.T) {
	var ends []time.Duration
	bites := in(t, func(w *sim.World) {
		h, err := watchdog.NewHardware(w, watchdog.HardwareConfig{
			Config: watchdog.Config{Name: "hardware"}, Stages: []time.Duration{time.Second, 2 * time.Second, time.Second},
			Stage: func(n int) { ends = append(ends, time.Duration(n), w.Now()) },
		})
		require.NoError(t, err)
		h.Start()
		w.Sleep(1500 * time.Millisecond)
		h.Feed() // in the second stage: it counts from the first again
		w.Sleep(time.Minute)
	})
	require.Equal(t, []time.Duration{0, time.Second, 0, 2500 * time.Millisecond, 1, 4500 * time.Millisecond}, ends)
	require.Equal(t, []bite{{"hardware", 0, 5500 * time.Millisecond, 4 * time.Second}}, show(bites))
}

func TestHardwareThatIsOff(t *testing.T) {
	require.Empty(t, in(t, func(w *sim.World) {
		h := hardware(t, w, time.Second)
		h.Feed() // which does not start it
		w.Sleep(time.Minute)
		h.Start()
		h.Stop()
		w.Sleep(time.Minute)
	}))
}

func TestABiteResetsTheBoardAndTheWatchdogCanStartAgain(t *testing.T) {
	bites := in(t, func(w *sim.World) {
		var h *watchdog.Hardware
		var seen []watchdog.Bite
		h, err := watchdog.NewHardware(w, watchdog.HardwareConfig{
			Stages: []time.Duration{time.Second},
			Config: watchdog.Config{Name: "hardware", Reason: 7, Reset: func(b watchdog.Bite) {
				seen = append(seen, b)
				if len(seen) < 3 {
					h.Start()
				}
			}},
		})
		require.NoError(t, err)
		h.Start()
		w.Sleep(time.Minute)
		require.Equal(t, watchdog.Bite{Name: "hardware", Reason: 7, Unfed: time.Second}, seen[2])
	})
	require.Len(t, bites, 3)
}

// Two tasks feed, one of them hangs: nobody notices. That is why a watchdog should be fed in one place.
func TestAWatchdogDoesNotKnowWhoFedIt(t *testing.T) {
	require.Empty(t, in(t, func(w *sim.World) {
		h := hardware(t, w, 3*time.Second)
		h.Start()
		w.Go("good", func() {
			for {
				w.Sleep(2 * time.Second)
				h.Feed()
			}
		})
		w.Sleep(time.Second)
		h.Feed()
		w.Sleep(time.Hour) // hangs
	}))
}

// sdk is a processor that serves its jobs when it is not busy.
type sdk struct {
	soft *watchdog.Software
	busy bool
	jobs int
}

func newSDK(t *testing.T, w *sim.World) *sdk {
	s := &sdk{}
	var err error
	s.soft, err = watchdog.NewSoftware(w, watchdog.SoftwareConfig{
		Config:   watchdog.Config{Name: "software", Reason: 3},
		Interval: 1600 * time.Millisecond, Pause: 70 * time.Second,
		Ask: func() { s.jobs++; s.serve() },
	})
	require.NoError(t, err)
	s.soft.Start()
	return s
}

func (s *sdk) serve() {
	if !s.busy && s.jobs > 0 {
		s.jobs = 0
		s.soft.Feed()
	}
}

// "flag still set at the next tick": between one and two intervals after the SDK got the processor for the last time, wherever that is
// between two ticks.
func TestSoftwareBitesBetweenOneAndTwoIntervalsAfterTheLastYield(t *testing.T) {
	for phase := 10 * time.Millisecond; phase < 1600*time.Millisecond; phase += 70 * time.Millisecond {
		bites := in(t, func(w *sim.World) {
			s := newSDK(t, w)
			w.Sleep(16*time.Second + phase)
			s.busy = true
			w.Sleep(time.Minute)
		})
		require.Equal(t, []bite{{"software", 3, 19200 * time.Millisecond, 3200 * time.Millisecond}}, show(bites))
		late := bites[0].At - 16*time.Second - phase
		require.True(t, late > 1600*time.Millisecond && late <= 3200*time.Millisecond, "got %v", late)
	}
}

func TestSoftwareFeedDoesNotMoveTheTick(t *testing.T) {
	bites := in(t, func(w *sim.World) {
		s := newSDK(t, w)
		s.busy = true
		w.Sleep(3100 * time.Millisecond) // asked at 1.6 s
		s.soft.Feed()
		w.Sleep(time.Minute) // asked at 3.2 s, bites at 4.8 s: 1.7 s after it was fed, not 3.2 s
	})
	require.Equal(t, []bite{{"software", 3, 4800 * time.Millisecond, 1700 * time.Millisecond}}, show(bites))
}

func TestSoftwarePauseIsNotTheEnd(t *testing.T) {
	bites := in(t, func(w *sim.World) {
		s := newSDK(t, w)
		s.busy = true
		w.Sleep(2 * time.Second)
		s.soft.Pause()
		w.Sleep(time.Hour)
	})
	require.Equal(t, []bite{{"software", 3, 73600 * time.Millisecond, 71600 * time.Millisecond}}, show(bites), "2 s + 70 s + one interval")

	require.Empty(t, in(t, func(w *sim.World) {
		s := newSDK(t, w)
		s.busy = true
		s.soft.Stop()
		w.Sleep(time.Hour)
	}), "stopped")
}

func TestPeriodsThatAreNone(t *testing.T) {
	in(t, func(w *sim.World) {
		name := watchdog.Config{Name: "x"}
		for _, c := range []struct {
			make func() error
			want string
		}{
			{hard(w), "x watchdog: got no stages, want at least 1"},
			{hard(w, time.Second, 0), "x watchdog: got stage 1 of 0s, want more than 0"},
			{hard(w, -time.Second), "x watchdog: got stage 0 of -1s, want more than 0"},
			{soft(w, 0, time.Second), "x watchdog: got an interval of 0s, want more than 0"},
			{soft(w, time.Second, -1), "x watchdog: got a pause of -1ns, want more than 0"},
			{loop(w, name, 0), "x watchdog: got a time-out of 0s, want more than 0"},
			{loop(w, name, -15*time.Second), "x watchdog: got a time-out of -15s, want more than 0"},
			{loop(w, name, 1500*time.Microsecond), "x watchdog: got a time-out of 1.5ms, want whole milliseconds and less than 1193h2m47.296s"},
			{loop(w, name, watchdog.MillisWrap), "x watchdog: got a time-out of 1193h2m47.296s, want whole milliseconds and less than 1193h2m47.296s"},
		} {
			require.EqualError(t, c.make(), c.want)
		}
	})
}

func hard(w *sim.World, stages ...time.Duration) func() error {
	return func() error {
		_, err := watchdog.NewHardware(w, watchdog.HardwareConfig{Config: watchdog.Config{Name: "x"}, Stages: stages})
		return err
	}
}

func soft(w *sim.World, interval, pause time.Duration) func() error {
	return func() error {
		_, err := watchdog.NewSoftware(w, watchdog.SoftwareConfig{Config: watchdog.Config{Name: "x"}, Interval: interval, Pause: pause})
		return err
	}
}

func loop(w *sim.World, cfg watchdog.Config, timeout time.Duration) func() error {
	return func() error {
		_, err := watchdog.NewLoop(w, watchdog.LoopConfig{Config: cfg, Timeout: timeout})
		return err
	}
}
