package beam_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/atomvm/beam"
)

// on runs f as a process on so many cores.
func on(t *testing.T, cores int, f func(w *sim.World, vm *beam.VM, p *beam.Process)) *trace.Trace {
	t.Helper()
	ended := false
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		vm := beam.New(w, cores)
		w.Spawn("main", 0, func(*sim.Task) {
			p := vm.Outside("main")
			p.Enter()
			f(w, vm, p)
			p.Leave()
			ended = true
		})
		w.Await(time.Hour, 0)
	})
	require.True(t, ended || t.Failed(), "the process did not end")
	return tr
}

func anything(any) bool { return true }

func TestMessages(t *testing.T) {
	on(t, 1, func(w *sim.World, vm *beam.VM, p *beam.Process) {
		for _, msg := range []any{1, "two", 3} {
			vm.Send(p, msg)
		}
		msg, ok := p.Receive(nil, 0, func(m any) bool { _, is := m.(string); return is })
		require.True(t, ok, "a message that matches is taken out of its turn")
		require.Equal(t, "two", msg)
		for _, want := range []any{1, 3} {
			msg, _ = p.Receive(nil, beam.Infinity, anything)
			require.Equal(t, want, msg, "the others stay in order")
		}
		_, ok = p.Receive(nil, time.Second, anything)
		require.False(t, ok)
		require.Equal(t, time.Second, w.Now())
	})
}

func TestNames(t *testing.T) {
	on(t, 1, func(_ *sim.World, vm *beam.VM, p *beam.Process) {
		require.Nil(t, vm.Whereis("me"))
		require.False(t, vm.SendName("me", 1), "badarg")
		require.True(t, vm.Register("me", p))
		require.Same(t, p, vm.Whereis("me"))
		require.True(t, vm.SendName("me", 1))
		other := vm.Spawn("other", func(*beam.Process) beam.Reason { return beam.Normal })
		require.False(t, vm.Register("me", other), "taken")
		down := p.Monitor(other)
		p.Receive(other, beam.Infinity, func(m any) bool { return m == beam.Down{Ref: down, Reason: beam.Normal} })
		require.True(t, other.Ended())
		require.False(t, vm.Register("other", other), "it has ended")
	})
}

// context.c: a process that ends has lost its name before those who monitor it hear of it, and its mailbox.
func TestTheEndOfAProcess(t *testing.T) {
	on(t, 1, func(_ *sim.World, vm *beam.VM, p *beam.Process) {
		o := vm.Spawn("o", func(self *beam.Process) beam.Reason {
			vm.Register("o", self)
			self.Receive(nil, beam.Infinity, anything)
			return "tired"
		})
		down := p.Monitor(o)
		vm.Send(o, 1)
		vm.Send(o, 2)
		msg, _ := p.Receive(o, beam.Infinity, anything)
		require.Equal(t, beam.Down{Ref: down, Reason: "tired"}, msg)
		require.Nil(t, vm.Whereis("o"))
		vm.Send(o, 3)
		late := p.Monitor(o)
		msg, _ = p.Receive(o, 0, anything)
		require.Equal(t, beam.Down{Ref: late, Reason: beam.NoProc}, msg)
	})
}

// slow sends itself to sleep on its core, as a native port does, when it gets a message.
func slow(w *sim.World, d time.Duration) func(*beam.Process) beam.Reason {
	return func(p *beam.Process) beam.Reason {
		for {
			p.Receive(nil, beam.Infinity, anything)
			w.Sleep(d)
		}
	}
}

// On one core nobody else runs while a native port does; on two, somebody can.
func TestCores(t *testing.T) {
	for cores, want := range map[int]time.Duration{1: time.Second, 2: time.Millisecond} {
		on(t, cores, func(w *sim.World, vm *beam.VM, p *beam.Process) {
			port := vm.Spawn("port", slow(w, time.Second))
			p.Receive(nil, 0, anything)
			vm.Send(port, 1)
			p.Receive(nil, time.Millisecond, anything) // goes to the end of the run queue when it is late
			require.Equal(t, want, w.Now(), "%d cores", cores)
		})
	}
}

