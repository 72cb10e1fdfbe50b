// Package beam is AtomVM's Erlang machine, as far as the network driver and its callers see it: processes with mailboxes, registered names,
// monitors, and a run queue for as many cores as the chip has. It stands below the modelled driver, beside ESP-IDF (mocks/esp).
//
// The hard word is core: a process runs only while it holds one, until it waits for a message. Who gets a message goes to the end of the
// run queue. On one core, then, whatever a native port does is done before the next process runs; on two it may still be under way.
//
// Source: github.com/atomvm/AtomVM, src/libAtomVM/scheduler.c, mailbox.c, context.c (a process that ends is unregistered first, and its
// monitors are told last), libs/estdlib/src/gen_server.erl. That the run queue is first come, first served is read from scheduler.c's list
// of ready processes; time slices are not modelled.
package beam

import (
	"slices"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// VM is one Erlang machine.
type VM struct {
	w       *sim.World
	cores   int
	running []*Process // at most cores
	ready   []*Process // wait for a core, the next one first
	names   map[string]*Process
	pids    int
	refs    Ref
}

// New is a machine on so many cores.
func New(w *sim.World, cores int) *VM {
	return &VM{w: w, cores: cores, names: map[string]*Process{}}
}

// Ref is a reference, unique in its machine.
type Ref int

// MakeRef is erlang:make_ref/0.
func (vm *VM) MakeRef() Ref {
	vm.refs++
	return vm.refs
}

// newProcess makes a process that has no core yet.
func (vm *VM) newProcess(name string) *Process {
	vm.pids++
	return &Process{Pid: vm.pids, vm: vm, name: name}
}

// Outside is a process whose code is a task of the program: between Enter and Leave that task runs as the process.
func (vm *VM) Outside(name string) *Process { return vm.newProcess(name) }

// Spawn is erlang:spawn/1. The process ends when body returns, for the reason that it returns, and its task is called name.
func (vm *VM) Spawn(name string, body func(p *Process) Reason) *Process {
	p := vm.newProcess(name)
	vm.schedule(p)
	vm.w.Go(name, func() {
		p.Enter()
		p.exit(body(p))
	})
	return p
}

// Whereis is erlang:whereis/1; nil if nobody has the name.
func (vm *VM) Whereis(name string) *Process { return vm.names[name] }

// Register is erlang:register/2; false (badarg) if somebody has the name, or the process has ended.
func (vm *VM) Register(name string, p *Process) bool {
	if vm.names[name] != nil || p.ended {
		return false
	}
	vm.names[name] = p
	return true
}

// schedule gives a process a core, or a place in the run queue.
func (vm *VM) schedule(p *Process) {
	switch {
	case slices.Contains(vm.running, p), slices.Contains(vm.ready, p):
	case len(vm.running) < vm.cores:
		vm.running = append(vm.running, p)
		vm.w.Wake(p)
	default:
		vm.ready = append(vm.ready, p)
	}
}

// release takes a process off its core, and gives that to the next.
func (vm *VM) release(p *Process) {
	vm.running = slices.DeleteFunc(vm.running, func(o *Process) bool { return o == p })
	if len(vm.ready) > 0 && len(vm.running) < vm.cores {
		next := vm.ready[0]
		vm.ready = slices.Delete(vm.ready, 0, 1)
		vm.schedule(next)
	}
}

// Enter waits until the process runs.
func (p *Process) Enter() {
	p.task = sim.Current()
	p.vm.schedule(p)
	for !slices.Contains(p.vm.running, p) {
		p.task.Block(trace.OnLock, p, p.vm.running[0].task)
	}
}

// Leave is the process waiting for nothing that the machine knows of.
func (p *Process) Leave() { p.vm.release(p) }
