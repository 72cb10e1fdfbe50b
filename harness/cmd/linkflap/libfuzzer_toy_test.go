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

// stuck are targets on which a run does not end, and cannot begin.
const stuck = `package toy

import (
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
	require.Contains(t, log.String(), `got --fuzz "", want one of FuzzStuck, FuzzBroken, FuzzToy, FuzzDoll, FuzzSkipped`)
	for _, c := range []struct {
		fuzz     string
		status   int
		artifact string
		said     string
	}{
		{"FuzzToy", 77, "crash-*", "\npanic: panic: toy."},
		{"FuzzStuck", 70, "timeout-*", "ERROR: libFuzzer: timeout after"},
		{"FuzzBroken", 77, "crash-*", "broken: no such toy"},
	} {
		t.Run(c.fuzz, func(t *testing.T) {
			binary, here := filepath.Join(dir, c.fuzz), t.TempDir()
			invoke(t, "libfuzzer", "-C", dir, ".", "--fuzz", c.fuzz, "-o", binary)
			status, said := runBinary(t, here, binary, "-timeout=1", "-max_total_time=60", "-seed=1")
			require.Equal(t, c.status, status, said)
			require.Contains(t, said, c.said)
			kept, err := filepath.Glob(filepath.Join(here, c.artifact))
			require.NoError(t, err)
			require.Len(t, kept, 1, said)
		})
	}
}
