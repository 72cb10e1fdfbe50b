package wiced

import (
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/heap"
)

// Server is a wiced_tcp_server_t: a listening socket and the sockets of accepted connections. The HAL's server embeds it and lives on the
// heap, where the stack finds it.
type Server struct {
	Listen Socket
	Accept [AcceptSlots]Socket

	max       int
	callbacks Callbacks
	reserved  [AcceptSlots]bool // slots of connections that were announced or accepted
	index     int               // of its entry in the table
	entered   int64             // generation of that entry, 0 if it never had one
}

func (v *Server) wicedServer() *Server { return v }

// AcceptSocket is a pointer to a server's accept socket: it points into the server's struct.
type AcceptSocket struct {
	Server heap.Pointer
	Slot   int
}

// Null says that a points nowhere.
func (a AcceptSocket) Null() bool { return a.Server.Null() }

// Callbacks are what a server's owner is told on the networking worker: later than the event, in the order of the events, and whatever has
// become of the server meanwhile. Any may be nil.
type Callbacks struct {
	Connected    func(AcceptSocket) // somebody waits to be accepted with ServerAccept
	Received     func(AcceptSocket) // bytes have arrived; not again before the worker has told
	Disconnected func(AcceptSocket) // the other side has closed, or the connection broke; once
}

// entry is one place in the stack's table of servers.
type entry struct {
	server heap.Pointer
	gen    int64
	deaf   bool // its callbacks are not called
}

// server follows a pointer to a server, for the firmware function named user. What was freed is reported; a null pointer, or something else
// in its place, is a hard fault.
func (s *Stack) server(p heap.Pointer, user string) *Server {
	if p.Null() {
		panic(heap.HardFault{Why: user + " follows a null pointer"})
	}
	v, ok := s.mem.Use(p, user).(interface{ wicedServer() *Server })
	if !ok {
		panic(heap.HardFault{Why: user + " finds something else at its pointer"})
	}
	return v.wicedServer()
}

// At follows a pointer to an accept socket, for the firmware function named user. A pointer into a server that was freed is reported, and
// if something else is there by now it is a hard fault.
func (s *Stack) At(a AcceptSocket, user string) *Socket {
	return &s.server(a.Server, user).Accept[a.Slot]
}

// ServerStart enters the server into the table and makes it listen, with at most max connections. Error: the table is full. Whatever else
// fails, the entry stays until ServerStop (device-os pull request 1492). NotUp. InvalidInterface: no address. AddressInUse: another
// server, or what was left of one, listens on the port. SocketCreateFail: no netconn or pcb is left. OutOfHeap.
func (s *Stack) ServerStart(server heap.Pointer, port uint16, max int, cb Callbacks) Result {
	const me = "wiced_tcp_server_start"
	s.w.Point(me)
	v := s.server(server, me)
	i := s.lookup(heap.Pointer{})
	if i < 0 {
		return s.called(me, -1, Error)
	}
	s.entered++
	s.table[i] = entry{server: server, gen: s.entered}
	v.index, v.entered = i, s.entered
	s.w.Emit(trace.Take, "wiced.server", int64(i), s.entered, anybody)
	v.max, v.callbacks = min(max, AcceptSlots), cb
	return s.called(me, i, s.listen(v, port))
}

// lookup is the index of an entry with that address, -1 if there is none; the null pointer is that of a free entry. Of several, which the
// stack cannot tell apart, it is the one entered last.
func (s *Stack) lookup(p heap.Pointer) int {
	at := -1
	for i := range s.table {
		if s.table[i].server.Addr == p.Addr && s.later(i, at) {
			at = i
		}
	}
	return at
}

// later says that entry i was made after entry at, or that there is no such entry.
func (s *Stack) later(i, at int) bool { return at < 0 || s.table[i].gen > s.table[at].gen }

// listen makes the listening socket. A socket whose port is in use gets no netconn (chosen). A port on which only connections are left
// is free: SO_REUSE is compiled in; that the stack uses it is inferred.
func (s *Stack) listen(v *Server, port uint16) Result {
	const me = "wiced_tcp_server_start"
	switch {
	case !s.Joined():
		return NotUp
	case !s.link.leased:
		return InvalidInterface
	}
	n, r := s.newNetconn(me)
	if r != Success {
		return r
	}
	if !s.room() { // lwIP 1.4 tcp_listen frees the pcb that it was given, but it must be had first
		s.free(n.self, me)
		return SocketCreateFail
	}
	a, err := s.air.ListenReuse(port, func() bool { return !s.halted && s.room() })
	if err != nil {
		s.free(n.self, me)
		return AddressInUse
	}
	n.listener = &listener{air: a, owner: n}
	s.listeners = append(s.listeners, n.listener)
	v.Listen.ConnHandler = n.self
	return Success
}

