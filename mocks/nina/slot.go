package nina

import "github.com/linkflap/linkflap/harness/trace"

// The types of slots (CommandHandler.cpp socketTypes).
const (
	typeTCP     = 0x00
	typeUDP     = 0x01
	typeTLS     = 0x02
	typeUDPMult = 0x03 // of START_SERVER_TCP; the slot becomes typeUDP
	typeFree    = 255
)

// Who frees or takes a slot, in C of Take and Free events.
const (
	byHost     = 0
	byFirmware = 1 // unasked
	byReset    = 2
)

// slot is one index of the firmware's five parallel tables.
type slot struct {
	typ    byte
	gen    int64
	client client
	server server
	udp    udp
	tls    tls
}

// forget is the state after power-on; the generation goes on counting.
func (s *slot) forget(c *Chip) {
	s.typ = typeFree
	s.client = client{&c.lwip, noFD}
	s.server = newServer(&c.lwip, 0)
	s.udp = udp{lwip: &c.lwip, fd: noFD, snd: s.udp.snd[:0]}
	s.tls = tls{client: client{&c.lwip, noFD}}
}

// take gives slot i a type at the host's asking. A slot that is in use changes hands: the firmware does not look, and what its client or
// server had open stays open for ever.
func (c *Chip) take(i int, typ byte) {
	s := &c.slots[i]
	if s.typ == typ && typ == typeUDP {
		return
	}
	if s.typ != typeFree {
		c.wrong("start on a slot in use")
		c.free(i, byHost)
	}
	s.typ = typ
	s.gen++
	c.w.Emit(trace.Take, "nina.slot", int64(i), s.gen, byHost)
}

// free makes slot i free; it may be free already.
func (c *Chip) free(i int, who int64) {
	s := &c.slots[i]
	if s.typ == typeFree {
		return
	}
	s.typ = typeFree
	c.w.Emit(trace.Free, "nina.slot", int64(i), s.gen, who)
}

// getSocket finds the first free slot and does not reserve it (CommandHandler.cpp getSocket).
func (c *Chip) getSocket() {
	result := byte(typeFree)
	for i := range c.slots {
		if c.slots[i].typ == typeFree {
			result = byte(i)
			break
		}
	}
	if _, ok := c.w.Fault("slots"); ok {
		result = typeFree
	}
	c.reply.byte(result)
}

// updateGPIO0 is CommandHandler.cpp updateGpio0Pin: it runs after every command and on every packet that arrives, and on its way accepts
// connections, closes sockets that have ended, and fetches datagrams.
func (c *Chip) updateGPIO0() {
	c.gpio0 = false
	for i := range c.slots {
		if c.slots[i].hasBytes() {
			c.gpio0 = true
			return
		}
	}
}

func (s *slot) hasBytes() bool {
	switch s.typ {
	case typeTCP:
		if s.server.alive() && s.server.available() != noFD {
			return true
		}
		return s.client.fd != noFD && s.client.connected() && s.client.available() > 0
	case typeUDP:
		return s.udp.fd != noFD && (s.udp.available() > 0 || s.udp.parsePacket())
	case typeTLS:
		return s.tls.alive() && s.tls.connected() && s.tls.available() > 0
	}
	return false
}

// misuse reports that the host stopped a slot that is free.
func (c *Chip) misuse(s *slot) {
	c.w.Emit(trace.Misuse, "nina.slot", c.socket, s.gen, 0)
}
