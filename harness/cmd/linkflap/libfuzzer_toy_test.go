package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// stuck are targets on which a run does not end, eats all memory, and cannot begin.
const stuck = `package toy

import (
	"bytes"
	"errors"
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/sim"
)

func FuzzStuck(f *testing.F) {
	tg := target("stuck")
	tg.Start = func(*sim.World) (*Toy, error) { for { } }
	harness.Fuzz(f, tg)
}

var eaten []byte

func FuzzHungry(f *testing.F) {
	tg := target("hungry")
	tg.Start = func(*sim.World) (*Toy, error) { eaten = bytes.Repeat([]byte{1}, 300<<20); for { } }
	harness.Fuzz(f, tg)
}

func FuzzBroken(f *testing.F) {
	tg := target("broken")
	tg.Start = func(*sim.World) (*Toy, error) { return nil, errors.New("no such toy") }
	harness.Fuzz(f, tg)
}
`

// otherModule makes a module of the toy with which hunts are tested.
func otherModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	root, err := filepath.Abs(module)
	require.NoError(t, err)
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../hunt/testdata/toy")))
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	text := regexp.MustCompile(`(?s)\ntool \(.*?\n\)`).ReplaceAllString(string(mod), "")
	text = strings.Replace(text, "module github.com/linkflap/linkflap", "module example.com/toy", 1)
	text = strings.Replace(text, "=> ./mocks/machine", "=> "+root+"/mocks/machine", 1)
	text += "\nrequire github.com/linkflap/linkflap v0.0.0\n\nreplace github.com/linkflap/linkflap => " + root + "\n"
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	for name, text := range map[string]string{"go.mod": text, "go.sum": string(sum), "stuck_test.go": stuck} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	return dir
}

func TestLibFuzzerRunsTheTargetsOfOtherModules(t *testing.T) {
	needClang(t)
	dir := otherModule(t)
	var out, log bytes.Buffer
	require.Equal(t, 1, run([]string{"libfuzzer", "-C", dir, ".", "-o", filepath.Join(dir, "x")}, streams{&out, &log}))
	require.Contains(t, log.String(), `got --fuzz "", want one of FuzzStuck, FuzzHungry, FuzzBroken, FuzzToy, FuzzDoll, FuzzSkipped`)
	for _, c := range []struct {
		fuzz     string
		args     []string
		status   int
		artifact string
		said     string // by libFuzzer or by linkflap
		state    string // what ClusterFuzz makes of it, see crashState
	}{
		{"FuzzToy", nil, 77, "crash-*", "\npanic: panic: toy.", `^ASSERT\npanic: toy\.\w+\ntoy\.\w+\n$`},
		{"FuzzStuck", []string{"-timeout=1"}, 70, "timeout-*", "ERROR: libFuzzer: timeout after", `^Timeout\n$`},
		{"FuzzHungry", []string{"-rss_limit_mb=200"}, 71, "oom-*", "ERROR: libFuzzer: out-of-memory (used: ", `^Out-of-memory\n$`},
		{"FuzzBroken", nil, 77, "crash-*", "broken: no such toy", `^ASSERT\nlinkflap's own fault: the test was ended`},
	} {
		t.Run(c.fuzz, func(t *testing.T) {
			binary, here := filepath.Join(dir, c.fuzz), t.TempDir()
			invoke(t, "libfuzzer", "-C", dir, ".", "--fuzz", c.fuzz, "-o", binary)
			status, said := runBinary(t, here, binary, append(c.args, "-max_total_time=60", "-seed=1")...)
			require.Equal(t, c.status, status, said)
			require.Contains(t, said, c.said)
			require.Regexp(t, c.state, crashState(said))
			kept, err := filepath.Glob(filepath.Join(here, c.artifact))
			require.NoError(t, err)
			require.Len(t, kept, 1, said)

			status, again := runBinary(t, t.TempDir(), binary, append(c.args, kept[0])...)
			require.Equal(t, c.status, status, "the artifact shows it again: %s", again)
			require.Equal(t, crashState(said), crashState(again))
		})
	}
	t.Run("replay", func(t *testing.T) {
		here := t.TempDir()
		status, said := runBinary(t, here, filepath.Join(dir, "FuzzToy"), "-seed=1", "-artifact_prefix=new-")
		require.Equal(t, 77, status, said)
		kept, err := filepath.Glob(filepath.Join(here, "new-crash-*"))
		require.NoError(t, err)
		require.Len(t, kept, 1)
		signature := regexp.MustCompile(`\npanic: (.*)\n`).FindStringSubmatch(said)[1]
		require.Contains(t, invoke(t, "replay", "-C", dir, "--target", "toy", kept[0]), "\n    "+signature+"\n")
	})
}

// The hard limit of a run is the harness's own, and real time, so this takes that long.
func TestWhatTheSchedulerCannotStopIsATimeout(t *testing.T) {
	needClang(t)
	if testing.Short() {
		t.Skip("it takes 20 seconds")
	}
	dir := otherModule(t)
	binary, here := filepath.Join(dir, "stuck"), t.TempDir()
	invoke(t, "libfuzzer", "-C", dir, ".", "--fuzz", "FuzzStuck", "-o", binary)
	status, said := runBinary(t, here, binary, "-seed=1", "-timeout=1200")
	require.Equal(t, 70, status, said)
	require.Contains(t, said, "a run took more than 20s of real time and cannot be stopped; its program:\n\n")
	require.Equal(t, "Timeout\n", crashState(said))
	kept, err := filepath.Glob(filepath.Join(here, "timeout-*"))
	require.NoError(t, err)
	require.Len(t, kept, 1, said)
}
