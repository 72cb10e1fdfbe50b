package beam

import (
	"errors"
	"fmt"
	"time"
)

// What gen_server's functions return or raise besides a Reason.
var (
	ErrTimeout   = errors.New("exit timeout")       // of call/2
	ErrUndefined = errors.New("{error, undefined}") // stop/1 finds no such server
)

// AlreadyStarted is {error, {already_started, Pid}}.
type AlreadyStarted struct{ Pid int }

func (e AlreadyStarted) Error() string { return fmt.Sprintf("{error, {already_started, %d}}", e.Pid) }

// callTime is how long call/2 waits.
const callTime = 5 * time.Second

// Alive is the Reason of a server that goes on.
const Alive Reason = ""

// Server is a gen_server's callback module. Functions that return a Reason stop the server with it, unless it is Alive.
type Server struct {
	Init      func(p *Process)
	Continue  func(p *Process) Reason // handle_continue/2, before any message; nil: none
	Call      func(p *Process, from From) Reason
	Info      func(msg any)
	Terminate func(p *Process) Reason // Normal, or why it crashed itself
}

// From is who made a call, to be answered with Reply.
type From struct {
	by  *Process
	ref Ref
}

// The messages between a server and its callers.
type (
	ack   struct{ err error }
	call  struct{ from From }
	halt  struct{ reason Reason }
	reply struct {
		ref Ref
		err error
	}
)

// Reply is gen_server:reply/2 with ok, or {error, ...}.
func (p *Process) Reply(to From, err error) { p.vm.Send(to.by, reply{to.ref, err}) }

// StartServer is gen_server:start({local, Name}, ...): it returns when the server has initialised itself, or AlreadyStarted.
func (p *Process) StartServer(name string, s Server) (*Process, error) {
	if o := p.vm.Whereis(name); o != nil {
		return nil, AlreadyStarted{o.Pid}
	}
	server := p.vm.Spawn(name, func(self *Process) Reason {
		if !self.vm.Register(name, self) {
			self.vm.Send(p, ack{AlreadyStarted{self.vm.Whereis(name).Pid}})
			return Normal
		}
		s.Init(self)
		self.vm.Send(p, ack{})
		return s.loop(self)
	})
	msg, _ := p.Receive(server, Infinity, is[ack])
	return server, msg.(ack).err
}

func is[T any](msg any) bool {
	_, ok := msg.(T)
	return ok
}

// loop is gen_server:loop/2, and do_terminate/3 when that is over.
func (s *Server) loop(self *Process) Reason {
	why := Alive
	if s.Continue != nil {
		why = s.Continue(self)
	}
	for why == Alive {
		msg, _ := self.Receive(nil, Infinity, func(any) bool { return true })
		switch m := msg.(type) {
		case call:
			why = s.Call(self, m.from)
		case halt:
			why = m.reason
		default:
			s.Info(m)
		}
	}
	if crash := s.Terminate(self); crash != Normal {
		return crash
	}
	return why
}

// Call is gen_server:call/2. A server that ends meanwhile, or has, makes the caller exit: its Reason is the error.
func (p *Process) Call(server *Process) error {
	ref := p.Monitor(server)
	p.vm.Send(server, call{From{p, ref}})
	msg, _ := p.Receive(server, callTime, func(msg any) bool {
		d, down := msg.(Down)
		r, replied := msg.(reply)
		return down && d.Ref == ref || replied && r.ref == ref
	})
	p.demonitor(ref, server)
	switch m := msg.(type) {
	case Down:
		return m.Reason
	case reply:
		return m.err
	}
	return ErrTimeout
}

// StopServer is gen_server:stop/1: it waits for the server's end, however long that takes.
func (p *Process) StopServer(name string) error {
	server := p.vm.Whereis(name)
	if server == nil {
		return ErrUndefined
	}
	ref := p.Monitor(server)
	p.vm.Send(server, halt{Normal})
	msg, _ := p.Receive(server, Infinity, func(msg any) bool { d, ok := msg.(Down); return ok && d.Ref == ref })
	if r := msg.(Down).Reason; r != Normal {
		return r
	}
	return nil
}
