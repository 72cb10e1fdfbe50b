// Package deviceos is a behavioural model of Particle's device-os on the Photon: the socket HAL, the WLAN HAL, the system's network manager
// and the wiring API above them. It is the firmware under test of the target particle, written against the shim by hand; below it is the
// vendor's stack (mocks/wiced), above it an application.
//
// The hard word is variant: one generation of releases. All share one code; how they differ is a table (Variants). What the model does wrong
// is what the release did wrong, and what the release did not promise the model does not either.
//
// Three threads meet in it: the application's, which calls the wiring API; the system thread, which manages the network and the cloud (with
// SYSTEM_THREAD(ENABLED); else that code runs within the application's Delay, Process and Idle); and the stack's networking worker, which
// calls back. Every pointer of the firmware is a heap.Pointer, of which it sees the address only; whoever follows one to freed memory is
// reported by the name of the C++ function that does so.
//
// Sources, in particle-iot/device-os: hal/src/photon/socket_hal.cpp and wlan_hal.cpp, system/src/system_network_internal.h, system_task.cpp,
// system_network.cpp, wiring/src/spark_wiring_tcpserver.cpp and spark_wiring_tcpclient.cpp, at the tags v0.5.0 to v1.0.0 and the commits that
// Variant names. What was concluded and not read is marked "inferred", what nobody says "chosen".
//
// Not modelled: UDP, the cloud's protocol beyond a handshake and keep-alives, listening mode's serial and soft-AP consoles, updates.
package deviceos

import (
	"runtime"
	"strings"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// HeapSize is the memory that an application finds free: chosen, what System.freeMemory() says on a Photon is 50 to 60 KB.
const HeapSize = 60 << 10

// Mode is a SYSTEM_MODE.
type Mode uint8

// The modes. Automatic connects to the network and the cloud by itself; the others wait until the application asks for it. Between the
// other two the model sees no difference: what Manual leaves to Particle.process is the cloud's events.
const (
	Manual Mode = iota
	SemiAutomatic
	Automatic
)

// Config is how a board is set up.
type Config struct {
	Variant  Variant
	Mode     Mode
	Threaded bool   // SYSTEM_THREAD(ENABLED)
	SSID     string // the stored credentials; none if empty
	Password string
	// OnPanic is called when the board has panicked: its LED shows the code for SOSTime, and whoever set this may Restart it after that. Nil: the
	// run ends.
	OnPanic func(code int)
}

// Device is one board. Its methods, and those of what it makes, are the wiring API: an object must be used by one task at a time, wiring's
// classes have no locks. A task that calls the API of a board that has panicked, or was in a call of it, ends there (runtime.Goexit).
type Device struct {
	WiFi     WiFi
	Particle Particle

	cfg    Config
	w      *sim.World
	air    *air.Air // the model asks it for addresses of hosts only
	mem    *heap.Heap
	stack  *wiced.Stack
	life   int  // how often the board was started before
	halted bool // it has panicked
	hal    hal
	net    network
	sys    system
	cloud  cloud
	shown  Signal
	// invalid is the one Data of every TCPClient that TCPServer::available returns without a connection (0.7.0).
	invalid clientData
}

// New makes a board that is switched off.
func New(w *sim.World, a *air.Air, cfg Config) *Device {
	d := &Device{cfg: cfg, w: w, air: a, mem: heap.New(w, HeapSize)}
	d.stack = wiced.New(w, a, d.mem, cfg.Variant.stack(d.hardFault))
	d.forget()
	return d
}

// Restart is the end of SOSTime: the board starts again, with empty memory, and Start is to be called. Tasks that are still in calls end when
// these return; TCPServers and TCPClients from before must not be used.
func (d *Device) Restart() {
	d.mem = heap.New(d.w, HeapSize)
	d.stack.Restart(d.mem)
	d.life++
	d.forget()
}

// forget is the state after a reset.
func (d *Device) forget() {
	d.WiFi, d.Particle = WiFi{d}, Particle{d}
	d.halted, d.hal, d.net, d.sys, d.cloud, d.shown = false, hal{}, network{}, system{}, cloud{sock: invalid}, Signal{}
	d.invalid = clientData{sock: invalid}
	d.net.sleep = d.cfg.Mode != Automatic
	d.cloud.wanted = d.cfg.Mode == Automatic
}

// Start switches the board on and returns when setup() may run: at once, but in Automatic mode without SYSTEM_THREAD only when the cloud is
// connected, however long that takes.
func (d *Device) Start() {
	defer d.guard(d.enter())
	d.show(NetworkOff)
	if d.cfg.Threaded {
		d.startSystemThread()
		return
	}
	if d.cfg.Mode == Automatic {
		d.connect(true)
		for !d.cloud.connected {
			d.pass(false)
			d.w.Sleep(passGap)
		}
	}
}

// FreeMemory is System.freeMemory(): bytes of the heap.
func (d *Device) FreeMemory() uint32 { return HeapSize - d.mem.InUse() }

// fault is the board's panic handler, in the C++ function named where: interrupts off, SOS, reset.
func (d *Device) fault(code int, where, why string) {
	d.halted = true
	d.stack.Halt()
	d.w.Emit(trace.Light, "red SOS", SOSTime(code).Milliseconds(), int64(code), 0)
	d.w.Emit(trace.Reset, "photon", resetByPanic, int64(code), 0)
	if d.cfg.OnPanic != nil {
		d.cfg.OnPanic(code)
		return
	}
	d.w.Emit(trace.Panic, where, int64(sim.Current().Call), 0, 0)
	d.w.Trace.Detail(why)
	d.w.Stop()
}

// hardFault is the processor's fault handler.
func (d *Device) hardFault(f heap.HardFault) {
	where := f.Why // heap and stack name the function first, and then what it does
	for _, deed := range []string{" follows ", " finds "} {
		where, _, _ = strings.Cut(where, deed)
	}
	d.fault(PanicHardFault, where, f.Error())
}

// enter stands where a thread enters the firmware; guard, deferred, where it leaves it, by whatever way: it hands hard faults to the fault
// handler. A thread of a board that has stopped ends.
func (d *Device) enter() (life int) {
	if d.halted {
		runtime.Goexit()
	}
	return d.life
}

func (d *Device) guard(life int) {
	switch v := recover().(type) {
	case nil:
	case heap.HardFault:
		d.hardFault(v)
	default:
		panic(v)
	}
	if d.halted || life != d.life {
		runtime.Goexit()
	}
}

// at follows a pointer, for the C++ function named user.
func at[T any](d *Device, p heap.Pointer, user string) *T { return heap.Get[T](d.mem, p, user) }

// alloc is operator new, for the C++ function named maker. That a board out of memory panics is inferred from the code's existence.
func (d *Device) alloc(kind, maker string, size uint32, v any) heap.Pointer {
	p := d.mem.Alloc(kind, maker, size, v)
	if p.Null() {
		d.fault(PanicOutOfHeap, maker, "out of heap")
		runtime.Goexit()
	}
	return p
}

// State is a small number that differs between states worth telling apart: the stack's, and what the system thinks of it.
func (d *Device) State() uint {
	state := d.stack.State()
	for _, flag := range [...]bool{d.net.ready(), d.cloud.connected} {
		state *= 2
		if flag {
			state++
		}
	}
	return state
}

// Release is the release that the board runs.
func (d *Device) Release() Variant { return d.cfg.Variant }
