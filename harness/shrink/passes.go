package shrink

import (
	"cmp"
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/prog"
)

// A pass keeps p the smallest program: after each accepted candidate it goes on from that one.

func dropTasks(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for t := range prog.Task(prog.NumTasks) {
		if c := p.Keep(func(i int) bool { return p.Calls[i].Task != t }); try(c) {
			p = c
		}
	}
	return p
}

// dropUnrelated keeps, for each call, only what it needs and the first call of all, which brings the device up.
func dropUnrelated(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for i := len(p.Calls) - 1; i >= 0; i-- {
		if i >= len(p.Calls) {
			continue
		}
		need := needs(p, i)
		need[0] = true
		if c := p.Keep(func(k int) bool { return need[k] }); try(c) {
			return c
		}
	}
	return p
}

// needs is the set of calls that call i refers to, however indirectly, and itself.
func needs(p *prog.Prog, i int) map[int]bool {
	need := map[int]bool{i: true}
	for k := i; k >= 0; k-- {
		if !need[k] {
			continue
		}
		for j, a := range p.Spec.Ops[p.Calls[k].Op].Args {
			if a.Kind == prog.Ref {
				need[int(p.Calls[k].Args[j])] = true
			}
		}
	}
	return need
}

func dropSchedule(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	if len(p.Schedule) == 0 {
		return p
	}
	c := p.Clone()
	c.Schedule = nil
	if try(c) {
		return c
	}
	return p
}

// dropChunks drops runs of calls, long ones first, from the end: late calls are the least likely to matter.
func dropChunks(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for size := max(1, len(p.Calls)/2); size > 0; size /= 2 {
		for from := len(p.Calls) - size; from >= 0; from-- {
			if from+size > len(p.Calls) {
				continue
			}
			if c := p.Keep(func(i int) bool { return i < from || i >= from+size }); try(c) {
				p = c
			}
		}
	}
	return p
}

func dropFaults(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for i := range p.Calls {
		if p.Calls[i].Fault == nil {
			continue
		}
		c := p.Clone()
		c.Calls[i].Fault = nil
		if try(c) {
			p = c
		}
	}
	return p
}

// moveFaults drops calls that are there only for their fault, which another call can have.
func moveFaults(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for i := len(p.Calls) - 1; i >= 0; i-- {
		for k := 0; i < len(p.Calls) && p.Calls[i].Fault != nil && k < len(p.Calls); k++ {
			to := &p.Calls[k]
			if to.Fault != nil || p.Spec.Ops[to.Op].Class != prog.Device {
				continue
			}
			c := p.Clone()
			c.Calls[k].Fault = c.Calls[i].Fault
			if c = c.Keep(func(call int) bool { return call != i }); try(c) {
				p = c
			}
		}
	}
	return p
}

func dropSteps(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for i := len(p.Schedule) - 1; i >= 0; i-- {
		c := p.Clone()
		c.Schedule = slices.Delete(c.Schedule, i, i+1)
		if try(c) {
			p = c
		}
	}
	return p
}

// simplifySteps makes a step end by itself instead of after a count, or lowers the count.
func simplifySteps(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for i := range p.Schedule {
		for _, until := range []prog.Until{prog.Done, prog.Block} {
			c := p.Clone()
			c.Schedule[i] = prog.Step{Task: p.Schedule[i].Task, Until: until}
			if try(c) {
				p = c
			}
		}
		if p.Schedule[i].Until == prog.Points {
			p = lower(p, 1, func(c *prog.Prog) *int { return &c.Schedule[i].N }, try)
		}
	}
	return p
}

// useEarlierTasks moves whole tasks, then single calls, to an earlier task: what needs no concurrency should not show any.
func useEarlierTasks(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for t := range prog.Task(prog.NumTasks) {
		for _, to := range earlier(t) {
			if c := moveTask(p, t, to); try(c) {
				p = c
				break
			}
			// Main's calls were made first, wherever they stand.
			if c := moveTask(byTask(p), t, to); try(c) {
				p = c
				break
			}
		}
	}
	for i := range p.Calls {
		for _, to := range earlier(p.Calls[i].Task) {
			c := p.Clone()
			c.Calls[i].Task = to
			if try(c) {
				p = c
				break
			}
		}
	}
	return p
}

// sortByTask lets main's calls come first, then a's, and so on, as they are read.
func sortByTask(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	if c := byTask(p); try(c) {
		return c
	}
	return p
}

// byTask is p with the calls of each task together.
func byTask(p *prog.Prog) *prog.Prog {
	var order []int
	for i := range p.Calls {
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(i, k int) int { return cmp.Compare(p.Calls[i].Task, p.Calls[k].Task) })
	return p.Order(order)
}

// earlier are the tasks before t that may make its calls.
func earlier(t prog.Task) (tasks []prog.Task) {
	for to := range t {
		if to.Class() == t.Class() {
			tasks = append(tasks, to)
		}
	}
	return tasks
}

