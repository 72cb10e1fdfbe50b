// Package nina is the NINA-W102 radio: an ESP32 with Arduino's nina-fw 1.4.8, an SPI slave. It stands between a driver, which sees its pins
// and bytes through mocks/machine, and mocks/air, which it puts the board on.
//
// The hard word is slot. The firmware has ten, each with a type (255: free), a client, a server, a UDP socket and a TLS client of its own,
// and below them lwIP has ten sockets, numbered again from the lowest free one. The two layers are kept in step by nobody: a slot can be
// free while its socket lives, and refer to a socket that is gone, or is somebody else's by now. The mock has both layers, as the firmware
// has, with its ways of letting them drift apart.
//
// Sources, all in github.com/arduino/nina-fw: main/CommandHandler.cpp (commit 8713b093, release 1.4.5; later 1.4 releases change the version
// number only), arduino/libraries/WiFi/src (with WiFiClient::connected of pull request 73, which made 1.4.8), SPIS.cpp, main/sketch.ino.cpp,
// sdkconfig. Where the firmware relies on ESP-IDF or lwIP, "derived" marks what was concluded and not read there.
//
// Not modelled: files and OTA (0x60 on), WPA enterprise (0x40), BearSSL (a connect of type 4 fails), stations that join the chip's own
// access point, and what TLS says on the wire: a TLS client is a TCP client whose connect takes longer.
package nina

