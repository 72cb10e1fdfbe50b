package canary

import (
	"time"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/canary/gadget"
)

// Faults, as programs name them.
const (
	garble     = "garble"     // a reply's length byte is another
	lost       = "lost"       // a reply never comes
	unanswered = "unanswered" // the network does not answer a request for an address
)

const (
	latency    = time.Millisecond      // from a command to its reply
	answerTime = 30 * time.Millisecond // from a request for an address to its answer
	acceptance = 128                   // bytes that the chip takes with one command, at most
	never      = time.Duration(1<<63 - 1)
)

// slot is a socket of the chip.
type slot struct {
	used    bool
	gen     int64
	port    uint16  // of a listener, else 0
	waiting []*conn // at a listener
	conn    *conn   // nil: a listener, or refused
}

// chip is the radio. It takes a slot back by itself when the connection in it is lost.
type chip struct {
	w        *sim.World
	net      *network
	joined   bool
	slots    [gadget.NumSlots]slot
	reply    []byte
	ready    time.Duration // when the reply is there
	answered time.Duration // when the address is there
}

func newChip(w *sim.World, n *network) *chip {
	return &chip{w: w, net: n, ready: never, answered: never}
}

// Write takes a command.
func (c *chip) Write(frame []byte) {
	c.w.Transfer(len(frame))
	c.w.Point("bus")
	c.settle()
	status, data := c.run(frame[0], frame[1], frame[2:])
	c.reply = append(append(c.reply[:0], status, byte(len(data))), data...)
	c.ready = c.w.Now() + latency
	if v, ok := c.w.Fault(garble); ok {
		c.reply[1] = byte(v)
	}
	if _, ok := c.w.Fault(lost); ok {
		c.ready = never
	}
}

// Ready says that the reply can be read.
func (c *chip) Ready() bool { return c.w.Now() >= c.ready }

// Read gives the reply.
func (c *chip) Read(reply []byte) int {
	c.w.Transfer(len(c.reply))
	c.ready = never
	return copy(reply, c.reply)
}

// Reset forgets everything.
func (c *chip) Reset() {
	c.w.Emit(trace.Reset, "gadget", 0, 0, 0)
	c.leave()
	c.ready, c.answered = never, never
}

// commands are what the chip does, by code. Each gets the slot that the frame names and the payload.
var commands = map[byte]func(c *chip, i int, p []byte) (status byte, data []byte){
	gadget.Join:    (*chip).join,
	gadget.Leave:   func(c *chip, _ int, _ []byte) (byte, []byte) { c.leave(); return gadget.OK, nil },
	gadget.Ping:    func(c *chip, _ int, _ []byte) (byte, []byte) { return c.link(), nil },
	gadget.Resolve: (*chip).resolve,
	gadget.Answer:  (*chip).answer,
	gadget.Listen:  (*chip).listen,
	gadget.Open:    (*chip).open,
	gadget.Opened:  (*chip).opened,
	gadget.Take:    (*chip).take,
	gadget.Write:   (*chip).write,
	gadget.Read:    (*chip).read,
	gadget.Free:    (*chip).release,
}

// run checks a frame, whose payload begins with its length, and runs its command.
func (c *chip) run(op, i byte, payload []byte) (status byte, data []byte) {
	if int(payload[0]) != len(payload)-1 {
		c.w.Emit(trace.Frame, "a wrong length", int64(op), 0, 0)
		return gadget.Bad, nil
	}
	return commands[op](c, int(i), payload[1:])
}

// settle takes back the slots of connections that are lost.
func (c *chip) settle() {
	for i := range c.slots {
		if s := &c.slots[i]; s.used && s.conn != nil && s.conn.dead {
			c.free(i, oracle.Unasked)
		}
	}
}

func (c *chip) online() bool { return c.joined && c.net.up }

func (c *chip) link() byte {
	if c.online() {
		return gadget.OK
	}
	return gadget.Down
}

func (c *chip) join(int, []byte) (byte, []byte) {
	c.joined = c.joined || c.net.up
	return c.link(), nil
}

// leave forgets every socket, too.
func (c *chip) leave() {
	if c.joined {
		c.joined = false
		c.w.Emit(trace.Link, oracle.LinkDown, 0, 0, 0)
		c.net.lose()
	}
	for i := range c.slots {
		c.free(i, oracle.ByReset)
	}
}

