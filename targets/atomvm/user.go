package atomvm

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/esp"
)

// appBase is a component's own family of events.
const appBase esp.Base = "APP"

// expectTime is how long the probe gives an event of its own to arrive; chosen, longer than any handler takes.
const expectTime = 10 * time.Second

var (
	errGone   = errors.New("unsubscribed")
	errSilent = errors.New("no event")
	errSlow   = errors.New("there is a slow user already")
)

// user is a component with a handler of its own.
type user struct {
	d       *Device
	base    esp.Base
	handler *esp.Handler
	got     int // events
	taken   int // of them, by expect
	arrived sim.Queue
	gone    bool
}

// failed is what a function of ESP-IDF returned, as an error.
func failed(e esp.Err) error {
	if e == esp.OK {
		return nil
	}
	return e
}

// subscribe registers a handler that takes so long for every event, until all trouble ends; it returns the user's number. One slow user is
// enough: several could hold up the loop for longer than any call may take.
func (d *Device) subscribe(base esp.Base, work time.Duration) (int64, error) {
	if work > 0 && d.slow {
		return 0, errSlow
	}
	d.slow = d.slow || work > 0
	u := &user{d: d, base: base}
	u.handler = &esp.Handler{Name: "user", Func: func(any, esp.Event) {
		if work > 0 && !d.quick {
			d.w.Sleep(work)
		}
		u.got++
		u.arrived.WakeAll(d.w)
	}}
	d.users = append(d.users, u)
	return int64(len(d.users)), failed(d.chip.EventHandlerRegister(base, esp.AnyID, u.handler, nil))
}

// user is the user of that number.
func (d *Device) user(number int) *user { return d.users[number-1] }

// unsubscribe unregisters the handler, once.
func (u *user) unsubscribe() error {
	if u.gone {
		return errGone
	}
	u.gone = true
	return failed(u.d.chip.EventHandlerUnregister(u.base, esp.AnyID, u.handler))
}

// post posts an event of the component.
func (d *Device) post(limit time.Duration) error {
	return failed(d.chip.EventPost(appBase, 1, nil, limit))
}

// expect takes the next event, for which it waits at most limit, and returns how many there have been.
func (u *user) expect(limit time.Duration) (int64, error) {
	until := u.d.w.Now() + limit
	for u.got == u.taken {
		left := until - u.d.w.Now()
		if left <= 0 {
			return 0, errSilent
		}
		u.arrived.WaitFor(u.d.w, "an event", left)
	}
	u.taken++
	return int64(u.taken), nil
}
