package watchdog

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// When the clocks wrap: after 2^32 of their units, that is 49 d 17 h 2 min 47.296 s and 71 min 34.967296 s.
const (
	MillisWrap = 1 << 32 * time.Millisecond
	MicrosWrap = 1 << 32 * time.Microsecond
)

// Clock is the 32-bit time of an Arduino, since the board started. A core that makes its milliseconds of a 32-bit count of microseconds and a
// number of overflows, as the ESP8266's does, gives the same as long as it looks at the count once in 71 minutes.
type Clock struct {
	w    *sim.World
	zero time.Duration // virtual time at which the clock was 0
}

// NewClock makes a clock that shows start now: what a board shows that has been running for as long.
func NewClock(w *sim.World, start time.Duration) *Clock {
	return &Clock{w: w, zero: w.Now() - start}
}

// Millis is the time in milliseconds, modulo 2^32.
func (c *Clock) Millis() uint32 { return uint32((c.w.Now() - c.zero) / time.Millisecond) }

// Micros is the time in microseconds, modulo 2^32.
func (c *Clock) Micros() uint32 { return uint32((c.w.Now() - c.zero) / time.Microsecond) }
