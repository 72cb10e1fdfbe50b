package watchdog

import (
	"fmt"
	"math"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// LoopConfig describes a watchdog that an application keeps for its own loop.
type LoopConfig struct {
	Config
	Timeout time.Duration // whole milliseconds
	Check   Check
	Millis  func() uint32 // the clock that it reads
}

// Vars are the variables in which the application keeps the watchdog's time. They are memory like any other: anybody may overwrite them.
type Vars struct {
	Time  uint32 // in milliseconds, when it was fed
	Limit uint32 // Time plus the time-out; only some checks read it
}

// Check is the application's test for a loop that has not come round for timeout milliseconds, at time now.
type Check func(v Vars, now, timeout uint32) bool

// The checks of "A Better ESP8266 Loop Watchdog" (2017), after esp8266/Arduino issue 1532. All three are 32-bit arithmetic.
var (
	OneVariable Check = func(v Vars, now, timeout uint32) bool { return now-v.Time > timeout }
	// TwoVariables also bites if the variables have not the distance that feeding gives them.
	TwoVariables Check = func(v Vars, now, timeout uint32) bool { return now-v.Time > timeout || v.Limit-v.Time != timeout }
	// PastLimit is the wrong one: for feeds within the time-out before the clock wraps, Limit is small already and now still large.
	PastLimit Check = func(v Vars, now, _ uint32) bool { return now > v.Limit }
)

// Loop is a watchdog that somebody checks every now and then, such as a timer of the application's: it bites when it is checked, no sooner.
// The loop feeds it. The part itself knows when it was truly fed; a bite that was not due says in its name why it came.
type Loop struct {
	dog
	Vars
	timeout uint32
	check   Check
	millis  func() uint32
	written Vars // by the last feed
}

// NewLoop makes a watchdog that is armed, and whose variables are as they are before the first feed: 0 and the time-out. The error says what
// is wrong with the time-out.
func NewLoop(w *sim.World, cfg LoopConfig) (*Loop, error) {
	if err := positive(cfg.Name, "a time-out of", cfg.Timeout); err != nil {
		return nil, err
	}
	if cfg.Timeout%time.Millisecond != 0 || cfg.Timeout.Milliseconds() > math.MaxUint32 {
		return nil, fmt.Errorf("%s watchdog: got a time-out of %v, want whole milliseconds and less than %v", cfg.Name, cfg.Timeout, MillisWrap)
	}
	timeout := uint32(cfg.Timeout.Milliseconds())
	v := Vars{Limit: timeout}
	return &Loop{
		dog:  dog{w: w, cfg: cfg.Config, fed: w.Now(), on: true},
		Vars: v, timeout: timeout, check: cfg.Check, millis: cfg.Millis, written: v,
	}, nil
}

// Feed is what the loop does once each time round. It writes one variable after the other; nobody looks in between.
func (l *Loop) Feed() {
	now := l.millis()
	l.Vars = Vars{Time: now, Limit: now + l.timeout}
	l.written, l.fed = l.Vars, l.w.Now()
}

// Check bites if the application's check says so.
func (l *Loop) Check() {
	if l.on && l.check(l.Vars, l.millis(), l.timeout) {
		l.bite(l.cfg.Name + l.oddity())
	}
}

// oddity is what is odd about a bite now, "" if the loop was late. Only the truth counts, not the variables.
func (l *Loop) oddity() string {
	switch {
	case l.Unfed() > time.Duration(l.timeout)*time.Millisecond:
		return ""
	case l.Vars != l.written:
		return " (overwritten)"
	}
	return " (fed in time)"
}
