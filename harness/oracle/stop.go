package oracle

import (
	"fmt"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// each makes a violation of every event of kind k.
func each(r *Run, k trace.Kind, where func(e *trace.Event) string) (vs []Violation) {
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == k {
			vs = append(vs, Violation{Where: where(e), At: e.At, Task: e.Task, Detail: r.Details[i]})
		}
	}
	return vs
}

func panics(r *Run) []Violation {
	return each(r, trace.Panic, func(e *trace.Event) string { return in(r.whose(e.Task, e.A), e.Name) })
}

func spins(r *Run) []Violation {
	return each(r, trace.Spin, func(e *trace.Event) string { return in(r.whose(e.Task, e.A), e.Name) })
}

func races(r *Run) []Violation {
	return each(r, trace.Race, func(e *trace.Event) string { return e.Name })
}

func frames(r *Run) (vs []Violation) {
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Frame {
			continue
		}
		op := r.Tasks[e.Task]
		if c := r.callAt(e.Task, i); c != nil {
			op = c.op
		}
		vs = append(vs, Violation{Where: op + " sends a frame with " + e.Name, At: e.At, Task: e.Task, Detail: fmt.Sprintf("opcode %#x", e.A)})
	}
	return vs
}

// whose is the op of call i, or the name of the firmware's own task.
func (r *Run) whose(task int, i int64) string {
	if op := r.op(i); op != "" {
		return op
	}
	return r.Tasks[task]
}

// stuckOf is the Stuck event of a task, nil if it ended by itself.
func (r *Run) stuckOf(task int64) *trace.Event {
	for i := range r.stuck {
		if int64(r.stuck[i].Task) == task {
			return &r.stuck[i]
		}
	}
	return nil
}

// onLock says that a task waits for something that only another task can give.
func onLock(e *trace.Event) bool {
	return trace.Wait(e.A) == trace.OnLock || trace.Wait(e.A) == trace.OnChan
}

// overdue says that the task was unwound inside a call that had had its time. A wait on a lock or a channel is overdue at once if nothing
// can ever end it; the harness unwinds nothing before that is certain or the time is up.
func (r *Run) overdue(e *trace.Event) bool {
	return e.C >= 0 && int(e.C) < len(r.calls) && !r.calls[e.C].mayBlock
}

// deadlocks reports each chain of waiters that begins in a call which may not block: as a cycle where there is one, else with whoever keeps
// what is waited for.
func deadlocks(r *Run) (vs []Violation) {
	for i := range r.stuck {
		e := &r.stuck[i]
		if !onLock(e) || !r.overdue(e) {
			continue
		}
		chain, cyclic := r.chain(e)
		vs = append(vs, Violation{Where: r.describe(chain, cyclic), At: r.calls[e.C].start, Task: e.Task})
		if cyclic {
			return vs[len(vs)-1:] // the others only queue up behind it
		}
	}
	if len(vs) > 1 {
		vs = vs[:1]
	}
	return vs
}

// chain follows who waits for whom from e on. If that ends in a cycle, chain is that cycle, beginning with its first task in a call.
func (r *Run) chain(e *trace.Event) (chain []*trace.Event, cyclic bool) {
	for {
		for i, seen := range chain {
			if seen == e {
				return r.rotate(chain[i:]), true
			}
		}
		chain = append(chain, e)
		next := r.stuckOf(e.B)
		if e.B < 0 || next == nil {
			return chain, false
		}
		if !onLock(next) {
			return append(chain, next), false
		}
		e = next
	}
}

// rotate lets a cycle begin with the call whose op comes first in the alphabet, so that one cycle has one signature.
func (r *Run) rotate(cycle []*trace.Event) []*trace.Event {
	first := 0
	for i, e := range cycle {
		a, b := r.op(e.C), r.op(cycle[first].C)
		if a != "" && (b == "" || a < b) {
			first = i
		}
	}
	return append(append([]*trace.Event{}, cycle[first:]...), cycle[:first]...)
}

var waitWords = map[trace.Wait]string{
	trace.OnLock: "a lock held by ", trace.OnChan: "a channel operation of ",
}

// describe says: disconnect in f waits for a channel operation of watchdog, which waits for a lock held by disconnect.
func (r *Run) describe(chain []*trace.Event, cyclic bool) string {
	var b strings.Builder
	b.WriteString(in(r.whose(chain[0].Task, chain[0].C), chain[0].Name))
	for i, e := range chain {
		if i > 0 {
			b.WriteString(", which")
		}
		last := i == len(chain)-1
		if last && !cyclic {
			b.WriteString(r.lastWait(e, i))
			break
		}
		next := chain[(i+1)%len(chain)]
		b.WriteString(" waits for " + waitWords[trace.Wait(e.A)])
		b.WriteString(r.whose(next.Task, next.C))
	}
	return b.String()
}

// lastWait ends a description that is no cycle.
func (r *Run) lastWait(e *trace.Event, i int) string {
	switch {
	case !onLock(e):
		return " keeps it in " + e.Name
	case i == 0 && trace.Wait(e.A) == trace.OnLock:
		return " waits for a lock that nobody will release"
	case trace.Wait(e.A) == trace.OnLock:
		return " waits for a lock that nobody will release"
	}
	return " waits for a channel that nobody serves"
}

// hangs reports calls that did not return, or not in time, although what they wait for is only time.
func hangs(r *Run) (vs []Violation) {
	for i := range r.calls {
		c := &r.calls[i]
		if c.index < 0 || c.mayBlock {
			continue
		}
		if c.returned() {
			if took := c.end - c.start; took > c.limit {
				vs = append(vs, Violation{Where: c.op, At: c.start, Task: c.task, Detail: late(took, c.limit)})
			}
			continue
		}
		if e := r.stuckOf(int64(c.task)); e != nil && !onLock(e) && trace.Wait(e.A) != trace.OnResult && int(e.C) == c.index && e.At-c.start > c.limit {
			vs = append(vs, Violation{Where: in(c.op, e.Name), At: c.start, Task: c.task, Detail: late(e.At-c.start, c.limit)})
		}
	}
	return vs
}

func late(took, limit time.Duration) string {
	return fmt.Sprintf("got %v of virtual time, want at most %v", took, limit)
}

// recoveries reports a probe that failed, with the step that it failed in.
func recoveries(r *Run) (vs []Violation) {
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Phase || e.Name != PhaseNotRecovered {
			continue
		}
		v := Violation{Where: "probe", At: e.At, Task: e.Task, Detail: r.Details[i]}
		for k := range r.calls {
			if c := &r.calls[k]; c.index >= 0 && c.from < i && r.Tasks[c.task] == "probe" {
				v.Where, v.Task = c.op+" fails after the faults stopped", c.task
				if !c.returned() {
					v.Where = c.op + " never returns after the faults stopped"
				}
			}
		}
		vs = append(vs, v)
	}
	return vs
}
