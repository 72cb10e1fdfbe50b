// Package harness is what the author of a target needs: Target and Op to describe the firmware under test, and Fuzz, TestCorpus,
// TestProperties and TestRace to test it. It ties the pipeline together: bytes become a program, the program a run, the run's trace is
// judged, a violation is shrunk, and the reproducer kept.
//
// The hard word is target: one firmware package, wired to a mocked chip, with the operations that may be called on it.
package harness

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
)

// ErrUnsupported is what an op returns if the device does not offer it; that is no violation.
var ErrUnsupported = errors.New("unsupported")

// Target is one firmware package under test. D is the device under test as its ops see it: the driver and what it is wired to.
type Target[D any] struct {
	Name     string
	Firmware string // import path of the package under test, listed in instrument.txt
	Model    bool   // Firmware is written against the shim by hand and needs no instrumenting
	Ops      []Op[D]
	Faults   []prog.FaultSpec
	Oracles  []oracle.Oracle // nil: all

	Start func(w *sim.World) (D, error)         // wires a fresh driver to a fresh chip
	Heal  func(d D)                             // ends every trouble that the air or peers make; nil: there is none
	Probe func(c *Steps, d D) error             // what must work again after the faults stopped; nil: nothing
	Close func(d D, kind string, v int64) error // closes a handle that a call returned
	Down  func(d D) error                       // takes the device down for good; nil: nothing to do
	State func(d D) uint                        // the state that the device is in, for feedback; nil: calls only

	// Variant names the release of the firmware that a program runs on, if the target has several: a bug of one release is another than the
	// same bug of the next, which may claim to have fixed it. Nil: there is one release.
	Variant func(p *prog.Prog) string
}

// Op is an operation that a program may call.
type Op[D any] struct {
	prog.Op
	// Deadline is the virtual time within which it returns; zero is DefaultDeadline.
	Deadline time.Duration
	// MayBlock says that with these arguments it may last for ever, by contract. Nil: never.
	MayBlock func(args []int64) bool
	// Closes says that it ends the handle which is its first argument.
	Closes bool
	// Asks says that it asks for what the device has as soon as the first of the target's ops has brought it up.
	Asks bool
	// Do makes the call. Its result is the handle if the op has one, else whatever the trace should show.
	Do func(c *Call[D]) (int64, error)
}

// DefaultDeadline is the virtual time in which a call that may not block must return. Drivers try again for tens of seconds when the chip
// is deaf; this is longer.
const DefaultDeadline = 3 * time.Minute

// Call is one call of a program being made.
type Call[D any] struct {
	Dev   D
	World *sim.World
	Task  prog.Task
	ID    int // index in the program; also the handle that the call returns

	op   *Op[D]
	args []int64
	run  *runner[D]
}

// Int is argument i as a number; of an Enum, the index of the choice.
func (c *Call[D]) Int(i int) int { return int(c.args[i]) }

// Dur is argument i as a duration.
func (c *Call[D]) Dur(i int) time.Duration { return time.Duration(c.args[i]) }

// Word is the choice that argument i is.
func (c *Call[D]) Word(i int) string { return c.op.Args[i].Choices[c.args[i]] }

// Handle is the value of the handle that is argument i: what the call that returned it returned.
func (c *Call[D]) Handle(i int) int { return int(c.run.bound[c.args[i]].value) }

// HandleID is the handle that is argument i, as in the trace.
func (c *Call[D]) HandleID(i int) int { return int(c.args[i]) }

// HandleKind is the kind of the handle that is argument i.
func (c *Call[D]) HandleKind(i int) string { return c.run.kind(int(c.args[i])) }

// Time is the virtual time as a point in time, for deadlines.
func (c *Call[D]) Time() time.Time { return c.World.Time() }

// Steps makes the calls that are not in the program: the probe's and the teardown's. They are judged like the program's.
type Steps struct {
	World *sim.World
	do    func(name string, handle int, limit time.Duration, f func() (int64, error)) (int64, error)
}

// Do makes one call that returns within DefaultDeadline.
func (s *Steps) Do(name string, f func() (int64, error)) (int64, error) {
	return s.do(name, -1, DefaultDeadline, f)
}

// Wait makes one call that may last for ever; the probe's own deadline bounds it.
func (s *Steps) Wait(name string, f func() (int64, error)) (int64, error) {
	return s.do(name, -1, 0, f)
}

// Spec is what programs for the target may contain.
func (tg *Target[D]) Spec() *prog.Spec {
	s := &prog.Spec{Faults: tg.Faults}
	for i := range tg.Ops {
		s.Ops = append(s.Ops, tg.Ops[i].Op)
	}
	return s
}

func (tg *Target[D]) oracles() []oracle.Oracle {
	if tg.Oracles == nil {
		return oracle.All
	}
	return tg.Oracles
}
