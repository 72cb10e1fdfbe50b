package apps

import (
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// Photon is a board with a program in its flash, switched on for good: after a panic it shows its SOS and starts again.
type Photon struct {
	*Board
	// Panics counts the SOS by their code.
	Panics [deviceos.PanicOutOfHeap + 1]int

	program *Program
	code    int // of the panic that the LED shows; 0: none
	serial  bool
	changed sim.Queue // waits for either
}

// NewPhoton makes a board of a release and switches it on. It knows the access point ssid.
func NewPhoton(w *sim.World, a *air.Air, v deviceos.Variant, p *Program, ap air.AP) *Photon {
	ph := &Photon{program: p}
	ph.Board = NewBoard(w, deviceos.New(w, a, deviceos.Config{
		Variant: v, Mode: p.Mode, Threaded: p.Threaded, SSID: ap.SSID, Password: ap.Passphrase, OnPanic: ph.panicked,
	}))
	w.Go("power", ph.live)
	return ph
}

// Resets is how often the board has panicked.
func (p *Photon) Resets() (n int) {
	for _, k := range p.Panics {
		n += k
	}
	return n
}

// panicked notes the first panic of a life; others that follow before the board starts again are not seen on its LED.
func (p *Photon) panicked(code int) {
	if p.code == 0 {
		p.code = code
		p.Panics[code]++
		p.changed.WakeAll(p.w)
	}
}

// live is one life after the other.
func (p *Photon) live() {
	for {
		p.w.Go("application", p.boot)
		p.await(func() bool { return p.code != 0 })
		p.w.Sleep(deviceos.SOSTime(p.code))
		p.code = 0
		p.plug(false)
		p.Restart()
	}
}

// await waits until what it is asked is so.
func (p *Photon) await(so func() bool) {
	for !so() {
		p.changed.Wait(p.w, "the board")
	}
}

// boot is the application's thread, from reset on.
func (p *Photon) boot() {
	app := p.program.New(p.Board)
	p.Start()
	p.plug(true)
	p.Board.run(app)
}

// plug makes the board's serial port appear at the host, or disappear: it is there from setup's Serial.begin on until the board is reset; while
// the LED shows an SOS nothing comes from it, but it stays (inferred from what USB is).
func (p *Photon) plug(in bool) {
	p.serial = in
	p.changed.WakeAll(p.w)
}
