// Package espat is an ESP8266 or ESP32 with Espressif's ESP-AT firmware on a serial line. It stands between a driver, which sees it through
// mocks/uart, and mocks/air, which it puts the board on.
//
// The hard word is link. The firmware has five of them, each free, or a TCP, SSL or UDP transmission. In single connection mode (CIPMUX=0)
// only link 0 exists and is not named. A link is free again when the host closes it, and also by itself, as soon as the other end has closed
// and all that it sent has been passed on: the host learns that from a line, CLOSED, among whatever else the module is saying.
//
// The module says two kinds of things on one wire: answers, and messages that nobody asked for. While it works on one command it turns the
// next one down (busy p...).
//
// Sources: ESP-AT User Guide, release v2.2 to v3, in the repository github.com/espressif/esp-at, docs/en: AT_Command_Set/index.rst (sections "AT Command
// Types", "AT Messages"), Basic_AT_Commands.rst, Wi-Fi_AT_Commands.rst, TCP-IP_AT_Commands.rst, AT_Command_Examples/TCP-IP_AT_Examples.rst.
// Comments name the file's section by its command. The firmware itself is not open: where the documents are silent a value or an order is
// marked "chosen".
//
// Not modelled: servers, SoftAP clients, sleep, IPv6, CIPRECVMODE=1, what the boot loader prints, and what SSL says on the wire: an SSL
// link is a TCP link whose opening takes longer.
package espat

import (
	"machine"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/at"
	"github.com/linkflap/linkflap/mocks/uart"
)

// How long the module takes. All but JoinLimit are chosen.
const (
	BootTime      = 350 * time.Millisecond // from reset to "ready"
	HandleTime    = 1 * time.Millisecond   // to answer a command that waits for nothing
	ScanTime      = 2 * time.Second        // AT+CWLAP
	TLSTime       = 800 * time.Millisecond // an SSL handshake
	ReconnectTime = 1 * time.Second        // Wi-Fi_AT_Commands.rst, AT+CWJAP, reconn_interval: default 1 s
	JoinLimit     = 15 * time.Second       // Wi-Fi_AT_Commands.rst, AT+CWJAP, jap_timeout: default 15 s
	RedialTime    = 100 * time.Millisecond // TCP-IP_AT_Commands.rst, AT+CIPRECONNINTV: default 1, in units of 100 ms
)

const (
	numLinks    = 5    // TCP-IP_AT_Commands.rst, AT+CIPSTART: link ID 0~4
	maxCommand  = 256  // index.rst, "AT Command Types": no more than 256 bytes
	maxSend     = 2048 // TCP-IP_AT_Commands.rst, AT+CIPSEND: length; 8192 since v2.3
	maxReceived = 2920 // TCP-IP_AT_Commands.rst of v3, AT+CIPRECVTYPE, active mode: valid bytes sent to the host each time
)

// Module is one ESP8266 or ESP32.
type Module struct {
	w    *sim.World
	air  *air.Air
	line *uart.Line
	core at.Core

	upload upload // of data mode

	flash flash
	wifi  wifi
	net   network
}

// flash is what survives a reset (index.rst, "AT Commands with Configuration Saved in the Flash"; AT+SYSSTORE is 1 by default).
type flash struct {
	mode       int // of AT+CWMODE
	ssid, pass string
	auto       bool // AT+CWAUTOCONN
	softAP     string
	softIP     string
}

// New returns a module that is ready, on that air and at the end of a line that is like cfg.
func New(w *sim.World, a *air.Air, cfg uart.Config) *Module {
	m := &Module{w: w, air: a}
	m.line = uart.New(w, cfg, m)
	m.core.Init(w, m.line, m.events, m.receive)
	m.flash = flash{mode: 1, auto: true, softAP: `"ESP_000001","",1,0,4,0`, softIP: "192.168.4.1"}
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
	CauseCommand Cause = iota // AT+RST
	CauseFault                // fault "reset"
)

// Reset is the module restarting by itself. It is part of uart.Module.
func (m *Module) Reset() { m.restart(CauseFault) }

// restart makes the module forget everything but its flash, and start anew.
func (m *Module) restart(why Cause) {
	m.w.Emit(trace.Reset, "espat", int64(why), 0, 0)
	m.line.Drop()
	for i := range m.net.links {
		m.free(i, byReset)
	}
	m.air.PowerOff()
	m.forget()
	m.core.Restart(BootTime, m.boot)
}

// forget is the state after power-on.
func (m *Module) forget() {
	m.core.Echo(true)
	m.wifi = wifi{}
	m.net.forget()
}

// boot is the firmware having started: it says so, and joins the access point that it knows (AT+CWAUTOCONN).
func (m *Module) boot() {
	m.core.Say("\r\nready\r\n")
	if f := &m.flash; f.auto && f.ssid != "" && f.mode&1 != 0 {
		m.join()
	}
}

// State is a number that differs between states worth telling apart: what the module listens for, Wi-Fi, and what each link is.
func (m *Module) State() uint {
	state := uint(m.core.Mode())*2 + bit(m.core.Waits())
	state = state*4 + bit(m.wifi.associated) + 2*bit(m.wifi.joining)
	for i := range m.net.links {
		state = state*8 + uint(m.net.links[i].kind)*2 + bit(m.net.links[i].open)
	}
	return state
}

func bit(b bool) uint {
	if b {
		return 1
	}
	return 0
}
