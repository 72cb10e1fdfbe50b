package sim

import (
	"runtime"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Waiter is one alternative that a blocked task waits for: one case of a select.
type Waiter interface {
	// Key identifies what is waited on; equal keys meet, nil ones never.
	Key() any
}

// partner remembers who last waited to receive on a channel: whom a sender that waits for ever has lost.
type partner struct {
	key  any
	task *Task
}

// goexit ends t where it stands. Its deferred functions run when the run is over and nothing blocks any more: now they would meet the
// firmware in the middle of an operation.
func (t *Task) goexit() {
	if t == t.w.root {
		panic("linkflap: the harness's own task used up a budget")
	}
	if !t.w.killed {
		t.w.give(t.w.root)
		t.park()
	}
	runtime.Goexit()
}

// block parks t until it is woken, or until deadline if timed; it reports whether it was woken in time.
func (t *Task) block(why trace.Wait, on any, holder *Task) bool {
	w := t.w
	t.state, t.wait, t.on, t.holder, t.late = waiting, why, on, holder, false
	t.loops, w.bytes = 0, 0
	w.endStep(t, untilBlock)
	if next := w.pick(); next != t {
		w.give(next)
		t.park()
	}
	t.on, t.holder, t.timed = nil, nil, false
	return !t.late
}

// Block parks t until someone calls Wake with the same on.
func (t *Task) Block(why trace.Wait, on any, holder *Task) {
	if t.w.killed {
		t.Loop() // who waits in a loop is cut in the end
		return
	}
	if why != trace.OnSleep {
		t.emitBlock(why, holder)
	}
	t.block(why, on, holder)
	if why == trace.OnLock {
		t.w.Emit(trace.Wake, "", 0, 0, 0)
	}
}

// BlockFor is Block with a limit of d; it reports whether t was woken in time.
func (t *Task) BlockFor(why trace.Wait, on any, d time.Duration) bool {
	if t.w.killed {
		t.Loop()
		return false
	}
	t.emitBlock(why, nil)
	t.timed, t.deadline = true, t.w.now+d
	return t.block(why, on, nil)
}

var waitNames = [...]string{"nothing", "sleep", "lock", "channel", "queue", "result"}

func (t *Task) emitBlock(why trace.Wait, holder *Task) {
	id := int64(-1)
	if holder != nil {
		id = int64(holder.ID)
	}
	t.w.Emit(trace.Block, waitNames[why], id, int64(t.Call), 0)
}

// Wake makes every task that waits on on ready. The caller keeps the token.
func (w *World) Wake(on any) {
	for _, t := range w.tasks {
		if t.state == waiting && t.on == on {
			t.state = ready
		}
	}
}

// Select parks t until one of its cases was completed by another task (Offer), whose index it returns, or until something that one of
// them waits on changed (WakeCases): -1, try again.
func Select[W Waiter](t *Task, cases []W) int {
	if t.w.killed {
		t.goexit()
	}
	for _, c := range cases {
		t.cases = append(t.cases, c)
	}
	t.fired = -1
	t.emitBlock(trace.OnChan, nil)
	t.block(trace.OnChan, nil, t.partner(t.cases))
	clear(t.cases)
	t.cases = t.cases[:0]
	return t.fired
}

// partner is the task that last waited for what t now offers, and notes t as such. A timer's channel has no task at its other end.
func (t *Task) partner(cases []Waiter) (last *Task) {
	for _, c := range cases {
		key := c.Key()
		if key == nil || t.w.ticks(key) {
			continue
		}
		known := false
		for i, p := range t.w.partners {
			if p.key == key {
				if p.task != t {
					last = p.task
				}
				t.w.partners[i].task, known = t, true
			}
		}
		if !known {
			t.w.partners = append(t.w.partners, partner{key, t})
		}
	}
	return last
}

// Offer calls meet with each case of a waiting task that waits on key, in task order, until meet says that it took it: that task is then
// ready, and its Select returns that case's index.
func (w *World) Offer(key any, meet func(Waiter) bool) bool {
	for _, t := range w.tasks {
		if t.state != waiting || t == w.cur {
			continue
		}
		for i, c := range t.cases {
			if c.Key() == key && meet(c) {
				t.state, t.fired = ready, i
				return true
			}
		}
	}
	return false
}

// WakeCases makes every task that waits on key in a Select ready, to try again.
func (w *World) WakeCases(key any) {
	for _, t := range w.tasks {
		if t.state != waiting {
			continue
		}
		for _, c := range t.cases {
			if c.Key() == key {
				t.state = ready
			}
		}
	}
}

// Sleep lets the running task sleep for d of virtual time.
func (w *World) Sleep(d time.Duration) {
	if w.bare {
		time.Sleep(d)
		return
	}
	t := w.cur
	if w.killed {
		t.Loop()
		return
	}
	w.Point("sleep")
	if d <= 0 {
		t.Loop()
		w.turn(t)
		return
	}
	if t == w.root {
		w.now += d
		return
	}
	if t.drowses() {
		t.sleepOver(d)
		return
	}
	if w.alone(t, w.now+d) {
		w.endStep(t, untilBlock)
		w.now += d
		t.loops, w.bytes = 0, 0
		return
	}
	t.timed, t.deadline = true, w.now+d
	t.block(trace.OnSleep, nil, nil)
}

// alone says that nothing can happen before t wakes at until: no hand-over is needed, time just passes.
func (w *World) alone(t *Task, until time.Duration) bool {
	if until > w.deadline || w.outcome != Running {
		return false
	}
	for _, o := range w.tasks {
		if o != t && (o.state == ready || o.state == waiting && o.timed && o.deadline <= until) {
			return false
		}
	}
	for _, tm := range w.timers {
		if tm.at <= until {
			return false
		}
	}
	return true
}

// earliest is the next virtual time at which something happens by itself.
func (w *World) earliest() (at time.Duration, ok bool) {
	for _, t := range w.tasks {
		if t.state == waiting && t.timed && (!ok || t.deadline < at) {
			at, ok = t.deadline, true
		}
	}
	for _, tm := range w.timers {
		if !ok || tm.at < at {
			at, ok = tm.at, true
		}
	}
	return at, ok
}

// advance moves time to at, fires what is due and wakes who waited for it.
func (w *World) advance(at time.Duration) {
	w.now = max(w.now, at)
	for _, t := range w.tasks {
		if t.state == waiting && t.timed && t.deadline <= w.now {
			t.state, t.late = ready, true
		}
	}
	w.fire()
}

// Queue is a place to wait; the zero value is ready to use.
type Queue struct{ _ byte }

// Wait parks the running task until WakeAll.
func (q *Queue) Wait(w *World, _ string) { w.cur.Block(trace.OnQueue, q, nil) }

// WaitFor is Wait with a limit of d; it reports whether it was woken in time.
func (q *Queue) WaitFor(w *World, _ string, d time.Duration) bool {
	if w.bare {
		time.Sleep(d)
		return false
	}
	return w.cur.BlockFor(trace.OnQueue, q, d)
}

// WakeAll makes all who wait ready. The caller keeps the token.
func (q *Queue) WakeAll(w *World) { w.Wake(q) }
