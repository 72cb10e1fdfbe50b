package harness

import (
	"flag"
	"fmt"
	"testing"

	"github.com/leanovate/gopter"
	gopterprop "github.com/leanovate/gopter/prop"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/shrink"
	"github.com/linkflap/linkflap/harness/sim"
)

var (
	update = flag.Bool("update", false, "write the verdicts that replays give into the corpus")
	times  = flag.Int("times", 3, "how often each corpus entry is replayed; all replays must give one trace hash")
	seed   = flag.Int64("seed", 1, "of the programs that TestProperties generates")
	checks = flag.Int("programs", 2000, "how many programs TestProperties generates")
)

// TestCorpus replays every reproducer of the target: the verdict must be the one wanted, and every replay the same run. With -update a
// verdict that changed is written into the entry instead.
func TestCorpus[D any](t *testing.T, tg Target[D]) {
	q := asked(t)
	if q != nil && q.Do == ask.Audit {
		begin(t, &tg).audit(t, q)
		return
	}
	s := open(t, &tg)
	if q != nil {
		s.answer(t, q)
		return
	}
	for _, e := range s.entries {
		t.Run(e.Name(), func(t *testing.T) { s.replay(t, e) })
	}
}

func (s *session[D]) replay(t *testing.T, e *corpus.Entry) {
	if isRace(e.Want) && !sim.SeesRaces {
		t.Skip("races show only under the race detector: run make race")
	}
	first := s.target.Run(t, e.Prog, true)
	for i := 1; i < *times; i++ {
		if again := s.target.Run(t, e.Prog, false); again.Trace.Hash() != first.Trace.Hash() {
			t.Fatalf("replay %d: got trace hash %016x, want %016x", i+1, again.Trace.Hash(), first.Trace.Hash())
		}
	}
	file := s.relative(e.Path)
	t.Logf("%s: %d of %d replays give trace hash %016x\n\n%s\n%s\n%s", file, *times, *times, first.Trace.Hash(), indent(e.Prog.String()),
		report.Timeline(first.Trace, first.find(e.Want).At, shownEvents), first.Verdict())
	if e.Want == first.Verdict() || e.Want != corpus.OK && first.Has(e.Want) {
		return
	}
	if !*update {
		t.Fatalf("%s: got %q, want %q: if that is right, run go test -run TestCorpus -update", file, first.Verdict(), e.Want)
	}
	e.Want = first.Verdict()
	if err := corpus.Write(e); err != nil {
		t.Fatal(err)
	}
}

// TestProperties runs generated programs: each must show no violation but known ones, and give the same run when run again. The programs
// are the same every time unless -seed says otherwise, so a commit that passed goes on passing.
func TestProperties[D any](t *testing.T, tg Target[D]) {
	s := open(t, &tg)
	params := gopter.DefaultTestParametersWithSeed(*seed)
	params.MinSuccessfulTests, params.Workers, params.MaxShrinkCount = *checks, 1, 1
	props := gopter.NewProperties(params)
	props.Property(tg.Name+" keeps its contracts, but for known bugs", gopterprop.ForAll(
		func(p *prog.Prog) (bool, error) { return s.holds(t, p) }, s.programs(t)))
	if !props.Run(gopter.ConsoleReporter(false)) {
		t.Fatalf("a generated program breaks a contract; run again with -seed %d", *seed)
	}
	t.Log(s.knownTable(s.stats.Hits))
}

// holds is the property of one program.
func (s *session[D]) holds(t *testing.T, p *prog.Prog) (bool, error) {
	if v := s.judge(t, p); v != nil {
		text, err := s.find(t, p, v)
		if err == nil {
			err = fmt.Errorf("%s", text)
		}
		return false, err
	}
	hash := s.trace.Hash()
	if again := s.target.Run(t, p, false); again.Trace.Hash() != hash {
		return false, fmt.Errorf("linkflap's own fault: run again, got trace hash %016x, want %016x; the program:\n%s", again.Trace.Hash(), hash, p)
	}
	return true, nil
}

// programs generates programs through gopter, with our own shrinker as gopter's.
func (s *session[D]) programs(t *testing.T) gopter.Gen {
	return func(params *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(prog.Generate(params.Rng, s.spec), func(v any) gopter.Shrink { return s.shrinkOnce(t, v.(*prog.Prog)) })
	}
}

// shrinkOnce offers gopter a single smaller value: the smallest.
func (s *session[D]) shrinkOnce(t *testing.T, p *prog.Prog) gopter.Shrink {
	offered := false
	return func() (any, bool) {
		if offered {
			return nil, false
		}
		offered = true
		sig := s.target.Run(t, p, false).Verdict()
		small := shrink.Shrink(p, shrinkBudget, func(c *prog.Prog) bool { return s.target.Run(t, c, false).Has(sig) })
		return small.Prog, small.Prog != p
	}
}
