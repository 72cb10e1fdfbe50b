package uart

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/fault"
)

const (
	received = "byte that arrives at the board"
	sent     = "byte that the board has sent"
)

// Faults is everything that a line can be told to do wrong, whatever hangs on it. A pause within a message is lawful: a UART has no
// frames, and none of the modules' documents bounds the time between two bytes.
var Faults = []fault.Kind{
	{Name: "lost", Doc: "a byte does not arrive", Site: received},
	{Name: "doubled", Doc: "a byte arrives twice", Site: received},
	{Name: "inserted", Doc: "value arrives before a byte", Site: received, HasValue: true, Max: 0xff, Nice: niceBytes, Unit: "byte", Hex: true},
	{Name: "flipped", Doc: "the bits of value are inverted in a byte", Site: received, HasValue: true, Min: 1, Max: 0xff, Nice: niceBits, Unit: "byte", Hex: true},
	{Name: "overrun", Doc: "value bytes from this one on find no room in the board's receive buffer", Site: received, HasValue: true, Min: 1, Max: 4096, Nice: []int64{2, 8, 16, 64, 128, 1000}, Unit: "count"},
	{Name: "split", Doc: "the line pauses for value before a byte", Site: received, Lawful: true, HasValue: true, Min: 1e6, Max: 500e6, Nice: []int64{100e6, 1e6, 20e6, 200e6, 500e6}, Unit: "ns"},
	{Name: "late", Doc: "what the module sends comes value later", Site: "message that the module begins to send", HasValue: true, Min: 1e6, Max: 60e9, Nice: []int64{1e9, 100e6, 500e6, 3e9, 12e9}, Unit: "ns"},
	{Name: "reset", Doc: "the module restarts, and what it was sending ends", Site: received},
	{Name: "echo", Doc: "what the board sends comes back", Site: "write of the board"},
	{Name: "txlost", Doc: "a byte does not arrive at the module", Site: sent},
	{Name: "txdoubled", Doc: "a byte arrives twice at the module", Site: sent},
	{Name: "txinserted", Doc: "value arrives at the module before a byte", Site: sent, HasValue: true, Max: 0xff, Nice: niceBytes, Unit: "byte", Hex: true},
	{Name: "txflipped", Doc: "the bits of value are inverted in a byte for the module", Site: sent, HasValue: true, Min: 1, Max: 0xff, Nice: niceBits, Unit: "byte", Hex: true},
}

var (
	niceBytes = []int64{0x00, 0xff, '\n', '\r', '0', ',', ':', ' '}
	niceBits  = []int64{0x01, 0x80, 0x10, 0xff, 0x08, 0x40}
)

// receive moves what has arrived by now into the receive buffer.
func (l *Line) receive() {
	now := l.w.Now()
	for {
		at, ok := l.queue.next()
		if !ok {
			l.deaf = 0 // an overrun lasts no longer than what comes without a pause
		}
		if !ok || at > now {
			return
		}
		switch {
		case l.deaf == 0 && !l.w.Armed():
			l.arriveAll(l.queue.takeBy(now))
		case l.restarts():
			return
		case l.pauses():
		default:
			l.arrive(l.queue.take())
		}
	}
}

// restarts asks whether the module resets here.
func (l *Line) restarts() bool {
	_, ok := l.w.ServedFault("reset")
	if ok {
		l.queue.clear(l.w.Now())
		l.m.Reset()
	}
	return ok
}

// pauses asks whether the next byte comes later.
func (l *Line) pauses() bool {
	d, ok := l.w.ServedFault("split")
	if !ok && l.queue.first() {
		d, ok = l.w.ServedFault("late")
	}
	if ok {
		l.queue.delay(time.Duration(d))
	}
	return ok
}

// arrive is a byte at the board's end.
func (l *Line) arrive(b byte) {
	if v, ok := l.w.ServedFault("overrun"); ok {
		l.deaf = int(v)
	}
	var in [2]byte
	for _, b := range spoil(l.w.ServedFault, in[:0], b, &rxSites) {
		if l.deaf > 0 || len(l.rx) >= l.size {
			l.deaf = max(l.deaf-1, 0)
			l.over++
			continue
		}
		l.rx = append(l.rx, b)
	}
}

// arriveAll is bytes at the board's end while no fault can strike.
func (l *Line) arriveAll(p []byte) {
	n := min(len(p), l.size-len(l.rx))
	l.rx = append(l.rx, p[:n]...)
	l.over += int64(len(p) - n)
}

// sites are the names of the faults of a byte in one direction.
type sites struct{ lost, doubled, inserted, flipped string }

var (
	rxSites = sites{"lost", "doubled", "inserted", "flipped"}
	txSites = sites{"txlost", "txdoubled", "txinserted", "txflipped"}
)

// outgoing is what becomes of p on its way to the module.
func outgoing(w *sim.World, p []byte) []byte {
	if !w.Armed() {
		return p
	}
	out := make([]byte, 0, len(p)+1)
	for _, b := range p {
		out = spoil(w.Fault, out, b, &txSites)
	}
	return out
}

// spoil appends to out what becomes of b if the fault strikes.
func spoil(strikes func(string) (int64, bool), out []byte, b byte, s *sites) []byte {
	if _, ok := strikes(s.lost); ok {
		return out
	}
	if v, ok := strikes(s.inserted); ok {
		out = append(out, byte(v))
	}
	if v, ok := strikes(s.flipped); ok {
		b ^= byte(v)
	}
	if _, ok := strikes(s.doubled); ok {
		out = append(out, b)
	}
	return append(out, b)
}
