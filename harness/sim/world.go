// Package sim is the world that a program runs in: tasks, virtual time, scheduling, armed faults and budgets. It stands between the program
// (prog), whose calls become tasks, and the firmware, whose locks, channels, sleeps and go statements all end here (sim/shim).
//
// The hard word is token. Exactly one task holds it and runs; every other task is parked. A task gives the token away only at a scheduling
// point or where it cannot go on, and to the task that the schedule names, so a run has no race and no chance in it: the same program
// gives the same trace, on any machine. Virtual time moves only when no task can run, straight to the next moment at which one can.
package sim

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// current is the task that holds the token, nil outside a run. Unmodified firmware has no parameter in which to carry its world, so this is
// the one thing that is global: one world runs at a time in a process (Run sees to it), and its tasks find themselves here.
var current *Task

// one lets a single world run in the process.
var one = make(chan struct{}, 1)

// Current is the task that is running, nil outside a run: then the shim behaves like the package it stands for.
func Current() *Task { return current }

// Budget bounds a run. No bound is a bug of the firmware by itself: which are, the oracles decide.
type Budget struct {
	Points    int           // scheduling points in the whole run
	Loops     int           // loop steps of one task with no virtual time passing in between
	Transfers int           // bus bytes with no virtual time passing in between
	Wall      time.Duration // real time; what lasts longer cannot be stopped in any other way, see OnWall
}

// DefaultBudget suits drivers that poll a deaf chip every millisecond for minutes.
var DefaultBudget = Budget{Points: 250_000, Loops: 1_000_000, Transfers: 4_000_000, Wall: 20 * time.Second}

// Config is what a run needs besides its root function. The zero value is a run without schedule, with DefaultBudget.
type Config struct {
	Schedule []Step
	Budget   Budget
	Verbose  bool         // keep the text of logs and stacks; does not change the hash
	Firmware string       // import path of the package under test: where functions are looked for in stacks
	Trace    *trace.Trace // written to; nil makes a new one
	OnWall   func()       // called outside the bubble when Budget.Wall is used up; it should not return
}

// World is one run's world. Its methods may be called by the task that holds the token, and by no one else.
type World struct {
	Trace *trace.Trace

	cfg      Config
	now      time.Duration
	base     time.Time // virtual time 0 on the bubble's clock
	bare     bool      // no tasks: the bubble's own clock rules
	firing   bool      // in a bare world: timers are being called
	root     *Task     // runs the root function; gets the token when the others have settled
	cur      *Task     // holds the token
	tasks    []*Task   // all but root, in the order in which they began
	live     int       // tasks not ended
	pending  int       // tasks that Await waits for
	timers   []*Timer
	partners []partner
	slots    map[any]any

	step     int // index in cfg.Schedule
	left     int // scheduling points until the step ends; 0: it does not end by points
	points   int
	bytes    int
	deadline time.Duration // of Await
	hard     time.Duration // of Await, before anything settled
	grace    time.Duration
	outcome  Outcome
	killed   bool
	done     bool
}

// Run makes a world in a bubble of its own and runs root in it, as the task that gets the token whenever the others have settled. When
// root returns, every other task is unwound, and Run returns with the complete trace.
func Run(t *testing.T, cfg Config, root func(w *World)) *trace.Trace {
	one <- struct{}{}
	defer func() { <-one }()
	if cfg.Budget == (Budget{}) {
		cfg.Budget = DefaultBudget
	}
	if cfg.Trace == nil {
		cfg.Trace = &trace.Trace{}
	}
	if cfg.OnWall != nil {
		alarm := time.AfterFunc(cfg.Budget.Wall, cfg.OnWall)
		defer alarm.Stop()
	}
	bubble(t, func(*testing.T) { newWorld(cfg).run(root) })
	return cfg.Trace
}

// bubble runs f in a bubble. Package testing ends a test at the first race that is reported in a bubble of its: where races are looked for,
// each bubble has a test of its own.
func bubble(t *testing.T, f func(t *testing.T)) {
	if SeesRaces {
		t.Run("", func(t *testing.T) { synctest.Test(t, f) })
		return
	}
	synctest.Test(t, f)
}

func newWorld(cfg Config) *World {
	w := &World{Trace: cfg.Trace, cfg: cfg, base: time.Now()}
	w.root = w.newTask("harness")
	w.cur = w.root
	w.loadStep()
	return w
}

func (w *World) run(root func(w *World)) {
	current = w.root
	defer func() { current = nil }()
	defer w.kill()
	root(w)
}

// NewBare makes a world without tasks, trace or schedule, for measuring what the harness costs: mocks work in it, on the bubble's clock.
func NewBare() *World {
	return &World{Trace: &trace.Trace{}, bare: true, base: time.Now()}
}

// Now is the virtual time since the run began. In a bare world, where no scheduler fires timers, whoever asks for the time does.
func (w *World) Now() time.Duration {
	if w.bare {
		w.now = time.Since(w.base)
		if len(w.timers) > 0 && !w.firing {
			w.firing = true
			w.fire()
			w.firing = false
		}
	}
	return w.now
}

// Time is Now as a point in time.
func (w *World) Time() time.Time { return w.base.Add(w.Now()) }

// Sync moves the bubble's own clock up to Now, for code that is not instrumented and asks package time.
func (w *World) Sync() {
	if behind := w.now - time.Since(w.base); behind > 0 && !w.bare {
		time.Sleep(behind)
	}
}

// Emit appends an event of the running task. The name must be a constant or otherwise long-lived.
func (w *World) Emit(k trace.Kind, name string, a, b, c int64) {
	if w.bare || w.done {
		return
	}
	w.Trace.Add(trace.Event{At: w.now, Task: w.cur.ID, Kind: k, Name: name, A: a, B: b, C: c})
}

// Log appends what the firmware printed: the trace keeps the format; the text is for Trace.Detail, if Verbose.
func (w *World) Log(format string) { w.Emit(trace.Log, format, 0, 0, 0) }

// Verbose says whether texts for people are kept.
func (w *World) Verbose() bool { return w.cfg.Verbose }

// Slot is a place for state that belongs to this world: it returns what was stored under key, making it first if need be.
func (w *World) Slot(key any, make func() any) any {
	if v, ok := w.slots[key]; ok {
		return v
	}
	if w.slots == nil {
		w.slots = map[any]any{}
	}
	v := make()
	w.slots[key] = v
	return v
}

// kill unwinds every task that has not ended, one after the other: each runs its deferred functions and exits.
func (w *World) kill() {
	w.killed = true
	for i := 0; i < len(w.tasks); i++ {
		if t := w.tasks[i]; t.state != ended {
			w.give(t)
			w.root.park()
		}
	}
	w.done = true
}

// Stacks renders the stacks of all goroutines of the process.
func Stacks() string {
	buf := make([]byte, 1<<20)
	return string(buf[:runtime.Stack(buf, true)])
}
