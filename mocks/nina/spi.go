package nina

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// floating is what the board reads from a chip that sends nothing: the line is pulled up.
const floating = 0xff

// chosen is the falling edge of chip select.
func (c *Chip) chosen() {
	c.w.Point("spi")
	c.tick()
	c.n, c.counted = 0, 0
	if c.phase == phaseCommand || c.phase == phaseReply {
		c.joined = c.phase
		_, c.noack = c.w.Fault("noack")
	}
}

// deselect is the rising edge of chip select: the end of the transaction. Bytes clocked while the chip was busy are lost.
func (c *Chip) deselect() {
	c.w.Transfer(c.n - c.counted)
	joined := c.joined
	c.joined, c.noack = phaseDead, false
	switch {
	case joined == phaseReply:
		c.phase = phaseCommand
	case joined == phaseCommand && c.n > 0:
		c.handle(min(c.n, bufLen))
	}
}

// Transfer is one byte on the bus. In a command the chip takes it; in a reply it sends the next one, and zeros after the last.
func (c *Chip) Transfer(out byte) (in byte) {
	i := c.n
	c.n++
	switch c.joined {
	case phaseCommand:
		if i < bufLen {
			c.cmd[i] = out
		}
	case phaseReply:
		if i < len(c.out) {
			in = c.out[i]
		}
		if v, ok := c.w.Fault("bus"); ok {
			in = byte(v)
		}
	default:
		in = floating
	}
	if i&0xff == 0xff {
		c.w.Transfer(c.n - c.counted)
		c.counted = c.n
	}
	return in
}

// handle is CommandHandler.cpp handle: it runs the command's handler. Bytes of the buffer that were not sent read as 0.
func (c *Chip) handle(n int) {
	clear(c.cmd[n:max(n, c.cmdLen)])
	c.cmdLen = n
	if _, ok := c.w.Fault("reset"); ok {
		c.powerOff(CauseFault)
		c.phase, c.readyAt = phaseBoot, c.w.Now()+BootTime
		return
	}
	if name := violation(c.cmd[:n]); name != "" {
		c.frame(name)
	}
	c.phase, c.socket = phaseBusy, -1
	c.reply.reset()
	c.handling = true
	if c.cmd[0] == cmdStart && int(c.cmd[1]) < len(commands) && commands[c.cmd[1]].run != nil {
		commands[c.cmd[1]].run(c)
	} else {
		c.reply.failed = true
	}
	if c.pending == nil {
		c.answer()
	}
	c.handled()
	c.tick()
}

// until keeps the command under way until done reports true; the reply is made then.
func (c *Chip) until(done func() bool) { c.pending = done }

// answer encodes the reply and queues it, and lets the task that watches for bytes look.
func (c *Chip) answer() {
	r := &c.reply
	if int(c.cmd[1]) < len(commands) && !r.failed {
		c.w.Emit(trace.Bus, commands[c.cmd[1]].name, int64(c.cmd[1]), c.socket, r.result)
	}
	c.phase, c.readyAt = phaseWait, c.w.Now()+HandleTime
	c.garble()
	c.out = r.encode(c.out[:0], c.cmd[1])
	c.updateGPIO0()
}

// frame reports that the board broke the protocol's framing.
func (c *Chip) frame(name string) {
	c.w.Emit(trace.Frame, name, int64(c.cmd[1]), 0, 0)
}

// wrong reports a well-formed command that says what it must not.
func (c *Chip) wrong(name string) {
	c.w.Emit(trace.Frame, name, int64(c.cmd[1]), 1, 0)
}

// garble is where the faults on replies strike.
func (c *Chip) garble() {
	r := &c.reply
	if _, ok := c.w.Fault("stuck"); ok {
		c.phase = phaseBusy
	}
	if v, ok := c.w.Fault("late"); ok {
		c.readyAt += time.Duration(v)
	}
	if _, ok := c.w.Fault("error"); ok {
		r.failed = true
	}
	if r.n == 0 {
		return
	}
	if _, ok := c.w.Fault("short"); ok {
		r.short = true
	}
	if v, ok := c.w.Fault("oversize"); ok {
		r.oversize = int(v)
	}
}
