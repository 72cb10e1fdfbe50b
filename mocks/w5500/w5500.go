// Package w5500 is WIZnet's W5500: an Ethernet controller with TCP/IP in hardware, an SPI slave. It stands between a driver, which sees its
// pins and bytes through mocks/machine, and mocks/air, which it puts the board on: by cable, so that the air's access point "home" is the
// switch at the other end, which takes the link along when it is switched off.
//
// The hard word is socket. The chip has eight, each a block of registers and a piece of the transmit and of the receive memory, and each is
// a state machine that the host's commands and the network drive together (Sn_SR). They are nobody's: which of them stands for what, the
// host alone knows, and the chip carries out what it is told on whichever it is told.
//
// Sources: WIZnet, "W5500 Datasheet", version 1.1.0, to which the section numbers here refer (the texts that matter are those of 1.0.9), and
// WIZnet's "W5500 TCP Function" and "W5500 UDP Function" (docs.wiznet.io, Product, iEthernet, W5500, Application). "Derived" marks what was
// concluded and is not written there, "chosen" what is left open.
//
// Not modelled: PPPoE, Wake-on-LAN, IGMP, the PHY's operation modes, address conflicts, ICMP, frames that arrive at a MACRAW socket, the
// states that last for less than a round trip (SOCK_SYNRECV, SOCK_CLOSING, SOCK_TIME_WAIT), and the wait that INTLEVEL puts before INTn.
package w5500

import (
	"machine"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

const (
	numSockets = 8
	memory     = 16 << 10 // bytes of transmit memory, and of receive memory (section 3.3)
	cable      = "home"   // the switch that the cable ends at
)

// Chip is one W5500.
type Chip struct {
	w   *sim.World
	air *air.Air

	cs, rstn machine.Input[Chip]
	frame    frame
	deaf     int64 // fault "stuck": frames that it still lasts

	common   [commonSize]byte
	ip       air.IP        // of SIPR, as it is in force
	retry    [3]byte       // RTR and RCR likewise
	tcpLimit time.Duration // TCP_TO
	sockets  [numSockets]socket
	tx, rx   [memory]byte
	datagram [mtuUDP]byte // one that is being made up

	listeners []*air.Listener // one for each port on which sockets listen
	crowded   bool            // the sockets were given more memory than there is
	looking   bool            // the chip is at work
	missed    bool            // packets have arrived meanwhile
}

// New returns a chip that has been reset, on that air, with its cable plugged in and its link up.
func New(w *sim.World, a *air.Air) *Chip {
	c := &Chip{w: w, air: a}
	c.cs = machine.Input[Chip]{Chip: c, High: true, Rise: (*Chip).deselect, Fall: (*Chip).chosen}
	c.rstn = machine.Input[Chip]{Chip: c, High: true, Rise: (*Chip).start, Fall: (*Chip).halt}
	for i := range c.sockets {
		c.sockets[i].c, c.sockets[i].n = c, i
	}
	c.forget()
	a.Plug(cable, 0)
	a.OnReceive(c.look)
	return c
}

// Attach wires the chip to the board's pins and bus: chip select, interrupt and reset, all active low.
func (c *Chip) Attach(cs, intn, rstn machine.Pin, bus *machine.SPI) {
	machine.AttachPin(cs, &c.cs)
	machine.AttachPin(intn, intPin{c})
	machine.AttachPin(rstn, &c.rstn)
	bus.Attach(c)
}

// intPin is the chip's end of the wire that it drives.
type intPin struct{ c *Chip }

func (intPin) Write(bool) {}

// Read is low while an interrupt is pending that is not masked (section 4.1, IR, IMR, SIR, SIMR).
func (p intPin) Read() bool {
	c := p.c
	c.look()
	return c.common[regIR]&c.common[regIMR] == 0 && c.common[regSIR]&c.common[regSIMR] == 0
}

// halt is the falling edge of RSTn: the chip is reset while it is low.
func (c *Chip) halt() {
	c.reset(CausePin, air.LinkTime)
	c.air.PowerOff()
}

// start is the rising edge of RSTn: the PHY, which has been reset too, has to negotiate its link again (section 5.5.1).
func (c *Chip) start() { c.air.Plug(cable, air.LinkTime) }

// Cause is why the chip was reset, in A of a Reset event.
type Cause int64

// The causes of a reset.
const (
	CausePin   Cause = iota // RSTn
	CauseHost               // bit RST of the mode register
	CauseFault              // fault "reset"
)

// softReset initialises every register (section 4.1, MR, bit 7). The PHY and its link are not concerned.
func (c *Chip) softReset(why Cause) {
	after := air.LinkTime
	if c.linked() {
		after = 0
	}
	c.reset(why, after)
}

// reset initialises everything; the link comes up after so long.
func (c *Chip) reset(why Cause, link time.Duration) {
	c.w.Emit(trace.Reset, "w5500", int64(why), 0, 0)
	for i := range c.sockets {
		c.sockets[i].end(byReset)
	}
	c.air.PowerOff()
	c.forget()
	c.air.Plug(cable, link)
}

// forget is the state after a reset. What the memories hold is left there (derived: no section says otherwise).
func (c *Chip) forget() {
	c.common, c.ip = commonReset, air.IP{}
	c.listeners = nil
	for i := range c.sockets {
		c.sockets[i].forget()
	}
	c.allot()
	c.looking, c.missed = false, false
	c.retries()
}

// Heal ends what a fault may have left behind on the bus.
func (c *Chip) Heal() { c.deaf = 0 }

// linked reports whether the PHY has a link.
func (c *Chip) linked() bool {
	_, ok := c.air.AP()
	return ok
}

// look brings the chip up to now: what has arrived, what has been acknowledged, what has taken too long. It is called for every packet,
// too, also in the middle of what the chip does; that is then looked at when the chip is done.
func (c *Chip) look() {
	if c.looking {
		c.missed = true
		return
	}
	c.looking = true
	for c.missed = true; c.missed; {
		c.missed = false
		c.accept()
		for i := range c.sockets {
			c.sockets[i].look()
		}
	}
	c.looking = false
}
