package prog

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Limits of every Spec, so that each op, fault and value has a code in a record.
const (
	MaxOps      = 256                // ops of a Spec
	MaxFaults   = 64                 // fault kinds of a Spec
	MaxDuration = 5000 * time.Second // value of a Dur
)

// maxCodes is how many values a field of two bytes tells apart.
const maxCodes = 1 << 16

// Spec says what programs may contain. It must not change while a Prog refers to it.
type Spec struct {
	// Ops are the calls. Put first in each class the one that the others need: generated programs mostly begin with
	// it. The very first, which brings the device up, a swarm profile never switches off.
	Ops []Op
	// Faults attach to calls of class Device only.
	Faults []FaultSpec
}

// Op is something that a task can call. Its name is unique in its class.
type Op struct {
	Name   string
	Class  Class
	Args   []Arg  // at most MaxArgs, optional ones last
	Result string // kind of the handle that a call returns, in lower-case letters; "": none. Handles are named kind + ordinal
}

// FaultSpec is a kind of fault.
type FaultSpec struct {
	Name   string
	Doc    string // what happens, in one clause; "value" is the fault's
	Site   string // what counts as a passage of the call that it strikes in
	Value  *Arg   // nil: takes no value; else neither a Ref nor optional
	MaxNth int    // largest Fault.Nth, at most 65536
	Lawful bool   // the chip keeps to its protocol: what goes wrong then is the firmware's doing, and no oracle excuses it
}

// Kind says what an argument is.
type Kind uint8

// The kinds of argument, and what their int64 is: a number, nanoseconds, an index in Arg.Choices, or an index in
// Prog.Calls.
const (
	Int Kind = iota
	Dur
	Enum
	Ref
)

// Arg describes one argument.
type Arg struct {
	Name string
	Kind Kind

	// Min and Max are the inclusive bounds of an Int or Dur. A Dur is a whole number of milliseconds below a minute,
	// of seconds from there to MaxDuration. For an Int, Max-Min+len(Nice) is at most 65535, and 1 less if Optional.
	Min, Max int64
	// Nice values of an Int or Dur are tried most, the simplest first. The default is tried before them anyway.
	Nice []int64

	Choices []string // Enum: the words
	Of      []string // Ref: result kinds accepted

	Optional bool  // printed as name=value, and only if it differs from Default; not for a Ref
	Default  int64 // of an optional argument
	Hex      bool  // Int: printed as 0x..
}

// Op returns the index in s.Ops of the op of that class and name.
func (s *Spec) Op(c Class, name string) (index int, ok bool) {
	index = slices.IndexFunc(s.Ops, func(op Op) bool { return op.Class == c && op.Name == name })
	return index, index >= 0
}

// Fault returns the index in s.Faults of the fault of that name.
func (s *Spec) Fault(name string) (index int, ok bool) {
	index = slices.IndexFunc(s.Faults, func(f FaultSpec) bool { return f.Name == name })
	return index, index >= 0
}

// Validate returns the first fault of the Spec itself, or nil. Programs over an invalid Spec have no meaning.
func (s *Spec) Validate() error {
	if len(s.Ops) == 0 || len(s.Ops) > MaxOps {
		return fmt.Errorf("got %d ops, want 1..%d", len(s.Ops), MaxOps)
	}
	if len(s.Faults) > MaxFaults {
		return fmt.Errorf("got %d kinds of fault, want at most %d", len(s.Faults), MaxFaults)
	}
	for i := range s.Ops {
		if err := s.checkOp(i); err != nil {
			return fmt.Errorf("op %s: %w", s.Ops[i].Name, err)
		}
	}
	for i := range s.Faults {
		if err := s.checkFault(i); err != nil {
			return fmt.Errorf("fault %s: %w", s.Faults[i].Name, err)
		}
	}
	return nil
}

func (s *Spec) checkOp(i int) error {
	op := &s.Ops[i]
	if !isIdent(op.Name) {
		return fmt.Errorf("got name %q, want a letter, then letters, digits, . _ and -", op.Name)
	}
	if first, _ := s.Op(op.Class, op.Name); first != i {
		return fmt.Errorf("got the name twice in class %s", op.Class)
	}
	if int(op.Class) >= numClasses {
		return fmt.Errorf("got %s, want device, peer or air", op.Class)
	}
	if strings.Trim(op.Result, "abcdefghijklmnopqrstuvwxyz") != "" {
		return fmt.Errorf("got result kind %q, want lower-case letters", op.Result)
	}
	if len(op.Args) > MaxArgs {
		return fmt.Errorf("got %d arguments, want at most %d", len(op.Args), MaxArgs)
	}
	for j := range op.Args {
		if err := s.checkArg(op, j); err != nil {
			return fmt.Errorf("argument %s: %w", op.Args[j].Name, err)
		}
	}
	return nil
}

