package prog

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is the length in bytes of the longest line that Parse accepts.
const maxLine = 512

// Error is a fault in the text of a program.
type Error struct {
	File string
	Line int // from 1
	Msg  string
}

// Error is the fault after its place, as file:line: msg.
func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg) }

// Parse reads the text form of a program; see Prog.String. Blank lines, and what follows a #, are skipped. A result
// may have any name that is bound once and before its use. The error is an *Error with the first fault of the text,
// whose first line is line number line of file; the Prog is then nil.
func Parse(spec *Spec, file string, line int, text string) (*Prog, error) {
	ps := parser{prog: &Prog{Spec: spec}, bound: make(map[string]int)}
	for s := range strings.SplitSeq(text, "\n") {
		if err := ps.line(s); err != nil {
			return nil, &Error{File: file, Line: line, Msg: err.Error()}
		}
		line++
	}
	return ps.prog, nil
}

type parser struct {
	prog     *Prog
	bound    map[string]int // result name to index of the call
	schedule bool           // scheduleHeader was read
}

func (ps *parser) line(s string) error {
	if len(s) > maxLine {
		return fmt.Errorf("got a line of %d bytes, want at most %d", len(s), maxLine)
	}
	s = strings.TrimSuffix(s, "\r")
	if err := checkText(s); err != nil {
		return err
	}
	s, _, _ = strings.Cut(s, "#")
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return nil
	case strings.HasPrefix(s, "--"):
		return ps.header(s)
	case ps.schedule:
		return ps.step(s)
	}
	return ps.call(s)
}

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return errors.New("got bytes that are no UTF-8, want text")
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\t' {
			return fmt.Errorf("got control character %U, want text", r)
		}
	}
	return nil
}

func (ps *parser) header(s string) error {
	if s != scheduleHeader || ps.schedule {
		return fmt.Errorf("got section %q, want %q, once", s, scheduleHeader)
	}
	ps.schedule = true
	return nil
}

func (ps *parser) step(s string) error {
	fields := strings.Fields(s)
	if len(fields) != 2 {
		return fmt.Errorf("got step %q, want a task, then done, block or a number", s)
	}
	task, err := parseTask(fields[0])
	if err != nil {
		return err
	}
	step := Step{Task: task}
	switch fields[1] {
	case "done":
		step.Until = Done
	case "block":
		step.Until = Block
	default:
		step.Until = Points
		if step.N, err = strconv.Atoi(fields[1]); err != nil {
			return fmt.Errorf("got %q, want done, block or 1..%d", fields[1], maxPoints)
		}
	}
	ps.prog.Schedule = append(ps.prog.Schedule, step)
	if err := ps.prog.checkSizes(); err != nil {
		return err
	}
	return step.check(ps.prog.tasks())
}

func parseTask(s string) (Task, error) {
	names := taskNames()
	i := slices.Index(names[:], s)
	if i < 0 {
		return 0, fmt.Errorf("got task %q, want one of %s", s, strings.Join(names[:], ", "))
	}
	return Task(i), nil
}

// call reads one call and appends it to the program.
func (ps *parser) call(s string) error {
	left, rest, ok := strings.Cut(s, "(")
	if !ok {
		return fmt.Errorf("got %q without (, want a call", s)
	}
	args, tail, ok := strings.Cut(rest, ")")
	if !ok {
		return fmt.Errorf("got %q without ), want a call", s)
	}
	h, err := parseHead(left)
	if err != nil {
		return err
	}
	c := Call{Task: h.task}
	if c.Op, err = ps.prog.Spec.findOp(h.task, h.op); err != nil {
		return err
	}
	op := &ps.prog.Spec.Ops[c.Op]
	if c.Args, err = ps.args(op, args); err != nil {
		return fmt.Errorf("%s: %w", op.Name, err)
	}
	if c.Fault, err = ps.prog.Spec.parseFault(strings.TrimSpace(tail)); err != nil {
		return err
	}
	ps.prog.Calls = append(ps.prog.Calls, c)
	if err := ps.prog.checkSizes(); err != nil {
		return err
	}
	if err := ps.prog.checkCall(len(ps.prog.Calls) - 1); err != nil {
		return err
	}
	return ps.bind(h.result, op)
}

// head is what stands before the parenthesis of a call.
type head struct {
	task       Task
	result, op string
}

func parseHead(s string) (head, error) {
	var h head
	if task, rest, ok := strings.Cut(s, ":"); ok {
		var err error
		if h.task, err = parseTask(strings.TrimSpace(task)); err != nil {
			return h, err
		}
		s = rest
	}
	if result, rest, ok := strings.Cut(s, "="); ok {
		h.result = strings.TrimSpace(result)
		if !isIdent(h.result) {
			return h, fmt.Errorf("got result name %q, want a letter, then letters, digits, . _ and -", h.result)
		}
		s = rest
	}
	h.op = strings.TrimSpace(s)
	return h, nil
}

// bind gives the result of the last call its name, if there is one.
func (ps *parser) bind(name string, op *Op) error {
	if name == "" {
		return nil
	}
	if op.Result == "" {
		return fmt.Errorf("got name %s for the result of %s, which has none", name, op.Name)
	}
	if first, dup := ps.bound[name]; dup {
		return fmt.Errorf("got result %s twice, want another name: it is that of %s already", name, ps.prog.op(first).Name)
	}
	ps.bound[name] = len(ps.prog.Calls) - 1
	return nil
}

