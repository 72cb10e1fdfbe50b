// Package sketch is the sketches of "ESP8266 Watchdogs in Arduino: A Better ESP8266 Loop Watchdog" (sigmdel.ca, 27 August 2017), which show
// what each of the ESP8266's watchdogs catches, as models written against the core by hand: esp_3rd_watchdog_01.ino to _03.ino, and what the
// page warns of. They are the firmware under test.
//
// The hard word is lwdt, the loop watchdog: the sketch notes when its loop came round, and a Ticker that is called in SYS restarts the board
// if that is too long ago.
package sketch

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/mocks/watchdog"
	"github.com/linkflap/linkflap/targets/esp8266/core"
)

// LwdTimeout is LWD_TIMEOUT of the sketches, and also the period of their Ticker, so that the lwdt bites one to two of it after the last feed.
const LwdTimeout = 15 * time.Second

// inputDelay is how often a sketch that waits for input looks for it. The first one of the page looks every millisecond.
const inputDelay = 10 * time.Millisecond

// Version is which of the sketches it is.
type Version struct {
	Name  string
	Check watchdog.Check // of the lwdt; nil: there is none
}

// Versions are the page's three sketches, and the third with the test that the page warns of: millis() > lwdTimeout.
var Versions = []Version{
	{"no lwdt", nil},
	{"one variable", watchdog.OneVariable},
	{"two variables", watchdog.TwoVariables},
	{"the wrong comparison", watchdog.PastLimit},
}

// Sketch is one of them, running. It lives until the board starts again.
type Sketch struct {
	*core.Board
	terminal *Terminal
	guarded  bool
	lwdt     *watchdog.Loop // nil: there is none
}

// New makes the sketch at the start of the board. A guarded one looks at the boot device in setup, as the page's do.
func New(b *core.Board, t *Terminal, v Version, guarded bool) *Sketch {
	s := &Sketch{Board: b, terminal: t, guarded: guarded}
	if v.Check == nil {
		return s
	}
	var err error
	s.lwdt, err = watchdog.NewLoop(t.w, watchdog.LoopConfig{
		Config: watchdog.Config{
			Name: "loop", Reason: int64(core.SoftRestart), Reset: func(watchdog.Bite) { b.Restart() },
		},
		Timeout: LwdTimeout, Check: v.Check, Millis: b.Millis,
	})
	must(err)
	return s
}

// must says that an error is impossible: what could cause it is a constant.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Setup says why the board started, feeds the lwdt and attaches its Ticker. Just after an upload a guarded sketch only asks for the reset
// button: the first restart would end in the boot loader.
func (s *Sketch) Setup() {
	_, _ = shim.Printf("Reason for reboot: %s\n", s.ResetReason())
	if s.guarded && s.BootDevice() == core.BootUART {
		_, _ = shim.Println("This sketch has just been uploaded over the UART. Press the reset button.")
		s.Idle()
	}
	if s.lwdt == nil {
		return
	}
	s.lwdt.Feed()
	must(s.Attach(LwdTimeout, s.lwdt.Check))
}

// Loop feeds the lwdt and does what the next line of input says.
func (s *Sketch) Loop() {
	s.Feed()
	r := s.userInput()
	r.do(s)
	s.terminal.done(r)
}

// userInput waits for a line of input. That may last, so the wait feeds the lwdt, too.
func (s *Sketch) userInput() *request {
	for {
		if r := s.terminal.read(); r != nil {
			return r
		}
		s.Feed()
		s.Delay(inputDelay)
	}
}

// Feed feeds the lwdt, if there is one.
func (s *Sketch) Feed() {
	if s.lwdt != nil {
		s.lwdt.Feed()
	}
}