// moveTask gives the calls of a task to another, and its steps too if the other makes no call yet. Main needs no steps: it runs alone.
func moveTask(p *prog.Prog, from, to prog.Task) *prog.Prog {
	c := p.Clone()
	merge := to == prog.Main
	for i := range c.Calls {
		switch c.Calls[i].Task {
		case to:
			merge = true
		case from:
			c.Calls[i].Task = to
		}
	}
	if merge {
		c.Schedule = slices.DeleteFunc(c.Schedule, func(s prog.Step) bool { return s.Task == from })
	}
	for i := range c.Schedule {
		if c.Schedule[i].Task == from {
			c.Schedule[i].Task = to
		}
	}
	return c
}

// value is one number of a program that may be lowered: argument arg of a call, or its fault's passage or value.
type value struct{ call, arg int }

// The places of a fault's numbers, as value.arg.
const (
	nth   = -1
	worth = -2
)

// values lists every number of p that may be lowered.
func values(p *prog.Prog) (all []value) {
	for i := range p.Calls {
		for j, a := range p.Spec.Ops[p.Calls[i].Op].Args {
			if a.Kind != prog.Ref {
				all = append(all, value{i, j})
			}
		}
		if p.Calls[i].Fault != nil {
			all = append(all, value{i, nth}, value{i, worth})
		}
	}
	return all
}

// get returns the number and how it is described.
func (v value) get(p *prog.Prog) (int64, *prog.Arg) {
	c := &p.Calls[v.call]
	switch v.arg {
	case nth:
		return int64(c.Fault.Nth), &prog.Arg{Min: 1}
	case worth:
		return c.Fault.Value, p.Spec.Faults[c.Fault.Kind].Value
	}
	return c.Args[v.arg], &p.Spec.Ops[c.Op].Args[v.arg]
}

func (v value) set(p *prog.Prog, n int64) {
	c := &p.Calls[v.call]
	switch v.arg {
	case nth:
		c.Fault.Nth = int(n)
	case worth:
		c.Fault.Value = n
	default:
		c.Args[v.arg] = n
	}
}

// simpler are the values to try instead of n, the simplest first.
func simpler(n int64, a *prog.Arg) (try []int64) {
	if a == nil {
		return nil
	}
	if a.Optional {
		try = append(try, a.Default)
	}
	try = append(append(try, a.Nice...), a.Min)
	switch a.Kind {
	case prog.Dur:
		try = append(try, round...)
	case prog.Enum:
		for choice := range n {
			try = append(try, choice)
		}
	}
	return try
}

// round are durations that a bisection would step over and that timers like.
var round = []int64{int64(time.Millisecond), int64(10 * time.Millisecond), int64(100 * time.Millisecond), int64(time.Second)}

func lowerValues(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	for _, v := range values(p) {
		p = lowerAll(p, []value{v}, try)
	}
	return p
}

// lowerEqual lowers values that are equal in one step: two calls may have to name the same port, or wait the same time.
func lowerEqual(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog {
	groups := map[int64][]value{}
	var order []int64
	for _, v := range values(p) {
		n, _ := v.get(p)
		if groups[n] == nil {
			order = append(order, n)
		}
		groups[n] = append(groups[n], v)
	}
	for _, n := range order {
		if len(groups[n]) > 1 {
			p = lowerAll(p, groups[n], try)
		}
	}
	return p
}

// lowerAll sets all of vs to one lower value: first to a simple one, then, by bisection, to a smaller number.
func lowerAll(p *prog.Prog, vs []value, try func(*prog.Prog) bool) *prog.Prog {
	n, arg := vs[0].get(p)
	with := func(n int64) *prog.Prog {
		c := p.Clone()
		for _, v := range vs {
			v.set(c, n)
		}
		return c
	}
	for _, m := range simpler(n, arg) {
		if m == n {
			continue
		}
		if c := with(m); try(c) {
			p, n = c, m
			break
		}
	}
	if arg == nil || arg.Kind == prog.Enum {
		return p
	}
	unit := int64(1)
	if arg.Kind == prog.Dur {
		unit = int64(time.Millisecond)
	}
	for step := (n - arg.Min) / unit / 2; step > 0; step /= 2 {
		for m := whole(n-step*unit, arg); m >= arg.Min; m = whole(n-step*unit, arg) {
			c := with(m)
			if !try(c) {
				break
			}
			p, n = c, m
		}
	}
	return p
}

// whole is n, but whole seconds if it is a duration of a minute or more: those between are not valid.
func whole(n int64, arg *prog.Arg) int64 {
	if arg.Kind == prog.Dur && n >= int64(time.Minute) {
		return n - n%int64(time.Second)
	}
	return n
}

// lower lowers one int of p, no further than least, by bisection.
func lower(p *prog.Prog, least int, at func(*prog.Prog) *int, try func(*prog.Prog) bool) *prog.Prog {
	for step := *at(p) - least; step > 0; step /= 2 {
		for *at(p)-step >= least {
			c := p.Clone()
			*at(c) -= step
			if !try(c) {
				break
			}
			p = c
		}
	}
	return p
}
