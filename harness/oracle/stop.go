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

// panics and spins name only the function: whatever op leads there, it is the same bug. In the harness's own words there may be none.
func panics(r *Run) []Violation {
	return each(r, trace.Panic, func(e *trace.Event) string { return r.function(e) })
}

func spins(r *Run) []Violation {
	return each(r, trace.Spin, func(e *trace.Event) string { return r.function(e) })
}

func (r *Run) function(e *trace.Event) string {
	if e.Name == "" {
		return r.whose(e.Task, e.A)
	}
	return e.Name
}

func races(r *Run) []Violation {
	return each(r, trace.Race, func(e *trace.Event) string { return e.Name })
}

// outOfStep is the frame violation that a chip sees when it takes what the firmware clocks out to read a reply for a command.
const outOfStep = "no start byte"

// caller is the op of the call that task was making at event i, or the name of the firmware's own task.
func (r *Run) caller(task, i int) string {
	if c := r.callAt(task, i); c != nil {
		return c.op
	}
	return r.Tasks[task]
}

// frames reports malformed commands; of a wrong value in a good one it does not matter which op passes it on. What follows a fault, or follows the two sides' getting out of step, is a consequence.
func frames(r *Run) (vs []Violation) {
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind == trace.Fault && e.C == 0 {
			return vs
		}
		if e.Kind != trace.Frame {
			continue
		}
		v := Violation{At: e.At, Task: e.Task, Detail: fmt.Sprintf("opcode %#x", e.A)}
		if e.Name == outOfStep {
			v.Where = "command and reply get out of step"
			return append(vs, v)
		}
		if r.improper() {
			continue
		}
		v.Where = "a frame with " + e.Name
		if e.B == 0 {
			v.Where = r.caller(e.Task, i) + " sends " + v.Where
		}
		vs = append(vs, v)
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
// what is waited for. Who waits for a call that hangs shows no bug of its own.
func deadlocks(r *Run) (vs []Violation) {
	for i := range r.stuck {
		e := &r.stuck[i]
		if r.stopped || !onLock(e) || !r.overdue(e) {
			continue
		}
		chain, cyclic := r.chain(e)
		if r.hung(r.callOf(chain[len(chain)-1])) != nil {
			continue
		}
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

// callOf is the call in which a task was unwound, nil if it was in none.
func (r *Run) callOf(e *trace.Event) *call {
	if e.C < 0 || int(e.C) >= len(r.calls) {
		return nil
	}
	return &r.calls[e.C]
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
		if e.B < 0 || next == nil || trace.Wait(e.A) == trace.OnChan && trace.Wait(next.A) == trace.OnResult {
			return chain, false // nobody, or one that was at the channel in a call that is over
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

// keeper is who keeps all the others waiting, nil if the chain says it better. Where the chain is no cycle, who waits is by chance, for a
// lock at its end, too. In a cycle it is who waits at a channel for as long as it takes, a task of the
// firmware or a call that may block: any call would do that comes there.
func (r *Run) keeper(chain []*trace.Event, cyclic bool) *trace.Event {
	for _, e := range chain {
		if c := r.callOf(e); cyclic && trace.Wait(e.A) == trace.OnChan && (c == nil || c.mayBlock) {
			return e
		}
	}
	last := chain[len(chain)-1]
	if !cyclic && (!onLock(last) || len(chain) > 1 && trace.Wait(chain[len(chain)-2].A) == trace.OnLock) {
		return last
	}
	return nil
}

// describe says: disconnect in f waits for a channel operation of watchdog, which waits for a lock held by disconnect.
func (r *Run) describe(chain []*trace.Event, cyclic bool) string {
	if e := r.keeper(chain, cyclic); e != nil {
		return r.whose(e.Task, e.C) + " keeps for ever what other calls wait for"
	}
	last := chain[len(chain)-1]
	var b strings.Builder
	for i, e := range chain {
		if i > 0 {
			b.WriteString(", which")
		} else {
			b.WriteString(in(r.whose(e.Task, e.C), e.Name))
		}
		if e == last && !cyclic {
			b.WriteString(" waits for what nobody will give")
			break
		}
		next := chain[(i+1)%len(chain)]
		b.WriteString(" waits for " + waitWords[trace.Wait(e.A)] + r.whose(next.Task, next.C))
	}
	return b.String()
}

// hangs reports calls that did not return, or not in time, although what they wait for is only time.
func hangs(r *Run) (vs []Violation) {
	for i := range r.calls {
		c := &r.calls[i]
		if c.index < 0 || c.mayBlock || r.stopped {
			continue
		}
		if c.returned() {
			if took := c.end - c.start; took > c.limit && !r.queued(c) {
				vs = append(vs, Violation{Where: c.op, At: c.start, Task: c.task, Detail: late(took, c.limit)})
			}
			continue
		}
		if e := r.hung(c); e != nil {
			vs = append(vs, Violation{Where: in(c.op, e.Name), At: c.start, Task: c.task, Detail: late(e.At-c.start, c.limit)})
		}
	}
	return vs
}

// queued says that a call had to wait for another one: that one may be late, this one is not to blame.
func (r *Run) queued(c *call) bool {
	for _, e := range r.Events[c.from:c.to] {
		if e.Kind == trace.Block && e.Task == c.task && e.Name == "lock" {
			return true
		}
	}
	return false
}

// hung is where a call was cut off that had lasted longer than it may although it waited only for time; nil if c is none.
func (r *Run) hung(c *call) *trace.Event {
	if c == nil || c.index < 0 || c.mayBlock || c.returned() {
		return nil
	}
	e := r.stuckOf(int64(c.task))
	if e == nil || onLock(e) || trace.Wait(e.A) == trace.OnResult || int(e.C) != c.index || e.At-c.start <= c.limit {
		return nil
	}
	return e
}

func late(took, limit time.Duration) string {
	return fmt.Sprintf("got %v of virtual time, want at most %v", took, limit)
}

// bites reports watchdogs that reset the board.
func bites(r *Run) (vs []Violation) {
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.Bite {
			detail := fmt.Sprintf("last fed %v before; reset reason %d", time.Duration(e.B)*time.Millisecond, e.A)
			vs = append(vs, Violation{Where: "the " + e.Name + " watchdog bites", At: e.At, Task: e.Task, Detail: detail})
		}
	}
	return vs
}

// recoveries reports a probe that failed, with the step that it failed in, unless another oracle says it better: the step is a deadlock or a
// hang, or a call that outlives the close of its handle may have taken what was meant for the probe.
func recoveries(r *Run) (vs []Violation) {
	if r.stopped || r.occupied() {
		return nil
	}
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Phase || e.Name != PhaseNotRecovered {
			continue
		}
		v := Violation{Where: "the probe fails", At: e.At, Task: e.Task, Detail: r.Details[i]}
		if c := r.lastOf("probe"); c != nil {
			if e := r.stuckOf(int64(c.task)); e != nil && (onLock(e) || !c.mayBlock) {
				continue
			}
			v.Task, v.Where = c.task, c.op+" fails after the faults stopped"
			if !c.returned() {
				v.Where = c.op + " never returns after the faults stopped"
			}
		}
		vs = append(vs, v)
	}
	return vs
}

// occupied says that a call still waited on a handle when the probe began, although every handle had been closed.
func (r *Run) occupied() bool {
	for i := range r.calls {
		if c := &r.calls[i]; c.index >= 0 && c.mayBlock && c.handle >= 0 && c.from < r.closed && !c.over(r.closed) {
			return true
		}
	}
	return false
}

// lastOf is the last call of the task with this name, nil if it made none.
func (r *Run) lastOf(task string) (last *call) {
	for k := range r.calls {
		if c := &r.calls[k]; c.index >= 0 && r.Tasks[c.task] == task {
			last = c
		}
	}
	return last
}