// The run queue is first come, first served: who was sent a message first runs first.
func TestTheRunQueue(t *testing.T) {
	var order []string
	on(t, 1, func(w *sim.World, vm *beam.VM, p *beam.Process) {
		var ps []*beam.Process
		for _, name := range []string{"a", "b", "c"} {
			ps = append(ps, vm.Spawn(name, func(self *beam.Process) beam.Reason {
				self.Receive(nil, beam.Infinity, anything)
				order = append(order, name)
				return beam.Normal
			}))
		}
		p.Receive(nil, time.Second, anything) // lets them wait
		for _, i := range []int{2, 0, 1} {
			vm.Send(ps[i], 1)
		}
		p.Receive(nil, time.Second, anything)
	})
	require.Equal(t, []string{"c", "a", "b"}, order)
}

// server is a gen_server that answers, or does what why says.
func server(w *sim.World, delay time.Duration, why beam.Reason, end beam.Reason) beam.Server {
	return beam.Server{
		Init: func(*beam.Process) {},
		Call: func(p *beam.Process, from beam.From) beam.Reason {
			p.Receive(nil, delay, func(any) bool { return false })
			if why == beam.Alive {
				p.Reply(from, nil)
			}
			return why
		},
		Info:      func(any) {},
		Terminate: func(*beam.Process) beam.Reason { return end },
	}
}

// gen_server.erl: start, call with its five seconds, stop without a limit, and the errors of each.
func TestGenServer(t *testing.T) {
	on(t, 1, func(w *sim.World, vm *beam.VM, p *beam.Process) {
		require.ErrorIs(t, p.StopServer("s"), beam.ErrUndefined)
		s, err := p.StartServer("s", server(w, 4*time.Second, beam.Alive, beam.Normal))
		require.NoError(t, err)
		_, err = p.StartServer("s", server(w, 0, beam.Alive, beam.Normal))
		require.ErrorIs(t, err, beam.AlreadyStarted{Pid: s.Pid})
		require.NoError(t, p.Call(s))
		require.Equal(t, 4*time.Second, w.Now())
		require.NoError(t, p.StopServer("s"))
		require.ErrorIs(t, p.Call(s), beam.NoProc)

		s, _ = p.StartServer("s", server(w, 6*time.Second, beam.Alive, beam.Normal))
		require.ErrorIs(t, p.Call(s), beam.ErrTimeout)
		require.Equal(t, 9*time.Second, w.Now())
		require.NoError(t, p.StopServer("s"), "it waits until the call is over")
		require.Equal(t, 10*time.Second, w.Now())

		s, _ = p.StartServer("s", server(w, 0, "tired", beam.Normal))
		require.ErrorIs(t, p.Call(s), beam.Reason("tired"))
		_, _ = p.StartServer("s", server(w, 0, beam.Alive, beam.Badarg))
		require.ErrorIs(t, p.StopServer("s"), beam.Badarg, "terminate crashes")
	})
}

// handle_continue runs before any message is taken.
func TestContinue(t *testing.T) {
	on(t, 1, func(w *sim.World, vm *beam.VM, p *beam.Process) {
		s := server(w, 0, beam.Alive, beam.Normal)
		s.Continue = func(self *beam.Process) beam.Reason {
			self.Receive(nil, time.Second, func(any) bool { return false })
			return beam.Alive
		}
		started, err := p.StartServer("s", s)
		require.NoError(t, err)
		require.Zero(t, w.Now(), "start does not wait for it")
		require.NoError(t, p.Call(started))
		require.Equal(t, time.Second, w.Now())
		require.NoError(t, p.StopServer("s"))
		s.Continue = func(*beam.Process) beam.Reason { return "start_port_failed" }
		_, err = p.StartServer("s", s)
		require.NoError(t, err)
		p.Receive(nil, time.Second, func(any) bool { return false })
		require.Nil(t, vm.Whereis("s"))
	})
}
