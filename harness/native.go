package harness

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/tally"
)

// promote makes an entry, not written yet, of the first violation of a native input that the corpus does not hold.
func (s *session[D]) promote(t *testing.T, file string) (*corpus.Entry, error) {
	b, err := s.read(file)
	if err != nil {
		return nil, err
	}
	p := b.decode(s.spec)
	res := s.target.Run(t, p, false)
	for i := range res.Violations {
		if sig := res.Violations[i].Signature(); s.known[sig] == nil {
			e := s.unexplained(p, sig)
			e.Path = s.newPath(sig)
			return e, nil
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
		b, err := s.read(file)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		p := b.decode(s.spec)
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
