package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
)

// Version is the version of the documents that this package writes. It reads this one and those before it.
const Version = 1

// maxDocument is the size in bytes of the largest document read: a full trace with texts is a tenth of it. Chosen.
const maxDocument = 256 << 20

// OK is the verdict of a run without violations.
const OK = "ok"

// Document is one judged run as it travels from the test process, which has the target, to the command line, which shows it: JSON, see Write
// and Read. All its text may come from programs, firmware and corpus files, and is shown as text only.
type Document struct {
	Version int    // of the format; Write sets it
	Tool    string // version of linkflap, "" if not known

	Target          string // name of the target
	Firmware        string // import path of the package under test, or what else is under test
	FirmwareVersion string // of its module, "" if not known
	File            string // the corpus file relative to its module's root, with slashes; "" if there is none

	Program  string // text of the calls, one a line
	Schedule string // text of the schedule's steps, one a line, without its header; "" if there is none
	Prose    string // what the corpus file says about the bug, "" if nothing
	Ops      []Op   // by call index; calls beyond them are the harness's own (probe and teardown)

	Verdict  string        // signature of the violation that the document is about, or OK
	Contract string        // what should hold, by the oracle of the verdict
	Detail   string        // what the oracle says besides, "" if nothing
	At       time.Duration // virtual time of the violation
	Task     int           // who made it, index in Tasks
	Others   []string      // signatures of the run's other violations

	Hash    string         // of the run's trace, in hexadecimal
	Tasks   []string       // names by index
	Events  []trace.Event  // in order
	Details map[int]string // text for people by event index
	Dropped int            // events that the trace did not keep
	Packets []trace.Packet // what was in the air
	Script  []trace.Line   // what the application called and what was on the wires; nothing if that was not recorded
	Package string         // import path of the package with the target, "" if not known
}

// Op is one call of the program.
type Op struct {
	Text   string // its line
	Task   string // who makes it
	Op     string // what it calls
	Device bool   // it calls the firmware under test, not a peer or the air
	Handle int    // index of the call whose result it uses, -1 if none
	Result string // name of its result, "" if it has none
	Args   []Arg  // all of them; those left out hold their default
	Fault  string // the fault that is armed during it, as written; "" if none
}

// Arg is one argument of a call.
type Arg struct {
	Name  string
	Value int64  // a number, nanoseconds, the index of a word, or the index of a call
	Word  string // of an enum the word, of a handle its name; else ""
}

// New is the document of a run of p that left t: everything but what is known of target, file and verdict. It shares the trace's memory.
func New(p *prog.Prog, t *trace.Trace) *Document {
	d := &Document{
		Version: Version, Verdict: OK, Hash: strconv.FormatUint(t.Hash(), 16),
		Tasks: t.Tasks, Events: t.Events, Details: t.Details, Dropped: t.Dropped, Packets: t.Packets, Script: t.Script,
	}
	d.Program, d.Schedule, _ = strings.Cut(p.String(), "-- schedule --\n")
	lines := strings.Split(d.Program, "\n")
	for i := range p.Calls {
		d.Ops = append(d.Ops, newOp(p, i, lines[i]))
	}
	return d
}

func newOp(p *prog.Prog, call int, line string) Op {
	c := &p.Calls[call]
	spec := &p.Spec.Ops[c.Op]
	op := Op{Text: line, Task: c.Task.String(), Op: spec.Name, Device: spec.Class == prog.Device, Handle: -1, Result: p.Name(call)}
	for j := range spec.Args {
		a := Arg{Name: spec.Args[j].Name, Value: c.Args[j]}
		switch spec.Args[j].Kind {
		case prog.Enum:
			a.Word = spec.Args[j].Choices[a.Value]
		case prog.Ref:
			a.Word = p.Name(int(a.Value))
			if op.Handle < 0 {
				op.Handle = int(a.Value)
			}
		}
		op.Args = append(op.Args, a)
	}
	if c.Fault != nil {
		_, fault, _ := strings.Cut(line, "(fault: ")
		op.Fault = strings.TrimSuffix(fault, ")")
	}
	return op
}

// Trace is the document's trace, for those who want one. It shares the document's memory and has no hash.
func (d *Document) Trace() *trace.Trace {
	return &trace.Trace{Events: d.Events, Tasks: d.Tasks, Details: d.Details, Dropped: d.Dropped}
}

