package harness

import (
	"errors"
	"time"
	"unsafe"

	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// call makes call i of the program.
func (r *runner[D]) call(t *sim.Task, i int) {
	c := &r.p.Calls[i]
	op := r.op(i)
	if !r.await(t, i) || r.over || r.reissued(i) {
		r.w.Emit(trace.Call, op.Name, int64(i), r.handle(i), int64(DefaultDeadline/time.Millisecond))
		r.w.Emit(trace.Return, "", int64(i), 0, int64(trace.Skipped))
		r.bind(i, 0, errSkipped)
		return
	}
	limit := op.deadline(c.Args)
	r.enter(t, op.Name, i, r.handle(i), limit)
	if f := c.Fault; f != nil {
		spec := &r.p.Spec.Faults[f.Kind]
		t.Arm(sim.Fault{Name: spec.Name, Nth: f.Nth, Value: f.Value, Lawful: spec.Lawful})
	}
	r.pending += weight(c.Op)
	v, err := op.Do(&Call[D]{Dev: r.dev, World: r.w, Task: c.Task, ID: i, op: op, args: c.Args, run: r})
	r.pending -= weight(c.Op)
	t.Arm(sim.Fault{})
	r.leave(t, i, v, err)
	r.bind(i, v, err)
	if op.Closes && err == nil {
		r.bound[c.Args[0]].closed = true
	}
	r.feedback(i)
}

var errSkipped = errors.New("skipped")

// reissued says that call i would use a handle that was closed and whose value another handle has by now. What it would do to that one is
// the program's fault, not the firmware's.
func (r *runner[D]) reissued(i int) bool {
	h := r.handle(i)
	if h < 0 || !r.bound[h].closed {
		return false
	}
	for k := range r.bound {
		if b := &r.bound[k]; int64(k) != h && b.ok && !b.closed && r.kind(k) != "" && b.value == r.bound[h].value {
			return true
		}
	}
	return false
}

// deadline is how long the op may take with these arguments; 0 is for ever.
func (op *Op[D]) deadline(args []int64) time.Duration {
	switch {
	case op.Class != prog.Device || op.MayBlock != nil && op.MayBlock(args):
		return 0
	case op.Deadline > 0:
		return op.Deadline
	}
	return DefaultDeadline
}

// handle is the handle that call i uses, -1 if none: its first argument that is one.
func (r *runner[D]) handle(i int) int64 {
	for j := range r.op(i).Args {
		if r.op(i).Args[j].Kind == prog.Ref {
			return r.p.Calls[i].Args[j]
		}
	}
	return -1
}

// await waits until every handle that call i uses is bound; it reports whether all are.
func (r *runner[D]) await(t *sim.Task, i int) bool {
	for j := range r.op(i).Args {
		if r.op(i).Args[j].Kind != prog.Ref {
			continue
		}
		b := &r.bound[r.p.Calls[i].Args[j]]
		for !b.done {
			t.MayBlock(true)
			t.Block(trace.OnResult, b, nil)
			t.MayBlock(false)
		}
		sim.RaceAcquire(b.race())
		if !b.ok {
			return false
		}
	}
	return true
}

// bind notes what call i returned and wakes who waits for it.
func (r *runner[D]) bind(i int, v int64, err error) {
	b := &r.bound[i]
	b.value, b.done, b.ok = v, true, err == nil
	sim.RaceRelease(b.race())
	r.w.Wake(b)
}

// race is b as the race detector knows it: who waits for a handle sees what was done before it was bound.
func (b *binding) race() unsafe.Pointer { return unsafe.Pointer(b) }

func (r *runner[D]) enter(t *sim.Task, name string, i int, handle int64, limit time.Duration) {
	r.w.Point("call")
	t.Call = i
	t.MayBlock(limit == 0)
	r.w.Emit(trace.Call, name, int64(i), handle, int64(limit/time.Millisecond))
	r.w.Sync()
}

func (r *runner[D]) leave(t *sim.Task, i int, v int64, err error) {
	status, text := trace.OK, ""
	switch {
	case errors.Is(err, ErrUnsupported):
		status = trace.Unsupported
	case err != nil:
		status, text = trace.Failed, err.Error()
	}
	r.w.Emit(trace.Return, text, int64(i), v, int64(status))
	t.Call = -1
	t.MayBlock(false)
}

// steps makes calls outside the program, on task t.
func (r *runner[D]) steps(t *sim.Task) *Steps {
	return &Steps{World: r.w, do: func(name string, handle int, limit time.Duration, f func() (int64, error)) (int64, error) {
		i := r.calls
		r.calls++
		r.enter(t, name, i, int64(handle), limit)
		v, err := f()
		r.leave(t, i, v, err)
		return v, err
	}}
}
