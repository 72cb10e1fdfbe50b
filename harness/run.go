package harness

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/libfuzzer"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/tally"
	"github.com/linkflap/linkflap/harness/trace"
)

// The virtual times of a run's phases.
const (
	programTime  = 4 * time.Minute  // for the program, at most
	graceTime    = 10 * time.Second // after which calls that may block are left waiting
	healTime     = 5 * time.Minute  // for calls to return once all is well
	probeTime    = 2 * time.Minute
	teardownTime = 4 * time.Minute
	closedTime   = 6 * time.Second // between the last close and the probe, for blocked calls to notice
	downTime     = 5 * time.Second // after the device is down, for the firmware's own tasks to end
)

// Result is one run, judged.
type Result struct {
	Prog       *prog.Prog
	Trace      *trace.Trace
	Violations []oracle.Violation
}

// Has says that the run shows the bug with this signature.
func (r *Result) Has(signature string) bool { return r.find(signature).Oracle != "" }

// find is the violation with this signature, the zero value if there is none.
func (r *Result) find(signature string) (none oracle.Violation) {
	for _, v := range r.Violations {
		if v.Signature() == signature {
			return v
		}
	}
	return none
}

// Verdict is the signature of the first violation, or "ok".
func (r *Result) Verdict() string {
	if len(r.Violations) == 0 {
		return "ok"
	}
	return r.Violations[0].Signature()
}

// options of a run.
type options struct {
	verbose bool
	trace   *trace.Trace  // emptied and written to; nil makes a new one
	states  *tally.States // gets the states that the run passes through; nil: nobody counts them
}

// Run runs p once, with texts for people in the trace if verbose, and judges it.
func (tg *Target[D]) Run(t *testing.T, p *prog.Prog, verbose bool) *Result {
	return tg.run(t, p, options{verbose: verbose})
}

func (tg *Target[D]) run(t *testing.T, p *prog.Prog, o options) *Result {
	r := &runner[D]{target: tg, p: p, bound: make([]binding, len(p.Calls)), states: o.states}
	cfg := sim.Config{
		Schedule: steps(p), Verbose: o.verbose, Firmware: tg.Firmware, Trace: o.trace,
		Budget: sim.DefaultBudget, OnWall: func() { outOfTime(tg.Name, p) },
	}
	if o.trace != nil {
		o.trace.Reset()
	}
	races := sim.RaceErrors()
	tr := sim.Run(t, cfg, r.root)
	res := &Result{Prog: p, Trace: tr}
	if r.err != nil {
		t.Fatalf("%s: %v", tg.Name, r.err)
	}
	res.Violations = oracle.Check(tg.oracles(), tr, r.meta)
	if sim.RaceErrors() > races {
		res.Violations = append(res.Violations, tg.races()...)
	}
	if tg.Variant != nil {
		for i := range res.Violations {
			res.Violations[i].Where += " on " + tg.Variant(p)
		}
	}
	return res
}

// outOfTime is the last resort against what neither the scheduler nor a budget can stop: it says what ran, and where everything is.
func outOfTime(target string, p *prog.Prog) {
	text := fmt.Sprintf("linkflap: %s: a run took more than %v of real time and cannot be stopped; its program:\n\n%s\n%s",
		target, sim.DefaultBudget.Wall, p, sim.Stacks())
	if libfuzzer.On {
		libfuzzer.Crash(libfuzzer.KindTimeout, "", text, prog.Join(p.Encode()))
	}
	fmt.Fprint(os.Stderr, text)
	tally.Note(text)
	os.Exit(2)
}

func steps(p *prog.Prog) []sim.Step {
	if len(p.Schedule) == 0 {
		return nil
	}
	all := make([]sim.Step, len(p.Schedule))
	for i, s := range p.Schedule {
		all[i] = sim.Step{Task: int(s.Task), Points: s.N, Done: s.Until == prog.Done}
	}
	return all
}

// runner runs one program. It lives in one world.
type runner[D any] struct {
	target  *Target[D]
	p       *prog.Prog
	w       *sim.World
	dev     D
	bound   []binding // by call
	meta    []oracle.Call
	calls   int // calls made or to be made, with the probe's and the teardown's
	tasks   []*sim.Task
	states  *tally.States
	pending uint  // sum of the weights of the ops that are being made
	over    bool  // the program's time is up: calls under way end, no new ones begin
	err     error // the target's or the harness's, not the firmware's
}

// binding is what became of a call's result.
type binding struct {
	value  int64
	done   bool // the call returned
	ok     bool // and gave a handle
	closed bool // which a later call closed
}

