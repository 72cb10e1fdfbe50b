package esp8266

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/esp8266/core"
)

func run(t *testing.T, text string) *harness.Result {
	t.Helper()
	p, err := prog.Parse(Target.Spec(), t.Name(), 1, text)
	require.NoError(t, err)
	return Target.Run(t, p, true)
}

func timeline(res *harness.Result) string { return report.Timeline(res.Trace, 0, 80) }

// of are the events of a kind.
func of(res *harness.Result, k trace.Kind) (all []trace.Event) {
	for _, e := range res.Trace.Events {
		if e.Kind == k {
			all = append(all, e)
		}
	}
	return all
}

// called is when op was called for the first time.
func called(res *harness.Result, op string) time.Duration {
	for _, e := range of(res, trace.Call) {
		if e.Name == op {
			return e.At
		}
	}
	return -1
}

// window is when a watchdog bites after the case was typed, and what the sketch finds then.
type window struct {
	name     string // "" for none
	reason   core.Reason
	from, to time.Duration
}

var (
	never = window{}
	// Two ticks of 1.6 s; the sketch takes up to 10 ms to see what was typed.
	software = window{"software", core.SoftWDT, 1600 * time.Millisecond, 3210 * time.Millisecond}
	// 2^11 + 2^13 units, by both sources of the unit: 8.192 s, 8.388608 s.
	hardware = window{"hardware", core.HardWDT, 8190 * time.Millisecond, 8400 * time.Millisecond}
	loop     = window{"loop", core.SoftRestart, 15 * time.Second, 30010 * time.Millisecond}
)

// The page's table, and what the first sketch is there to show: what no watchdog catches.
var documented = []struct {
	sketch string
	cases  [5]window // by number
}{
	{"none", [...]window{1: software, 2: hardware, 3: never, 4: never}},
	{"one", [...]window{1: software, 2: hardware, 3: loop, 4: never}},
	{"two", [...]window{1: software, 2: hardware, 3: loop, 4: never}},
	{"wrong", [...]window{1: software, 2: hardware, 3: loop, 4: never}},
}

func TestEveryCaseBitesInItsWindow(t *testing.T) {
	for _, c := range documented {
		for n := 1; n < len(c.cases); n++ {
			for phase := 0; phase < 17000; phase += 1234 {
				res := run(t, fmt.Sprintf("boot(%s)\nsleep(%dms)\ncase(%d)\n", c.sketch, phase, n))
				checkWindow(t, res, "case", c.cases[n])
			}
		}
	}
}

// checkWindow checks that there is one bite, where it should be, and that the board is back if there is.
func checkWindow(t *testing.T, res *harness.Result, op string, want window) {
	t.Helper()
	got := of(res, trace.Bite)
	if want.name == "" {
		require.Empty(t, got, timeline(res))
		require.Len(t, res.Violations, 1)
		require.Contains(t, res.Verdict(), stuck("answer", ""), "nobody saw it")
		return
	}
	require.Len(t, got, 1, timeline(res))
	require.Equal(t, want.name, got[0].Name, timeline(res))
	late := got[0].At - called(res, op)
	require.True(t, late >= want.from && late <= want.to, "got a bite after %v, want %v to %v\n%s", late, want.from, want.to, timeline(res))
	require.EqualValues(t, want.reason, got[0].A)
	resets := of(res, trace.Reset)
	require.EqualValues(t, want.reason, resets[len(resets)-1].A, "what the sketch finds")
	require.Len(t, res.Violations, 1, "the board is back: %s", timeline(res))
}

var (
	// A bite at the Ticker's next tick: the loop fed in time, but somebody wrote over what it wrote.
	next = window{"loop (overwritten)", core.SoftRestart, time.Second, 16 * time.Second}
	// An ordinary bite, of a watchdog that the write after one second may have fed.
	later = window{"loop", core.SoftRestart, 15 * time.Second, 31010 * time.Millisecond}
)

// What a rogue program writes after one second, once or again and again, while nothing feeds the lwdt any more.
var rogues = []struct {
	write    string
	one, two window
	why      string
}{
	{"time, now, once", later, next, "that feeds one variable; with two, their distance is wrong"},
	{"time, now, again", never, next, "that feeds one variable again and again; with two, their distance is wrong"},
	{"time, fixed, once", next, next, "in the future, so unsigned long ago"},
	{"time, fixed, again", next, next, "in the future, so unsigned long ago"},
	{"limit, now, once", later, next, "of one variable nobody reads it; with two, their distance is wrong"},
	{"limit, fixed, again", later, next, "of one variable nobody reads it; with two, their distance is wrong"},
	{"both, now, once", later, later, "consistent: not caught until the time is up"},
	{"both, now, again", never, never, "consistent, and new each time, so it feeds"},
	{"both, fixed, once", next, next, "consistent, but the time is up"},
}

func TestRogueWrites(t *testing.T) {
	for _, c := range rogues {
		t.Run(c.write+": "+c.why, func(t *testing.T) {
			for phase := 0; phase < 13; phase += 3 { // so that the write comes more than a second before a tick
				for sketch, want := range map[string]window{"one": c.one, "two": c.two, "none": never} {
					checkWindow(t, run(t, fmt.Sprintf("boot(%s)\nsleep(%ds)\nrogue(%s)\n", sketch, phase, c.write)), "rogue", want)
				}
			}
		})
	}
}

