package prog

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Validate returns the first fault of p, or nil if p is valid. Calls are numbered from 0. It allocates only to
// describe a fault: the shrinker asks it about every candidate.
func (p *Prog) Validate() error {
	if p.Spec == nil {
		return errors.New("got no spec, want one")
	}
	if err := p.checkSizes(); err != nil {
		return err
	}
	for i := range p.Calls {
		if err := p.checkCall(i); err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
	}
	tasks := p.tasks()
	for i := range p.Schedule {
		if err := p.Schedule[i].check(tasks); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

func (p *Prog) checkSizes() error {
	if len(p.Calls) > MaxCalls {
		return fmt.Errorf("got %d calls, want at most %d", len(p.Calls), MaxCalls)
	}
	if len(p.Schedule) > MaxSteps {
		return fmt.Errorf("got %d steps, want at most %d", len(p.Schedule), MaxSteps)
	}
	return nil
}

// checkCall returns what is wrong with call i, given that the calls before it are right.
func (p *Prog) checkCall(i int) error {
	c := &p.Calls[i]
	if int(c.Task) >= NumTasks {
		return fmt.Errorf("got %s, want one of %d tasks", c.Task, NumTasks)
	}
	if c.Op < 0 || c.Op >= len(p.Spec.Ops) {
		return fmt.Errorf("got op %d, want 0..%d", c.Op, len(p.Spec.Ops)-1)
	}
	op := p.op(i)
	if op.Class != c.Task.Class() {
		return fmt.Errorf("got op %s of class %s in task %s, want one of class %s", op.Name, op.Class, c.Task, c.Task.Class())
	}
	if len(c.Args) != len(op.Args) {
		return fmt.Errorf("%s: got %d values, want %d", op.Name, len(c.Args), len(op.Args))
	}
	for j := range c.Args {
		if err := p.checkValue(i, j); err != nil {
			return fmt.Errorf("%s: argument %s: %w", op.Name, op.Args[j].Name, err)
		}
	}
	return p.checkFault(c)
}

// checkValue returns what is wrong with argument j of call i.
func (p *Prog) checkValue(i, j int) error {
	a, v := &p.op(i).Args[j], p.Calls[i].Args[j]
	if a.Kind != Ref {
		return a.check(v)
	}
	want := a.Of
	if v < 0 || v >= int64(i) {
		return fmt.Errorf("got call %d, want an earlier one with result %s", v, strings.Join(want, " or "))
	}
	if def := p.op(int(v)); !def.returns(want) {
		return fmt.Errorf("got the result of %s, want result %s", def.Name, strings.Join(want, " or "))
	}
	return nil
}

// returns reports whether op returns a result of one of these kinds.
func (op *Op) returns(kinds []string) bool {
	return op.Result != "" && slices.Contains(kinds, op.Result)
}

func (p *Prog) checkFault(c *Call) error {
	f := c.Fault
	if f == nil {
		return nil
	}
	if c.Task.Class() != Device {
		return fmt.Errorf("got a fault on a %s call, want it on a device call", c.Task.Class())
	}
	if f.Kind < 0 || f.Kind >= len(p.Spec.Faults) {
		return fmt.Errorf("got fault kind %d, want one of %d", f.Kind, len(p.Spec.Faults))
	}
	if err := p.Spec.Faults[f.Kind].check(f); err != nil {
		return fmt.Errorf("fault %s: %w", p.Spec.Faults[f.Kind].Name, err)
	}
	return nil
}

// check returns what is wrong with a fault of this kind.
func (s *FaultSpec) check(f *Fault) error {
	if f.Nth < 1 || f.Nth > s.MaxNth {
		return fmt.Errorf("got occasion @%d, want @1..@%d", f.Nth, s.MaxNth)
	}
	if s.Value != nil {
		return s.Value.check(f.Value)
	}
	if f.Value != 0 {
		return fmt.Errorf("got value %d, want none", f.Value)
	}
	return nil
}

// check returns what is wrong with s in a program in which these tasks make calls.
func (s *Step) check(tasks taskSet) error {
	switch {
	case !tasks.has(s.Task):
		return fmt.Errorf("got task %s, which makes no call", s.Task)
	case s.Until > Points:
		return fmt.Errorf("got %s, want done, block or a number of points", s.Until)
	case s.Until == Points && (s.N < 1 || s.N > maxPoints):
		return fmt.Errorf("got %d points, want 1..%d", s.N, maxPoints)
	case s.Until != Points && s.N != 0:
		return fmt.Errorf("got %d points with %s, want none", s.N, s.Until)
	}
	return nil
}
