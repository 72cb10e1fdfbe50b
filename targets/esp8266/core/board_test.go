package core_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/watchdog"
	"github.com/linkflap/linkflap/targets/esp8266/core"
)

// printed is what the board printed, a line each.
func printed(tr *trace.Trace) (lines []string) {
	for i, e := range tr.Events {
		if e.Kind == trace.Log {
			lines = append(lines, strings.TrimSpace(tr.Details[i]))
		}
	}
	return lines
}

// SYS does not take the processor from CONT. Not confirmed for the callbacks of Tickers, see the package comment; that those which a busy
// sketch kept from running are one afterwards is chosen.
func TestSYSWaitsUntilCONTYields(t *testing.T) {
	var calls []time.Duration
	run(t, core.Config{}, sketch{loop: once(func(b *core.Board) {
		start := b.Micros()
		require.NoError(t, b.Attach(100*time.Millisecond, func() {
			calls = append(calls, time.Duration(b.Micros()-start)*time.Microsecond)
		}))
		b.Delay(250 * time.Millisecond)
		b.Busy(500 * time.Millisecond)
		b.Delay(100 * time.Millisecond)
		b.Busy(time.Second)
	})}, 900*time.Millisecond)
	ms := time.Millisecond
	require.Equal(t, []time.Duration{100 * ms, 200 * ms, 750 * ms, 800 * ms}, calls)
}

func TestATickersPeriodMustBeOne(t *testing.T) {
	run(t, core.Config{}, sketch{setup: func(b *core.Board) {
		require.EqualError(t, b.Attach(0, nil), "ticker: got a period of 0s, want more than 0")
		require.EqualError(t, b.Attach(-time.Second, nil), "ticker: got a period of -1s, want more than 0")
	}}, time.Second)
}

// core_esp8266_main.cpp: __yield panics if it cannot yield, __esp_yield, and so delay, does nothing.
func TestYieldingOutsideCONT(t *testing.T) {
	ran := false
	run(t, core.Config{}, sketch{setup: func(b *core.Board) {
		require.NoError(t, b.Attach(time.Second, func() {
			if ran {
				return
			}
			ran = true
			before := b.Micros()
			b.Delay(time.Minute)
			require.Equal(t, before, b.Micros(), "delay does not even wait")
			require.PanicsWithValue(t, "yield outside CONT", b.Yield)
		}))
	}}, 5*time.Second, func(_ *sim.World, b *core.Board) {
		require.PanicsWithValue(t, "yield outside CONT", b.Yield, "while the sketch is in a delay")
	})
	require.True(t, ran)
}

func TestRestart(t *testing.T) {
	restarts := func(from func(b *core.Board)) []core.Reason {
		var reasons []core.Reason
		tr := run(t, core.Config{}, sketch{
			setup: func(b *core.Board) {
				reasons = append(reasons, b.ResetReason())
				require.Zero(t, b.Millis(), "the clock begins anew")
			},
			loop: once(from),
		}, time.Minute)
		require.Empty(t, bites(tr))
		return reasons
	}
	want := []core.Reason{core.PowerOn, core.SoftRestart}
	require.Equal(t, want, restarts(func(b *core.Board) {
		b.Delay(5 * time.Second)
		b.Restart()
		t.Error("restart returned")
	}), "from CONT")
	require.Equal(t, want, restarts(func(b *core.Board) {
		require.NoError(t, b.Attach(5*time.Second, b.Restart))
	}), "from SYS, while CONT idles")
	require.Equal(t, want, restarts(func(b *core.Board) {
		require.NoError(t, b.Attach(time.Second, b.Restart))
		b.Busy(1500 * time.Millisecond)
		b.Yield()
		t.Error("yield returned after the restart")
	}), "from SYS, while CONT waits for its turn to come back")
}

