// Package uart is the serial line between a board and a radio module: two wires, each a byte after the other at the baud rate. It stands
// between a driver, which sees it through mocks/machine, and the mocked modules on its other end (mocks/espat and others), of whose
// protocols it knows nothing.
//
// The hard word is arrival. Nothing steps from byte to byte: what a module sends is queued with the time at which it starts, when each byte
// arrives follows from that, and it is worked out when the board looks. So a byte takes its time, a reply is there in part while it is
// under way, and what arrives while nobody reads is lost as soon as the board's receive buffer is full.
//
// Faults strike as bytes pass, in the call that makes them pass: in the one that sends for what the board sends, in the one that looks for
// what the board receives.
package uart

import (
	"machine"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// What a line is like unless its Config says otherwise.
const (
	// DefaultBaud is what TinyGo's UART.Configure takes for a rate of 0 (src/machine/machine_rp2040_uart.go and others).
	DefaultBaud = 115200
	// DefaultBuffer is bufferSize in TinyGo's src/machine/buffer.go: how many received bytes UART keeps, on nearly every board.
	DefaultBuffer = 128
)

// bitsPerByte: a start bit, eight data bits, a stop bit.
const bitsPerByte = 10

// Config is what a line is like. The zero value is TinyGo's default.
type Config struct {
	Baud   int // bits a second
	Buffer int // received bytes that the board keeps; further ones are lost until it reads (RingBuffer.Put)
	// Served says that the board reads in a task that does nothing else, with a pause after looking in vain; idle looks are left out then.
	Served bool
}

// Module is what hangs on the far end of a line. Its methods are called by the task of the firmware that uses the line, so a fault of the
// module's own may be asked for there; they must not block.
type Module interface {
	// Receive is called with what the board has sent, when the last byte of it has arrived. p is what one Write of the board became on the
	// wire, with no pause in it.
	Receive(p []byte)
	// Reset is called when fault "reset" strikes: the module is to restart by itself. What it was still sending is gone by then (Drop).
	Reset()
}

// Line is a serial line with a module on its end.
type Line struct {
	w        *sim.World
	m        Module
	byteTime time.Duration

	// From the board to the module.
	sent time.Duration // when the last byte that the board has sent will have arrived
	echo bool          // the module sends back what it receives

	// From the module to the board.
	queue transmit
	rx    []byte // the receive buffer, in buf if it fits there
	buf   []byte
	size  int   // of the receive buffer
	deaf  int   // fault: so many bytes more find no room
	over  int64 // bytes lost since the board last read, for the trace

	spin   spin
	served bool
	poll   sim.Poll // of the task that reads, if served
}

// New returns an idle line with m on its end. m may be nil until Connect.
func New(w *sim.World, cfg Config, m Module) *Line {
	if cfg.Baud == 0 {
		cfg.Baud = DefaultBaud
	}
	if cfg.Buffer == 0 {
		cfg.Buffer = DefaultBuffer
	}
	l := &Line{w: w, m: m, size: cfg.Buffer, buf: make([]byte, 0, 2*cfg.Buffer), served: cfg.Served}
	l.byteTime = bitsPerByte * time.Second / time.Duration(cfg.Baud)
	l.queue.byteTime = l.byteTime
	return l
}

// Connect puts m on the line's end, in place of what was there.
func (l *Line) Connect(m Module) { l.m = m }

// Attach wires the line to a serial port of the board.
func (l *Line) Attach(port *machine.UART) { port.Attach(l) }

// Echo is the module's: from the board's next Write on, every byte comes back as it arrives, or none does. A line begins without.
func (l *Line) Echo(on bool) { l.echo = on }

// ByteTime is how long one byte takes.
func (l *Line) ByteTime() time.Duration { return l.byteTime }

// Send is the module's: p goes out as soon as everything before it has. It does not wait, and copies p. Any task may call it, also a timer.
func (l *Line) Send(p []byte) { l.SendAt(l.w.Now(), p) }

// SendAt is Send, but the first byte goes out no sooner than at, which is a time as of World.Now.
func (l *Line) SendAt(at time.Duration, p []byte) {
	l.queue.push(max(at, l.w.Now()), p)
	if l.served {
		l.poll.Due(l.w, l.due())
		return
	}
	l.spin.q.WakeAll(l.w)
}

// Free is when the last byte that was sent so far will have left the module; it may lie in the past. A module that waits for it before it
// takes more from the network lets the network's flow control do its work.
func (l *Line) Free() time.Duration { return l.queue.free }

// Drop is the module's: it forgets what it was still to send, as one does that restarts. What has arrived at the board stays there. Any
// task may call it, also a timer.
func (l *Line) Drop() { l.queue.cut(l.w.Now()) }

// Heal ends what faults have delayed: what the module has sent and the board has not received comes now, without a pause.
func (l *Line) Heal() {
	l.queue.hurry(l.w.Now())
	l.deaf = 0
	if l.served {
		l.poll.Due(l.w, l.due())
	}
}

// Write is the board's: it sends p, and returns when the last byte has left, as TinyGo's UART does, which waits for room in the
// transmitter's one or few bytes (src/machine/uart.go Write, writeByte of each board). Of two tasks that write at once the second waits for
// the first; on some boards their bytes would mix (chosen). It is part of machine.UARTDevice.
func (l *Line) Write(p []byte) {
	l.w.Point("uart")
	if len(p) == 0 {
		return
	}
	l.w.Transfer(len(p))
	l.receive()
	_, echo := l.w.Fault("echo")
	out := outgoing(l.w, p)
	start := max(l.sent, l.w.Now())
	if echo || l.echo {
		l.SendAt(start, out)
	}
	l.sent = start + time.Duration(len(p))*l.byteTime
	l.w.Sleep(l.sent - l.w.Now())
	if len(out) > 0 {
		l.m.Receive(out)
	}
}

// Read is the board's: it moves what has arrived into p and returns how much. It is part of machine.UARTDevice.
func (l *Line) Read(p []byte) int {
	l.w.Point("uart")
	l.receive()
	if len(l.rx) == 0 && len(p) > 0 {
		l.vain()
		return 0
	}
	n := copy(p, l.rx)
	if l.rx = l.rx[n:]; len(l.rx) == 0 {
		l.rx = l.buf[:0]
	}
	l.w.Transfer(n)
	if l.over > 0 {
		l.w.Emit(trace.Bus, "uart.overrun", 0, -1, l.over)
		l.over = 0
	}
	return n
}

// Buffered is the board's: how much Read could return. It is part of machine.UARTDevice.
func (l *Line) Buffered() int {
	l.receive()
	if len(l.rx) == 0 {
		l.vain()
	}
	return len(l.rx)
}

// vain is the board having looked and found nothing.
func (l *Line) vain() {
	if l.served {
		l.poll.Vain(l.w, l.due())
		return
	}
	l.spin.poll(l)
}

// due is when the next byte arrives, -1 if none is under way.
func (l *Line) due() time.Duration {
	if at, ok := l.queue.next(); ok {
		return at
	}
	return -1
}
