package hunt_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// shrunk is what every reproducer of the toy comes to: a door, and a poke through it.
func shrunk(t *testing.T, entries map[string]string) {
	t.Helper()
	for name, text := range entries {
		require.Regexp(t, `^Not yet explained\.\n\ntarget: (toy|doll)\n\n-- prog --\ndoor\(\d+\)\npoke\(\d+\)\n\n-- want --\npanic: toy\.\w+Of[0-3]\n$`, text, name)
	}
}

func TestHuntGoesOnPastWhatItFinds(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	status, out := y.run(t, "--for", "10s")
	require.Equal(t, 1, status, out)
	entries := y.entries(t)
	require.Greater(t, len(entries), 1, out)
	shrunk(t, entries)
	for name := range entries {
		require.Contains(t, out, "linkflap replay "+name)
	}
	require.Contains(t, out, "new violation in FuzzToy, to be shrunk: panic: toy.")
	require.Contains(t, out, "new violation in FuzzDoll, to be shrunk: panic: toy.")
	require.Regexp(t, `(?m)^FuzzToy +\d+s at +[1-9]\d*/s; in all +[1-9]\d* programs `, out)
	require.Regexp(t, `\nhunted for 1[0-9]s: [1-9]\d* programs, [1-9]\d* a second, [1-9]\d* states, \d+ known violations, [1-9]\d* new\n`, out)
	require.NotContains(t, out, "\x1b", "no terminal, no escapes")
	require.NoDirExists(t, filepath.Join(y.dir, "testdata"), "the engine saw no failure")
	left, err := os.ReadDir(y.tmp)
	require.NoError(t, err)
	require.Empty(t, left)

	y.env = append(y.env, "TOY_IS_TAME=1")
	status, out = y.run(t, "--for", "3s", "--jobs", "2")
	require.Equal(t, 0, status, out)
	require.Regexp(t, `, 0 new\n`, out)
	require.Equal(t, entries, y.entries(t))
}

func TestCtrlCEndsAHuntWithASummary(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	cmd, out := y.hunt("--for", "10m")
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { return len(y.entries(t)) > 0 }, 2*time.Minute, 100*time.Millisecond)
	asked := time.Now()
	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.Equal(t, 1, exit(t, cmd.Wait()), out)
	require.Less(t, time.Since(asked), 15*time.Second)
	require.Contains(t, out.String(), "\nhunted for ")
	require.NotContains(t, out.String(), "cannot be fuzzed")
	y.isAlone(t, time.Second)
}

func TestATargetThatDiesIsGivenUp(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	y.env = append(y.env, "TOY_IS_TAME=1", "TOY_DIES=1")
	status, out := y.run(t, "--for", "5m")
	require.Equal(t, 2, status, out)
	for _, name := range []string{"FuzzToy", "FuzzDoll"} {
		require.Contains(t, out, name+" cannot be fuzzed any further:\nfuzzing process hung or terminated unexpectedly")
		require.Contains(t, out, "\nthe input is kept in "+filepath.Join(y.dir, "testdata", "fuzz", name))
	}
}

func TestWhatMustBeMendedFirst(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	for _, c := range []struct {
		name string
		args []string
		mess func()
		want string
	}{
		{"no time", []string{"--for", "0s"}, nil, "linkflap: got --for 0s and --jobs 1, want more than none\n"},
		{"unknown flag", []string{"--fly"}, nil, "linkflap: unknown flag --fly, did you mean \"--for\"?: run linkflap --help\n"},
		{"no targets", []string{"fmt"}, nil, "linkflap: found no package in fmt whose tests import github.com/linkflap/linkflap/harness\n"},
		{"no such package", []string{"./none"}, nil, "linkflap: "},
		{"not instrumented", nil, func() { y.write(t, "instrument.txt", "example.com/toy/driver\n") }, "linkflap: "},
		{"a file in the way", nil, func() {
			require.NoError(t, os.Remove(filepath.Join(y.dir, "instrument.txt")))
			y.write(t, "corpus", "")
		}, "linkflap: cannot write to " + y.dir + "/corpus: it is a file, want a folder\n"},
		{"does not compile", nil, func() {
			require.NoError(t, os.Remove(filepath.Join(y.dir, "corpus")))
			y.write(t, "broken_test.go", "package toy\n\nvar x int = \"\"\n")
		}, "does not build:\nlinkflap: # example.com/toy"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.mess != nil {
				c.mess()
			}
			status, out := y.run(t, c.args...)
			require.Equal(t, 2, status, out)
			require.Contains(t, out, c.want)
			if strings.HasSuffix(c.want, "\n") {
				require.Equal(t, c.want, lastLine(out))
			}
		})
	}
}

