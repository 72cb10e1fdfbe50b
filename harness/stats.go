package harness

import (
	"time"

	"github.com/linkflap/linkflap/harness/tally"
)

// stats is what this process counted.
type stats struct {
	tally.Tally
	left time.Time // when the tally was left for others
}

func (s *stats) count(res *Result) {
	s.Programs++
	if n := len(res.Trace.Events); n > 0 {
		s.Virtual += res.Trace.Events[n-1].At
	}
	if s.Programs%leaveEvery == 0 {
		s.leave()
	}
}

const (
	leaveEvery = 16                     // programs between two looks at the clock
	leaveAfter = 500 * time.Millisecond // between two tallies
)

// leave leaves the tally where others find it, now and then.
func (s *stats) leave() {
	if now := time.Now(); now.Sub(s.left) >= leaveAfter {
		s.left = now
		s.Leave()
	}
}
