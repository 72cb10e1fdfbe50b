package core

import (
	"runtime"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/watchdog"
)

// Program is a sketch: what the core calls of it.
type Program interface {
	Setup()
	Loop()
}

// State is what a board is doing.
type State uint8

// The states.
const (
	Off     State = iota
	Loader        // the ROM's boot loader waits for an upload, for ever
	SetUp         // the sketch is in its setup
	Looping       // its setup is over
)

// Board is an ESP8266 with a sketch in its flash memory.
type Board struct {
	w       *sim.World
	program func(b *Board) Program // makes the sketch anew: its variables are in RAM
	clock   *watchdog.Clock
	soft    *watchdog.Software
	hard    *watchdog.Hardware
	onReset func()

	state   State
	reason  Reason // of the last start
	uart    bool   // the boot device is the UART since the last upload
	starts  int    // CONT of an earlier start ends where it stands
	busy    bool   // CONT has the processor
	inSYS   bool   // a job of SYS runs
	jobs    []*job // of SYS, waiting for the processor
	tickers []*sim.Timer
	wake    sim.Queue // where CONT waits
}

// job is something that SYS does when it has the processor.
type job struct {
	do     func()
	posted bool // and not yet begun
}

// New makes a board without power. Program makes the sketch at every start; onReset is told that whatever CONT did is over, and may be nil.
// The error says which period of cfg is none.
func New(w *sim.World, cfg Config, program func(b *Board) Program, onReset func()) (*Board, error) {
	cfg.complete()
	b := &Board{w: w, program: program, clock: watchdog.NewClock(w, 0), onReset: onReset}
	restart := func(bite watchdog.Bite) { b.reset(Reason(bite.Reason)) }
	feed := &job{do: func() { b.soft.Feed(); b.hard.Feed() }}
	stages, err := cfg.stages()
	if err != nil {
		return nil, err
	}
	b.soft, err = watchdog.NewSoftware(w, watchdog.SoftwareConfig{
		Config:   watchdog.Config{Name: "software", Reason: int64(SoftWDT), Reset: restart},
		Interval: cfg.SoftInterval, Pause: softPause, Ask: func() { b.post(feed) },
	})
	if err != nil {
		return nil, err
	}
	b.hard, err = watchdog.NewHardware(w, watchdog.HardwareConfig{
		Config: watchdog.Config{Name: "hardware", Reason: int64(HardWDT), Reset: restart},
		Stages: stages,
	})
	return b, err
}

// State is what the board is doing.
func (b *Board) State() State { return b.state }

// Starts is how often the board has started, or lost its power: whoever waits for something of CONT's waits in vain when it changes.
func (b *Board) Starts() int { return b.starts }

// PowerUp gives the board power, or takes it away for a moment. Its clock shows uptime: what a board shows that has been on for so long.
func (b *Board) PowerUp(uptime time.Duration) {
	b.reset(PowerOn)
	b.clock = watchdog.NewClock(b.w, uptime)
}

// PowerDown takes the power away.
func (b *Board) PowerDown() {
	b.end(Off)
	b.hard.Stop()
}

// PressReset pulls the reset pin of a board that has power.
func (b *Board) PressReset() {
	if b.state != Off {
		b.reset(ExtReset)
	}
}

// Upload starts the board as it is left after a sketch was uploaded over the UART and nobody pulled the reset pin: the uploading tool told the
// boot loader to run the sketch, and the boot device is still the UART. The reason that the sketch finds then is chosen.
func (b *Board) Upload() {
	b.uart = true
	b.start(ExtReset, SetUp)
}

// reset starts the board again, for this reason. Since an upload only the reset pin and the power bring it back into the sketch: after any
// other reset it stays in the boot loader (esp8266/Arduino issues 1017, 1722, 4057). The hardware watchdog goes on counting there and bites
// once; the log of SmingHub/Sming issue 1024 shows both resets, 7.1 s apart, and silence after them.
func (b *Board) reset(r Reason) {
	if r == PowerOn || r == ExtReset {
		b.uart = false
	}
	if b.uart {
		b.start(r, Loader)
		return
	}
	b.start(r, SetUp)
}

// start starts the board, into its sketch or not. That every start brings the clock back to 0 is inferred: it counts with the chip's own timer.
func (b *Board) start(r Reason, into State) {
	b.reason = r
	b.end(into)
	b.w.Emit(trace.Reset, "esp8266", int64(r), 0, 0)
	_, _ = shim.Printf("rst cause:%d, boot mode:(%d,6)\n", r.Cause(), b.BootDevice())
	if into == Loader {
		return
	}
	b.clock = watchdog.NewClock(b.w, 0)
	b.hard.Start()
	b.soft.Start()
	start := b.starts
	b.w.Go("cont", func() {
		if b.starts == start {
			b.cont()
		}
	})
}

// end ends CONT and SYS where they stand.
func (b *Board) end(next State) {
	b.state = next
	b.starts++
	for _, j := range b.jobs {
		j.posted = false
	}
	b.busy, b.jobs = false, nil
	for _, t := range b.tickers {
		b.w.Cancel(t)
	}
	b.tickers = nil
	b.soft.Stop()
	b.wake.WakeAll(b.w)
	if b.onReset != nil {
		b.onReset()
	}
}

// cont is the context of the sketch: loop_wrapper of core_esp8266_main.cpp, whose task SYS runs again and again.
func (b *Board) cont() {
	b.busy = true
	p := b.program(b)
	p.Setup()
	b.state = Looping
	for {
		p.Loop()
		b.Yield()
	}
}

// post has SYS do j as soon as CONT does not have the processor. A job that waits already waits once.
func (b *Board) post(j *job) {
	if !j.posted {
		j.posted = true
		b.jobs = append(b.jobs, j)
	}
	if !b.busy {
		b.runJobs()
	}
}

// runJobs gives SYS the processor for what it has to do. A job may reset the board, which ends the others.
func (b *Board) runJobs() {
	for len(b.jobs) > 0 && !b.inSYS {
		j := b.jobs[0]
		b.jobs = b.jobs[1:]
		b.inSYS, j.posted = true, false
		j.do()
		b.inSYS = false
	}
}

// yield gives SYS the processor for d, or for ever if d is negative, and takes it back.
func (b *Board) yield(d time.Duration) {
	start := b.starts
	b.busy = false
	b.runJobs()
	b.pass(d, start)
	b.busy = true
}

// pass lets d of virtual time pass in CONT, for ever if d is negative. It does not return if the board started again since start.
func (b *Board) pass(d time.Duration, start int) {
	b.w.Point("cont")
	var timer *sim.Timer
	if d >= 0 {
		timer = b.w.After(d, 0, func(time.Time) { b.wake.WakeAll(b.w) })
	}
	if b.starts == start {
		sim.Current().Block(trace.OnSleep, &b.wake, nil)
	}
	b.w.Cancel(timer)
	if b.starts != start {
		runtime.Goexit()
	}
}