// ServerStop closes the server's connections and its port, and takes it out of the table. It works while the interface is down. Error: it
// is not in the table; what it has is closed all the same.
func (s *Stack) ServerStop(server heap.Pointer) Result {
	const me = "wiced_tcp_server_stop"
	s.w.Point(me)
	v := s.server(server, me)
	for slot := range v.Accept {
		s.vacate(AcceptSocket{server, slot}, v)
	}
	s.free(v.Listen.ConnHandler, me)
	v.Listen.ConnHandler = heap.Pointer{}
	i := s.lookup(server)
	if i < 0 {
		if v.entered != 0 {
			s.w.Emit(trace.Misuse, "wiced.server", int64(v.index), v.entered, anybody)
		}
		return s.called(me, -1, Error)
	}
	s.leave(i, anybody)
	if s.cfg.StopDeafens {
		for k := range s.table {
			s.table[k].deaf = !s.table[k].server.Null()
		}
	}
	return s.called(me, i, Success)
}

// leave makes an entry of the table free.
func (s *Stack) leave(i int, who int64) {
	if e := s.table[i]; !e.server.Null() {
		s.table[i] = entry{}
		s.w.Emit(trace.Free, "wiced.server", int64(i), e.gen, who)
	}
}

// vacate deletes what an accept socket has, accepted or only announced, and makes its slot free. It reports whether there was anything.
func (s *Stack) vacate(a AcceptSocket, v *Server) bool {
	sock := &v.Accept[a.Slot]
	had := !sock.ConnHandler.Null()
	s.free(sock.ConnHandler, "wiced_tcp_server_disconnect_socket")
	sock.ConnHandler = heap.Pointer{}
	if n := s.announced(a); n != nil {
		s.free(n.self, "wiced_tcp_server_disconnect_socket")
		had = true
	}
	v.reserved[a.Slot] = false
	return had
}

// announced is the connection that Connected was, or will be, called for, until it is deleted; nil if there is none.
func (s *Stack) announced(a AcceptSocket) *netconn {
	for _, n := range s.conns {
		if !n.slot.Null() && n.slot.Server.Addr == a.Server.Addr && n.slot.Slot == a.Slot {
			return n
		}
	}
	return nil
}

// ServerAccept takes the connection that Connected told of. It works while the interface is down, and does not wait; both are chosen.
// NotConnected: the server does not listen. Timeout: nobody waits there.
func (s *Stack) ServerAccept(a AcceptSocket) Result {
	const me = "wiced_tcp_accept"
	s.w.Point(me)
	v := s.server(a.Server, me)
	n := s.announced(a)
	switch {
	case v.Listen.ConnHandler.Null():
		return s.called(me, a.Slot, NotConnected)
	case n == nil || !v.Accept[a.Slot].ConnHandler.Null():
		return s.called(me, a.Slot, Timeout)
	}
	v.Accept[a.Slot].ConnHandler = n.self
	return s.called(me, a.Slot, Success)
}

// ServerDisconnectSocket deletes the netconn of an accept socket, closing its connection if it is open, and makes the slot free for
// another. NotConnected: it was.
func (s *Stack) ServerDisconnectSocket(a AcceptSocket) Result {
	const me = "wiced_tcp_server_disconnect_socket"
	s.w.Point(me)
	if !s.vacate(a, s.server(a.Server, me)) {
		return s.called(me, a.Slot, NotConnected)
	}
	return s.called(me, a.Slot, Success)
}

// handle is the tcpip thread's part of an event. For each it follows every address in the table to find whose it is (inferred).
func (s *Stack) handle(e event) {
	if e.what == knocked {
		if !e.pcb.dead {
			s.knock(e.pcb)
		}
		return
	}
	n := e.pcb.owner
	if n == nil || n.gone {
		return
	}
	i, v := s.find(func(at int, _ *Server) bool {
		return !n.slot.Null() && s.table[at].server.Addr == n.slot.Server.Addr
	})
	switch {
	case i < 0 || s.table[i].deaf:
	case e.what == arrived && !n.told:
		n.told = true
		s.call(v.callbacks.Received, n.slot, func() { n.told = false })
	case e.what == ended:
		s.call(v.callbacks.Disconnected, n.slot, func() {})
	}
}

// find follows every address in the table. Of several servers that match it is the one entered last.
func (s *Stack) find(match func(i int, v *Server) bool) (at int, found *Server) {
	at = -1
	for i := range s.table {
		p := s.table[i].server
		if p.Null() {
			continue
		}
		if v := s.server(p, tcpipThread); match(i, v) && s.later(i, at) {
			at, found = i, v
		}
	}
	return at, found
}

// call posts a callback to the worker.
func (s *Stack) call(f func(AcceptSocket), a AcceptSocket, first func()) {
	s.post(func() {
		first()
		if f != nil {
			f(a)
		}
	})
}

// knock gives a new connection a netconn and announces it to its server, in the first free slot. Without one, or to a server that is deaf,
// it stays unannounced.
func (s *Stack) knock(p *pcb) {
	n, r := s.newNetconn(tcpipThread)
	if r != Success {
		s.abort(p) // lwIP 1.4 accept_function
		return
	}
	n.pcb, n.from, p.owner = p, p.listener, n
	i, v := s.find(func(_ int, v *Server) bool { return v.Listen.ConnHandler.Addr == p.listener.owner.self.Addr })
	if i < 0 || s.table[i].deaf {
		return
	}
	for slot := range v.max {
		if !v.reserved[slot] {
			v.reserved[slot] = true
			n.slot = AcceptSocket{s.table[i].server, slot}
			s.call(v.callbacks.Connected, n.slot, func() {})
			return
		}
	}
}
