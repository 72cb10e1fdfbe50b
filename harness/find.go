package harness

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/libfuzzer"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/shrink"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

const (
	shrinkBudget = 3000 // runs
	replays      = 10   // that must give one hash before a failure is believed
	shownEvents  = 40
)

// session is a target with its corpus, for as long as a test function lasts.
type session[D any] struct {
	target  *Target[D]
	spec    *prog.Spec
	version string // of the firmware's module
	root    string // of the module that the test is in
	entries []*corpus.Entry
	known   map[string]*corpus.Entry // by signature
	fresh   map[string]string        // new in this process: signature to report
	stats   stats
	trace   trace.Trace // of the run that is judged next
}

// open prepares a session, or ends the test with what to type.
func open[D any](t testing.TB, tg *Target[D]) *session[D] {
	t.Helper()
	s := begin(t, tg)
	if libfuzzer.On {
		return s // it knows the corpus of the day when it was built
	}
	var err error
	if s.entries, err = corpus.Read(s.spec, s.dir()); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.entries {
		if e.Want != corpus.OK {
			s.known[e.Want] = e
		}
	}
	return s
}

// begin prepares a session that has not read its corpus.
func begin[D any](t testing.TB, tg *Target[D]) *session[D] {
	t.Helper()
	s := &session[D]{target: tg, spec: tg.Spec(), known: map[string]*corpus.Entry{}, fresh: map[string]string{}}
	if err := s.spec.Validate(); err != nil {
		t.Fatalf("%s: %v", tg.Name, err)
	}
	var err error
	if !tg.Model {
		if s.version, err = shim.Check(tg.Firmware); err != nil {
			t.Fatal(err)
		}
	}
	if s.root, err = moduleRoot(); err != nil && !libfuzzer.On { // libFuzzer's binaries run anywhere
		t.Fatal(err)
	}
	s.stats.Target, s.stats.Dir = tg.Name, s.newDir()
	return s
}

// dir is where the target's reproducers are.
func (s *session[D]) dir() string { return filepath.Join(s.root, "corpus", s.target.Name) }

// relative shortens a path for messages.
func (s *session[D]) relative(path string) string {
	if rel, err := filepath.Rel(s.root, path); err == nil {
		return rel
	}
	return path
}

// moduleRoot is the folder of the go.mod above the test's own.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("found no go.mod in %s or above: run the test within a module", start)
		}
	}
}

// judge runs p and returns its first violation that is not known, nil if there is none. Known ones are counted.
func (s *session[D]) judge(t *testing.T, p *prog.Prog) *oracle.Violation {
	res := s.target.run(t, p, options{trace: &s.trace, states: &s.stats.States})
	s.stats.count(res)
	for i := range res.Violations {
		sig := res.Violations[i].Signature()
		if s.known[sig] == nil {
			return &res.Violations[i]
		}
		s.stats.Hit(sig)
	}
	return nil
}

// find makes a reproducer of a new violation, keeps it, and returns the report. The error says why there is none.
func (s *session[D]) find(t *testing.T, p *prog.Prog, v *oracle.Violation) (string, error) {
	sig := v.Signature()
	if text, ok := s.fresh[sig]; ok {
		return text, nil
	}
	small := shrink.Shrink(p, shrinkBudget, func(c *prog.Prog) bool { return s.shows(t, c, sig) })
	if err := s.gate(t, small.Prog, sig); err != nil {
		return "", err
	}
	res := s.target.Run(t, small.Prog, true)
	e := &corpus.Entry{
		Path: s.newPath(sig), Prog: small.Prog, Want: sig,
		Prose: corpus.Unexplained, Target: s.title(),
	}
	err := corpus.Write(e)
	text := s.report(res, sig, small)
	if err != nil {
		text += "\n" + err.Error() + "\n"
	} else {
		text += s.keepAndRepeat(e)
	}
	s.fresh[sig] = text
	return text, nil
}

