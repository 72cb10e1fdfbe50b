package watchdog

import (
	"cmp"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// SoftwareConfig describes a watchdog in an SDK: a timer that fires whatever the application does, and a flag.
type SoftwareConfig struct {
	Config
	Interval time.Duration // of the timer
	Pause    time.Duration // the time for which Pause puts the timer off
	Ask      func()        // has the SDK feed the watchdog as soon as it gets the processor; it must not block
}

// Software is a watchdog that asks the SDK at one tick to feed it, and bites at the next if that has not happened: between one and two
// intervals after the SDK got the processor for the last time.
type Software struct {
	dog
	interval, pause time.Duration
	ask             func()
	flag            bool // asked and not yet fed
	timer           *sim.Timer
}

// NewSoftware makes a watchdog that is off. The error says which period is none.
func NewSoftware(w *sim.World, cfg SoftwareConfig) (*Software, error) {
	err := cmp.Or(positive(cfg.Name, "an interval of", cfg.Interval), positive(cfg.Name, "a pause of", cfg.Pause))
	if err != nil {
		return nil, err
	}
	return &Software{dog: dog{w: w, cfg: cfg.Config}, interval: cfg.Interval, pause: cfg.Pause, ask: cfg.Ask}, nil
}

// Start arms the watchdog, or ends a pause: the next tick is one interval away.
func (s *Software) Start() { s.arm(s.interval) }

// Pause feeds the watchdog and puts its next tick off. It is a long pause, not the end.
func (s *Software) Pause() { s.arm(s.pause) }

// Stop switches the watchdog off.
func (s *Software) Stop() {
	s.on = false
	s.w.Cancel(s.timer)
}

// Feed answers the last tick; the time of the next one stays.
func (s *Software) Feed() {
	s.flag, s.fed = false, s.w.Now()
}

func (s *Software) arm(d time.Duration) {
	s.on = true
	s.Feed()
	s.next(d)
}

func (s *Software) next(d time.Duration) {
	s.w.Cancel(s.timer)
	s.timer = s.w.After(d, 0, func(time.Time) { s.tick() })
}

func (s *Software) tick() {
	if s.flag {
		s.bite(s.cfg.Name)
		return
	}
	s.flag = true
	s.next(s.interval)
	s.ask()
}
