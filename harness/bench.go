package harness

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// Bench measures what the harness costs: a run of the program in text, which must have no task but main, against the same calls made bare:
// in a bubble, with no tasks, no schedule, no trace and no oracles. The two take turns, so that their ratio holds on a noisy machine.
func Bench[D any](b *testing.B, tg Target[D], text string) {
	p := tg.parsed(b, text)
	defer quiet(b)()
	sim.Bench(b, func(t *testing.T) {
		b.Run("harness", func(b *testing.B) { tg.benchRuns(b, t, p) })
		b.Run("bare", func(b *testing.B) { tg.benchBare(b, t, p) })
		b.Run("ratio", func(b *testing.B) { tg.benchRatio(b, t, p) })
	})
}

// BenchRuns is Bench for firmware with tasks of its own, which cannot do without a scheduler: there is nothing to compare with.
func BenchRuns[D any](b *testing.B, tg Target[D], text string) {
	p := tg.parsed(b, text)
	sim.Bench(b, func(t *testing.T) { tg.benchRuns(b, t, p) })
}

func (tg *Target[D]) parsed(b *testing.B, text string) *prog.Prog {
	p, err := prog.Parse(tg.Spec(), b.Name(), 1, text)
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// quiet drops what the firmware prints when it runs bare.
func quiet(b *testing.B) (undo func()) {
	stdout := os.Stdout
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	os.Stdout = null
	return func() {
		os.Stdout = stdout
		_ = null.Close()
	}
}

func (tg *Target[D]) benchRuns(b *testing.B, t *testing.T, p *prog.Prog) {
	b.ReportAllocs()
	var virtual time.Duration
	var tr trace.Trace
	for b.Loop() {
		res := tg.run(t, p, options{trace: &tr})
		if len(res.Violations) > 0 {
			b.Fatalf("got %s, want ok: the benchmark's program must keep clear of bugs", res.Verdict())
		}
		virtual += tr.Events[len(tr.Events)-1].At
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "programs/s")
	b.ReportMetric(virtual.Seconds()/b.Elapsed().Seconds(), "virtual-s/s")
	b.ReportMetric(virtual.Seconds()/float64(b.N), "virtual-s/program")
}

func (tg *Target[D]) benchBare(b *testing.B, t *testing.T, p *prog.Prog) {
	b.ReportAllocs()
	for b.Loop() {
		tg.bare(t, p)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "programs/s")
}

func (tg *Target[D]) benchRatio(b *testing.B, t *testing.T, p *prog.Prog) {
	var harness, bare time.Duration
	var tr trace.Trace
	for b.Loop() {
		start := time.Now()
		tg.run(t, p, options{trace: &tr})
		middle := time.Now()
		tg.bare(t, p)
		harness += middle.Sub(start)
		bare += time.Since(middle)
	}
	b.ReportMetric(harness.Seconds()/bare.Seconds(), "harness/bare")
}

// bare makes the calls of p and those of the teardown and the probe, one after the other, and nothing else.
func (tg *Target[D]) bare(t *testing.T, p *prog.Prog) {
	synctest.Test(t, func(t *testing.T) {
		w := sim.NewBare()
		dev, err := tg.Start(w)
		if err != nil {
			t.Fatal(err)
		}
		r := &runner[D]{target: tg, p: p, w: w, dev: dev, bound: make([]binding, len(p.Calls))}
		for i := range p.Calls {
			op := r.op(i)
			v, err := op.Do(&Call[D]{Dev: dev, World: w, ID: i, op: op, args: p.Calls[i].Args, run: r})
			r.bound[i] = binding{value: v, ok: err == nil}
			if op.Closes && err == nil {
				r.bound[p.Calls[i].Args[0]].closed = true
			}
		}
		for i, b := range r.bound {
			if b.ok && !b.closed && r.kind(i) != "" {
				_ = tg.Close(dev, r.kind(i), b.value)
			}
		}
		w.Sleep(closedTime)
		s := &Steps{World: w, do: func(_ string, _ int, _ time.Duration, f func() (int64, error)) (int64, error) { return f() }}
		if err := tg.Probe(s, dev); err != nil {
			t.Fatal(err)
		}
		_ = tg.Down(dev)
		w.Sleep(downTime)
	})
}