// root is the run from start to end. Handles are closed before the probe: an application that starts over does so too, and no contract says
// what becomes of handles that it keeps.
func (r *runner[D]) root(w *sim.World) {
	r.w = w
	shim.Reset()
	if r.dev, r.err = r.target.Start(w); r.err != nil {
		return
	}
	r.describe()
	_ = r.program() && r.heal() && r.closeAll() && r.recover() && r.down()
}

// describe tells the oracles about the ops.
func (r *runner[D]) describe() {
	r.calls = len(r.p.Calls)
	r.meta = make([]oracle.Call, len(r.p.Calls))
	for i := range r.p.Calls {
		r.meta[i] = oracle.Call{Closes: r.op(i).Closes, Makes: r.kind(i) != "", Ups: r.p.Calls[i].Op == 0, Asks: r.op(i).Asks}
	}
}

func (r *runner[D]) op(call int) *Op[D] { return &r.target.Ops[r.p.Calls[call].Op] }

func (r *runner[D]) kind(call int) string { return r.op(call).Result }

// program runs main alone, until it is done or waits for the others, then all the rest. It reports whether the run goes on.
func (r *runner[D]) program() bool {
	var used [prog.NumTasks]bool
	for i := range r.p.Calls {
		used[r.p.Calls[i].Task] = true
	}
	if used[prog.Main] {
		r.spawn(prog.Main)
		if r.w.Await(programTime, 0) == sim.Stopped {
			return false
		}
	}
	for i := range r.p.Calls { // in order of first use
		if t := r.p.Calls[i].Task; used[t] && t != prog.Main {
			used[t] = false
			r.spawn(t)
		}
	}
	return r.w.Await(programTime, graceTime) != sim.Stopped
}

func (r *runner[D]) spawn(name prog.Task) {
	r.tasks = append(r.tasks, r.w.Spawn(name.String(), int(name), func(t *sim.Task) {
		for i := range r.p.Calls {
			if r.p.Calls[i].Task == name && !r.over {
				r.call(t, i)
			}
		}
	}))
}

// heal ends the faults and gives every call that may not block the time to return. It reports whether all did.
func (r *runner[D]) heal() bool {
	r.over = true
	r.phase(oracle.PhaseHeal)
	for _, t := range r.tasks {
		t.Arm(sim.Fault{})
	}
	if r.target.Heal != nil {
		r.target.Heal(r.dev)
	}
	if r.w.Await(healTime, time.Second) == sim.Stopped {
		return false
	}
	for _, t := range r.tasks {
		if t.Overdue() {
			return false
		}
	}
	return true
}

// closeAll closes every handle that is open, as an application does that starts over. It reports whether the run goes on.
func (r *runner[D]) closeAll() bool {
	r.phase(oracle.PhaseTeardown)
	return r.aside("teardown", teardownTime, func(s *Steps) {
		r.closeOpen(s)
		r.w.Sleep(closedTime)
		r.closeOpen(s) // what calls under way have returned meanwhile
		r.phase(oracle.PhaseClosed)
	})
}

func (r *runner[D]) closeOpen(s *Steps) {
	for i := range r.bound {
		if b := &r.bound[i]; b.ok && !b.closed && r.kind(i) != "" {
			b.closed = true
			_, _ = s.do("close", i, DefaultDeadline, func() (int64, error) { return 0, r.target.Close(r.dev, r.kind(i), b.value) })
		}
	}
}

// recover lets the target show that it works again. It reports whether the run goes on.
func (r *runner[D]) recover() bool {
	if r.target.Probe == nil {
		return true
	}
	r.phase(oracle.PhaseRecover)
	err := errors.New("it did not end")
	r.aside("probe", probeTime, func(s *Steps) { err = r.target.Probe(s, r.dev) })
	switch {
	case err == nil:
		r.phase(oracle.PhaseRecovered)
	case !r.w.Stopped():
		r.phase(oracle.PhaseNotRecovered)
		r.w.Trace.Detail(err.Error())
	}
	return err == nil
}

// down takes the device down for good.
func (r *runner[D]) down() bool {
	return r.aside("teardown", teardownTime, func(s *Steps) {
		if r.target.Down != nil {
			_, _ = s.Do("disconnect", func() (int64, error) { return 0, r.target.Down(r.dev) })
		}
		r.w.Sleep(downTime)
		r.phase(oracle.PhaseEnd)
	})
}

// aside makes calls that are not in the program, in a task of their own. It reports whether they ended.
func (r *runner[D]) aside(name string, limit time.Duration, do func(s *Steps)) (ended bool) {
	r.w.Spawn(name, -1, func(t *sim.Task) {
		do(r.steps(t))
		ended = true
	})
	r.w.Await(limit, limit)
	return ended
}

func (r *runner[D]) phase(name string) { r.w.Emit(trace.Phase, name, 0, 0, 0) }
