package harness

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
)

// toy is a device that deadlocks with itself when it is shut twice.
type toy struct{ m shim.Mutex }

func toyTarget(name string) *Target[*toy] {
	do := func(f func(d *toy)) func(c *Call[*toy]) (int64, error) {
		return func(c *Call[*toy]) (int64, error) { f(c.Dev); return 0, nil }
	}
	return &Target[*toy]{
		Name: name, Firmware: "github.com/linkflap/linkflap/harness", Model: true,
		Ops: []Op[*toy]{
			{Op: prog.Op{Name: "open"}, Do: do(func(*toy) {})},
			{Op: prog.Op{Name: "shut"}, Do: do(func(d *toy) { d.m.Lock() })},
			{Op: prog.Op{Name: "crash"}, Do: do(func(*toy) { panic("boom") })},
			{Op: prog.Op{Name: "unsupported"}, Do: func(*Call[*toy]) (int64, error) { return 0, ErrUnsupported }},
			{
				Op: prog.Op{Name: "sleep", Args: []prog.Arg{{Name: "d", Kind: prog.Dur, Max: int64(time.Minute)}}},
				Do: func(c *Call[*toy]) (int64, error) { c.World.Sleep(c.Dur(0)); return 0, nil },
			},
		},
		Start: func(*sim.World) (*toy, error) { return &toy{}, nil },
	}
}

// inModule opens a session on a target in a module of its own.
func inModule(t *testing.T, tg *Target[*toy], files map[string]string) *session[*toy] {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/toy\n"
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	t.Chdir(dir)
	return open(t, tg)
}

func TestABugOfAnotherReleaseIsAnotherBug(t *testing.T) {
	tg := toyTarget("toy")
	tg.Variant = func(p *prog.Prog) string { return "v" + strconv.Itoa(len(p.Calls)) }
	s := inModule(t, tg, map[string]string{})
	require.Equal(t, "panic: harness.toyTarget on v1", tg.Run(t, parse(t, s, "crash()"), false).Verdict())
	require.Equal(t, "panic: harness.toyTarget on v2", tg.Run(t, parse(t, s, "open()\ncrash()"), false).Verdict())
}

func parse(t *testing.T, s *session[*toy], text string) *prog.Prog {
	t.Helper()
	p, err := prog.Parse(s.spec, "test", 1, text)
	require.NoError(t, err)
	return p
}

const doubleShut = `
open()
sleep(3s)
a: shut()
b: open()
b: shut()
`

func TestANewViolationIsShrunkKeptAndReported(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{})
	p := parse(t, s, doubleShut)
	v := s.judge(t, p)
	require.NotNil(t, v)
	text, err := s.find(t, p, v)
	require.NoError(t, err)
	for _, want := range []string{
		"new violation in toy", "deadlock: shut in harness.toyTarget waits for", "what should hold:",
		"    shut()\n    a: shut()\n", "1-minimal", "is cut off: waits for a lock", "make repro F=corpus/toy/",
	} {
		require.Contains(t, text, want)
	}
	entries, err := corpus.Read(s.spec, filepath.Join("corpus", "toy"))
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, "shut()\na: shut()\n", entries[0].Prog.String())

	again := open(t, s.target)
	require.Nil(t, again.judge(t, p), "now it is known")
	require.Equal(t, 1, again.stats.Hits[entries[0].Want])
	require.Contains(t, again.knownTable(again.stats.Hits), "1  deadlock: shut")
}

func TestReproducersAreSeedsOfTheEngineOnly(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{"corpus/toy/x.txt": "Why.\n\ntarget: toy\n\n-- prog --\nopen()\n\n-- want --\nok\n"})
	require.Len(t, s.seeds(true), 1)
	require.Empty(t, s.seeds(false))
}

func TestANewViolationDoesNotOverwriteAnotherBugsFile(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{})
	e := &corpus.Entry{Path: filepath.Join(s.dir(), corpus.FileName("panic: x")), Prog: parse(t, s, "open()"), Want: "panic: x!", Target: "toy", Prose: "Other."}
	require.NoError(t, corpus.Write(e))
	require.Equal(t, "panic-x-2.txt", filepath.Base(s.newPath("panic: x")))
	require.Equal(t, "panic-x.txt", filepath.Base(s.newPath("panic: x!")))
	t.Setenv(corpus.NewEnv, t.TempDir())
	require.Equal(t, os.Getenv(corpus.NewEnv), filepath.Dir(s.newPath("panic: x")))
}

func TestAReproducerThatCannotBeWrittenIsPrinted(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{"blocked": "a file where a folder should be"})
	t.Setenv(corpus.NewEnv, filepath.Join(s.root, "blocked", "corpus"))
	p := parse(t, s, doubleShut)
	text, err := s.find(t, p, s.judge(t, p))
	require.NoError(t, err)
	require.Contains(t, text, "    shut()\n    a: shut()\n")
	require.Contains(t, text, "cannot write ")
	require.NotContains(t, text, "make repro")
}

func TestReplayComparesTheVerdict(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{})
	e := &corpus.Entry{Path: filepath.Join(s.dir(), "e.txt"), Prog: parse(t, s, "crash()"), Want: "ok", Target: "toy", Prose: "Why."}
	*update = true
	defer func() { *update = false }()
	s.replay(t, e)
	kept, err := corpus.ReadFile(s.spec, e.Path)
	require.NoError(t, err)
	require.Equal(t, "panic: harness.toyTarget", kept.Want)
	require.Equal(t, "Why.", kept.Prose)
	*update = false
	s.replay(t, kept)
}

func TestUnsupportedIsNoViolation(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{})
	require.Nil(t, s.judge(t, parse(t, s, "unsupported()")))
	require.Contains(t, s.target.Run(t, parse(t, s, "unsupported()"), false).Verdict(), "ok")
}

// fails runs f with a T of its own and returns what it failed with.
type fatal struct {
	testing.TB
	text string
}

func (f *fatal) Helper() {}

func (f *fatal) Fatal(args ...any) {
	for _, a := range args {
		if err, ok := a.(error); ok {
			f.text = err.Error()
		}
	}
	panic(f)
}

func (f *fatal) Fatalf(string, ...any) { panic(f) }

// refusal is the error that open ends a test with.
func refusal(t *testing.T, tg *Target[*toy]) (text string) {
	f := &fatal{TB: t}
	defer func() { _ = recover(); text = f.text }()
	open(f, tg)
	return ""
}

func TestBadInputIsNamed(t *testing.T) {
	const head, tail = "Why.\n\ntarget: toy\n\n-- prog --\n", "\n-- want --\nok\n"
	inModule(t, toyTarget("toy"), map[string]string{
		"corpus/bad/op.txt":     head + "open()\nfly()" + tail,
		"corpus/bad/huge.txt":   head + "sleep(99999999999999999999s)" + tail,
		"corpus/bad/fault.txt":  head + "open() (fault: gremlin@1)" + tail,
		"corpus/bad/torn.txt":   head + "ope",
		"corpus/bad/binary.txt": "\x00\xff",
	})
	text := refusal(t, toyTarget("bad"))
	lines := strings.Split(text, "\n")
	require.Len(t, lines, 5, "one line each: %s", text)
	for i, want := range []string{"binary.txt:1:", "fault.txt:6:", "huge.txt:6:", "op.txt:7:", "torn.txt:"} {
		require.Contains(t, lines[i], want)
	}

	raw := toyTarget("toy")
	raw.Model = false
	require.Contains(t, refusal(t, raw), "is not instrumented: run linkflap instrument")
}