// The lwdt is fed in setup and every 10 ms from then on; the Ticker's ticks come every 15 s. The right comparisons never bite; the wrong one
// does exactly if there is a tick in the last 15 s before the wrap, and says that nothing was late.
func TestOnlyTheWrongComparisonBitesAtTheWrap(t *testing.T) {
	seen := 0
	for wrap := 100 * time.Millisecond; wrap < time.Minute; wrap += 1357 * time.Millisecond {
		program := "boot(%s, wrap=%s)\nsleep(40s)\nsleep(40s)\n"
		for _, right := range []string{"none", "one", "two"} {
			require.Equal(t, "ok", run(t, fmt.Sprintf(program, right, wrap)).Verdict())
		}
		res := run(t, fmt.Sprintf(program, "wrong", wrap))
		got := of(res, trace.Bite)
		if wrap <= 15*time.Second {
			require.Empty(t, got, timeline(res))
			continue
		}
		seen++
		require.Len(t, got, 1, timeline(res))
		require.Equal(t, bitten("loop (fed in time)", "the wrong comparison"), res.Verdict())
		left := wrap - got[0].At
		require.True(t, left > 0 && left < 15*time.Second, "wrap after %v: got a bite %v before it", wrap, left)
		require.LessOrEqual(t, got[0].B, int64(10), "milliseconds since it was fed")
	}
	require.Greater(t, seen, 30)
}

// bitten and stuck are verdicts: a watchdog bites, or a step of the probe fails because none does.
func bitten(watchdog, sketch string) string {
	return "watchdog: the " + watchdog + " watchdog bites on " + sketch
}

func stuck(step, sketch string) string {
	return "recovery: " + step + " fails after the faults stopped on " + sketch
}

var warnings = []struct{ why, program, want string }{
	{"a blocking call longer than the software watchdog's period", "boot(two)\nbusy(4s)\n", bitten("software", "two variables")},
	{"a blocking call within it", "boot(two)\nbusy(1600ms)\n", "ok"},
	{"a wait longer than the lwdt's", "boot(one)\ndelay(31s)\n", bitten("loop", "one variable")},
	{"a wait within it", "boot(one)\nsleep(9s)\ndelay(15s)\n", "ok"},
	{"with no lwdt it may take its time", "boot(none)\ndelay(40s)\n", "ok"},
	{"fed from a Ticker, too: the lwdt is defeated", "boot(two)\nfeedFromTicker()\ncase(3)\n", stuck("answer", "two variables")},
	{
		"the software watchdog put off, and a call longer than the hardware's period",
		"boot(two)\nwdtDisable()\nbusy(10s)\n", bitten("hardware", "two variables"),
	},
	{"wdtEnable with a long period does not give one", "boot(none)\nwdtEnable(40s)\nbusy(4s)\n", bitten("software", "no lwdt")},
	{"put off for six seconds, and no longer", "boot(two)\nwdtDisable()\nbusy(6s)\nwdtEnable(0s)\nsleep(40s)\n", "ok"},
	{"the first restart after an upload", "boot(two)\nupload(unguarded)\nrestart()\n", stuck("boot", "two variables")},
	{
		"where the hardware watchdog bites once more",
		"boot(two)\nupload(unguarded)\nrestart()\nsleep(9s)\n", bitten("hardware", "two variables"),
	},
	{"the page's sketches wait for the reset button instead", "boot(two)\nupload(guarded)\n", stuck("setup", "two variables")},
	{"which is pressed", "boot(two)\nupload(guarded)\nsleep(1s)\nreset()\nrestart()\n", "ok"},
	{"a restart without an upload", "boot(two)\nrestart()\npower()\nfeed()\nwdtFeed()\n", "ok"},
}

func TestWhatElseThePageWarnsOf(t *testing.T) {
	for _, c := range warnings {
		t.Run(c.why, func(t *testing.T) {
			res := run(t, c.program)
			require.Equal(t, c.want, res.Verdict(), timeline(res))
		})
	}
}

func TestOpsOnABoardThatIsNotReady(t *testing.T) {
	res := run(t, "case(1)\nreset()\nboot(one)\nboot(two)\nsleep(1s)\na: boot(two)\na: case(4)\nb: sleep(1s)\nb: feed()\n")
	var errs []string
	for _, e := range of(res, trace.Return)[:9] {
		errs = append(errs, fmt.Sprint(e.Name, trace.Status(e.C)))
	}
	require.Equal(t, []string{
		"the board has no power1", "the board has no power1", "0", "the board has power already1", "0",
		"2", // unsupported: only main boots
		"0", // b's sleep
		"the sketch does not answer1", "the sketch does not answer1",
	}, errs, timeline(res))
	require.Equal(t, stuck("answer", "one variable"), res.Verdict())
	require.Equal(t, "ok", run(t, "sleep(1s)\n").Verdict(), "the probe gives the board its power")
}