// Oracle is the name of the oracle whose contract is broken, "" if none is.
func (d *Document) Oracle() string {
	name, _, found := strings.Cut(d.Verdict, ": ")
	if !found {
		return ""
	}
	return name
}

// wire is a document as it is written: events are arrays, of which there are many.
type wire struct {
	*Document
	Events []event
}

// event is [time in ns, task, kind's name, Name, A, B, C].
type event trace.Event

// MarshalJSON writes the array.
func (e event) MarshalJSON() ([]byte, error) {
	return json.Marshal([]any{e.At, e.Task, e.Kind.String(), e.Name, e.A, e.B, e.C})
}

// UnmarshalJSON reads the array.
func (e *event) UnmarshalJSON(text []byte) error {
	var kind string
	fields := []any{&e.At, &e.Task, &kind, &e.Name, &e.A, &e.B, &e.C}
	want := len(fields)
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	if len(fields) != want {
		return fmt.Errorf("got an event of %d fields, want %d", len(fields), want)
	}
	for k := trace.Kind(0); k.String() != "unknown"; k++ {
		if k.String() == kind {
			e.Kind = k
			return nil
		}
	}
	return fmt.Errorf("got an event of kind %q, want one that this linkflap knows", kind)
}

// Write writes the document as JSON, in which a terminal finds nothing to obey.
func (d *Document) Write(w io.Writer) error {
	d.Version = Version
	out := wire{Document: d, Events: make([]event, len(d.Events))}
	for i := range d.Events {
		out.Events[i] = event(d.Events[i])
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	_, err = w.Write(append(printable(text), '\n'))
	return err
}

// printable is text in JSON with escapes for what a terminal would not print: package json leaves all but ASCII's controls as they are.
func printable(text []byte) (out []byte) {
	for _, r := range string(text) {
		switch {
		case unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}

// Read reads what Write wrote. The error says what is wrong with the text; the document is then nil. What is read can be shown: its times go
// forward, and the tasks and events that it refers to are there.
func Read(r io.Reader) (*Document, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxDocument {
		return nil, fmt.Errorf("got a document of more than %d bytes, want a run's", maxDocument)
	}
	var head struct{ Version int }
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("this is no document of a run: %w", plain(err))
	}
	if head.Version < 1 || head.Version > Version {
		return nil, fmt.Errorf("got a document of version %d, want 1 to %d: use the linkflap that wrote it", head.Version, Version)
	}
	in := wire{Document: &Document{}}
	if err := json.Unmarshal(text, &in); err != nil {
		return nil, fmt.Errorf("this is no document of a run: %w", plain(err))
	}
	d := in.Document
	for _, e := range in.Events {
		d.Events = append(d.Events, trace.Event(e))
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("this document was damaged: %w", err)
	}
	return d, nil
}

// plain is err without Go's names for what is wrong.
func plain(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return fmt.Errorf("got a %s for %s", kind.Value, strings.ToLower(kind.Field))
	}
	return err
}

// check says what of d refers to nothing.
func (d *Document) check() error {
	if d.Verdict == "" {
		return errors.New("got no verdict, want a violation or ok")
	}
	if len(d.Tasks) > 0 && (d.Task < 0 || d.Task >= len(d.Tasks)) {
		return fmt.Errorf("got a violation of task %d, want one of %d", d.Task, len(d.Tasks))
	}
	last := time.Duration(0)
	for i := range d.Events {
		e := &d.Events[i]
		if e.Task < 0 || e.Task >= len(d.Tasks) {
			return fmt.Errorf("got event %d of task %d, want one of %d", i, e.Task, len(d.Tasks))
		}
		if e.At < last {
			return fmt.Errorf("got event %d at %v, want it after %v", i, e.At, last)
		}
		last = e.At
	}
	for i := range d.Details {
		if i < 0 || i >= len(d.Events) {
			return fmt.Errorf("got text for event %d, want one of %d", i, len(d.Events))
		}
	}
	for i := range d.Ops {
		if h := d.Ops[i].Handle; h < -1 || h >= i {
			return fmt.Errorf("got call %d on the result of call %d, want an earlier one", i, h)
		}
	}
	return nil
}

// cleaned is d with those of its texts that the pages show as they are, fit for a line.
func (d *Document) cleaned() *Document {
	return &Document{
		Tool: clean(d.Tool), Target: clean(d.Target), Firmware: clean(d.Firmware), FirmwareVersion: clean(d.FirmwareVersion), File: clean(d.File),
		Verdict: clean(d.Verdict), Hash: clean(d.Hash),
	}
}
