package oracle

import (
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// unblockTime is how long a blocked call may outlive the close of its handle: drivers poll, the slowest seen every second.
const unblockTime = 5 * time.Second

// closeUnblocks reports calls that stay blocked on a handle that was closed meanwhile, by either end. A chip that is deaf after a fault
// keeps everybody waiting.
func closeUnblocks(r *Run) []Violation {
	if r.faulted || r.stopped {
		return nil
	}
	return append(r.outliving(), r.endless()...)
}

// outliving reports calls that outlive the close of their handle, whatever the reason; but who waits for a lock is not to blame.
func (r *Run) outliving() (vs []Violation) {
	end := r.Events[len(r.Events)-1].At
	for i := range r.calls {
		c := &r.calls[i]
		if c.index < 0 || !c.mayBlock || c.handle < 0 {
			continue
		}
		x := r.closeOf(c.handle)
		if x == nil || x.over(c.from) || c.returned() && c.end <= x.end+unblockTime || end <= x.end+unblockTime {
			continue
		}
		if r.locked(c, x.end+unblockTime) || r.mistaken(c, x) {
			continue
		}
		vs = append(vs, Violation{Where: c.op + " on a handle from " + r.op(int64(c.handle)) + " outlives close", At: x.end, Task: c.task})
	}
	return vs
}

// locked says that the task of call c was waiting for a lock at that time.
func (r *Run) locked(c *call, at time.Duration) (yes bool) {
	for i := c.from; i < len(r.Events) && r.Events[i].At <= at; i++ {
		if e := &r.Events[i]; e.Task == c.task {
			yes = e.Kind == trace.Block && e.Name == "lock"
		}
	}
	return yes
}

// mistaken says that call c may wait on another handle than it was to: its own was closed by x before c had surely looked it up, that is
// before any time had passed or while it waited for a lock, and the descriptor was given out again.
func (r *Run) mistaken(c, x *call) bool {
	looking := c.start == x.start
	for i := c.from; i < x.from; i++ {
		if e := &r.Events[i]; e.Kind == trace.Block && e.Task == c.task {
			looking = e.Name == "lock"
		}
	}
	return looking && r.borrowed(c.handle, r.until(c), nil)
}

// until is the event up to which call c was being made.
func (r *Run) until(c *call) int {
	if c.returned() {
		return c.to
	}
	return len(r.Events)
}

// closeOf is the first call that closed handle h successfully, nil if none did.
func (r *Run) closeOf(h int) *call {
	for i := range r.calls {
		if c := &r.calls[i]; c.index >= 0 && c.closes && c.handle == h && c.ok() {
			return c
		}
	}
	return nil
}

// borrowed says that at event i the descriptor of handle h stands for another handle: a call other than but had set out to close it, and it
// was given out again. Whether the close succeeded does not matter, the descriptor may be gone all the same. Who uses h then makes the mistake
// that close(2) warns of, and the firmware cannot know.
func (r *Run) borrowed(h, i int, but *call) bool {
	for k := range r.calls {
		if x := &r.calls[k]; x != but && r.ends(x, h) && r.reissued(h, x.from, i) {
			return true
		}
	}
	return false
}

// improper says that some call used a handle whose descriptor stood for another by then. What comes of that is the program's doing.
func (r *Run) improper() bool {
	for i := range r.calls {
		if c := &r.calls[i]; c.index >= 0 && c.handle >= 0 && r.borrowed(c.handle, r.until(c), c) {
			return true
		}
	}
	return false
}

// ending is the first call that ends handle h, nil if none did.
func (r *Run) ending(h int) (first *call) {
	for i := range r.calls {
		if c := &r.calls[i]; r.ends(c, h) && (first == nil || c.from < first.from) {
			first = c
		}
	}
	return first
}

// ends says that c set out to close the descriptor of handle h since that was made. It may have meant another handle, whose descriptor that
// had been before.
func (r *Run) ends(c *call, h int) bool {
	return c.index >= 0 && c.closes && c.handle >= 0 && c.status != trace.Skipped && r.sameFD(c.handle, h) && !c.over(r.calls[h].from)
}

// sameFD says that two handles have, or had, one descriptor.
func (r *Run) sameFD(a, b int) bool { return r.calls[a].value == r.calls[b].value }

// reissued says that the descriptor of handle h was given out again between two events.
func (r *Run) reissued(h, after, before int) bool {
	for i := range r.calls {
		if c := &r.calls[i]; i != h && c.made() && r.sameFD(i, h) && c.to > after && c.from < before {
			return true
		}
	}
	return false
}

// entry is one occupation of a ledger's entry.
type entry struct {
	name       string
	slot, gen  int64
	taken      *call // in which it was taken, nil if in none
	owner      int   // handle, -1 if none
	task       int
	at         time.Duration
	freed      bool
	freedBy    int64
	freedEvent int
}

// Who asked for a ledger's entry to be taken or released, in C of Take and Free events.
const (
	ByHost  = 0 // the firmware under test
	Unasked = 1 // the chip by itself
	ByReset = 2 // the chip was reset or switched off
)

// ledger calls see with every Free and Misuse event and the entry it concerns, and returns all entries as they are at event end.
func (r *Run) ledger(end int, see func(i int, e *trace.Event, of *entry)) (all []entry) {
	for i := range r.Events[:end] {
		e := &r.Events[i]
		switch e.Kind {
		case trace.Take:
			c := r.callAt(e.Task, i)
			all = append(all, entry{name: e.Name, slot: e.A, gen: e.B, taken: c, owner: r.ownerOf(c), task: e.Task, at: e.At})
		case trace.Free, trace.Misuse:
			for k := len(all) - 1; k >= 0; k-- {
				if x := &all[k]; x.name == e.Name && x.slot == e.A && x.gen == e.B {
					see(i, e, x)
					if e.Kind == trace.Free {
						x.freed, x.freedBy, x.freedEvent = true, e.C, i
					}
					break
				}
			}
		}
	}
	return all
}

// ownerOf is the handle that a call took something for: the one that it returned, else the one that it uses; -1 if neither.
func (r *Run) ownerOf(c *call) int {
	switch {
	case c == nil:
		return -1
	case c.made():
		return c.index
	}
	return c.handle
}

// doubleFrees reports releases of what is not the handle's own any more. After a lie of the chip nobody knows what is whose.
func doubleFrees(r *Run) (vs []Violation) {
	vs = r.touches(1)
	if r.faulted || r.improper() {
		return vs
	}
	r.ledger(len(r.Events), func(i int, e *trace.Event, of *entry) {
		c := r.callAt(e.Task, i)
		if c == nil || c.handle < 0 {
			return
		}
		v := Violation{At: e.At, Task: e.Task, Detail: fmt.Sprintf("%s %d", e.Name, e.A)}
		switch {
		case e.Kind == trace.Misuse && of.freed && of.freedBy == ByHost:
			v.Where = c.op + " releases a " + e.Name + " twice"
		case e.Kind == trace.Free && e.C == ByHost && of.owner >= 0 && of.owner != c.handle:
			v.Where = c.op + " releases the " + e.Name + " of another handle"
		default:
			return
		}
		vs = append(vs, v)
	})
	return vs
}

// touches reports memory that was used, or freed again, after it was freed; freed is C of the Touch events.
func (r *Run) touches(freed int64) (vs []Violation) {
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.Touch && e.C == freed {
			vs = append(vs, Violation{Where: e.Name, At: e.At, Task: e.Task, Detail: r.Details[i]})
		}
	}
	return vs
}

