package core_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/esp8266/core"
)

// sketch is a program of two functions, which run in CONT.
type sketch struct{ setup, loop func(b *core.Board) }

type running struct {
	sketch
	b *core.Board
}

func (r *running) Setup() {
	if r.setup != nil {
		r.setup(r.b)
	}
}

func (r *running) Loop() {
	if r.loop == nil {
		r.b.Idle()
	}
	r.loop(r.b)
}

// run lets a board with this sketch run for d and then does what then says, with the board as it is.
func run(t *testing.T, cfg core.Config, s sketch, d time.Duration, then ...func(w *sim.World, b *core.Board)) *trace.Trace {
	t.Helper()
	return sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
		b, err := core.New(w, cfg, func(b *core.Board) core.Program { return &running{s, b} }, nil)
		require.NoError(t, err)
		w.Spawn("person", 0, func(*sim.Task) {
			b.PowerUp(0)
			w.Sleep(d)
			for _, f := range then {
				f(w, b)
			}
			b.PowerDown()
		})
		require.Equal(t, sim.Settled, w.Await(24*time.Hour, 0))
	})
}

// bite is what of a bite a test looks at.
type bite struct {
	name   string
	reason core.Reason
	at     time.Duration
}

func bites(tr *trace.Trace) (all []bite) {
	for _, e := range tr.Events {
		if e.Kind == trace.Bite {
			all = append(all, bite{e.Name, core.Reason(e.A), e.At})
		}
	}
	return all
}

// once is a loop that does f the first time and nothing after the board started again.
func once(f func(b *core.Board)) func(b *core.Board) {
	done := false
	return func(b *core.Board) {
		if !done {
			done = true
			f(b)
		}
		b.Idle()
	}
}

func TestResetReasons(t *testing.T) {
	for _, c := range []struct {
		reason core.Reason
		text   string // Esp.cpp, getResetReason
		cause  int
	}{
		{0, "Power on", 1},
		{1, "Hardware Watchdog", 4},
		{2, "Exception", 2},
		{3, "Software Watchdog", 2},
		{4, "Software/System restart", 2},
		{5, "Deep-Sleep Wake", 2},
		{6, "External System", 2},
		{7, "Unknown", 2},
		{-1, "Unknown", 2},
		{1 << 40, "Unknown", 2},
	} {
		require.Equal(t, c.text, c.reason.String())
		require.Equal(t, c.cause, c.reason.Cause(), c.text)
	}
}

// Software watchdog: the second tick after the sketch stopped yielding, so 1.6 to 3.2 s after that, reason 3.
func TestABusyLoopIsBittenByTheSoftwareWatchdog(t *testing.T) {
	for _, interval := range []time.Duration{core.SoftInterval, core.SoftIntervalSleep} {
		for phase := time.Duration(0); phase < interval; phase += interval / 13 {
			var reason core.Reason
			tr := run(t, core.Config{SoftInterval: interval}, sketch{
				setup: func(b *core.Board) { reason = b.ResetReason() },
				loop: once(func(b *core.Board) {
					b.Delay(10*time.Second + phase)
					b.Spin()
				}),
			}, time.Minute)
			got := bites(tr)
			require.Len(t, got, 1)
			late := got[0].at - 10*time.Second - phase
			require.True(t, late >= interval && late <= 2*interval, "phase %v: got a bite %v later", phase, late)
			require.Equal(t, bite{"software", core.SoftWDT, got[0].at}, got[0])
			require.Equal(t, core.SoftWDT, reason, "what the sketch finds")
		}
	}
}

// Hardware watchdog: both stages after the last feed, by the values of its registers, reason 1.
func TestWithoutTheSoftwareWatchdogTheHardwareBites(t *testing.T) {
	for _, c := range []struct {
		cfg  core.Config
		want time.Duration
	}{
		{core.Config{}, 8388608 * time.Microsecond},
		{core.Config{HardUnit: core.HardUnitByClock}, 8192 * time.Millisecond},
		{core.Config{HardStages: []int{11, 12}}, 5033164800 * time.Nanosecond}, // those of esp-open-rtos
		{core.Config{HardStages: []int{15, 15}}, 53687091200 * time.Nanosecond},
	} {
		for phase := time.Duration(0); phase < core.SoftInterval; phase += core.SoftInterval / 7 {
			tr := run(t, c.cfg, sketch{loop: once(func(b *core.Board) {
				b.Delay(4*time.Second + phase)
				b.WdtDisable()
				b.Spin()
			})}, time.Minute+30*time.Second)
			require.Equal(t, []bite{{"hardware", core.HardWDT, 4*time.Second + phase + c.want}}, bites(tr))
		}
	}
}

