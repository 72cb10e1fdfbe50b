package harness

// feedback tells the fuzzing engine what state the device is in after call i: the op just made, the ops that other tasks are in the middle
// of, and the target's own state.
func (r *runner[D]) feedback(i int) {
	state := weight(r.p.Calls[i].Op) + r.pending
	if r.target.State != nil {
		state += 31 * r.target.State(r.dev)
	}
	state = mix(state)
	_ = visit(state) // the counters that it passes are all that matters
	if r.states != nil {
		r.states.Visit(state)
	}
}

// weight is what a call of an op adds to runner.pending while it is being made: sums of different ops differ.
func weight(op int) uint { return mix(uint(op) + 1) }

// mix spreads states over all places.
func mix(state uint) uint {
	state *= 0x9E3779B97F4A7C15
	return state >> 40
}
