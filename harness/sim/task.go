package sim

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"
	"unsafe"

	"github.com/linkflap/linkflap/harness/trace"
)

type state uint8

const (
	ready   state = iota // can run
	waiting              // until woken, or until deadline if it has one
	ended
)

// Task is one thread of control: a task of the program, or one that the firmware started.
type Task struct {
	ID   int // index in Trace.Tasks
	Name string
	Call int // index of the call it is making, -1 for none

	w        *World
	wake     chan struct{}
	state    state
	awaited  bool // Await waits for its end
	mayBlock bool // what it does now may last for ever
	loops    int

	wait     trace.Wait
	on       any   // what it waits on
	holder   *Task // who can end that, if known
	cases    []Waiter
	fired    int // index in cases of the one that another task completed, -1 for none
	deadline time.Duration
	timed    bool // deadline counts
	late     bool // the deadline came first
	nap      nap

	fault armed
	prog  int // the schedule's name for it, -1 for none
}

func (w *World) newTask(name string) *Task {
	t := &Task{ID: len(w.Trace.Tasks), Name: name, Call: -1, w: w, wake: make(chan struct{}, 1), fired: -1, prog: -1}
	w.Trace.Tasks = append(w.Trace.Tasks, name)
	return t
}

// Spawn starts a task of the program; Await waits for its end. The schedule knows it as prog.
func (w *World) Spawn(name string, prog int, f func(t *Task)) *Task {
	RaceAcquire(unsafe.Pointer(w)) // what ended before happened before
	t := w.start(name, f)
	t.awaited, t.prog = true, prog
	w.pending++
	w.settle()
	return t
}

// Go starts a task of the firmware. It ends with the run. It is no scheduling point.
func (w *World) Go(name string, f func()) {
	if !w.killed {
		w.start(name, func(*Task) { f() })
	}
}

func (w *World) start(name string, f func(t *Task)) *Task {
	t := w.newTask(name)
	w.tasks = append(w.tasks, t)
	w.live++
	w.Emit(trace.Spawn, name, int64(t.ID), 0, 0)
	go t.main(f)
	return t
}

// World is the world that t belongs to.
func (t *Task) World() *World { return t.w }

// Killed says that t is being unwound: nothing may block any more.
func (t *Task) Killed() bool { return t.w.killed }

// Overdue says that t has not ended and does what may not last for ever.
func (t *Task) Overdue() bool { return t.state != ended && !t.mayBlock }

// MayBlock says that what t does from now on may, or may no longer, last for ever.
func (t *Task) MayBlock(may bool) {
	RaceRelease(unsafe.Pointer(t.w))
	t.mayBlock = may
	t.w.settle()
}

// main is the goroutine of a task: it runs f once the token arrives, and passes the token on whatever way f ends.
func (t *Task) main(f func(t *Task)) {
	defer t.exit()
	defer t.recover()
	deepen()
	t.park()
	f(t)
}

// deepen makes room on the stack of a new goroutine for what a call of the firmware needs, down to the mock of its chip: to double the stack
// when it is full, again and again, copies it each time.
//
//go:noinline
func deepen() {
	var room [8 << 10]byte
	runtime.KeepAlive(&room)
}

func (t *Task) exit() {
	w := t.w
	RaceRelease(unsafe.Pointer(w))
	t.state = ended
	w.live--
	if t.awaited {
		w.pending--
	}
	if w.killed {
		w.give(w.root)
		return
	}
	w.Emit(trace.Exit, t.Name, 0, 0, 0)
	if !t.awaited { // nobody asks about it again; a long run of a board that starts again and again leaves thousands
		w.tasks = slices.DeleteFunc(w.tasks, func(o *Task) bool { return o == t })
	}
	w.endStep(t, untilDone)
	w.settle()
	w.give(w.pick())
}

// recover turns a panic into an event and stops the run.
func (t *Task) recover() {
	v := recover()
	if v == nil || t.w.killed {
		return
	}
	where, foreign := t.w.firmwareFrame(true)
	if foreign {
		// The harness or a mock is at fault, not the firmware: no event can say that.
		panic(fmt.Sprintf("linkflap: task %s: %v\n%s", t.Name, v, Stacks()))
	}
	t.w.Emit(trace.Panic, where, int64(t.Call), 0, 0)
	t.w.Trace.Detail(fmt.Sprint(v))
	t.w.Stop()
}

// park waits for the token; a task that gets it only to be unwound does not return.
func (t *Task) park() {
	raceOff()
	<-t.wake
	raceOn()
	if t.w.killed && t != t.w.root {
		t.unwind()
	}
}

func (t *Task) unwind() {
	where, _ := t.w.firmwareFrame(false)
	holder := int64(-1)
	if t.holder != nil {
		holder = int64(t.holder.ID)
	}
	switch {
	case t.state == ready:
		t.wait = trace.OnNothing
	case t.w.awaited(t.cases):
		t.wait = trace.OnSleep
	}
	t.w.Emit(trace.Stuck, where, int64(t.wait), holder, int64(t.Call))
	runtime.Goexit()
}

// give passes the token to t.
func (w *World) give(t *Task) {
	w.cur, current = t, t
	raceOff()
	t.wake <- struct{}{}
	raceOn()
}

// ownPrefix is where the harness's own packages live; a panic that starts there is the harness's fault.
const ownPrefix = "github.com/linkflap/linkflap/"

// shimPrefix is the exception: what panics there was called wrongly, as it may be in package sync.
const shimPrefix = ownPrefix + "harness/sim/shim."

// firmwareFrame names the innermost function of the package under test on the caller's stack, as package.function, and "" if there is
// none. Foreign says that the innermost function outside the runtime is the harness's own.
func (w *World) firmwareFrame(panicking bool) (name string, foreign bool) {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	seen := !panicking // below runtime.gopanic come the frames that count
	first := true
	for {
		f, more := frames.Next()
		switch {
		case !seen:
			seen = strings.HasPrefix(f.Function, "runtime.gopanic") || strings.HasPrefix(f.Function, "runtime.sigpanic")
		case strings.HasPrefix(f.Function, "runtime."), strings.HasPrefix(f.Function, shimPrefix):
		case w.cfg.Firmware != "" && strings.HasPrefix(f.Function, w.cfg.Firmware+"."):
			return ShortName(f.Function), foreign
		case first:
			foreign, first = strings.HasPrefix(f.Function, ownPrefix), false
		}
		if !more {
			return "", foreign
		}
	}
}

// ShortName turns tinygo.org/x/drivers/wifinina.(*wifinina).send.func1 into wifinina.send: what survives an upgrade.
func ShortName(function string) string {
	function = function[strings.LastIndexByte(function, '/')+1:]
	pkg, rest, _ := strings.Cut(function, ".")
	if i := strings.Index(rest, ")."); i >= 0 {
		rest = rest[i+2:]
	}
	rest, _, _ = strings.Cut(rest, ".")      // closures are numbered: f.func1, f.g.func2
	rest, _, _ = strings.Cut(rest, "-range") // and so are the bodies of ranges over functions
	if i := strings.IndexByte(rest, '['); i >= 0 {
		rest = rest[:i]
	}
	return pkg + "." + rest
}
