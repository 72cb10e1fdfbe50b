// Package rtl8720 is Realtek's RTL8720DN Wi-Fi module with Seeed's RPC firmware, on a serial line. It stands between a driver, which sees it
// through mocks/uart and mocks/machine, and mocks/air, which it puts the board on.
//
// The hard word is call. The host calls the module's own functions (rpc_wifi_connect, lwip_socket and so on): eRPC carries the parameters
// there and the results back, each way as one message in a frame with its length and a CRC. One task of the module serves the calls one after
// the other, so a call that waits keeps every other one waiting, whatever it is about. Unasked, the module calls the host, too: with an event
// of its Wi-Fi, to which it wants no reply.
//
// Sources: eRPC in github.com/EmbeddedRPC/erpc, erpc_c/infra (erpc_framed_transport.cpp, erpc_basic_codec.cpp, erpc_crc16.cpp,
// erpc_simple_server.cpp), and its copy in github.com/Seeed-Studio/seeed-ambd-firmware, src/erpc, called "eRPC" below. The calls: the same
// repository, erpc_idl/*.erpc ("IDL") and src/wifi ("firmware"); as of 2.1.3, which is not published in full, as far as the patches in
// github.com/owhinata/wio-lite-ai, fw/rtl8720, show it ("2.1.3"). What they rely on: Realtek's SDK, github.com/Seeed-Studio/seeed-ambd-sdk and
// ambiot/ambd_sdk, component/common/api ("SDK"), with lwIP 2.0.2. "Derived" marks what was concluded and not read there, "chosen" our values.
//
// Not modelled: Bluetooth, mDNS, WPS, stations that join the module's own access point, its reconnecting by itself (which the host has to ask
// for), select, and what TLS says on the wire: a TLS client is a TCP client whose opening takes longer. The bytes that the module drops
// in the middle of a long call when it is too slow (2.1.3, wifi_rpc.h) are not lost here.
package rtl8720

import (
	"machine"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/uart"
)

// How long the module takes.
const (
	BootTime   = 600 * time.Millisecond // from CHIP_EN to serving calls; chosen: less than the second that hosts wait
	HandleTime = 1 * time.Millisecond   // a call that waits for nothing; derived: run_erpc_server looks for one every millisecond
	RadioTime  = 200 * time.Millisecond // wifi_on, wifi_off; chosen
	JoinLimit  = 20 * time.Second       // SDK, wifi_conf.c, RTW_JOIN_TIMEOUT
	APTime     = 1 * time.Second        // firmware, rpc_wifi_start_ap: looks every second whether its access point is there
	ScanTime   = 2 * time.Second        // chosen
	TLSTime    = 800 * time.Millisecond // a TLS handshake; chosen
	// DHCPLimit is when LwIP_DHCP gives up (SDK, lwip_netconf.c): at the sixth question, and lwIP asks again after 2, 4, 8, 16 and 32 s
	// (dhcp_discover). Derived.
	DHCPLimit = 62 * time.Second
)

// Module is one RTL8720DN.
type Module struct {
	w    *sim.World
	air  *air.Air
	line *uart.Line

	calls   []call
	enable  machine.Input[Module] // CHIP_EN
	running bool                  // the firmware serves calls
	started int                   // generation of the firmware's run, so that an old run's timers do nothing

	input    input
	pending  *request // the call under way, nil if there is none that waits
	sequence uint32   // of the module's own calls
	out      []byte   // the frame being sent
	body     []byte   // the results of the last call

	looking, missed bool // look is under way; something has changed meanwhile

	wifi  wifi
	lwip  lwip
	tls   [numTLS]tlsClient
	taken int64 // generation of the ledgers' entries
}

// New returns a module that is switched off, on that air and at the end of a line that is like cfg.
func New(w *sim.World, a *air.Air, cfg uart.Config) *Module {
	m := &Module{w: w, air: a, calls: calls}
	m.line = uart.New(w, cfg, m)
	m.enable = machine.Input[Module]{Chip: m, Rise: (*Module).start, Fall: func(m *Module) { m.powerOff(CausePin) }}
	m.forget()
	a.OnReceive(m.look)
	a.OnChange(m.look)
	return m
}

// Attach wires the module to a serial port of the board, and its CHIP_EN to a pin, which the board pulls down.
func (m *Module) Attach(port *machine.UART, enable machine.Pin) {
	m.line.Attach(port)
	machine.AttachPin(enable, &m.enable)
}

// Cause is why the module was reset, in A of a Reset event.
type Cause int64

// The causes of a reset.
const (
	CausePin   Cause = iota // CHIP_EN
	CauseFault              // fault "reset"
	CauseCrash              // the firmware used a null pointer; it stays dead until CHIP_EN
)

// Reset is the module restarting by itself. It is part of uart.Module.
func (m *Module) Reset() {
	if !m.enable.High {
		return
	}
	m.powerOff(CauseFault)
	m.start()
}

// powerOff forgets everything.
func (m *Module) powerOff(why Cause) {
	m.w.Emit(trace.Reset, "rtl8720", int64(why), 0, 0)
	m.line.Drop()
	for fd := range m.lwip.sockets {
		m.free(fd, byReset)
	}
	for i := range m.tls {
		m.tls[i].free(m, byReset)
	}
	m.air.PowerOff()
	m.forget()
}

// forget is the state after power-on.
func (m *Module) forget() {
	m.started++
	m.running, m.pending, m.sequence = false, nil, 0
	m.input.clear()
	m.wifi = wifi{}
	m.lwip = lwip{}
	m.tls = [numTLS]tlsClient{}
}

// start lets the firmware boot.
func (m *Module) start() {
	m.after(BootTime, func() {
		m.running = true
		m.look()
	})
}

// after calls f later, unless the module has been reset by then.
func (m *Module) after(d time.Duration, f func()) {
	run := m.started
	m.w.After(d, 0, func(time.Time) {
		if run == m.started {
			f()
		}
	})
}

// look brings the module up to what has changed outside. It may be called by any task, also from within the module's own calls.
func (m *Module) look() {
	if m.missed = true; m.looking || !m.running {
		return
	}
	m.looking = true
	for m.missed {
		m.missed = false
		m.events()
		m.admit()
		m.poll()
		m.serve()
	}
	m.looking = false
}

// State is a number that differs between states worth telling apart: whether a call waits, Wi-Fi, and what each socket is.
func (m *Module) State() uint {
	state := bit(m.running) + 2*bit(m.pending != nil)
	state = state*8 + bit(m.wifi.associated) + 2*bit(m.wifi.joining) + 4*bit(m.wifi.addressed)
	for i := range m.lwip.sockets {
		state = state*4 + uint(m.lwip.sockets[i].kind)
	}
	for i := range m.tls {
		state = state*2 + bit(m.tls[i].taken)
	}
	return state
}

func bit(b bool) uint {
	if b {
		return 1
	}
	return 0
}
