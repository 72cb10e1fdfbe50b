// Package watchdog is the watchdogs of a board, as parts: one that counts in hardware, one in the software of an SDK, one that the
// application keeps for its own loop; and the 32-bit clock that the last one reads. They stand below the models of firmware (targets), which
// arm them, and beside the other mocked parts of a board. Periods are data, in time.Duration unless they say otherwise.
//
// The hard word is fed. A watchdog bites when it was not fed in time, and it does not know who fed it: one task that feeds hides another one
// that hangs. What a watchdog believes and what is true may differ, if it keeps its time in variables that anybody can overwrite, or tests
// them wrongly; the part knows the truth and says so in the name of the bite.
package watchdog

import (
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// Bite is one bite of a watchdog.
type Bite struct {
	Name   string        // of the watchdog, and what is odd about the bite
	Reason int64         // the reset reason that the board shall find
	Unfed  time.Duration // since the watchdog was truly fed
}

// Config is what every watchdog needs.
type Config struct {
	Name   string     // a constant; it goes into events and signatures
	Reason int64      // in the board's own numbers
	Reset  func(Bite) // what a bite does to the board; it must not block. Nil: nothing but the event
}

// dog is what every watchdog is. One that has bitten is off until it is started again.
type dog struct {
	w   *sim.World
	cfg Config
	fed time.Duration // when, in virtual time
	on  bool
}

// Armed says that the watchdog bites if nobody feeds it.
func (d *dog) Armed() bool { return d.on }

// Unfed is the virtual time since the watchdog was fed or started.
func (d *dog) Unfed() time.Duration { return d.w.Now() - d.fed }

// bite resets the board; oddity, if not empty, follows the name and must be a constant.
func (d *dog) bite(name string) {
	b := Bite{Name: name, Reason: d.cfg.Reason, Unfed: d.Unfed()}
	d.on = false
	d.w.Emit(trace.Bite, b.Name, b.Reason, b.Unfed.Milliseconds(), 0)
	if d.cfg.Reset != nil {
		d.cfg.Reset(b)
	}
}

// positive refuses a period that is none.
func positive(watchdog, period string, d time.Duration) error {
	if d <= 0 {
		return fmt.Errorf("%s watchdog: got %s %v, want more than 0", watchdog, period, d)
	}
	return nil
}
