package oracle

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Run is a trace with an index of its calls and of what its tasks were left in.
type Run struct {
	*trace.Trace
	calls   []call
	stuck   []trace.Event
	faulted bool // a fault fired, or chip and firmware got out of step: what follows may be a consequence
	stopped bool // the run was cut by a panic or a budget: who was unwound then was not stuck
	closed  int  // index of the event after which every handle is closed, -1 if the run did not get there
	ended   int  // index of the event after which the device is down too, -1
}

// call is one call of the trace.
type call struct {
	op       string
	index    int // as in the trace, -1: not made
	handle   int // handle that it uses, -1
	task     int
	mayBlock bool
	closes   bool
	makes    bool
	ups      bool
	asks     bool
	from, to int // indices of its Call and Return events; to is -1 if it did not return
	start    time.Duration
	end      time.Duration
	limit    time.Duration
	status   trace.Status
	value    int64
	err      string
}

func (c *call) returned() bool { return c.to >= 0 }
func (c *call) ok() bool       { return c.returned() && c.status == trace.OK }

// over says that c had returned by event i.
func (c *call) over(i int) bool { return c.returned() && c.to < i }

// overlaps says that two calls were being made at one time.
func (c *call) overlaps(o *call) bool { return !c.over(o.from) && !o.over(c.from) }

// The phases of a run, as Name of Phase events; the harness emits them.
const (
	PhaseHeal         = "heal"
	PhaseRecover      = "recover"
	PhaseRecovered    = "recovered"
	PhaseNotRecovered = "not recovered"
	PhaseTeardown     = "tear down"
	PhaseClosed       = "closed"
	PhaseEnd          = "end"
)

func index(t *trace.Trace, meta []Call) *Run {
	r := &Run{Trace: t, closed: -1, ended: -1}
	for i := range t.Events {
		e := &t.Events[i]
		switch e.Kind {
		case trace.Call:
			r.begin(i, e, meta)
		case trace.Return:
			r.finish(i, e)
		case trace.Stuck:
			r.stuck = append(r.stuck, *e)
		case trace.Panic, trace.Spin, trace.Limit:
			r.stopped = true
		case trace.Fault:
			r.faulted = r.faulted || e.C == 0
		case trace.Frame:
			r.faulted = r.faulted || e.Name == outOfStep
		case trace.Phase:
			r.phase(i, e)
		}
	}
	return r
}

// made says that c returned a handle.
func (c *call) made() bool { return c.makes && c.ok() }

func (r *Run) begin(i int, e *trace.Event, meta []Call) {
	for len(r.calls) <= int(e.A) {
		r.calls = append(r.calls, call{index: -1, handle: -1, to: -1})
	}
	r.calls[e.A] = call{
		op: e.Name, index: int(e.A), handle: int(e.B), task: e.Task, mayBlock: e.C == 0, from: i, to: -1,
		start: e.At, limit: time.Duration(e.C) * time.Millisecond,
		closes: e.Name == "close", // of the teardown and the probe
	}
	if int(e.A) < len(meta) {
		c, m := &r.calls[e.A], meta[e.A]
		c.closes, c.makes, c.ups, c.asks = m.Closes, m.Makes, m.Ups, m.Asks
	}
}

func (r *Run) finish(i int, e *trace.Event) {
	if int(e.A) >= len(r.calls) {
		return
	}
	c := &r.calls[e.A]
	c.to, c.end, c.err, c.value, c.status = i, e.At, e.Name, e.B, trace.Status(e.C)
}

func (r *Run) phase(i int, e *trace.Event) {
	switch e.Name {
	case PhaseClosed:
		r.closed = i
	case PhaseEnd:
		r.ended = i
	}
}

// op is the name of call i's op, "" if i is no call.
func (r *Run) op(i int64) string {
	if i < 0 || int(i) >= len(r.calls) {
		return ""
	}
	return r.calls[i].op
}

// callAt is the call that task was making at event i, nil if none.
func (r *Run) callAt(task, i int) *call {
	for k := range r.calls {
		c := &r.calls[k]
		if c.index >= 0 && c.task == task && c.from < i && (c.to < 0 || c.to > i) {
			return c
		}
	}
	return nil
}

// in joins an op and a function: "send in wifinina.sendTCP".
func in(op, function string) string {
	switch {
	case op == "":
		return function
	case function == "":
		return op
	}
	return op + " in " + function
}
