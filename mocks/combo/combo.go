// Package combo is an Ai-Thinker module, such as the BW16 (a Realtek RTL8720D) on Elecrow's Pico W5, with the Combo-AT firmware on a serial
// line. It stands between a driver, which sees it through mocks/uart, and mocks/air, which it puts the board on.
//
// The hard word is ConID: the number of a socket of the module, counted from 1, the lowest that is free. It is the host's until the host
// deletes it, or until the firmware does by itself: a TCP client whose other end is gone is opened anew, and deleted if that comes to
// nothing. Each of these steps is one line, an event, among whatever else the module is saying; after the last of them the same ConID may be
// another socket's.
//
// The module says two kinds of things on one wire: answers, each of which ends with OK or ERROR, and events, which begin with +EVENT:. It
// carries out one command at a time, and turns the next one down meanwhile.
//
// Sources, by the names that comments use:
//   - guide: Ai-Thinker, Combo-AT guide (github.com/Ai-Thinker-Open/aithinker-combo-guide, source/docs; also
//     aithinker-combo-guide.readthedocs.io): instruction/Aithinker_combo-AT.rst, instruction/other/error_code_.rst, command-set/index.rst,
//     AT_Basic_Commands.rst, Wi-Fi_AT_Commands.rst, TCP-IP_AT_Commands.rst, command-examples/TCP-IP_AT_Examples.rst. A section is named by
//     its command.
//   - reference: Ai-Thinker, Combo-AT command reference (basic, Wi-Fi, TCP-IP commands and events), sections by number. It is newer than the
//     guide and says what the BW16 has.
//   - at_device_aiwb2: the driver of this firmware for RT-Thread, whose comments say what its authors saw on a module.
//   - users' logs: what users of the firmware V4.18 on a serial console report.
//   - comboat: comments in tinygo.org/x/drivers v0.37.0, comboat/comboat.go, where nothing else says it.
//
// The firmware is not open. Where all of them are silent, a value or an order is marked "chosen".
//
// Not modelled: servers, transparent mode, the module's own access point, sleep, Bluetooth, MQTT, HTTP, certificates, and what TLS says on
// the wire: an SSL client is a TCP client whose opening takes longer.
package combo

import (
	"machine"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/at"
	"github.com/linkflap/linkflap/mocks/uart"
)

// How long the module takes. All are chosen.
const (
	BootTime      = 500 * time.Millisecond // from reset to the first line
	HandleTime    = 1 * time.Millisecond   // to answer a command that waits for nothing
	ScanTime      = 2 * time.Second        // AT+WSCAN
	TLSTime       = 800 * time.Millisecond // the handshake of an SSL client
	JoinLimit     = 15 * time.Second       // AT+WJAP, for an address
	RejoinTime    = 1 * time.Second        // between attempts to join again
	ReconnectTime = 1 * time.Second        // until a socket whose other end is gone is opened anew
)

const (
	// NumSockets is how many sockets there are; chosen: at_device_aiwb2 takes five to be safe.
	NumSockets = 5
	// MaxCommand is the length of a command line: reference 4.2.6, note. The guide has 256 in one place and a buffer of 1024 in another
	// (command-set/index.rst).
	MaxCommand = 1023
	// MaxPacket is the longest packet of a socket: guide, AT+SOCKETSEND, for what is sent; what is received comes in buffers of that size
	// (command-set/index.rst).
	MaxPacket = 1024
	// MaxStored is how many bytes wait in passive mode. It is RAM, and when there is none left what arrives is dropped (reference 4.2.10);
	// the number is chosen.
	MaxStored = 8192

	rejoins    = 10 // chosen: attempts to join again, after which the state is "failed" (guide, AT+WJAP, status 4)
	reconnects = 3  // chosen: attempts to open a socket anew, after which it is deleted (reference, events, SocketAutoDel)
)

// Module is one module.
type Module struct {
	w    *sim.World
	air  *air.Air
	line *uart.Line
	core at.Core

	upload upload // of data mode
	reply  reply
	held   string // an answer that a fault holds back

	flash   flash
	wifi    wifi
	sockets [NumSockets]socket
	active  bool // AT+SOCKETRECVCFG=1: what arrives is printed; else it waits to be read
	dns     [2]string
}

// flash is what survives a reset.
type flash struct {
	mode       int // AT+WMODE
	country    int // AT+WCOUNTRY
	auto       bool
	ssid, pass string // of AT+WAUTOCONN
}

// New returns a module that is ready, on that air and at the end of a line that is like cfg.
func New(w *sim.World, a *air.Air, cfg uart.Config) *Module {
	m := &Module{w: w, air: a}
	m.line = uart.New(w, cfg, m)
	m.core.Init(w, m.line, m.events, m.receive)
	m.flash.mode = modeStation
	m.forget()
	a.OnReceive(m.core.Look)
	a.OnChange(m.core.Look)
	return m
}

// Attach wires the module to a serial port of the board.
func (m *Module) Attach(port *machine.UART) { m.line.Attach(port) }

// Cause is why the module was reset, in A of a Reset event.
type Cause int64

// The causes of a reset.
const (
	CauseCommand Cause = iota // AT+RST, AT+RESTORE
	CauseFault                // fault "reset"
)

// Reset is the module restarting by itself. It is part of uart.Module.
func (m *Module) Reset() { m.restart(CauseFault) }

// restart makes the module forget everything but its flash, and start anew.
func (m *Module) restart(why Cause) {
	m.w.Emit(trace.Reset, "combo", int64(why), 0, 0)
	m.line.Drop()
	for i := range m.sockets {
		m.free(i, byReset)
	}
	m.air.PowerOff()
	m.forget()
	m.core.Restart(BootTime, m.boot)
}

// forget is the state after power-on. Echo is on: guide, ATE1, says so of other modules; comboat turns it off.
func (m *Module) forget() {
	m.core.Echo(true)
	m.reply, m.held = reply{}, ""
	m.wifi, m.active, m.dns = wifi{mode: m.flash.mode}, false, [2]string{}
}

// boot is the firmware having started: it says so (users' logs; the wording on the BW20), and joins the access point that it knows
// (guide, AT+WAUTOCONN).
func (m *Module) boot() {
	m.core.Say("\r\nready\r\n")
	if m.flash.auto && m.wifi.mode&modeStation != 0 {
		m.wifi.stay = true
		m.join(m.flash.ssid, m.flash.pass)
	}
}

// event is a message that nobody asked for.
func (m *Module) event(text string) { m.core.Say("\r\n+EVENT:", text, "\r\n") }

// Heal ends what faults have delayed: an answer that is held back, and what the line holds back, comes now.
func (m *Module) Heal() {
	m.line.Heal()
	if held := m.held; held != "" {
		m.held = ""
		m.core.Work(m.w.Now())
		m.core.Say(held)
	}
}

// State is a number that differs between states worth telling apart: what the module listens for, Wi-Fi, and what each socket is.
func (m *Module) State() uint {
	state := uint(m.core.Mode())*2 + bit(m.core.Waits())
	state = state*8 + uint(m.wifi.status())
	for i := range m.sockets {
		s := &m.sockets[i]
		state = state*8 + bit(s.kind != 0) + uint(s.status)%4*2
	}
	return state
}

func bit(b bool) uint {
	if b {
		return 1
	}
	return 0
}
