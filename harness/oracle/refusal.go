package oracle

import "github.com/linkflap/linkflap/harness/trace"

// refusals reports a question that fails although a connect and other questions are all that ever happened to the device. No contract says
// that a question is answered later, or while something else goes on.
func refusals(r *Run) (vs []Violation) {
	for i := range r.calls {
		if c := &r.calls[i]; c.asks && c.returned() && c.status == trace.Failed && r.freshlyUp(c) {
			vs = append(vs, Violation{Where: c.op + " fails on a device that has just connected", At: c.end, Task: c.task, Detail: c.err})
		}
	}
	return vs
}

// freshlyUp says that when c began, the device had been brought up, and that until c ended nothing else was done and no fault fired.
func (r *Run) freshlyUp(c *call) bool {
	for i := range r.Events[:c.to] {
		if r.Events[i].Kind == trace.Fault {
			return false
		}
	}
	up := false
	for i := range r.calls {
		o := &r.calls[i]
		switch {
		case o == c, o.index < 0, o.from > c.to:
		case o.ups && o.ok() && o.over(c.from):
			up = true
		case !o.asks || !o.over(c.from):
			return false
		}
	}
	return up
}
