package harness

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
)

func TestFuzzingThatGoesOnKeepsWhatItMeets(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{})
	p := parse(t, s, doubleShut)
	other := open(t, s.target) // another worker, which read the corpus at the same time
	for _, w := range []*session[*toy]{s, other} {
		text, err := w.keep(t, p, w.judge(t, p))
		require.NoError(t, err)
		require.Empty(t, text)
		require.Nil(t, w.judge(t, p), "from now on it is known")
	}
	require.Len(t, s.stats.New, 1)
	require.Empty(t, other.stats.New, "the other one was faster")
	entries, err := corpus.Read(s.spec, s.dir())
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, p.String(), entries[0].Prog.String())
	require.Equal(t, "Not yet explained.\n\nNot yet shrunk.", entries[0].Prose)

	a := &ask.Answer{}
	s.shrinkFor(t, entries[0], a)
	require.Contains(t, a.Shrunk, "Not yet explained.\n\ntarget: toy\n\n-- prog --\nshut()\na: shut()\n\n-- want --")
}

func TestKeepingFailsWhereNothingCanBeWritten(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{"blocked": "a file where a folder should be"})
	t.Setenv(corpus.NewEnv, filepath.Join(s.root, "blocked", "corpus"))
	p := parse(t, s, "crash()")
	_, err := s.keep(t, p, s.judge(t, p))
	require.ErrorContains(t, err, "cannot write ")
	require.ErrorContains(t, err, "not a directory")
}

// inputFile is a program as the native engine keeps it.
func inputFile(t *testing.T, s *session[*toy], name, program string) string {
	t.Helper()
	world, calls, schedule := parse(t, s, program).Encode()
	file := filepath.Join(s.root, "inputs", name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	text := fmt.Sprintf("go test fuzz v1\n[]byte(%q)\n[]byte(%q)\n[]byte(%q)\n", world, calls, schedule)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

func TestANativeInputIsPromoted(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{"inputs/torn": "go test fuzz v1\n[]byte(\"", "inputs/other": "go test fuzz v1\nint(3)\nint(4)\nint(5)\n"})
	bad := inputFile(t, s, "bad", "open()\ncrash()\nopen()")
	e, err := s.promote(t, bad)
	require.NoError(t, err)
	require.Equal(t, "panic: harness.toyTarget", e.Want)
	require.Equal(t, "open()\ncrash()\nopen()\n", e.Prog.String())

	require.NoError(t, corpus.Create(e))
	require.ErrorIs(t, corpus.Create(e), fs.ErrExist)
	again := open(t, s.target)
	_, err = again.promote(t, bad)
	require.ErrorContains(t, err, "shows nothing but what is in the corpus already: corpus/toy/panic-harness-toytarget.txt")
	for name, want := range map[string]string{
		"good": "got a program without violation, want one", "torn": "torn:1: got no input of a fuzz function of harness.Fuzz",
		"other": `other:2: got "int(3)", want []byte(...)`, "none": "no such file",
	} {
		inputFile(t, s, "good", "open()")
		_, err = s.promote(t, filepath.Join(s.root, "inputs", name))
		require.ErrorContains(t, err, want)
	}
}

func TestMinKeepsTheSmallestThatReachEverything(t *testing.T) {
	entry := func(prose, program, want string) string {
		return prose + "\n\ntarget: toy\n\n-- prog --\n" + program + "\n-- want --\n" + want + "\n"
	}
	s := inModule(t, toyTarget("toy"), map[string]string{
		"corpus/toy/bug.txt":   entry("Not yet explained.", "crash()", "panic: harness.toyTarget"),
		"corpus/toy/case.txt":  entry("Why.", "sleep(1s)", "ok"),
		"corpus/toy/clean.txt": entry("Not yet explained.", "sleep(2s)", "ok"),
		"inputs/torn":          "go test fuzz v1\n",
	})
	inputFile(t, s, "long", "open()\nopen()")
	inputFile(t, s, "short", "open()")
	inputFile(t, s, "reached", "sleep(3s)")
	inputFile(t, s, "bug", "crash()\nsleep(1s)")
	inputFile(t, s, "new", "unsupported()")
	a := &ask.Answer{}
	s.minFor(t, filepath.Join(s.root, "inputs"), a)
	var dropped []string
	for _, f := range a.Drop {
		dropped = append(dropped, s.relative(f))
	}
	require.ElementsMatch(t, []string{"inputs/torn", "inputs/long", "inputs/reached", "inputs/bug", "corpus/toy/clean.txt"}, dropped)
	require.Equal(t, 2, a.Kept)
	require.Equal(t, 3, a.States, "sleep, open, and unsupported; a call that panics tells nothing")
}

func TestAuditNamesWhatIsStale(t *testing.T) {
	tg := toyTarget("toy")
	dir := t.TempDir()
	q := &ask.Question{Do: ask.Audit, Answer: filepath.Join(dir, "answer")}
	entry := func(prose, target, program string) string {
		return prose + "\n\ntarget: " + target + "\n\n-- prog --\n" + program + "\n-- want --\nok\n"
	}
	inModule(t, tg, map[string]string{})
	for name, text := range map[string]string{
		"fine.txt":   entry("Why.", "toy", "open()"),
		"op.txt":     entry("Why.", "toy", "fly()"),
		"of.txt":     entry("Why.", "toy (example.com/toy v1.0.0)", "open()"),
		"open.txt":   entry("Not yet explained.", "toy", "open()"),
		"shrink.txt": entry("Why.\n\nNot yet shrunk.", "toy", "open()"),
	} {
		require.NoError(t, os.MkdirAll("corpus/toy", 0o755))
		require.NoError(t, os.WriteFile("corpus/toy/"+name, []byte(text), 0o644))
	}
	begin(t, tg).audit(t, q)
	text, err := os.ReadFile(q.Answer)
	require.NoError(t, err)
	var a ask.Answer
	require.NoError(t, json.Unmarshal(text, &a))
	require.Equal(t, "toy", a.Target)
	require.Equal(t, []string{
		`corpus/toy/of.txt is for "toy (example.com/toy v1.0.0)", and what is tested is "toy"`,
		`corpus/toy/op.txt:6: got op "fly", want one of class device: open, shut, crash, unsupported, sleep`,
		`corpus/toy/open.txt is not explained`,
		`corpus/toy/shrink.txt is not shrunk: run linkflap shrink`,
	}, a.Stale)
}
