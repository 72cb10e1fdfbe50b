package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/report"
)

// module is the root of this module, whose targets the tests ask.
const module = "../../.."

// invoke runs one command line that must succeed.
func invoke(t *testing.T, args ...string) string {
	t.Helper()
	var out, log bytes.Buffer
	require.Zero(t, run(args, streams{&out, &log}), log.String())
	return out.String()
}

// reproducerFile copies a program into a file that is in no corpus.
func reproducerFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.txt")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

const deadlocks = `Not minimal.

target: wifinina (of any version)

-- prog --
sleep(1s)
notify(addr)
connect(home)
sleep(1s)

-- want --
deadlock: connect in wifinina.Addr waits for a lock held by connect
`

func TestReplayShowsWhatHappens(t *testing.T) {
	out := invoke(t, "replay", "-C", module, reproducerFile(t, deadlocks))
	for _, want := range []string{"    notify(addr)\n", "deadlock: connect in wifinina.Addr", "what should hold: netdev.Netdever", "> connect #2", "trace hash "} {
		require.Contains(t, out, want)
	}
}

func TestShrinkWritesTheSmallest(t *testing.T) {
	file := reproducerFile(t, deadlocks)
	require.Contains(t, invoke(t, "shrink", "-C", module, file), "1 calls, 1-minimal after ")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, strings.Replace(strings.Replace(deadlocks, "sleep(1s)\nnotify", "notify", 1), "connect(home)\nsleep(1s)\n", "", 1), string(text))
}

func TestExplainFindsThePointOfNoReturn(t *testing.T) {
	out := invoke(t, "explain", "-C", module, "--runs", "20", reproducerFile(t, deadlocks))
	require.Regexp(t, `connect\(home\) .* 100%  <- point of no return\n`, out)
	require.Regexp(t, `\(nothing yet\) .*%\n`, out)
}

func TestChartWithoutPointOfNoReturn(t *testing.T) {
	var out bytes.Buffer
	d := &report.Document{Ops: []report.Op{{Text: "connect(home)"}}}
	chart(&out, d, []ask.Risk{{Failed: 0, Tried: 10}, {Failed: 5, Tried: 10}})
	require.Contains(t, out.String(), "connect(home)  ##########            50%\n")
	require.Contains(t, out.String(), "there is no point of no return")
}

func TestBadReproducersAreNamed(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"no target", "-- prog --\n-- want --\nok\n", `x.txt: got no line "target: name", want one before the program, or --target`},
		{"unknown op", strings.Replace(deadlocks, "notify(addr)", "fly()", 1), `x.txt:7: got op "fly"`},
		{"a target without TestCorpus", strings.Replace(deadlocks, "target: wifinina", "target: canary", 1), `found no target "canary"`},
		{"nothing to shrink", strings.Replace(deadlocks, "notify(addr)\n", "", 1), `got "ok", want a violation to shrink`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, log bytes.Buffer
			file := reproducerFile(t, c.text)
			require.Equal(t, 1, run([]string{"shrink", "-C", module, file}, streams{&out, &log}))
			require.Contains(t, log.String(), c.want)
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.Equal(t, c.text, string(text), "nothing is lost")
		})
	}
}