func (s *Spec) checkArg(op *Op, j int) error {
	a := &op.Args[j]
	same := func(b Arg) bool { return b.Name == a.Name }
	switch {
	case !isIdent(a.Name):
		return fmt.Errorf("got name %q, want a letter, then letters, digits, . _ and -", a.Name)
	case slices.IndexFunc(op.Args, same) != j:
		return fmt.Errorf("got the name twice")
	case j > 0 && op.Args[j-1].Optional && !a.Optional:
		return fmt.Errorf("got a required argument after an optional one, want it before")
	case a.Kind == Ref:
		return s.checkRefSpec(a)
	}
	return a.checkSpec()
}

func (s *Spec) checkRefSpec(a *Arg) error {
	if a.Optional || len(a.Of) == 0 {
		return fmt.Errorf("got an optional reference or one to nothing, want a required one to some kind of result")
	}
	for _, kind := range a.Of {
		if !slices.ContainsFunc(s.Ops, func(op Op) bool { return kind != "" && op.Result == kind }) {
			return fmt.Errorf("got result kind %q, want one that an op returns", kind)
		}
	}
	return nil
}

func (s *Spec) checkFault(i int) error {
	f := &s.Faults[i]
	first, _ := s.Fault(f.Name)
	switch {
	case !isIdent(f.Name):
		return fmt.Errorf("got name %q, want a letter, then letters, digits, . _ and -", f.Name)
	case first != i:
		return fmt.Errorf("got the name twice")
	case f.MaxNth < 1 || f.MaxNth > maxCodes:
		return fmt.Errorf("got MaxNth %d, want 1..%d", f.MaxNth, maxCodes)
	case f.Value == nil:
		return nil
	case f.Value.Kind == Ref || f.Value.Optional:
		return fmt.Errorf("got a value that is a reference or optional, want neither")
	}
	return f.Value.checkSpec()
}

// checkSpec returns the first fault in the description of an argument that is no Ref, or nil.
func (a *Arg) checkSpec() error {
	var err error
	switch a.Kind {
	case Int, Dur:
		err = a.checkBounds()
	case Enum:
		err = a.checkChoices()
	default:
		err = fmt.Errorf("got kind %d, want Int, Dur, Enum or Ref", a.Kind)
	}
	if err == nil && a.Optional {
		err = a.check(a.Default)
	}
	return err
}

func (a *Arg) checkBounds() error {
	if a.Min > a.Max || a.Kind == Dur && (a.Min < 0 || a.Max > int64(MaxDuration)) {
		return fmt.Errorf("got bounds %s..%s, want the lower one first and durations in 0s..%s",
			a.text(a.Min), a.text(a.Max), formatDur(int64(MaxDuration)))
	}
	for _, v := range append([]int64{a.Min, a.Max}, a.Nice...) {
		if err := a.check(v); err != nil {
			return err
		}
	}
	// The bounds may be so far apart that the number of codes overflows; the difference itself fits a uint64.
	if far := uint64(a.Max - a.Min); a.Kind == Int && far >= maxCodes || a.codes() > maxCodes {
		return fmt.Errorf("got %d nice values in %s..%s, want fewer or closer bounds: at most %d codes",
			len(a.Nice), a.text(a.Min), a.text(a.Max), maxCodes)
	}
	return nil
}

func (a *Arg) checkChoices() error {
	if len(a.Choices) == 0 || len(a.Choices) >= maxCodes {
		return fmt.Errorf("got %d choices, want 1..%d", len(a.Choices), maxCodes-1)
	}
	for i, c := range a.Choices {
		if c == "" || strings.ContainsAny(c, " \t\r\n,()=#") || slices.Index(a.Choices, c) != i {
			return fmt.Errorf("got choice %q, want unique words without space , ( ) = and #", c)
		}
	}
	return nil
}

// isIdent reports whether s can be a name in the text form.
func isIdent(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		inner := c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
		if !letter && (i == 0 || !inner) {
			return false
		}
	}
	return s != ""
}
