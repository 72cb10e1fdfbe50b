package wiced

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/heap"
)

// tcpipThread is the user in reports of what lwIP's thread touches.
const tcpipThread = "tcpip thread"

// tcpip is lwIP's thread: it handles what the radio and the packets have brought.
func (s *Stack) tcpip() {
	for {
		for s.stirs && !s.halted {
			s.stirs = false
			s.guarded(s.turn)
		}
		s.in.Wait(s.w, "packets")
	}
}

// guarded runs f, in which only the stack's own code touches memory, and hands a wild pointer to the fault handler.
func (s *Stack) guarded(f func()) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case heap.HardFault:
			s.fault(v)
		default:
			panic(v)
		}
	}()
	f()
}

func (s *Stack) fault(f heap.HardFault) {
	s.Halt()
	if s.cfg.OnFault != nil {
		s.cfg.OnFault(f)
		return
	}
	s.w.Emit(trace.Panic, tcpipThread, -1, 0, 0)
	s.w.Trace.Detail(f.Error())
	s.w.Stop()
}

// turn is one pass of the tcpip thread.
func (s *Stack) turn() {
	s.w.Point("wiced.tcpip")
	s.radio()
	for len(s.events) > 0 && !s.halted {
		e := s.events[0]
		s.events = s.events[1:]
		s.handle(e)
		s.w.Point("wiced.tcpip")
	}
	s.q.WakeAll(s.w)
}

// notice is called, by any task, whenever packets have arrived or the radio has something to say.
func (s *Stack) notice() {
	if s.noting || s.halted {
		return
	}
	s.noting = true
	s.scan()
	s.noting = false
	s.stir()
}

// stir makes the tcpip thread, and who waits for something, look.
func (s *Stack) stir() {
	s.stirs = true
	s.in.WakeAll(s.w)
	s.q.WakeAll(s.w)
}

// post gives the networking worker something to do.
func (s *Stack) post(job func()) {
	s.jobs = append(s.jobs, job)
	s.todo.WakeAll(s.w)
}

// hire starts the networking worker; one that is still in a callback ends after it.
func (s *Stack) hire() {
	s.worker++
	s.busy = false
	id := s.worker
	s.w.Go("networking worker", func() { s.work(id) })
}

// work is the networking worker: it calls what it was given, one after the other.
func (s *Stack) work(id int) {
	for id == s.worker {
		if len(s.jobs) == 0 || s.halted {
			s.todo.Wait(s.w, "callbacks")
			continue
		}
		job := s.jobs[0]
		s.jobs = s.jobs[1:]
		s.busy = true
		job()
		s.w.Point("wiced.worker")
		if id == s.worker {
			s.busy = false
		}
	}
}

// await waits until done says yes, for at most limit: Success or Timeout; NotUp if the processor stopped meanwhile.
func (s *Stack) await(limit time.Duration, done func() bool) Result {
	life, end := s.life, s.w.Now()+limit
	for inTime := true; ; {
		switch {
		case s.life != life || s.halted:
			return NotUp
		case done():
			return Success
		case !inTime || end <= s.w.Now():
			return Timeout
		}
		inTime = s.q.WaitFor(s.w, "the stack", end-s.w.Now())
	}
}