func lastLine(out string) string {
	lines := strings.SplitAfter(out, "\n")
	return lines[max(0, len(lines)-2)]
}

// command runs one of linkflap's other commands in the toy.
func (y *toy) command(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	cmd := exec.Command(tool, args...)
	cmd.Dir, cmd.Env = y.dir, y.env
	text, err := cmd.CombinedOutput()
	return exit(t, err), string(text)
}

func TestTheCorpusIsLookedAfter(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	var inputs []string
	for i := 0; len(inputs) == 0; i++ { // at first the engine stops at its seeds, of which it keeps no input
		require.Less(t, i, 32)
		fuzz := exec.Command("go", "test", "-run", "^$", "-fuzz", "FuzzDoll", "-fuzztime", "2m", "-fuzzminimizetime", "0x", ".",
			"-args", "-test.fuzzcachedir="+y.cache+"/example.com/toy")
		fuzz.Dir, fuzz.Env = y.dir, y.env
		out, err := fuzz.CombinedOutput()
		require.Error(t, err, string(out))
		inputs, err = filepath.Glob(filepath.Join(y.dir, "testdata", "fuzz", "FuzzDoll", "*"))
		require.NoError(t, err)
	}
	status, text := y.command(t, "corpus", "add", inputs[0])
	require.Equal(t, 1, status)
	require.Contains(t, text, "shows nothing but what is in the corpus already: corpus/doll/")
	require.NoError(t, os.RemoveAll(filepath.Join(y.dir, "corpus")))
	status, text = y.command(t, "corpus", "add", inputs[0])
	require.Equal(t, 0, status, text)
	require.Regexp(t, `\n2 calls after \d+ runs; written to .*/corpus/doll/panic-toy-`, text)
	shrunk(t, y.entries(t))
	require.Len(t, y.entries(t), 1)

	cached, err := filepath.Glob(filepath.Join(y.cache, "example.com", "toy", "FuzzDoll", "*"))
	require.NoError(t, err)
	require.NotEmpty(t, cached)
	_, text = y.command(t, "corpus", "add", cached[0])
	require.Regexp(t, `got a program without violation|in the corpus already|written to `, text)

	torn := filepath.Join(filepath.Dir(cached[0]), "torn")
	require.NoError(t, os.WriteFile(torn, []byte("go test fuzz v1\n"), 0o644))
	status, text = y.command(t, "corpus", "min", "-n", "--cache", y.cache)
	require.Equal(t, 0, status, text)
	require.Regexp(t, `(?m)^FuzzDoll: kept \d+, would drop [1-9]\d*; \d+ states$`, text)
	require.FileExists(t, torn)
	status, text = y.command(t, "corpus", "min", "--cache", y.cache)
	require.Equal(t, 0, status, text)
	require.NoFileExists(t, torn)
	status, text = y.command(t, "corpus", "min", "--cache", y.cache)
	require.Equal(t, 0, status, text)
	require.Contains(t, text, ", dropped 0;", "what is minimal stays")

	status, text = y.command(t, "corpus", "audit")
	require.Equal(t, 1, status)
	require.Regexp(t, `corpus/doll/\S+ is in the folder of a target that no TestCorpus is for\n`, text, "the toy's TestCorpus is for the toy")
}