func (c *chip) resolve(int, []byte) (byte, []byte) {
	c.answered = never
	if _, ok := c.w.Fault(unanswered); c.online() && !ok {
		c.answered = c.w.Now() + answerTime
	}
	return gadget.OK, nil
}

func (c *chip) answer(int, []byte) (byte, []byte) {
	if c.w.Now() < c.answered {
		return gadget.Nothing, nil
	}
	return gadget.OK, []byte{10, 0, 0, 9}
}

// occupy takes the first free slot.
func (c *chip) occupy(with slot) (byte, []byte) {
	for i := range c.slots {
		s := &c.slots[i]
		if s.used {
			continue
		}
		with.used, with.gen = true, s.gen+1
		*s = with
		c.w.Emit(trace.Take, "socket", int64(i), s.gen, oracle.ByHost)
		return gadget.OK, []byte{byte(i)}
	}
	return gadget.Full, nil
}

func (c *chip) free(i int, who int64) {
	s := &c.slots[i]
	if !s.used {
		return
	}
	c.w.Emit(trace.Free, "socket", int64(i), s.gen, who)
	for _, w := range s.waiting {
		w.cut(oracle.ConnReset)
	}
	if s.conn != nil {
		s.conn.fin = true
		s.conn.pump()
	}
	*s = slot{gen: s.gen}
}

func (c *chip) release(i int, _ []byte) (byte, []byte) {
	if !c.slots[i].used {
		c.w.Emit(trace.Misuse, "socket", int64(i), c.slots[i].gen, 0)
		return gadget.Bad, nil
	}
	c.free(i, oracle.ByHost)
	return gadget.OK, nil
}

func (c *chip) listener(port uint16) *slot {
	for i := range c.slots {
		if s := &c.slots[i]; s.used && s.port == port {
			return s
		}
	}
	return nil
}

func (c *chip) listen(_ int, p []byte) (byte, []byte) {
	port := uint16(p[0])<<8 | uint16(p[1])
	if c.listener(port) != nil {
		return gadget.Refused, nil
	}
	return c.occupy(slot{port: port})
}

func (c *chip) open(_ int, p []byte) (byte, []byte) {
	if !c.online() {
		return gadget.Down, nil
	}
	status, data := c.occupy(slot{})
	if status == gadget.OK && hosts[p[0]] == "echo" {
		c.slots[data[0]].conn = c.net.open(nil)
	}
	return status, data
}

func (c *chip) opened(i int, _ []byte) (byte, []byte) {
	if c.slots[i].conn == nil {
		return gadget.Refused, nil
	}
	return gadget.OK, nil
}

func (c *chip) take(i int, _ []byte) (byte, []byte) {
	s := &c.slots[i]
	if s.port == 0 {
		return gadget.Bad, nil
	}
	for k, w := range s.waiting {
		if w.dead {
			continue
		}
		status, data := c.occupy(slot{conn: w})
		if status == gadget.OK {
			s.waiting = s.waiting[k+1:]
			return status, data
		}
		break
	}
	return gadget.Nothing, nil
}

func (c *chip) write(i int, p []byte) (byte, []byte) {
	w := c.slots[i].conn
	if w == nil {
		return gadget.Bad, nil
	}
	n := min(len(p), acceptance, sendQueue-len(w.out))
	w.out = append(w.out, p[:n]...)
	w.pump()
	return gadget.OK, []byte{byte(n)}
}

func (c *chip) read(i int, p []byte) (byte, []byte) {
	r := c.slots[i].conn
	switch {
	case r == nil:
		return gadget.Bad, nil
	case len(r.in) > 0:
		n := min(len(r.in), int(p[0]))
		data := append([]byte(nil), r.in[:n]...)
		r.in = r.in[:copy(r.in, r.in[n:])]
		r.pump()
		return gadget.OK, data
	case r.eof:
		return gadget.End, nil
	}
	return gadget.Nothing, nil
}

// state tells states of the chip apart that are worth it: the link, and what the slots are used for.
func (c *chip) state() (n uint) {
	if c.online() {
		n = 1
	}
	for i := range c.slots {
		n *= 3
		switch s := &c.slots[i]; {
		case s.conn != nil:
			n += 2
		case s.used:
			n++
		}
	}
	return n
}
