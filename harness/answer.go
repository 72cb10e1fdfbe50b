package harness

import (
	"fmt"
	"math/rand"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/shrink"
)

// asked is the question that the command line has, nil if there is none.
func asked(t testing.TB) *ask.Question {
	t.Helper()
	q, err := ask.Asked()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// answer does what the command line asks of a reproducer of this target.
func (s *session[D]) answer(t *testing.T, q *ask.Question) {
	if q.Target != "" && q.Target != s.target.Name {
		t.Skipf("the question is for target %s", q.Target)
	}
	a := &ask.Answer{}
	switch q.Do {
	case ask.Ops:
		a.Ops = s.target.opNames()
	case ask.Score:
		a.Score = s.target.only(q.Ops).score(t, q.Seed, q.Runs)
	case ask.Min:
		s.minFor(t, q.File, a)
	case ask.Convert:
		if err := s.convert(t, q, a); err != nil {
			t.Fatal(err)
		}
	default:
		s.answerOne(t, q, a)
	}
	if err := q.Reply(a); err != nil {
		t.Fatal(err)
	}
}

// answerOne answers a question about one reproducer.
func (s *session[D]) answerOne(t *testing.T, q *ask.Question, a *ask.Answer) {
	read := s.entry
	if q.Do == ask.Add {
		read = s.promote
	}
	e, err := read(t, q.File)
	if err != nil {
		t.Fatal(err)
	}
	switch q.Do {
	case ask.Shrink:
		s.shrinkFor(t, e, a)
	case ask.Explain:
		a.Risks = s.risks(t, e, q.Runs)
	case ask.Add:
		s.shrinkFor(t, e, a)
		if err := corpus.Create(e); err != nil {
			t.Fatal(err)
		}
		a.File = e.Path
	}
	if a.Document, err = s.document(t, e); err != nil {
		t.Fatal(err)
	}
}

// document is the replay of a reproducer. Two runs of it must be one.
func (s *session[D]) document(t *testing.T, e *corpus.Entry) (*report.Document, error) {
	res := s.target.Run(t, e.Prog, true)
	if again := s.target.Run(t, e.Prog, false); again.Trace.Hash() != res.Trace.Hash() {
		return nil, fmt.Errorf("linkflap's own fault: got trace hash %016x, then %016x of one program", res.Trace.Hash(), again.Trace.Hash())
	}
	d := report.New(e.Prog, res.Trace)
	d.Target, d.Firmware, d.FirmwareVersion = s.target.Name, s.target.Firmware, s.version
	d.Package = testedPackage()
	d.File, d.Prose, d.Verdict = s.relative(e.Path), strings.TrimSpace(e.Prose), res.Verdict()
	if res.Has(e.Want) {
		d.Verdict = e.Want
	}
	for i := range res.Violations {
		if sig := res.Violations[i].Signature(); sig != d.Verdict {
			d.Others = append(d.Others, sig)
		}
	}
	v := res.find(d.Verdict)
	d.Detail, d.At, d.Task, d.Contract = v.Detail, v.At, v.Task, s.contract(v.Oracle)
	return d, nil
}

// testedPackage is the import path of the package whose tests run, "" if the build does not say.
func testedPackage() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	return strings.TrimSuffix(info.Path, ".test")
}

// contract is what an oracle checks.
func (s *session[D]) contract(oracle string) string {
	for _, o := range s.target.oracles() {
		if o.Name == oracle {
			return o.Contract
		}
	}
	return ""
}

// shrinkFor makes e the smallest reproducer of the violation that it wants, or else of the one that it shows.
func (s *session[D]) shrinkFor(t *testing.T, e *corpus.Entry, a *ask.Answer) {
	first := s.target.Run(t, e.Prog, false)
	sig := first.Verdict()
	if first.Has(e.Want) {
		sig = e.Want
	}
	if sig == corpus.OK {
		t.Fatalf("%s: got %q, want a violation to shrink", s.relative(e.Path), sig)
	}
	small := shrink.Shrink(e.Prog, shrinkBudget, func(c *prog.Prog) bool { return s.shows(t, c, sig) })
	if err := s.gate(t, small.Prog, sig); err != nil {
		t.Fatal(err)
	}
	e.Prog, e.Want = small.Prog, sig
	e.Prose = strings.TrimSpace(strings.Replace(e.Prose, corpus.Unshrunk, "", 1))
	a.Shrunk, a.Runs, a.Minimal = e.String(), small.Runs, small.Minimal
}

// risks runs random continuations of every prefix of e's program.
func (s *session[D]) risks(t *testing.T, e *corpus.Entry, runs int) (all []ask.Risk) {
	const least = 6 // calls of a continuation
	r := rand.New(rand.NewSource(1))
	for n := 0; n <= len(e.Prog.Calls); n++ {
		prefix := e.Prog.Keep(func(i int) bool { return i < n })
		risk := ask.Risk{Tried: runs}
		for range runs {
			if s.target.Run(t, prog.Extend(r, prefix, max(least, len(e.Prog.Calls)-n)), false).Has(e.Want) {
				risk.Failed++
			}
		}
		all = append(all, risk)
	}
	return all
}
