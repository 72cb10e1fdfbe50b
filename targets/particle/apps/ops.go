package apps

import (
	"sync"
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/targets/outside"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// Bed is a board and what stands around it, for the ops of a target.
type Bed struct {
	Router *Router
	Boot   func() *deviceos.Device // the board, on and online
	Lock   sync.Locker             // what makes the application's threads take turns

	asleep bool // the product's switch is on Off-Mode
	healed bool
}

// Heal ends every program, client and trouble: none does anything after the call that it is in.
func (b *Bed) Heal() {
	b.healed, b.Router.End = true, b.Router.w.Now()
}

// Arguments.
var (
	program = prog.Arg{Name: "program", Kind: prog.Enum, Choices: ProgramNames()}
	span    = prog.Arg{Name: "d", Kind: prog.Dur, Min: int64(time.Second), Max: int64(time.Minute), Nice: outside.Durations(10*time.Second, 30*time.Second)}
	times   = prog.Arg{Name: "n", Kind: prog.Int, Min: 1, Max: 20, Nice: []int64{1, 3, 10}}
	left    = prog.Arg{Name: "left", Kind: prog.Dur, Max: int64(time.Minute), Nice: outside.Durations(10 * time.Second)}
	night   = prog.Arg{Name: "d", Kind: prog.Dur, Min: int64(time.Second), Max: int64(Night.For), Nice: outside.Durations(20*time.Second, Night.For)}
)

const (
	// opPace is the pace of a program in a run that lasts minutes, of which there are to be thousands a second. Chosen.
	opPace = 50 * time.Millisecond
	// settleTime is for the system thread to switch Wi-Fi off.
	settleTime = time.Second
)

// What takes long, in a run that lasts minutes. Chosen.
var (
	hurriedPlug  = Plug{Check: 5 * time.Second, Fails: 3, Off: 5 * time.Second, Boot: 10 * time.Second}
	hurriedPhone = Talk{Every: Phone.Every, Times: 10, Abort: true, Pause: Phone.Pause}
)

// Ops are:
//
//	app(program, d)     the program runs on the task for d, and is destroyed then
//	offmode(d)          the user of the product switches it to Off-Mode for d
//	phone(program, n)   the app on the telephone uses the program n times, in fast requests, and resets its connections
//	telnet(program, n)  a person uses it n times, in slow ones, and quits
//	http(program, n)    the stress test makes n requests, one a second
//	toggle(d)           the access point is off for d
//	cutuplink(d)        the Ethernet cable is out for d
//	timer(left, d)      the mechanical timer, at left before four o'clock, takes the access point's power for d
//	plug(d)             the modem hangs, and for d the watchdog plug cycles its power whenever there is no Internet
//
// What clients see they do not say: the value of phone, telnet and http is how many answers they got.
func Ops[D any](of func(D) *Bed) []harness.Op[D] {
	type call = *harness.Call[D]
	client := func(name string, who Client) harness.Op[D] {
		return harness.Op[D]{Op: op(prog.Peer, name, program, times), Do: func(c call) (int64, error) {
			b := of(c.Dev)
			t := Tally{Over: func() bool { return b.healed }}
			for i := 0; i < c.Int(1) && !t.over(); i++ {
				who.Session(c.World, b.Router.air.Peer(c.Task.String()), Programs[c.Int(0)], &t)
				c.World.Sleep(who.Rest())
			}
			return int64(t.Success), nil
		}}
	}
	trouble := func(name string, make func(c call, r *Router) (Trouble, time.Duration), args ...prog.Arg) harness.Op[D] {
		return harness.Op[D]{Op: op(prog.Air, name, args...), Do: func(c call) (int64, error) {
			r := of(c.Dev).Router
			t, d := make(c, r)
			r.End = c.World.Now() + d
			t.Disturb(r)
			return 0, nil
		}}
	}
	return []harness.Op[D]{
		{Op: op(prog.Device, "app", program, span), Do: func(c call) (int64, error) {
			of(c.Dev).run(c.World, Programs[c.Int(0)], c.Dur(1))
			return 0, nil
		}},
		{Op: op(prog.Device, "offmode", span), Do: func(c call) (int64, error) {
			of(c.Dev).asleep = true
			c.World.Sleep(c.Dur(0))
			of(c.Dev).asleep = false
			return 0, nil
		}},
		client("phone", hurriedPhone),
		client("telnet", Telnet),
		client("http", HTTP),
		trouble("toggle", func(c call, _ *Router) (Trouble, time.Duration) { return Toggler{Off: c.Dur(0)}, c.Dur(0) }, span),
		trouble("cutuplink", func(c call, _ *Router) (Trouble, time.Duration) { return Cutter{Out: c.Dur(0)}, c.Dur(0) }, span),
		trouble("timer", func(c call, _ *Router) (Trouble, time.Duration) {
			return Timer{Day: Night.Day, At: c.World.Now() + c.Dur(0), For: c.Dur(1)}, c.Dur(0) + c.Dur(1)
		}, left, night),
		trouble("plug", func(c call, r *Router) (Trouble, time.Duration) {
			r.Hang()
			return hurriedPlug, c.Dur(0)
		}, span),
	}
}

func op(class prog.Class, name string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: class, Args: args}
}

// run runs a program for d. So that it finds what its mode promises, Wi-Fi is switched off first, or the cloud wanted. Whoever else uses the
// board waits while the program does something, and takes his turn between its turns.
func (b *Bed) run(w *sim.World, p *Program, d time.Duration) {
	board := NewBoard(w, b.Boot())
	board.Pace, board.Until = opPace, w.Now()+d
	board.Pause = func(t time.Duration) {
		b.Lock.Unlock()
		defer b.Lock.Lock()
		w.Sleep(t)
		board.Asleep = b.asleep
		if b.healed {
			board.Until = w.Now()
		}
	}
	b.Lock.Lock()
	defer b.Lock.Unlock()
	if p.Mode == deviceos.Automatic {
		board.Particle.Connect()
	} else {
		board.WiFi.Off()
		board.Delay(settleTime)
	}
	board.Run(p)
}
