package tally_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/tally"
)

func TestStatesAreCountedOnce(t *testing.T) {
	var a, b tally.States
	require.Zero(t, a.Count())
	for _, hash := range []uint{0, 1, 1, 65535, 65536} { // the last one is the first one's
		a.Visit(hash)
	}
	require.Equal(t, 3, a.Count())
	b.Visit(1)
	b.Visit(2)
	a.Add(b)
	a.Add(nil)
	a.Add(tally.States{0xff}) // of another version
	require.Equal(t, 4, a.Count())
	require.Equal(t, 2, b.Count())
}

func TestTalliesAddUp(t *testing.T) {
	var a, b, sum tally.Tally
	a.Target, a.Dir, a.Programs, a.Virtual = "toy", "corpus/toy", 3, time.Second
	a.Hit("x")
	a.Found("y", "y.txt")
	b.Programs = 4
	b.Hit("x")
	b.Hit("y")
	sum.Add(&a)
	sum.Add(&b)
	require.Equal(t, tally.Tally{
		Target: "toy", Dir: "corpus/toy", Programs: 7, Virtual: time.Second,
		Hits: map[string]int{"x": 2, "y": 1}, New: map[string]string{"y": "y.txt"},
	}, sum)
	require.Equal(t, map[string]int{"x": 1}, a.Hits, "what was added stays as it is")
}

func TestWhatIsLeftIsCollected(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(tally.Env, dir)
	var mine tally.Tally
	mine.Programs = 1
	mine.Leave()
	mine.Programs = 2
	mine.States.Visit(9)
	mine.Leave()
	tally.Note("it hangs")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tally-1.json"), []byte(`{"programs":5}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tally-2.json"), []byte(`{"programs":5`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".tmp-tally-3.json"), []byte(`{"programs":5}`), 0o600))
	sum, notes := tally.Collect(dir)
	require.Equal(t, 7, sum.Programs, "the last of this process and the whole one; what is torn or not yet there does not count")
	require.Equal(t, 1, sum.States.Count())
	require.Equal(t, []string{"it hangs"}, notes)
}

func TestNobodyAsksForTallies(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv(tally.Env, "")
	new(tally.Tally).Leave()
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, left)
}
