package harness

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/tally"
)

// native reads a program from a file of the native engine's: what broke a fuzz function, in testdata/fuzz, or what it found interesting, in
// its cache.
func (s *session[D]) native(file string) (*prog.Prog, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if lines[0] != "go test fuzz v1" || len(lines) != 4 {
		return nil, fmt.Errorf("%s:1: got no input of a fuzz function of harness.Fuzz, want the line %q and three of []byte(...)", file, "go test fuzz v1")
	}
	var streams [3][]byte
	for i, line := range lines[1:] {
		quoted, ok := strings.CutPrefix(line, "[]byte(")
		value, err := strconv.Unquote(strings.TrimSuffix(quoted, ")"))
		if !ok || err != nil {
			return nil, fmt.Errorf("%s:%d: got %q, want []byte(...)", file, i+2, line)
		}
		streams[i] = []byte(value)
	}
	return prog.Decode(s.spec, streams[0], streams[1], streams[2]), nil
}

// promote makes an entry, not written yet, of the first violation of a native input that the corpus does not hold.
func (s *session[D]) promote(t *testing.T, file string) (*corpus.Entry, error) {
	p, err := s.native(file)
	if err != nil {
		return nil, err
	}
	res := s.target.Run(t, p, false)
	for i := range res.Violations {
		if sig := res.Violations[i].Signature(); s.known[sig] == nil {
			return &corpus.Entry{Path: s.newPath(sig), Prog: p, Want: sig, Prose: corpus.Unexplained, Target: s.title()}, nil
		}
	}
	if len(res.Violations) == 0 {
		return nil, fmt.Errorf("%s: got a program without violation, want one:\n%s", file, p)
	}
	return nil, fmt.Errorf("%s: shows nothing but what is in the corpus already: %s", file, s.relative(s.known[res.Verdict()].Path))
}

// audit says which of the target's entries cannot be read any more, are of another firmware than the one that is tested, or not finished.
func (s *session[D]) audit(t *testing.T, q *ask.Question) {
	a := &ask.Answer{Target: s.target.Name}
	files, err := filepath.Glob(filepath.Join(s.dir(), "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		e, err := corpus.ReadFile(s.spec, file)
		if err != nil {
			a.Stale = append(a.Stale, strings.Replace(err.Error(), file, s.relative(file), 1))
			continue
		}
		for _, bad := range []struct {
			is   bool
			text string
		}{
			{e.Target != s.title(), fmt.Sprintf("is for %q, and what is tested is %q", e.Target, s.title())},
			{strings.Contains(e.Prose, corpus.Unshrunk), "is not shrunk: run linkflap shrink"},
			{strings.Contains(e.Prose, corpus.Unexplained), "is not explained"},
		} {
			if bad.is {
				a.Stale = append(a.Stale, s.relative(file)+" "+bad.text)
			}
		}
	}
	if err := q.Reply(a); err != nil {
		t.Fatal(err)
	}
}

// minFor says which inputs in dir, and which entries that are neither a known bug nor explained, pass through no state and show no violation
// that smaller ones or the rest of the corpus do not. Code coverage is not looked at: the engine finds its way there again.
func (s *session[D]) minFor(t *testing.T, dir string, a *ask.Answer) {
	type candidate struct {
		file string
		prog *prog.Prog
	}
	var all []candidate
	var seen tally.States
	shown := map[string]bool{}
	adds := func(p *prog.Prog) bool {
		before, bugs := seen.Count(), len(shown)
		res := s.target.run(t, p, options{states: &seen})
		for i := range res.Violations {
			shown[res.Violations[i].Signature()] = true
		}
		return seen.Count() > before || len(shown) > bugs
	}
	for _, e := range s.entries {
		if e.Want == corpus.OK && strings.Contains(e.Prose, corpus.Unexplained) {
			all = append(all, candidate{e.Path, e.Prog})
		} else {
			adds(e.Prog)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		p, err := s.native(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil || len(p.Calls) == 0 {
			a.Drop = append(a.Drop, file)
			continue
		}
		all = append(all, candidate{file, p})
	}
	slices.SortStableFunc(all, func(x, y candidate) int {
		switch {
		case prog.Less(x.prog, y.prog):
			return -1
		case prog.Less(y.prog, x.prog):
			return 1
		}
		return 0
	})
	for _, c := range all {
		if adds(c.prog) {
			a.Kept++
		} else {
			a.Drop = append(a.Drop, c.file)
		}
	}
	a.States = seen.Count()
}
