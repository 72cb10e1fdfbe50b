package harness

// feedback tells the fuzzing engine what state the device is in after call i: the op just made and the target's own state.
func (r *runner[D]) feedback(i int) {
	state := uint(r.p.Calls[i].Op)
	if r.target.State != nil {
		state += 31 * r.target.State(r.dev)
	}
	visit(mix(state))
}

// mix spreads states over all places.
func mix(state uint) uint {
	state *= 0x9E3779B97F4A7C15
	return state >> 40
}
