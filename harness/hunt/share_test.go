package hunt

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/tally"
)

// turns lets targets take n turns each, in which target i gains so many states, and returns how long the last one was.
func turns(h *hunt, n int, gained ...int) []time.Duration {
	h.targets = nil
	for range gained {
		h.targets = append(h.targets, &target{})
	}
	var last []time.Duration
	for range n {
		last = nil
		for i, t := range h.targets {
			last = append(last, h.share(t, len(gained)))
			t.turns++
			t.gained = gained[i]
		}
	}
	return last
}

func TestHalfOfTheTimeGoesToWhoFindsNewStates(t *testing.T) {
	for _, c := range []struct {
		name   string
		hunt   Config
		turns  int
		gained []int
		want   []time.Duration
	}{
		{"the first turn is everybody's", Config{For: 400 * time.Second, Jobs: 1}, 1, []int{0, 7, 7, 7}, []time.Duration{25 * time.Second, 25 * time.Second, 25 * time.Second, 25 * time.Second}},
		{"then it is as they gained", Config{For: 200 * time.Second, Jobs: 1}, 2, []int{30, 10}, []time.Duration{12500*time.Millisecond + 18750*time.Millisecond, 12500*time.Millisecond + 6250*time.Millisecond}},
		{"nobody gains", Config{For: 200 * time.Second, Jobs: 1}, 2, []int{0, 0}, []time.Duration{25 * time.Second, 25 * time.Second}},
		{"two jobs have twice the time", Config{For: 100 * time.Second, Jobs: 2}, 1, []int{0, 0}, []time.Duration{25 * time.Second, 25 * time.Second}},
		{"a short hunt", Config{For: 10 * time.Second, Jobs: 1}, 2, []int{1, 0}, []time.Duration{7500 * time.Millisecond, 2500 * time.Millisecond}},
		{"a long hunt", Config{For: 100 * time.Hour, Jobs: 1}, 2, []int{0, 5}, []time.Duration{30 * time.Second, 90 * time.Second}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := &hunt{cfg: c.hunt}
			require.Equal(t, c.want, turns(h, c.turns, c.gained...))
		})
	}
}

func TestWhatAnInterruptedEngineSaysIsNoFailure(t *testing.T) {
	const died = "--- FAIL: FuzzToy (1.00s)\n    fuzzing process hung or terminated unexpectedly: exit status 2\n    Failing input written to testdata/fuzz/FuzzToy/12\n    To re-run:\n    go test -run=FuzzToy/12\nFAIL\n"
	for _, c := range []struct {
		name     string
		err      error
		asked    bool
		out      string
		troubles int
		off      bool
	}{
		{"it was told to stop", nil, true, "PASS\n", 0, false},
		{"it calls that a failure", errTest, true, "--- FAIL: FuzzToy (1.00s)\n    context deadline exceeded\nFAIL\n", 0, false},
		{"it skipped", nil, false, "PASS\n", 0, true},
		{"it died", errTest, false, died, 1, true},
		{"it died at the end of its turn", errTest, true, died, 1, true},
		{"it could not begin", errTest, false, "toy is not instrumented: run linkflap instrument\nFAIL\n", 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := &troubles{}
			h := &hunt{cfg: Config{Cache: t.TempDir()}, scratch: t.TempDir(), view: v}
			g := &target{name: "FuzzToy", pkg: &Package{Dir: "/toy"}, before: tally.Tally{Dir: t.TempDir()}}
			require.NoError(t, h.judge(g, c.err, c.asked, c.out))
			require.Len(t, v.all, c.troubles)
			require.Equal(t, c.off, g.off)
		})
	}
}

type errString string

func (e errString) Error() string { return string(e) }

const errTest = errString("exit status 1")

// troubles is a view that keeps the troubles.
type troubles struct {
	View
	all []error
}

func (v *troubles) Trouble(err error) { v.all = append(v.all, err) }
