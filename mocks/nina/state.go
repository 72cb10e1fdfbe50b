package nina

// State is a number that differs between states worth telling apart: the Wi-Fi status, and which slots are taken, as what.
func (c *Chip) State() uint {
	state := uint(c.phase)
	for i := range c.slots {
		state = state*5 + uint(c.slots[i].typ+1)%5
	}
	return state*11 + uint(c.wifi.status)
}
