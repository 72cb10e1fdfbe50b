package sim

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Step is one step of a schedule: while it is the current step its task runs before all others. Points > 0 ends it after so many
// scheduling points of the task; otherwise it ends when the task blocks, or, with Done, when the task ends.
type Step struct {
	Task   int // as given to Spawn
	Points int
	Done   bool
}

type until uint8

const (
	untilBlock until = iota
	untilDone
	untilPoint
)

// Outcome is why Await returned.
type Outcome uint8

// The outcomes.
const (
	Running   Outcome = iota
	Settled           // every awaited task has ended, or does what may last for ever
	Late              // the deadline passed
	Quiescent         // nothing can run and no time is being waited for: whoever waits, waits for ever
	Stopped           // the run was stopped: a panic, or a budget used up
)

// Await lets the other tasks run until every awaited task has ended, or those left have for grace done only what may last for ever, until
// limit has passed, until nothing can ever run again, or until the run is stopped. Only root may call it.
func (w *World) Await(limit, grace time.Duration) Outcome {
	if w.outcome == Stopped {
		return Stopped
	}
	w.outcome = Running
	w.hard, w.grace = w.now+limit, grace
	w.settle()
	w.root.state = waiting
	if next := w.pick(); next != w.root {
		w.give(next)
		w.root.park()
	}
	w.root.state = ready
	return w.outcome
}

// Stop ends the run: root gets the token next, and Await returns Stopped from then on.
func (w *World) Stop() { w.outcome = Stopped }

// Stopped says that the run was stopped.
func (w *World) Stopped() bool { return w.outcome == Stopped }

// settle recomputes Await's deadline after a change in what the awaited tasks do.
func (w *World) settle() {
	w.deadline = w.hard
	for _, t := range w.tasks {
		if t.awaited && t.state != ended && !t.mayBlock {
			return
		}
	}
	w.deadline = w.now
	if w.pending > 0 {
		w.deadline = min(w.hard, w.now+w.grace)
	}
}

// pick chooses who gets the token: the task of the current step, else the first that can run, else time moves to where one can. Root gets
// it when there is nothing left to wait for.
func (w *World) pick() *Task {
	for w.outcome == Running && (w.pending > 0 || w.now < w.deadline) {
		if t := w.runnable(); t != nil {
			return t
		}
		at, ok := w.earliest()
		switch {
		case !ok:
			w.outcome = Quiescent
		case at > w.deadline:
			w.now = w.deadline
			w.outcome = w.deadlineOutcome()
		default:
			w.advance(at)
		}
	}
	if w.outcome == Running {
		w.outcome = Settled
	}
	return w.root
}

func (w *World) deadlineOutcome() Outcome {
	if w.deadline < w.hard {
		return Settled
	}
	return Late
}

// runnable is the task of the current step if it can run, else the first that can, else nil.
func (w *World) runnable() *Task {
	for w.step < len(w.cfg.Schedule) {
		t := w.scheduled(w.cfg.Schedule[w.step].Task)
		if t == nil || t.state == waiting {
			break
		}
		if t.state == ready {
			return t
		}
		w.step++
		w.loadStep()
	}
	for _, t := range w.tasks {
		if t.state == ready {
			return t
		}
	}
	return nil
}

// scheduled is the task that the schedule calls prog, nil before it began.
func (w *World) scheduled(prog int) *Task {
	for _, t := range w.tasks {
		if t.prog == prog {
			return t
		}
	}
	return nil
}

// loadStep prepares the current step.
func (w *World) loadStep() {
	w.left = 0
	if w.step < len(w.cfg.Schedule) {
		w.left = w.cfg.Schedule[w.step].Points
	}
}

// endStep ends the current step if it is t's and ends by what just happened. A step that waits for its task to block also ends when the
// task ends.
func (w *World) endStep(t *Task, by until) {
	if w.step == len(w.cfg.Schedule) || w.cfg.Schedule[w.step].Task != t.prog {
		return
	}
	if by == untilBlock && (w.left > 0 || w.cfg.Schedule[w.step].Done) {
		return
	}
	w.step++
	w.loadStep()
}

// Point is a scheduling point: the running task may lose the token here, if the schedule says so.
func (w *World) Point(string) {
	if w.bare {
		return
	}
	t := w.cur
	if w.killed {
		t.Loop() // a deferred function may come by here for ever
		return
	}
	if w.points++; w.points > w.cfg.Budget.Points {
		w.limit(t, "points")
	}
	if w.left > 0 && w.cfg.Schedule[w.step].Task == t.prog {
		if w.left--; w.left == 0 {
			w.endStep(t, untilPoint)
			w.yield(t)
		}
	}
}

// yield gives the token to whom the schedule names, if that is not t.
func (w *World) yield(t *Task) {
	if t == w.root {
		return
	}
	if next := w.pick(); next != t {
		w.give(next)
		t.park()
	}
}

// loopsPerTurn is after how many loop steps a task that does nothing else lets the others run: who spins on a variable then sees it change.
const loopsPerTurn = 1000

// Loop counts one step of a loop that may not end.
func (t *Task) Loop() {
	if t.loops++; t.loops%loopsPerTurn == 0 {
		t.longLoop()
	}
}

func (t *Task) longLoop() {
	w := t.w
	switch {
	case w.killed:
		t.overrun()
	case t.loops >= w.cfg.Budget.Loops:
		t.overrun()
	default:
		w.turn(t)
	}
}

// turn lets every other task that can run go first, once.
func (w *World) turn(t *Task) {
	if t == w.root || w.killed {
		return
	}
	t.state = waiting
	next := w.runnable()
	t.state = ready
	if next != nil {
		w.give(next)
		t.park()
	}
}

// Gosched is a scheduling point at which the others go first.
func (t *Task) Gosched() {
	t.w.Point("gosched")
	t.w.turn(t)
	t.Loop()
}

// Transfer counts n bytes on a bus.
func (w *World) Transfer(n int) {
	if w.bytes += n; w.bytes > w.cfg.Budget.Transfers && !w.bare {
		w.cur.overrun()
	}
}

// overrun ends a task that used up a budget without any virtual time passing, and with it the run.
func (t *Task) overrun() {
	if !t.w.killed && !t.w.Stopped() {
		where, _ := t.w.firmwareFrame(false)
		t.w.Emit(trace.Spin, where, int64(t.Call), 0, 0)
		t.w.Stop()
	}
	t.goexit()
}

// limit ends the run because of a bound of its own, which is nobody's bug.
func (w *World) limit(t *Task, name string) {
	if !w.Stopped() {
		w.Emit(trace.Limit, name, 0, 0, 0)
		w.Stop()
	}
	t.goexit()
}