// findOp returns the index of the op that task calls by this name.
func (s *Spec) findOp(task Task, name string) (int, error) {
	class := task.Class()
	if i, ok := s.Op(class, name); ok {
		return i, nil
	}
	var have []string
	for i := range s.Ops {
		switch op := &s.Ops[i]; {
		case op.Class == class:
			have = append(have, op.Name)
		case op.Name == name:
			return 0, fmt.Errorf("got op %s of class %s in task %s, want one of class %s", name, op.Class, task, class)
		}
	}
	return 0, fmt.Errorf("got op %q, want one of class %s: %s", name, class, strings.Join(have, ", "))
}

// args reads what stands between the parentheses. Values are checked later, with the call.
func (ps *parser) args(op *Op, text string) ([]int64, error) {
	var fields []string
	if strings.TrimSpace(text) != "" {
		fields = strings.Split(text, ",")
	}
	named := slices.IndexFunc(fields, func(f string) bool { return strings.Contains(f, "=") })
	if named < 0 {
		named = len(fields)
	}
	if want := op.required(); named != want {
		return nil, fmt.Errorf("got %d arguments, want %d%s", named, want, op.options())
	}
	values := op.defaults()
	for i, f := range fields[:named] {
		if err := ps.arg(&op.Args[i], f, &values[i]); err != nil {
			return nil, err
		}
	}
	return values, ps.namedArgs(op, fields[named:], values)
}

func (ps *parser) namedArgs(op *Op, fields []string, values []int64) error {
	var seen [MaxArgs]bool
	for _, f := range fields {
		name, text, _ := strings.Cut(f, "=")
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(op.Args, func(a Arg) bool { return a.Optional && a.Name == name })
		if i < 0 || seen[i] {
			return fmt.Errorf("got argument %q, want %d%s, each once", name, op.required(), op.options())
		}
		seen[i] = true
		if err := ps.arg(&op.Args[i], text, &values[i]); err != nil {
			return err
		}
	}
	return nil
}

func (ps *parser) arg(a *Arg, text string, v *int64) (err error) {
	text = strings.TrimSpace(text)
	if a.Kind == Ref {
		*v, err = ps.ref(text)
	} else {
		*v, err = a.parse(text)
	}
	if err != nil {
		return fmt.Errorf("argument %s: %w", a.Name, err)
	}
	return nil
}

func (ps *parser) ref(name string) (int64, error) {
	call, ok := ps.bound[name]
	if !ok {
		return 0, fmt.Errorf("got %q, want the name of the result of an earlier call", name)
	}
	return int64(call), nil
}

// required returns how many arguments every call of op gives.
func (op *Op) required() int {
	if i := slices.IndexFunc(op.Args, func(a Arg) bool { return a.Optional }); i >= 0 {
		return i
	}
	return len(op.Args)
}

// options returns a list of the optional arguments for an error.
func (op *Op) options() string {
	s := ""
	for i := range op.Args[op.required():] {
		s += ", optional " + op.Args[op.required()+i].Name + "="
	}
	return s
}

func (op *Op) defaults() []int64 {
	var values []int64
	for i := range op.Args {
		values = append(values, op.Args[i].Default)
	}
	return values
}

// parseFault reads what follows the arguments of a call: nothing, or "(fault: name@nth=value)".
func (s *Spec) parseFault(text string) (*Fault, error) {
	if text == "" {
		return nil, nil
	}
	inner, open := strings.CutPrefix(text, "(")
	inner, closed := strings.CutSuffix(inner, ")")
	inner, word := strings.CutPrefix(strings.TrimSpace(inner), "fault:")
	if !open || !closed || !word {
		return nil, fmt.Errorf("got %q after the call, want (fault: name@nth=value) or nothing", text)
	}
	left, value, hasValue := strings.Cut(inner, "=")
	name, nth, _ := strings.Cut(left, "@")
	name, nth, value = strings.TrimSpace(name), strings.TrimSpace(nth), strings.TrimSpace(value)
	kind, ok := s.Fault(name)
	if !ok {
		return nil, fmt.Errorf("got fault %q, want one of: %s", name, s.faultNames())
	}
	f := &Fault{Kind: kind}
	err := s.Faults[kind].parse(f, nth, value, hasValue)
	if err != nil {
		return nil, fmt.Errorf("fault %s: %w", name, err)
	}
	return f, nil
}

func (s *FaultSpec) parse(f *Fault, nth, value string, hasValue bool) (err error) {
	if f.Nth, err = strconv.Atoi(nth); err != nil {
		return fmt.Errorf("got occasion @%s, want @1..@%d", nth, s.MaxNth)
	}
	if hasValue != (s.Value != nil) {
		return fmt.Errorf("got a value: %t, want one: %t", hasValue, s.Value != nil)
	}
	if hasValue {
		f.Value, err = s.Value.parse(value)
	}
	return err
}

func (s *Spec) faultNames() string {
	var names []string
	for i := range s.Faults {
		names = append(names, s.Faults[i].Name)
	}
	return strings.Join(names, ", ")
}
