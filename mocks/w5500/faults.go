package w5500

import "github.com/linkflap/linkflap/mocks/fault"

// Faults is everything that the chip can be told to do wrong.
var Faults = []fault.Kind{
	{Name: "bus", Doc: "a byte reads as value", Site: "byte of data read", HasValue: true, Max: 0xff, Nice: []int64{0xff, 0x00, 0x01, 0x13, 0x17, 0x1c, 0x80}, Unit: "byte", Hex: true},
	{Name: "write", Doc: "a byte arrives as value", Site: "byte of data written", HasValue: true, Max: 0xff, Nice: []int64{0xff, 0x00, 0x01, 0x10, 0x80}, Unit: "byte", Hex: true},
	{Name: "stuck", Doc: "the chip neither hears nor drives the bus, for value frames; 0: for good", Site: "frame", HasValue: true, Max: 1000, Nice: []int64{1, 2, 5, 100, 0}, Unit: "count"},
	{Name: "short", Doc: "the frame ends behind its first byte of data, for the chip", Site: "frame"},
	{Name: "command", Doc: "the chip never accepts a command: Sn_CR keeps it until a reset", Site: "command"},
	{Name: "oversize", Doc: "Sn_RX_RSR reads as value", Site: "Sn_RX_RSR read", HasValue: true, Max: 0x8000, Nice: []int64{1, 2048, 2049, 16384, 0x8000}, Unit: "count"},
	{Name: "reset", Doc: "the chip resets", Site: "frame"},
	{Name: "link", Lawful: true, Doc: "the link drops and comes back", Site: "frame"},
	{Name: "open", Lawful: true, Doc: "the socket is SOCK_CLOSED after OPEN", Site: "OPEN"},
	{Name: "timeout", Lawful: true, Doc: "the other side does not acknowledge: TCP_TO", Site: "Sn_IR or Sn_SR of a connection read"},
	{Name: "late", Lawful: true, Doc: "the other side acknowledges value later", Site: "SEND on a connection", HasValue: true, Min: 1e6, Max: 30e9, Nice: []int64{50e6, 1e9, 5e9, 30e9}, Unit: "ns"},
}

// State is a number that differs between states worth telling apart: what each socket is.
func (c *Chip) State() uint {
	state := uint(0)
	for i := range c.sockets {
		state = state*7 + kinds[c.sockets[i].state()&0x3f]
	}
	return state
}

// kinds sums up the values of Sn_SR.
var kinds = [0x40]uint{sockInit: 1, sockListen: 2, sockSynSent: 3, sockEstablished: 4, sockCloseWait: 5, sockUDP: 6, sockFinWait: 3, sockLastAck: 3}