func TestStagesThatTheRegistersCannotHold(t *testing.T) {
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		for _, c := range []struct {
			cfg  core.Config
			want string
		}{
			{core.Config{HardStages: []int{11, 16}}, "hardware watchdog: got exponent 16 of stage 1, want 1..15"},
			{core.Config{HardStages: []int{0}}, "hardware watchdog: got exponent 0 of stage 0, want 1..15"},
			{core.Config{HardStages: []int{}}, "hardware watchdog: got no stages, want at least 1"},
			{core.Config{HardUnit: -1}, "hardware watchdog: got stage 0 of -2.048µs, want more than 0"},
			{core.Config{SoftInterval: -time.Second}, "software watchdog: got an interval of -1s, want more than 0"},
		} {
			_, err := core.New(w, c.cfg, nil, nil)
			require.EqualError(t, err, c.want)
		}
	})
}

// What lets SYS run feeds both watchdogs, through the software watchdog's job.
func TestASketchThatYieldsIsNotBitten(t *testing.T) {
	for name, loop := range map[string]func(b *core.Board){
		"delay":                     func(b *core.Board) { b.Delay(30 * time.Second) },
		"delay(0) after a long job": func(b *core.Board) { b.Busy(1500 * time.Millisecond); b.Delay(0) },
		"yield after a long job":    func(b *core.Board) { b.Busy(1500 * time.Millisecond); b.Yield() },
		"the end of loop":           func(b *core.Board) { b.Busy(1500 * time.Millisecond) },
		"while (1) { yield(); }":    func(b *core.Board) { b.Idle() },
	} {
		require.Empty(t, bites(run(t, core.Config{}, sketch{loop: loop}, time.Hour)), name)
	}
}

func TestWdtFeedKeepsABusyLoopAlive(t *testing.T) {
	feed := func(every time.Duration) []bite {
		return bites(run(t, core.Config{}, sketch{setup: func(b *core.Board) {
			for range 100 {
				b.Busy(every)
				b.WdtFeed()
			}
		}}, 100*time.Second))
	}
	require.Empty(t, feed(time.Second))
	require.Equal(t, []bite{{"software", core.SoftWDT, 3200 * time.Millisecond}}, feed(3300 * time.Millisecond)[:1])
}

// ESP.wdtEnable takes a period and ignores it: "argument ignored" (Esp.cpp: (void) timeout_ms).
func TestWdtEnableIgnoresItsArgument(t *testing.T) {
	for _, d := range []time.Duration{-time.Second, 0, time.Millisecond, 8 * time.Second, time.Hour} {
		tr := run(t, core.Config{}, sketch{loop: once(func(b *core.Board) {
			b.WdtEnable(d)
			b.Spin()
		})}, time.Minute)
		require.Equal(t, []bite{{"software", core.SoftWDT, 3200 * time.Millisecond}}, bites(tr), "wdtEnable(%v)", d)
	}
}

// ESP.wdtDisable is a pause of 70 s: then the software watchdog ticks again, and bites at the tick after that.
func TestWdtDisableIsAPauseOf70Seconds(t *testing.T) {
	tr := run(t, core.Config{}, sketch{loop: once(func(b *core.Board) {
		b.WdtDisable()
		for {
			b.Busy(4 * time.Second)
			b.WdtFeed() // keeps the hardware watchdog quiet meanwhile
		}
	})}, 100*time.Second)
	require.Equal(t, []bite{{"software", core.SoftWDT, 71600 * time.Millisecond}}, bites(tr))

	tr = run(t, core.Config{}, sketch{loop: once(func(b *core.Board) {
		b.WdtDisable()
		b.Busy(6 * time.Second)
		b.WdtEnable(0)
		b.Idle()
	})}, 100*time.Second)
	require.Empty(t, bites(tr), "a pause of 6 s is what the core's comment allows")
}

// This only confirms an inference from the disassembly, in which nothing but the software watchdog's job feeds the hardware watchdog.
func TestYieldingDoesNotFeedWhileTheSoftwareWatchdogPauses(t *testing.T) {
	tr := run(t, core.Config{}, sketch{loop: once(func(b *core.Board) {
		b.WdtDisable()
		b.Idle()
	})}, 20*time.Second)
	require.Equal(t, []bite{{"hardware", core.HardWDT, 8388608 * time.Microsecond}}, bites(tr))
}
