package sketch

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/targets/esp8266/core"
)

// What becomes of a line that the sketch does not get done.
var (
	ErrReset    = errors.New("the board was reset")
	ErrNoAnswer = errors.New("the sketch does not answer")
)

// Terminal is the serial terminal at the board, and the person at it.
type Terminal struct {
	w       *sim.World
	typed   []*request // and not yet read
	changed sim.Queue
}

// request is one line of input.
type request struct {
	do   Command
	over bool
}

// NewTerminal makes a terminal.
func NewTerminal(w *sim.World) *Terminal { return &Terminal{w: w} }

// Ask types a line and waits until the sketch has done what it says: at most for patience, and not beyond a reset. What the sketch did not
// get to stays typed until then.
func (t *Terminal) Ask(b *core.Board, do Command, patience time.Duration) error {
	r := &request{do: do}
	t.typed = append(t.typed, r)
	start, until := b.Starts(), t.w.Now()+patience
	for !r.over {
		switch left := until - t.w.Now(); {
		case b.Starts() != start:
			return ErrReset
		case left <= 0:
			return ErrNoAnswer
		default:
			t.changed.WaitFor(t.w, "answer", left)
		}
	}
	return nil
}

// Reset is what a start of the board does to the terminal: what was typed is lost.
func (t *Terminal) Reset() {
	t.typed = nil
	t.changed.WakeAll(t.w)
}

// read is the next line, nil if there is none.
func (t *Terminal) read() *request {
	if len(t.typed) == 0 {
		return nil
	}
	r := t.typed[0]
	t.typed = t.typed[1:]
	return r
}

func (t *Terminal) done(r *request) {
	r.over = true
	t.changed.WakeAll(t.w)
}
