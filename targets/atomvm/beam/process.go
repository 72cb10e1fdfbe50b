package beam

import (
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// Reason is why a process ended.
type Reason string

// The reasons that Erlang itself gives.
const (
	Normal Reason = "normal"
	NoProc Reason = "noproc" // there was no such process
	Badarg Reason = "badarg"
)

func (r Reason) Error() string { return "exit " + string(r) }

// Infinity is a timeout that never comes.
const Infinity time.Duration = -1

// Process is an Erlang process, or a port.
type Process struct {
	Pid      int
	vm       *VM
	name     string
	task     *sim.Task
	mailbox  []any
	waits    bool // for a message
	ended    bool
	monitors []monitor
}

// monitor is somebody who wants to know of a process's end.
type monitor struct {
	ref Ref
	by  *Process
}

// Down is the message 'DOWN'.
type Down struct {
	Ref    Ref
	Reason Reason
}

// Ended says that the process has ended.
func (p *Process) Ended() bool { return p.ended }

// Send puts a message into a process's mailbox, from wherever. What a process that has ended is sent is lost.
func (vm *VM) Send(to *Process, msg any) {
	vm.w.Point("send")
	vm.deliver(to, msg)
}

func (vm *VM) deliver(to *Process, msg any) {
	if to.ended {
		return
	}
	to.mailbox = append(to.mailbox, msg)
	if to.waits {
		to.waits = false
		vm.schedule(to)
	}
}

// SendName is Send to a registered name; false (badarg) if nobody has it.
func (vm *VM) SendName(name string, msg any) bool {
	to := vm.names[name]
	if to != nil {
		vm.Send(to, msg)
	}
	return to != nil
}

// Monitor is erlang:monitor/2: p gets a Down when of ends, at once if it has.
func (p *Process) Monitor(of *Process) Ref {
	ref := p.vm.MakeRef()
	if of.ended {
		p.vm.deliver(p, Down{ref, NoProc})
	} else {
		of.monitors = append(of.monitors, monitor{ref, p})
	}
	return ref
}

// Receive takes the oldest message that matches, and leaves the others where they are. It waits for at most limit, or Infinity; ok is false if
// none came. From is whose message is waited for, nil if that may be anybody's.
func (p *Process) Receive(from *Process, limit time.Duration, matches func(msg any) bool) (msg any, ok bool) {
	until := p.vm.w.Now() + limit
	for {
		if i := slices.IndexFunc(p.mailbox, matches); i >= 0 {
			msg = p.mailbox[i]
			p.mailbox = slices.Delete(p.mailbox, i, i+1)
			return msg, true
		}
		if limit != Infinity && p.vm.w.Now() >= until {
			return nil, false
		}
		p.wait(from, limit, until)
	}
}

// wait gives the core away until there is a message, or it is late, and the process has a core again.
func (p *Process) wait(from *Process, limit, until time.Duration) {
	p.waits = true
	p.vm.release(p)
	if p.waits { // the release may have let somebody in, but nobody has run yet
		if limit == Infinity {
			p.task.Block(trace.OnChan, p, from.running())
		} else {
			p.task.BlockFor(trace.OnChan, p, until-p.vm.w.Now())
		}
	}
	p.waits = false
	p.Enter()
}

// demonitor is erlang:demonitor/2 with flush.
func (p *Process) demonitor(ref Ref, of *Process) {
	of.monitors = slices.DeleteFunc(of.monitors, func(m monitor) bool { return m.ref == ref })
	p.mailbox = slices.DeleteFunc(p.mailbox, func(msg any) bool { d, ok := msg.(Down); return ok && d.Ref == ref })
}

// running is the task that runs as p, nil if there is none.
func (p *Process) running() *sim.Task {
	if p == nil || p.ended {
		return nil
	}
	return p.task
}

// exit ends the process: its name goes first, those who monitor it are told last (context.c context_destroy).
func (p *Process) exit(r Reason) {
	p.ended = true
	for name, o := range p.vm.names {
		if o == p {
			delete(p.vm.names, name)
		}
	}
	p.mailbox = nil
	for _, m := range p.monitors {
		p.vm.deliver(m.by, Down{m.ref, r})
	}
	p.vm.release(p)
}
