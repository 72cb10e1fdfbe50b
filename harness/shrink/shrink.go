// Package shrink makes a failing program small: fewer calls, faults and preemptions, lower values, the same bug. It stands between a
// violation and the corpus, and knows neither targets nor runs: it asks a predicate.
//
// The hard word is 1-minimal: no single call, fault, step or value of the result can be taken away or lowered any further without losing
// the bug. Shrink says so only after it has tried every one of them.
package shrink

import "github.com/linkflap/linkflap/harness/prog"

// Pass is one way to make programs smaller. It proposes candidates to try, each made from the smallest program accepted so far, which try
// returns; they need not be valid or smaller, try sees to that.
type Pass struct {
	Name string
	run  func(p *prog.Prog, try func(*prog.Prog) bool) *prog.Prog
}

// Passes in the order in which they pay: each makes the work of those after it smaller.
var Passes = []Pass{
	{"drop whole tasks", dropTasks},
	{"drop what the last call does not need", dropUnrelated},
	{"drop the schedule", dropSchedule},
	{"drop calls in chunks", dropChunks},
	{"drop faults", dropFaults},
	{"drop calls but for their faults", moveFaults},
	{"drop preemptions", dropSteps},
	{"simplify steps", simplifySteps},
	{"use earlier tasks", useEarlierTasks},
	{"sort by task", sortByTask},
	{"lower values", lowerValues},
	{"lower equal values together", lowerEqual},
}

// Result is what Shrink found.
type Result struct {
	Prog    *prog.Prog
	Runs    int
	Minimal bool // 1-minimal; false if the budget ran out first
}

// Shrink returns the smallest program, in the order of prog.Less, that it finds within budget calls of fails. Fails must report whether a
// valid program still shows the bug; p does.
func Shrink(p *prog.Prog, budget int, fails func(*prog.Prog) bool) Result {
	s := &search{best: p, budget: budget, fails: fails, seen: map[string]bool{p.String(): true}}
	for changed := true; changed && s.runs < s.budget; {
		changed = false
		for _, pass := range Passes {
			before := s.best
			pass.run(s.best, s.try)
			changed = changed || s.best != before
		}
	}
	return Result{Prog: s.best, Runs: s.runs, Minimal: s.runs < s.budget}
}

// search is the state of one Shrink.
type search struct {
	best         *prog.Prog
	runs, budget int
	fails        func(*prog.Prog) bool
	seen         map[string]bool
}

// try is the one gate: a candidate is accepted if it is valid, smaller, new, and still fails.
func (s *search) try(c *prog.Prog) bool {
	if s.runs >= s.budget || len(c.Calls) == 0 || c.Validate() != nil || !prog.Less(c, s.best) {
		return false
	}
	key := c.String()
	if s.seen[key] {
		return false
	}
	s.seen[key] = true
	s.runs++
	if !s.fails(c) {
		return false
	}
	s.best = c
	return true
}
