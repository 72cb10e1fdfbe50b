// Package wiced is the vendor stack below a Particle Photon's socket HAL: Broadcom's WICED on lwIP 1.4, as far as public sources show it.
// It stands between a modelled HAL (targets), whose objects embed its structs, and mocks/air, which it puts the board on; its netconns and
// packets are blocks of mocks/heap, as the HAL's objects are.
//
// The hard word is table. The stack keeps the addresses of at most five servers, whose structs belong to the HAL, and its tcpip thread
// follows all of them at each TCP event. An address is entered before a start can fail and leaves only by a stop, so what the HAL deletes
// without stopping stays in the table, and is followed.
//
// Sources: particle-iot/device-os, tags v0.5.0 to v1.0.0 (hal/src/photon/socket_hal.cpp, wlan_hal.cpp, the WICED headers and lwipopts.h
// that it ships; pull requests 539, 1250, 1286, 1350, 1492; user/tests/app/tcp_server), and lwIP 1.4's public source. WICED's own source is
// not public: what was concluded from these and not read there is marked "inferred", what nobody says "chosen".
//
// Not modelled: TIME_WAIT (its pcbs are the first to go when others are needed), the soft access point, TLS, multicast.
package wiced

import (
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
)

// Result is a wiced_result_t; a HAL returns it negated (device-os v0.6.0, wiced_result.h and wiced_constants.h).
type Result int32

// The results that happen here.
const (
	Success            Result = 0
	Pending            Result = 1
	Timeout            Result = 2
	Error              Result = 4
	BadArg             Result = 5
	Unsupported        Result = 7
	OutOfHeap          Result = 8
	NotUp              Result = 9 // the interface is down
	ConnectionLost     Result = 11
	Routing            Result = 14
	BadValue           Result = 15
	WouldBlock         Result = 16 // the send buffer is full; nothing was taken
	Aborted            Result = 17 // the stack gave the connection up: its pcb was needed, or the address went
	ConnectionReset    Result = 18
	ConnectionClosed   Result = 19
	NotConnected       Result = 20
	AddressInUse       Result = 21
	NetworkInterface   Result = 22
	AlreadyConnected   Result = 23
	InvalidInterface   Result = 24 // the interface has no address
	SocketCreateFail   Result = 25
	InvalidSocket      Result = 26
	UnknownStack       Result = 28
	TCPIPInvalidSocket Result = 7009
)

// Config is what differs between releases, and what is not known of them.
type Config struct {
	// PCBs is how many TCP connections there can be, of the board and of its peers together (MEMP_NUM_TCP_PCB): 5 through 0.7.0, 10 from
	// 0.8.0-rc.2 (device-os pull request 1350).
	PCBs int
	// KillOldest says what happens when they run out: the connection from which nothing has arrived for longest is aborted (lwIP 1.4
	// tcp_alloc, tcp_kill_prio), or else the new one is not made (device-os v0.7.0, user/tests/app/tcp_server).
	KillOldest bool
	// StopDeafens says that stopping a server makes the others deaf, as it did before 0.7.0-rc.1 (device-os pull request 1286).
	StopDeafens bool
	// TimerDies says that lwIP's TCP timer does not run again after ConnectivityDeinit: connections that were closed and wait for the other
	// side's FIN keep their pcbs (device-os pull request 1492).
	TimerDies bool
	// OnFault is called when the tcpip thread follows a wild pointer: it is the processor's fault handler. Nil: the run ends as if the
	// firmware had panicked.
	OnFault func(heap.HardFault)
}

// The limits of the stack (device-os v0.6.0, lwipopts.h and wiced_network.h; user/tests/app/tcp_server). The eight listening pcbs of
// MEMP_NUM_TCP_PCB_LISTEN are more than five servers can use.
const (
	MaxServers     = 5    // in the table
	AcceptSlots    = 18   // sockets of one server, as many as MEMP_NUM_NETCONN
	MaxNetconns    = 18   // MEMP_NUM_NETCONN: listening, connected and UDP
	MaxUDP         = 10   // MEMP_NUM_UDP_PCB
	MaxSubscribers = 5    // of link callbacks
	MSS            = 1152 // TCP_MSS
)

// Stack is the WICED of one board.
type Stack struct {
	w   *sim.World
	air *air.Air
	mem *heap.Heap
	cfg Config

	life   int  // how often the board was started before
	halted bool // the processor has stopped

	link      link
	table     [MaxServers]entry
	entered   int64 // generation of the table's last entry
	conns     []*netconn
	pcbs      []*pcb
	listeners []*listener
	timerDead bool // the TCP timer has died

	events []event   // what packets caused, for the tcpip thread
	stirs  bool      // something has changed since the tcpip thread looked
	noting bool      // notice is looking
	in     sim.Queue // where the tcpip thread waits
	jobs   []func()  // for the networking worker
	todo   sim.Queue // where it waits
	worker int       // which task is the worker
	busy   bool      // it is in a callback
	q      sim.Queue // where callers wait
}

// New makes the stack of a board that was switched on, with memory h, and starts its threads.
func New(w *sim.World, a *air.Air, h *heap.Heap, cfg Config) *Stack {
	s := &Stack{w: w, air: a, mem: h, cfg: cfg}
	a.OnReceive(s.notice)
	a.OnChange(s.notice)
	w.Go("tcpip thread", s.tcpip)
	s.hire()
	return s
}

// Halt stops the processor, as its fault handler does: the stack's threads do nothing any more, no packet is answered, and calls that wait
// or need the interface return NotUp, until Restart.
func (s *Stack) Halt() {
	s.halted = true
	s.q.WakeAll(s.w)
}

// Restart is the board starting again with empty memory h: the radio loses its power, everything is forgotten and nobody is told. Calls
// that wait return NotUp; callbacks that were still to come do not. What is left of the board's earlier life must not call the stack
// again: its pointers are of the old memory.
func (s *Stack) Restart(h *heap.Heap) {
	s.w.Emit(trace.Reset, "wiced", 0, 0, 0)
	s.life++
	s.air.PowerOff()
	for i := range s.table {
		s.leave(i, byReset)
	}
	s.stopRejoin()
	s.mem, s.link, s.halted, s.timerDead = h, link{}, false, false
	s.conns, s.pcbs, s.listeners, s.events, s.jobs = nil, nil, nil, nil, nil
	if s.busy {
		s.hire()
	}
	s.q.WakeAll(s.w)
	s.todo.WakeAll(s.w)
}

// Who takes or frees an entry of the table, in C of Take and Free events.
const (
	byReset = 2
	anybody = 3 // the system stops servers of the application by right, so an entry belongs to no handle in particular
)

// called notes a call for the trace, and passes its result on.
func (s *Stack) called(name string, slot int, r Result) Result {
	s.w.Emit(trace.Bus, name, 0, int64(slot), int64(r))
	return r
}

// State is a small number that differs between states worth telling apart: the link, whether there are no, one or several servers and
// connections, and whether a server is deaf. It counts no further: the feedback has room for about a thousand states times ops.
func (s *Stack) State() uint {
	servers, deaf := uint(0), uint(0)
	for i := range s.table {
		if !s.table[i].server.Null() {
			servers++
		}
		if s.table[i].deaf {
			deaf = 1
		}
	}
	state := s.link.state()*3 + min(servers, 2)
	return (state*3+min(uint(len(s.pcbs)), 2))*2 + deaf
}