// What SYS had to do when the board was reset is forgotten, and can be asked for again: or the board would be bitten for ever.
func TestAResetLeavesNothingBehind(t *testing.T) {
	tr := run(t, core.Config{}, sketch{loop: once(func(b *core.Board) {
		require.NoError(t, b.Attach(time.Second, func() { t.Error("a Ticker outlives the reset") }))
		b.Spin()
	})}, time.Hour)
	require.Len(t, bites(tr), 1)
}

func TestUptime(t *testing.T) {
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		var b *core.Board
		b, err := core.New(w, core.Config{}, func(b *core.Board) core.Program { return &running{sketch{}, b} }, nil)
		require.NoError(t, err)
		w.Spawn("person", 0, func(*sim.Task) {
			require.Equal(t, core.Off, b.State())
			b.PressReset()
			require.Equal(t, core.Off, b.State(), "without power")
			b.PowerUp(watchdog.MillisWrap - 10*time.Second)
			w.Sleep(15 * time.Second)
			require.EqualValues(t, 5000, b.Millis())
			require.Equal(t, core.Looping, b.State())
			starts := b.Starts()
			b.PressReset()
			require.Equal(t, starts+1, b.Starts())
			require.Zero(t, b.Millis())
			require.Equal(t, core.ExtReset, b.ResetReason())
			b.PowerDown()
			require.Equal(t, core.Off, b.State())
		})
		require.Equal(t, sim.Settled, w.Await(time.Hour, 0))
	})
}

// esp8266/Arduino issues 1017, 1722, 4057: after an upload over the UART the first restart ends in the boot loader, whose output is that of
// SmingHub/Sming issue 1024: cause 2, after seven seconds cause 4, and no more. The reset pin and the power help.
func TestTheFirstRestartAfterAnUpload(t *testing.T) {
	for name, cure := range map[string]func(b *core.Board){
		"reset pin": (*core.Board).PressReset,
		"power":     func(b *core.Board) { b.PowerUp(0) },
	} {
		tr := run(t, core.Config{}, sketch{}, time.Second, func(w *sim.World, b *core.Board) {
			b.Upload()
			require.Equal(t, core.BootUART, b.BootDevice())
			w.Sleep(10*time.Second + 500*time.Millisecond)
			require.Equal(t, core.Looping, b.State(), "the uploaded sketch runs")
			b.Restart()
			w.Sleep(time.Hour)
			require.Equal(t, core.Loader, b.State())
			require.Equal(t, core.HardWDT, b.ResetReason())
			cure(b)
			require.Equal(t, core.BootFlash, b.BootDevice())
			w.Sleep(time.Second)
			require.Equal(t, core.Looping, b.State())
			b.Restart()
			w.Sleep(time.Second)
			require.Equal(t, core.Looping, b.State(), "%s: it stays cured", name)
		})
		require.Equal(t, []string{
			"rst cause:1, boot mode:(3,6)", "rst cause:2, boot mode:(1,6)", "rst cause:2, boot mode:(1,6)", "rst cause:4, boot mode:(1,6)",
		}, printed(tr)[:4])
		// Fed at the software watchdog's last tick, 9.6 s after the upload at 1 s.
		require.Equal(t, []bite{{"hardware", core.HardWDT, 10600*time.Millisecond + 8388608*time.Microsecond}}, bites(tr))
	}
}

func TestAWatchdogsResetAfterAnUploadEndsInTheBootLoader(t *testing.T) {
	tr := run(t, core.Config{}, sketch{}, 0, func(w *sim.World, b *core.Board) {
		b.Upload()
		w.Sleep(time.Second)
		require.Equal(t, core.Looping, b.State())
	})
	require.Empty(t, bites(tr))
	tr = run(t, core.Config{}, sketch{loop: func(b *core.Board) { b.Spin() }}, 0, func(w *sim.World, b *core.Board) {
		b.Upload()
		w.Sleep(time.Hour)
		require.Equal(t, core.Loader, b.State())
	})
	require.Equal(t, []bite{
		{"software", core.SoftWDT, 3200 * time.Millisecond},
		{"hardware", core.HardWDT, 8388608 * time.Microsecond},
	}, bites(tr))
}
