package sketch

import "time"

// Command is what a line of input makes a sketch do.
type Command func(s *Sketch)

// pollDelay is the delay in the page's endless loops.
const pollDelay = 2 * time.Millisecond

// Cases are the cases of the page's sketches, by number; there is no case 0.
var Cases = []Command{1: feedNothing, 2: feedNothingUndisturbed, 3: feedTheESP, 4: feedAll}

// feedNothing starves everything; the software watchdog bites first.
func feedNothing(s *Sketch) { s.Spin() }

// feedNothingUndisturbed puts the software watchdog off first; the hardware watchdog bites.
func feedNothingUndisturbed(s *Sketch) {
	s.WdtDisable()
	s.Spin()
}

// feedTheESP feeds the ESP's own watchdogs; the lwdt bites, if there is one.
func feedTheESP(s *Sketch) { s.Idle() }

// feedAll feeds the lwdt, too, where that is wrong; nothing bites.
func feedAll(s *Sketch) {
	for {
		s.Delay(pollDelay)
		s.Feed()
	}
}

// FeedFromTicker has a Ticker feed the lwdt once a second: a wrong place, since SYS comes round when the loop does not.
func FeedFromTicker(s *Sketch) { must(s.Attach(time.Second, s.Feed)) }

// Rogue is what a runaway program writes into the lwdt's variables: as the page says, "newly flashed firmware goes rogue and starts clobbering
// memory".
type Rogue struct {
	What  string // time, limit or both
	Value string // now: the clock's; fixed: the page's 2345688799
	Again bool   // not once, but for ever
}

// fixed is the page's example of a value that a rogue program may write.
const fixed = 2345688799

// settled is how long a rogue program runs before it writes, so that the clock has moved since the loop fed. Chosen.
const settled = time.Second

// Run is the rogue program: it never ends, and feeds the ESP's own watchdogs.
func (r Rogue) Run(s *Sketch) {
	s.Delay(settled)
	r.write(s)
	for r.Again {
		s.Delay(pollDelay)
		r.write(s)
	}
	s.Idle()
}

// write overwrites both variables consistently, as if fed at Value, or one of them. A sketch without an lwdt has neither; one with a single
// variable does not look at the other.
func (r Rogue) write(s *Sketch) {
	if s.lwdt == nil {
		return
	}
	v := uint32(fixed)
	if r.Value == "now" {
		v = s.Millis()
	}
	if r.What != "limit" {
		s.lwdt.Time = v
	}
	if r.What != "time" {
		s.lwdt.Limit = v + uint32(LwdTimeout/time.Millisecond)
	}
}