// keep puts the reproducer of a new violation into the corpus as it is, unless another process was faster. From now on it is known. It has
// nothing to report. Shrinking is left to others: the engine gives the fuzz function ten seconds.
func (s *session[D]) keep(t *testing.T, p *prog.Prog, v *oracle.Violation) (string, error) {
	sig := v.Signature()
	if err := s.gate(t, p, sig); err != nil {
		return "", err
	}
	for {
		e := &corpus.Entry{
			Path: s.newPath(sig), Prog: p, Want: sig,
			Prose: corpus.Unexplained + "\n\n" + corpus.Unshrunk, Target: s.title(),
		}
		err := corpus.Create(e)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
		if err != nil { // another process's; newPath says whether it is this violation's
			if other, readErr := corpus.ReadFile(s.spec, e.Path); readErr != nil || other.Want != sig {
				continue
			}
		} else {
			s.stats.Found(sig, e.Path)
		}
		s.known[sig] = e
		s.stats.Hit(sig)
		s.stats.Leave()
		return "", nil
	}
}

// newDir is the folder that takes new reproducers.
func (s *session[D]) newDir() string { return cmp.Or(os.Getenv(corpus.NewEnv), s.dir()) }

// newPath is a file name for a new entry: that of the signature, with a number behind it if another bug's has it already.
func (s *session[D]) newPath(sig string) string {
	dir := s.newDir()
	path := filepath.Join(dir, corpus.FileName(sig))
	for n := 2; ; n++ {
		if _, err := os.Stat(path); err != nil {
			return path // it can be made, or cannot be read either
		}
		if e, err := corpus.ReadFile(s.spec, path); err == nil && e.Want == sig {
			return path
		}
		path = filepath.Join(dir, fmt.Sprintf("%s-%d.txt", strings.TrimSuffix(corpus.FileName(sig), ".txt"), n))
	}
}

// isRace says that the bug is one that only the race detector sees. It remembers a few accesses to each word, drops some by chance, and so
// may miss in one run what it saw in the same run before.
func isRace(sig string) bool { return strings.HasPrefix(sig, "race: ") }

// raceTries is how often a program is run before it counts as free of a race.
const raceTries = 5

// shows reports whether p shows the bug.
func (s *session[D]) shows(t *testing.T, p *prog.Prog, sig string) bool {
	if s.target.Run(t, p, false).Has(sig) {
		return true
	}
	for i := 1; isRace(sig) && i < raceTries; i++ {
		if s.target.Run(t, p, false).Has(sig) {
			return true
		}
	}
	return false
}

// gate lets only failures pass that are the same run every time. Of a race only the run must be the same.
func (s *session[D]) gate(t *testing.T, p *prog.Prog, sig string) error {
	first := s.target.Run(t, p, false)
	for i := 1; i < replays; i++ {
		again := s.target.Run(t, p, false)
		if !again.Has(sig) && !isRace(sig) || again.Trace.Hash() != first.Trace.Hash() {
			return fmt.Errorf("linkflap's own fault: replay %d of %d differs from the first, want one trace hash; the program:\n%s", i+1, replays, p)
		}
	}
	return nil
}

// title names the target and the version of the firmware.
func (s *session[D]) title() string {
	if s.target.Model {
		return s.target.Name
	}
	return fmt.Sprintf("%s (%s %s)", s.target.Name, s.target.Firmware, cmp.Or(s.version, "local"))
}

func (s *session[D]) report(res *Result, sig string, small shrink.Result) string {
	v := res.find(sig)
	var b strings.Builder
	fmt.Fprintf(&b, "\nnew violation in %s\n\n    %s\n", s.title(), sig)
	if v.Detail != "" {
		fmt.Fprintf(&b, "    (%s)\n", v.Detail)
	}
	if contract := s.contract(v.Oracle); contract != "" {
		fmt.Fprintf(&b, "\nwhat should hold: %s\n", contract)
	}
	minimal := "1-minimal"
	if !small.Minimal {
		minimal = "not yet minimal: the budget ran out"
	}
	fmt.Fprintf(&b, "\nprogram (%d calls, %s after %d runs):\n\n%s\n", len(small.Prog.Calls), minimal, small.Runs, indent(small.Prog.String()))
	fmt.Fprintf(&b, "events around it:\n\n%s", report.Timeline(res.Trace, v.At, shownEvents))
	return b.String()
}

func (s *session[D]) keepAndRepeat(e *corpus.Entry) string {
	file := s.relative(e.Path)
	return fmt.Sprintf("\nkept in %s; replay it with\n\n    make repro F=%s\n", file, file)
}

func indent(s string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n    ") + "\n"
}
