package sim

import "time"

// Timer calls a function at a virtual time, on whichever task is running then: the function must not block.
type Timer struct {
	at     time.Duration
	period time.Duration
	f      func(now time.Time)
	key    any // of the channel that it sends on, nil if it sends on none
}

// Sends says that t sends on the channel with that key: who waits there waits for time to pass.
func (t *Timer) Sends(key any) { t.key = key }

// ticks says that a timer sends on the channel with that key.
func (w *World) ticks(key any) bool {
	for _, t := range w.timers {
		if t.key != nil && t.key == key {
			return true
		}
	}
	return false
}

// awaited says that one of the cases is ended by a timer.
func (w *World) awaited(cases []Waiter) bool {
	for _, c := range cases {
		if w.ticks(c.Key()) {
			return true
		}
	}
	return false
}

// After makes a timer that calls f once, d from now, and, if period is positive, again every period.
func (w *World) After(d, period time.Duration, f func(now time.Time)) *Timer {
	t := new(Timer)
	w.Start(t, d, period, f)
	return t
}

// Start makes t, which must not be running, what After makes, for those that have a place for it.
func (w *World) Start(t *Timer, d, period time.Duration, f func(now time.Time)) {
	t.at, t.period, t.f = w.Now()+max(d, 0), period, f
	w.timers = append(w.timers, t)
}

// Cancel stops t; it reports whether t was still to fire.
func (w *World) Cancel(t *Timer) bool {
	for i, o := range w.timers {
		if o == t {
			w.timers = append(w.timers[:i], w.timers[i+1:]...)
			return true
		}
	}
	return false
}

// fire calls what is due, in order of time and, within a time, of making.
func (w *World) fire() {
	for {
		t := w.due()
		if t == nil {
			return
		}
		if t.period > 0 {
			t.at += t.period
		} else {
			w.Cancel(t)
		}
		t.f(w.Time())
	}
}

func (w *World) due() (first *Timer) {
	for _, t := range w.timers {
		if t.at <= w.now && (first == nil || t.at < first.at) {
			first = t
		}
	}
	return first
}
