package prog

import "math/rand"

// Extend returns a copy of p with up to n generated calls behind its own, without faults: by tasks of the classes that p has besides main,
// or by main if p has no other. It shows what p can lead to.
func Extend(r *rand.Rand, p *Prog, n int) *Prog {
	n = min(n, MaxCalls-len(p.Calls))
	g := &generator{r: r, length: n, setup: n, decoder: newDecoder(p.Spec, nil, n)}
	g.decoder.prog = p.Clone()
	for t := A; int(t) < NumTasks; t++ {
		if !p.tasks().has(t) {
			continue
		}
		g.setup = 0
		first := max(A, firstTask(t.Class()))
		g.tasks[t.Class()] = int(t-first) + 1
	}
	for range n {
		g.call()
	}
	return g.decoder.prog
}