import (
	"machine"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// How long the chip takes. All are chosen by us; the first two are bounded by the waits of Arduino's host library (SpiDrv::begin: 10 ms in
// reset, then 750 ms).
const (
	BootTime   = 500 * time.Millisecond // from reset to the first ready
	HandleTime = 200 * time.Microsecond // to handle a command that does not block
	StartTime  = 100 * time.Millisecond // esp_wifi_stop, set_mode, start
	ScanTime   = 2 * time.Second        // a full scan: 13 channels of 100 to 300 ms, less than the firmware's own limit
	TLSTime    = 800 * time.Millisecond // a handshake
	PingLimit  = 5 * time.Second        // WiFi.cpp ping
)

// numSlots is MAX_SOCKETS, CONFIG_LWIP_MAX_SOCKETS in sdkconfig: both layers have ten.
const numSlots = 10

// phase is where the firmware's main loop stands (main/sketch.ino.cpp loop).
type phase uint8

const (
	phaseDead    phase = iota // in reset, or started in a mode that does not speak this protocol
	phaseBoot                 // until readyAt
	phaseCommand              // a transaction that takes a command is queued
	phaseBusy                 // handling: pending says when it is done, or it is never
	phaseWait                 // handled; the reply is queued at readyAt
	phaseReply                // a transaction that sends the reply is queued
)

// Chip is one NINA-W102.
type Chip struct {
	w   *sim.World
	air *air.Air

	cs, resetn machine.Input[Chip]
	strap      bool // level that the board drives on GPIO0
	gpio0      bool // level that the firmware drives on it: bytes are available

	phase   phase
	readyAt time.Duration
	pending func() bool // of phaseBusy: reports whether the command is done; nil: never

	joined  phase // what the transaction under way does: phaseCommand, phaseReply, or phaseDead for nothing
	noack   bool  // the transaction under way is not acknowledged
	n       int   // bytes of it
	counted int   // of them already charged to the run

	cmd    [bufLen]byte
	cmdLen int // bytes of cmd that may be other than 0
	reply  reply
	out    []byte // the encoded reply
	socket int64  // that the command is about, -1 for none

	scratch [maxRead]byte

	wifi     wifi
	lwip     lwip
	slots    [numSlots]slot
	resolved air.IP // CommandHandler.cpp resolvedHostname
	handling bool   // a command is being handled, or its end looked for
	missed   bool   // packets have arrived meanwhile
}

// bufLen is SPI_BUFFER_LEN: ESP-IDF's SPI_MAX_DMA_LEN.
const bufLen = 4092

// New returns a chip that has booted, on that air.
func New(w *sim.World, a *air.Air) *Chip {
	c := &Chip{w: w, air: a, strap: true}
	c.cs = machine.Input[Chip]{Chip: c, High: true, Rise: (*Chip).deselect, Fall: (*Chip).chosen}
	c.resetn = machine.Input[Chip]{Chip: c, High: true, Rise: (*Chip).boot, Fall: (*Chip).halt}
	c.forget()
	a.OnReceive(c.received)
	c.phase = phaseCommand
	return c
}

// Attach wires the chip to the board's pins and bus.
func (c *Chip) Attach(cs, ack, gpio0, resetn machine.Pin, bus *machine.SPI) {
	machine.AttachPin(cs, &c.cs)
	machine.AttachPin(ack, ackPin{c})
	machine.AttachPin(gpio0, gpio0Pin{c})
	machine.AttachPin(resetn, &c.resetn)
	bus.Attach(c)
}

// The chip's ends of the wires that it drives.
type (
	ackPin   struct{ c *Chip }
	gpio0Pin struct{ c *Chip }
)

func (ackPin) Write(bool) {}

// Read is low when a transaction is queued and not yet begun (SPIS.cpp transfer and handleOnChipSelect). In reset and until the firmware
// drives it the line is pulled up: our choice, the boards leave it open.
func (p ackPin) Read() bool {
	c := p.c
	c.tick()
	if c.phase != phaseCommand && c.phase != phaseReply {
		return true
	}
	return c.joined != phaseDead && !c.noack
}

func (p gpio0Pin) Write(high bool) { p.c.strap = high }

func (p gpio0Pin) Read() bool {
	p.c.tick()
	return p.c.gpio0
}

// halt is the falling edge of RESETN.
func (c *Chip) halt() {
	c.powerOff(CausePin)
	c.phase = phaseDead
}

// Cause is why the chip was reset, in A of a Reset event.
type Cause int64

// The causes of a reset.
const (
	CausePin   Cause = iota // RESETN
	CauseFault              // fault "reset"
)

// powerOff forgets everything.
func (c *Chip) powerOff(why Cause) {
	c.w.Emit(trace.Reset, "nina", int64(why), 0, 0)
	for i := range c.slots {
		c.free(i, byReset)
	}
	c.air.PowerOff()
	c.forget()
}

// boot is the rising edge of RESETN: it starts the firmware. GPIO0 low selects the ESP32's download mode (datasheet, strapping pins), chip
// select low Bluetooth (main/sketch.ino.cpp setup).
func (c *Chip) boot() {
	c.phase, c.readyAt = phaseBoot, c.w.Now()+BootTime
	if !c.strap || !c.cs.High {
		c.phase = phaseDead
	}
}

// forget is the state after power-on.
func (c *Chip) forget() {
	c.pending, c.joined, c.gpio0 = nil, phaseDead, false
	c.wifi = wifi{c: c, status: statusIdle, scanned: c.wifi.scanned[:0]}
	c.lwip = lwip{air: c.air}
	c.resolved = air.IP{}
	c.handling, c.missed = false, false
	for i := range c.slots {
		c.slots[i].forget(c)
	}
}

// tick brings the chip up to now: the radio's events, the command under way.
func (c *Chip) tick() {
	if !c.running() || c.handling {
		return
	}
	c.handling = true
	c.wifi.events()
	if c.phase == phaseBusy && c.pending != nil && c.pending() {
		c.pending = nil
		c.answer()
	}
	if c.phase == phaseWait && c.w.Now() >= c.readyAt {
		c.phase = phaseReply
	}
	c.handled()
}

// running reports whether the firmware runs by now.
func (c *Chip) running() bool {
	if c.phase == phaseBoot && c.w.Now() >= c.readyAt {
		c.phase = phaseCommand
	}
	return c.phase != phaseDead && c.phase != phaseBoot
}

// received is CommandHandler.cpp handleWiFiReceive: every packet makes the updater of GPIO0 run. It has to wait for the command that is being
// handled: in the chip they would run side by side.
func (c *Chip) received() {
	if c.handling {
		c.missed = true
	} else if c.running() {
		c.wifi.events()
		c.updateGPIO0()
	}
}

// handled lets the updater run for the packets that arrived meanwhile.
func (c *Chip) handled() {
	c.handling = false
	if c.missed {
		c.missed = false
		c.updateGPIO0()
	}
}
