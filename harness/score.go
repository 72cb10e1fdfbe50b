package harness

import (
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand"
	"slices"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
)

// opNames are the names of the target's ops.
func (tg *Target[D]) opNames() (names []ask.Op) {
	for i := range tg.Ops {
		names = append(names, ask.Op{Class: tg.Ops[i].Class.String(), Name: tg.Ops[i].Name})
	}
	return names
}

// only is the target with some of its ops, and without faults: what several targets have in common.
func (tg *Target[D]) only(names []ask.Op) *Target[D] {
	less := *tg
	less.Faults = nil
	less.Ops = slices.DeleteFunc(slices.Clone(tg.Ops), func(op Op[D]) bool {
		return !slices.Contains(names, ask.Op{Class: op.Class.String(), Name: op.Name})
	})
	return &less
}

// score runs n generated programs and sums them up.
func (tg *Target[D]) score(t *testing.T, seed int64, n int) *ask.Summary {
	spec := tg.Spec()
	if err := spec.Validate(); err != nil {
		t.Fatalf("%s: the ops that are left: %v", tg.Name, err)
	}
	r, programs := rand.New(rand.NewSource(seed)), sha256.New()
	tally := &ask.Summary{Signatures: map[string]int{}}
	var times []time.Duration
	o := options{trace: new(trace.Trace)}
	for range n {
		p := prog.Generate(r, spec)
		io.WriteString(programs, p.String())
		res := tg.run(t, p, o)
		for i := range res.Violations {
			tally.Signatures[res.Violations[i].Signature()]++
		}
		if d, ok := recovery(res.Trace); ok {
			times = append(times, d)
		}
	}
	tally.Programs = fmt.Sprintf("%x", programs.Sum(nil)[:8])
	if tally.Recovered = len(times); len(times) > 0 {
		slices.Sort(times)
		tally.Median, tally.Longest = times[len(times)/2], times[len(times)-1]
	}
	return tally
}

// recovery is the virtual time that the probe took, if it succeeded.
func recovery(tr *trace.Trace) (d time.Duration, ok bool) {
	var began time.Duration
	for i := range tr.Events {
		e := &tr.Events[i]
		switch {
		case e.Kind != trace.Phase:
		case e.Name == oracle.PhaseRecover:
			began = e.At
		case e.Name == oracle.PhaseRecovered:
			return e.At - began, true
		}
	}
	return 0, false
}
