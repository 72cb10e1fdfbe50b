package shim

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// Timer is time.Timer.
type Timer struct {
	C    <-chan time.Time
	real *time.Timer
	beat
}

// Ticker is time.Ticker.
type Ticker struct {
	C    <-chan time.Time
	real *time.Ticker
	beat
}

// beat is a timer of the world that sends on a channel, or calls a function.
type beat struct {
	w *sim.World
	t sim.Timer
	c chan time.Time
	f func()
}

func newBeat(t *sim.Task, f func()) beat { return beat{w: t.World(), c: make(chan time.Time, 1), f: f} }

func (b *beat) start(d, period time.Duration) {
	b.w.Start(&b.t, d, period, b.fire)
	b.t.Sends(any(key(b.c)))
}

func (b *beat) fire(now time.Time) {
	if b.f != nil {
		b.w.Go("time.AfterFunc", b.f)
		return
	}
	select {
	case b.c <- now:
		b.w.WakeCases(any(key(b.c)))
	default: // a slow receiver loses ticks
	}
}

// stop reports whether it kept a time from being received: as package time does since Go 1.23, it also empties the channel.
func (b *beat) stop() bool {
	if b.w == nil {
		panic("time: Stop called on uninitialized Timer")
	}
	active := b.w.Cancel(&b.t)
	select {
	case <-b.c:
		return true
	default:
		return active
	}
}

// NewTimer is time.NewTimer.
func NewTimer(d time.Duration) *Timer {
	t := sim.Current()
	if t == nil {
		r := time.NewTimer(d)
		return &Timer{C: r.C, real: r}
	}
	tm := &Timer{beat: newBeat(t, nil)}
	tm.C = tm.c
	tm.start(d, 0)
	return tm
}

// AfterFunc is time.AfterFunc; f runs as a task of its own.
func AfterFunc(d time.Duration, f func()) *Timer {
	t := sim.Current()
	if t == nil {
		return &Timer{real: time.AfterFunc(d, f)}
	}
	tm := &Timer{beat: newBeat(t, f)}
	tm.start(d, 0)
	return tm
}

// Stop is time.Timer.Stop.
func (t *Timer) Stop() bool {
	if t.real != nil {
		return t.real.Stop()
	}
	return t.stop()
}

// Reset is time.Timer.Reset.
func (t *Timer) Reset(d time.Duration) bool {
	if t.real != nil {
		return t.real.Reset(d)
	}
	active := t.stop()
	t.start(d, 0)
	return active
}

// NewTicker is time.NewTicker.
func NewTicker(d time.Duration) *Ticker {
	if d <= 0 {
		panic("non-positive interval for NewTicker")
	}
	t := sim.Current()
	if t == nil {
		r := time.NewTicker(d)
		return &Ticker{C: r.C, real: r}
	}
	tk := &Ticker{beat: newBeat(t, nil)}
	tk.C = tk.c
	tk.start(d, d)
	return tk
}

// Stop is time.Ticker.Stop; that of a zero Ticker does nothing.
func (t *Ticker) Stop() {
	switch {
	case t.real != nil:
		t.real.Stop()
	case t.w != nil:
		t.stop()
	}
}

// Reset is time.Ticker.Reset.
func (t *Ticker) Reset(d time.Duration) {
	if d <= 0 {
		panic("non-positive interval for Ticker.Reset")
	}
	if t.real != nil {
		t.real.Reset(d)
		return
	}
	t.stop()
	t.start(d, d)
}

// After is time.After.
func After(d time.Duration) <-chan time.Time { return NewTimer(d).C }

// Tick is time.Tick.
func Tick(d time.Duration) <-chan time.Time {
	if d <= 0 {
		return nil
	}
	return NewTicker(d).C
}
