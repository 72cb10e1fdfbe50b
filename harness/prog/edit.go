package prog

import (
	"cmp"
	"math/bits"
	"slices"
)

// Clone returns a copy that shares nothing with p but the Spec.
func (p *Prog) Clone() *Prog {
	q := &Prog{Spec: p.Spec, Calls: slices.Clone(p.Calls), Schedule: slices.Clone(p.Schedule)}
	for i := range q.Calls {
		q.Calls[i] = q.Calls[i].clone()
	}
	return q
}

func (c Call) clone() Call {
	c.Args = slices.Clone(c.Args)
	if c.Fault != nil {
		f := *c.Fault
		c.Fault = &f
	}
	return c
}

// Keep returns a copy of p without the calls that keep rejects and those that depend on them for a result.
// References are renumbered; steps of tasks that no longer make a call go too. keep is asked about each call once,
// in order.
func (p *Prog) Keep(keep func(call int) bool) *Prog {
	q := &Prog{Spec: p.Spec}
	moved := make([]int64, len(p.Calls)) // new index of each call; -1: gone
	for i := range p.Calls {
		moved[i] = -1
		c := p.Calls[i].clone()
		if keep(i) && c.renumber(p.op(i), moved) {
			moved[i] = int64(len(q.Calls))
			q.Calls = append(q.Calls, c)
		}
	}
	tasks := q.tasks()
	for _, s := range p.Schedule {
		if tasks.has(s.Task) {
			q.Schedule = append(q.Schedule, s)
		}
	}
	return q
}

// Order returns a copy of p with its calls in this order, without those that then come before a result that they need.
func (p *Prog) Order(order []int) *Prog {
	q := &Prog{Spec: p.Spec, Schedule: slices.Clone(p.Schedule)}
	moved := make([]int64, len(p.Calls)) // new index of each call; -1: not there yet
	for i := range moved {
		moved[i] = -1
	}
	for _, i := range order {
		if c := p.Calls[i].clone(); c.renumber(p.op(i), moved) {
			moved[i] = int64(len(q.Calls))
			q.Calls = append(q.Calls, c)
		}
	}
	return q
}

// renumber updates the references of c and reports whether all still lead to a call.
func (c *Call) renumber(op *Op, moved []int64) bool {
	for j := range op.Args {
		if op.Args[j].Kind != Ref {
			continue
		}
		c.Args[j] = moved[c.Args[j]]
		if c.Args[j] < 0 {
			return false
		}
	}
	return true
}

// Equal reports whether a and b are the same program over the same Spec.
func Equal(a, b *Prog) bool {
	return a.Spec == b.Spec && compareCalls(a, b) == 0 && slices.Equal(a.Schedule, b.Schedule)
}

// Less reports whether a is simpler than b. It is a strict order of all programs over one Spec: two that differ are
// never equal in it, so a shrinker that only goes down cannot go round in circles.
//
// The order is shortlex. First come the counts, each worth more than any number of the next because it costs the
// reader more: calls, faults, steps, tasks, optional arguments written out. Then come the values in program order,
// where lower is simpler; a call that goes back to main, or a reference to an earlier result, is lower too.
func Less(a, b *Prog) bool {
	x, y := a.size(), b.size()
	if c := slices.Compare(x[:], y[:]); c != 0 {
		return c < 0
	}
	if c := compareCalls(a, b); c != 0 {
		return c < 0
	}
	return slices.CompareFunc(a.Schedule, b.Schedule, compareSteps) < 0
}

// size returns what a program costs its reader, dearest first.
func (p *Prog) size() [5]int {
	faults, options := 0, 0
	for i := range p.Calls {
		if p.Calls[i].Fault != nil {
			faults++
		}
		options += p.options(i)
	}
	tasks := bits.OnesCount16(uint16(p.tasks()))
	return [...]int{len(p.Calls), faults, len(p.Schedule), tasks, options}
}

// options returns how many optional arguments of a call are written out.
func (p *Prog) options(call int) int {
	n := 0
	for j := range p.op(call).Args {
		a := &p.op(call).Args[j]
		if a.Optional && p.Calls[call].Args[j] != a.Default {
			n++
		}
	}
	return n
}

func compareCalls(a, b *Prog) int {
	return slices.CompareFunc(a.Calls, b.Calls, func(x, y Call) int {
		return cmp.Or(
			cmp.Compare(x.Task, y.Task),
			cmp.Compare(x.Op, y.Op),
			slices.Compare(x.Args, y.Args),
			compareFaults(x.Fault, y.Fault),
		)
	})
}

func compareFaults(x, y *Fault) int {
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return -1
	case y == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Nth, y.Nth), cmp.Compare(x.Value, y.Value))
}

func compareSteps(x, y Step) int {
	return cmp.Or(cmp.Compare(x.Task, y.Task), cmp.Compare(x.Until, y.Until), cmp.Compare(x.N, y.N))
}
