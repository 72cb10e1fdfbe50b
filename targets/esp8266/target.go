// Package esp8266 tests the watchdogs of an ESP8266 under its Arduino core, with the sketches of a page that explains them (sketch) on a model
// of the core (core). What a person at the serial terminal types is the program; what the watchdogs do about it is judged.
//
// The hard word is bite. A bite is what the page's sketches are there to show, so most cases end in a violation by design; which watchdog it
// is, whether it was due, and what no watchdog catches, are what the target tells apart.
package esp8266

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/watchdog"
	"github.com/linkflap/linkflap/targets/esp8266/core"
	"github.com/linkflap/linkflap/targets/esp8266/sketch"
)

// Target is the board with one of the sketches.
var Target = harness.Target[*Device]{
	Name: "esp8266", Firmware: "github.com/linkflap/linkflap/targets/esp8266/sketch", Model: true,
	Ops:     ops,
	Start:   start,
	Probe:   probe,
	Down:    func(d *Device) error { d.board.PowerDown(); return nil },
	State:   func(d *Device) uint { return 8*uint(d.board.State()) + uint(d.board.ResetReason()) },
	Variant: func(p *prog.Prog) string { return sketch.Versions[booted(p)].Name },
}

// Device is the board and the terminal at it.
type Device struct {
	board     *core.Board
	terminal  *sketch.Terminal
	version   sketch.Version
	unguarded bool // the sketch does not look at the boot device
}

func start(w *sim.World) (d *Device, err error) {
	d = &Device{terminal: sketch.NewTerminal(w), version: sketch.Versions[0]}
	d.board, err = core.New(w, core.Config{}, d.program, d.terminal.Reset)
	return d, err
}

func (d *Device) program(b *core.Board) core.Program {
	return sketch.New(b, d.terminal, d.version, !d.unguarded)
}

// What a person at a board without power gets.
var (
	errOff = errors.New("the board has no power")
	errOn  = errors.New("the board has power already")
)

// boot gives the board power for the first time, with a version of the sketch in its flash memory. Its clock wraps after wrap; 0 stands for a
// clock that starts at 0.
func (d *Device) boot(version int, wrap time.Duration) error {
	if d.board.State() != core.Off {
		return errOn
	}
	d.version = sketch.Versions[version]
	uptime := time.Duration(0)
	if wrap > 0 {
		uptime = watchdog.MillisWrap - wrap
	}
	d.board.PowerUp(uptime)
	return nil
}

// patience is how long a person waits for the sketch beyond what the command takes by itself. Chosen: longer than the slowest watchdog.
const patience = 40 * time.Second

// ask types a command that takes d by itself.
func (d *Device) ask(do sketch.Command, takes time.Duration) error {
	if d.board.State() == core.Off {
		return errOff
	}
	return d.terminal.Ask(d.board, do, patience+takes)
}

var (
	errLoader = errors.New("the board is in the boot loader")
	errSetup  = errors.New("the sketch waits in setup for the reset button")
)

// probe is what must work without a hand on the board: it is in its sketch, the sketch is beyond its setup, and answers. A watchdog has its time
// to see to that.
func probe(s *harness.Steps, d *Device) error {
	_, err := s.Do("boot", func() (int64, error) {
		switch d.board.State() {
		case core.Off:
			return 0, d.boot(0, 0)
		case core.Loader:
			return 0, errLoader
		}
		return 0, nil
	})
	if err != nil {
		return err
	}
	_, err = s.Do("setup", func() (int64, error) {
		s.World.Sleep(time.Second)
		if d.board.State() == core.SetUp {
			return 0, errSetup
		}
		return 0, nil
	})
	if err != nil {
		return err
	}
	_, err = s.Do("answer", func() (int64, error) {
		err := d.ask(func(*sketch.Sketch) {}, 0)
		if errors.Is(err, sketch.ErrReset) { // which may have been what it needed
			err = d.ask(func(*sketch.Sketch) {}, 0)
		}
		return 0, err
	})
	return err
}