// leaks reports what is still taken when every handle is closed, and tasks of the firmware that go on when the device is down. What was
// taken or started by a call that is still being made is no leak yet. A fault may have kept the firmware from releasing, so a run with
// faults shows no leak.
func leaks(r *Run) (vs []Violation) {
	if r.faulted || r.improper() {
		return nil
	}
	if r.closed >= 0 {
		for _, x := range r.ledger(r.closed, func(int, *trace.Event, *entry) {}) {
			if !x.freed && (x.taken == nil || x.taken.over(r.closed)) {
				op := r.Tasks[x.task]
				if x.taken != nil {
					op = x.taken.op
				}
				vs = append(vs, Violation{Where: x.name + " taken by " + op + " is left after close", At: r.Events[r.closed].At, Task: x.task})
			}
		}
	}
	if r.ended >= 0 {
		vs = append(vs, r.leftTasks()...)
	}
	return vs
}

// leftTasks reports tasks that the firmware started and never ended.
func (r *Run) leftTasks() (vs []Violation) {
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Spawn || e.Task == 0 || r.stuckOf(e.A) == nil {
			continue
		}
		if c := r.callAt(e.Task, i); c == nil || c.over(r.closed) {
			vs = append(vs, Violation{Where: "task " + e.Name + " is left after disconnect", At: e.At, Task: int(e.A)})
		}
	}
	return vs
}
