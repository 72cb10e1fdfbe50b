package apps

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
)

// Router is the access point of a test bed, with the cable and the modem behind it.
type Router struct {
	// OnChange is called when the board can be reached again, or no longer can, as far as it is up to the router. Nil: nobody cares.
	OnChange func(online bool)
	// End is the virtual time at which trouble ends, 0 for never.
	End time.Duration

	w     *sim.World
	air   *air.Air
	ssid  string
	on    bool // it has power
	cable bool // the cable to the Internet is plugged in
	hung  bool // the modem forwards nothing until it loses its power
}

// NewRouter makes the router of access point ssid, which is up, as the air is.
func NewRouter(w *sim.World, a *air.Air, ssid string) *Router {
	return &Router{w: w, air: a, ssid: ssid, on: true, cable: true}
}

// Power switches the router on or off. A modem that hung works again.
func (r *Router) Power(on bool) {
	r.change(func() { r.on, r.hung = on, r.hung && on })
}

// Cable plugs the cable to the Internet in, or pulls it: the link to the board stays, packets vanish.
func (r *Router) Cable(in bool) { r.change(func() { r.cable = in }) }

// Hang makes the modem forward nothing; the link to the board stays.
func (r *Router) Hang() { r.change(func() { r.hung = r.on }) }

// Online says that packets pass between the router's stations and everybody else.
func (r *Router) Online() bool { return r.on && r.forwards() }

// forwards says that what comes from stations goes on to the Internet.
func (r *Router) forwards() bool { return r.cable && !r.hung }

// change does something to the router, and so to the air.
func (r *Router) change(what func()) {
	online, on, forwards := r.Online(), r.on, r.forwards()
	what()
	if forwards != r.forwards() {
		r.air.Uplink(r.forwards())
	}
	switch {
	case on && !r.on:
		r.air.Down(r.ssid)
	case r.on && !on:
		r.air.Up(r.ssid)
	}
	if r.OnChange != nil && online != r.Online() {
		r.OnChange(r.Online())
	}
}

// after lets d pass, or the time until the end, and reports whether the trouble goes on.
func (r *Router) after(d time.Duration) bool {
	if r.End == 0 {
		r.w.Sleep(d)
		return true
	}
	r.w.Sleep(min(d, r.End-r.w.Now()))
	return r.w.Now() < r.End
}

// Trouble is something that is done to a router until its End, by a task of its own. In the end it is done no more.
type Trouble interface {
	Disturb(r *Router)
}

// Toggler is the Raspberry Pi of report B, which "switch[es] a WiFi hub on and off at intervals".
type Toggler struct{ On, Off time.Duration }

// Disturb switches the router off and on, in turns.
func (t Toggler) Disturb(r *Router) {
	for r.after(t.On) {
		r.Power(false)
		r.after(t.Off)
		r.Power(true)
	}
}

// Cutter is the reporter of B, who pulls the Ethernet cable of the access point, and plugs it in again.
type Cutter struct{ In, Out time.Duration }

// Disturb pulls and plugs the cable, in turns.
func (c Cutter) Disturb(r *Router) {
	for r.after(c.In) {
		r.Cable(false)
		r.after(c.Out)
		r.Cable(true)
	}
}

// Timer is the mechanical timer of report C, which "turned [the modem] off for about a quarter of an hour at 4am every day". Virtual time
// begins at midnight.
type Timer struct {
	Day time.Duration
	At  time.Duration // after midnight, when the power goes
	For time.Duration // less than a day
}

// Disturb switches the router off once a day.
func (t Timer) Disturb(r *Router) {
	for next := t.At; r.after(next - r.w.Now()); next += t.Day {
		r.Power(false)
		r.after(t.For)
		r.Power(true)
	}
}

// Moods is a modem that "has not been reliable lately", as that of report C: it hangs now and then until it loses its power.
type Moods struct{ Every time.Duration }

// Disturb makes the modem hang.
func (m Moods) Disturb(r *Router) {
	for r.after(m.Every) {
		r.Hang()
	}
}

// Plug is the Sonoff that replaced the timer: it will "toggle the power to the modem only when necessary and for much shorter intervals". How
// it finds out is not said: chosen, it looks for the Internet now and then.
type Plug struct {
	Check time.Duration // between two looks
	Fails int           // how many in a row make it act
	Off   time.Duration // for which the power is off
	Boot  time.Duration // that the modem gets before the next look
}

// Disturb switches the router off and on while it is on and has no Internet.
func (p Plug) Disturb(r *Router) {
	for fails := 0; r.after(p.Check); {
		if r.Online() || !r.on {
			fails = 0
			continue
		}
		if fails++; fails < p.Fails {
			continue
		}
		fails = 0
		r.Power(false)
		r.after(p.Off)
		r.Power(true)
		r.after(p.Boot)
	}
}

// User is who puts the product of report A into Off-Mode, and takes it out again.
type User struct{ Awake, Asleep time.Duration }

// Use uses the product's switch for ever: it calls press with what Board.Asleep is to be.
func (u User) Use(w *sim.World, press func(asleep bool)) {
	for {
		w.Sleep(u.Awake)
		press(true)
		w.Sleep(u.Asleep)
		press(false)
	}
}

// The troubles of the reports. Where their authors give no durations they are chosen: those of things that somebody does again and again are
// no multiples of each other or of a client's pause, lest the link always goes at the same moment of a request.
var (
	// Pi leaves the access point off for long enough that a station notices, and on for long enough that it is back.
	Pi = Toggler{On: 97310 * time.Millisecond, Off: 20170 * time.Millisecond}
	// Cable is out for "around 1 to 3 minutes".
	Cable = Cutter{In: 127310 * time.Millisecond, Out: 150170 * time.Millisecond}
	// Night is a quarter of an hour from four o'clock on.
	Night = Timer{Day: 24 * time.Hour, At: 4 * time.Hour, For: 15 * time.Minute}
	// Sonoff acts when the Internet was gone for three minutes.
	Sonoff = Plug{Check: time.Minute, Fails: 3, Off: 10 * time.Second, Boot: 2 * time.Minute}
)
