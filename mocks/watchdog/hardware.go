package watchdog

import (
	"errors"
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// HardwareConfig describes a counter in hardware. It counts through its stages; the end of the last one resets the board, that of another
// may raise an interrupt. With one stage it is an ordinary independent watchdog, such as a microcontroller's IWDG.
type HardwareConfig struct {
	Config
	Stages []time.Duration
	Stage  func(n int) // the interrupt at the end of stage n; it must not block. Nil: none
}

// Hardware is a watchdog that counts whatever the processor does.
type Hardware struct {
	dog
	stages []time.Duration
	ended  func(n int)
	stage  int // that it counts through
	timer  *sim.Timer
}

// NewHardware makes a watchdog that is off. The error says which stage is no period.
func NewHardware(w *sim.World, cfg HardwareConfig) (*Hardware, error) {
	if len(cfg.Stages) == 0 {
		return nil, errors.New(cfg.Name + " watchdog: got no stages, want at least 1")
	}
	for i, d := range cfg.Stages {
		if err := positive(cfg.Name, fmt.Sprintf("stage %d of", i), d); err != nil {
			return nil, err
		}
	}
	return &Hardware{dog: dog{w: w, cfg: cfg.Config}, stages: cfg.Stages, ended: cfg.Stage}, nil
}

// Period is the time from a feed to the bite.
func (h *Hardware) Period() (sum time.Duration) {
	for _, d := range h.stages {
		sum += d
	}
	return sum
}

// Start arms the watchdog, fed.
func (h *Hardware) Start() {
	h.on = true
	h.Feed()
}

// Feed lets it count from the beginning again; one that is off stays off.
func (h *Hardware) Feed() {
	if !h.on {
		return
	}
	h.fed = h.w.Now()
	h.enter(0)
}

// Stop switches the watchdog off.
func (h *Hardware) Stop() {
	h.on = false
	h.w.Cancel(h.timer)
}

func (h *Hardware) enter(stage int) {
	h.w.Cancel(h.timer)
	h.stage = stage
	h.timer = h.w.After(h.stages[stage], 0, func(time.Time) { h.expire() })
}

func (h *Hardware) expire() {
	n := h.stage
	if n == len(h.stages)-1 {
		h.bite(h.cfg.Name)
		return
	}
	h.enter(n + 1)
	if h.ended != nil {
		h.ended(n)
	}
}
