package sim

import "github.com/linkflap/linkflap/harness/trace"

// armed is a fault on the call that a task is making.
type armed struct {
	name  string
	left  int // passages until it fires; 0: not armed, or fired
	nth   int
	value int64
}

// Arm arms fault name for t's calls from now on: it fires once, at the nth passage of its site. An empty name disarms.
func (t *Task) Arm(name string, nth int, value int64) {
	t.fault = armed{name: name, left: nth, nth: nth, value: value}
}

// Fault is asked by a mock at every passage of a place where fault site can strike. It reports whether the fault strikes now, with its value.
func (w *World) Fault(site string) (value int64, ok bool) {
	if w.cur == nil || w.cur.fault.left == 0 {
		return 0, false
	}
	return w.cur.fault.pass(w, site)
}

func (f *armed) pass(w *World, site string) (int64, bool) {
	if f.name != site {
		return 0, false
	}
	if f.left--; f.left > 0 {
		return 0, false
	}
	w.Emit(trace.Fault, f.name, int64(f.nth), f.value, 0)
	return f.value, true
}
