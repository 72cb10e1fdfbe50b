package sim

import "github.com/linkflap/linkflap/harness/trace"

// armed is a fault on the call that a task is making.
type armed struct {
	name  string
	left  int // passages until it fires; 0: not armed, or fired
	nth   int
	value int64
	law   int64 // 1: the fault keeps to the protocol
}

// Fault is a fault to arm.
type Fault struct {
	Name   string
	Nth    int // passage of its site at which it fires
	Value  int64
	Lawful bool // it keeps to the chip's protocol
}

// Arm arms f for what t does from now on: it fires once. The zero Fault disarms.
func (t *Task) Arm(f Fault) {
	t.fault = armed{name: f.Name, left: f.Nth, nth: f.Nth, value: f.Value}
	if f.Lawful {
		t.fault.law = 1
	}
}

// Fault is asked by a mock at every passage of a place where fault site can strike. It reports whether the fault strikes now, with its value.
func (w *World) Fault(site string) (value int64, ok bool) {
	if w.cur == nil || w.cur.fault.left == 0 {
		return 0, false
	}
	return w.cur.fault.pass(w, site)
}

// Armed says that some fault may strike yet: without one, a mock need not ask.
func (w *World) Armed() bool {
	for _, t := range w.tasks {
		if t.fault.left > 0 {
			return true
		}
	}
	return false
}

// ServedFault is Fault where a task may act for others: one that makes no call of its own, as a task of the firmware that reads a line for
// everybody, serves whichever call is under way, and it is that one's fault that strikes, the first task's first.
func (w *World) ServedFault(site string) (value int64, ok bool) {
	if w.cur == nil || w.cur.Call >= 0 {
		return w.Fault(site)
	}
	for _, t := range w.tasks {
		if t.fault.left > 0 {
			if value, ok = t.fault.pass(w, site); ok {
				break
			}
		}
	}
	return value, ok
}

func (f *armed) pass(w *World, site string) (int64, bool) {
	if f.name != site {
		return 0, false
	}
	if f.left--; f.left > 0 {
		return 0, false
	}
	w.Emit(trace.Fault, f.name, int64(f.nth), f.value, f.law)
	return f.value, true
}
