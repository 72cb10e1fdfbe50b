package deviceos

import (
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// handle is a sock_handle_t: the address of a socket_t. There is no table behind it and no generation: who has a handle has a pointer.
type handle = heap.Pointer

// invalid is SOCKET_INVALID, -1.
var invalid = handle{Addr: 0xFFFFFFFF}

// maxHandle is SOCKET_MAX: below it a handle is valid, whatever it points to.
const maxHandle = 0x7FFFFFFF

func valid(h handle) bool { return h.Addr < maxHandle }

// failed is the handle that a HAL function returns instead of one: a sock_result_t.
func failed(r wiced.Result) handle { return handle{Addr: uint32(-int32(r))} }

// kind is a socket_type_t; UDP is not modelled.
type kind uint8

const (
	kindNone kind = iota
	kindTCP
	kindServer
	kindClient
)

// socket is a socket_t.
type socket struct {
	kind   kind
	closed bool
	tcp    tcpSocket    // of kindTCP, in place
	server heap.Pointer // of kindServer: a tcp_server_t
	client heap.Pointer // of kindClient: a tcp_server_client_t
	next   heap.Pointer
	mutex  recursiveMutex // of releases with SocketLocks
	os     heap.Pointer   // what the operating system allocates for it
}

// The sizes of objects, computed for a 32-bit ARM from the fields that the public headers show: a wiced_tcp_socket_t has eleven words
// (netconn, accept netconn, interface, bound flag, three callbacks and their argument, two of TLS, linkage), a wiced_tcp_server_t
// one to listen and 18 to accept, the interface, port and TLS identity.
const (
	wicedSocketSize = 44
	tcpSocketSize   = wicedSocketSize + 8 + 4                              // packet and offset, two flags
	socketSize      = 4 + tcpSocketSize + 4                                // type and flag, the largest of the union, next
	serverSize      = (1+wiced.AcceptSlots)*wicedSocketSize + 12 + 72 + 16 // WICED's part, clients[18], lock, vector
	clientSize      = 20                                                   // socket, server, closed, packet and offset
	mutexSize       = 80                                                   // a FreeRTOS queue, with its storage
)

// tcpSocket is a tcp_socket_t, an outgoing connection.
type tcpSocket struct {
	wiced.Socket
	packet packet
	open   bool
}

// packet is a tcp_packet_t: a packet that has arrived, of which a part was read.
type packet struct {
	p      heap.Pointer
	offset int
}

// dispose is tcp_packet_t::dispose_packet.
func (d *Device) dispose(p *packet) {
	if !p.p.Null() {
		d.stack.PacketDelete(p.p)
		*p = packet{}
	}
}

// recursiveMutex is an os_mutex_recursive_t.
type recursiveMutex struct {
	mu    shim.Mutex
	owner *sim.Task
	depth int
}

func (m *recursiveMutex) lock() {
	if t := sim.Current(); m.depth == 0 || m.owner != t {
		m.mu.Lock()
		m.owner = t
	}
	m.depth++
}

func (m *recursiveMutex) unlock() {
	if m.depth--; m.depth == 0 {
		m.owner = nil
		m.mu.Unlock()
	}
}

// list is a SocketList: linked through the sockets, with a lock that is not recursive.
type list struct {
	mu    shim.Mutex
	items heap.Pointer
}

// hal is the socket HAL's state.
type hal struct {
	servers list // kindServer
	clients list // every other kind
}

// from is from_handle, and what the C++ function named user finds there. Memory that holds something else by now makes a closed socket of no
// type: only its first two bytes are looked at, and no pointer in it is followed (chosen: what the bytes are depends on what it is).
func (d *Device) from(h handle, user string) *socket {
	if valid(h) {
		if s, ok := d.mem.Use(h, user).(*socket); ok {
			return s
		}
	}
	return &socket{closed: true}
}

// listFor is list_for: it reads the type from the object, whatever is there by now.
func (d *Device) listFor(h handle, user string) *list {
	if d.from(h, user).kind == kindServer {
		return &d.hal.servers
	}
	return &d.hal.clients
}

// add is add_socket.
func (d *Device) add(h handle) {
	l := d.listFor(h, "add_socket")
	l.mu.Lock()
	at[socket](d, h, "SocketList::add").next = l.items
	l.items = h
	l.mu.Unlock()
}

// remove is SocketList::remove: it compares addresses. The caller has the lock.
func (d *Device) remove(l *list, h handle) bool {
	const me = "SocketList::remove"
	for link := &l.items; !link.Null(); link = &at[socket](d, *link, me).next {
		if link.Addr == h.Addr {
			*link = at[socket](d, *link, me).next
			return true
		}
	}
	return false
}

// newSocket is new socket_t.
func (d *Device) newSocket(maker string) (handle, *socket) {
	s := &socket{}
	h := d.alloc("socket_t", maker, socketSize, s)
	if d.cfg.Variant.SocketLocks {
		s.os = d.alloc("mutex", maker, mutexSize, &s.mutex)
	}
	return h, s
}

// lock takes a socket's own lock, in releases that have one.
func (d *Device) lock(s *socket) (unlock func()) {
	if !d.cfg.Variant.SocketLocks {
		return func() {}
	}
	s.mutex.lock()
	return s.mutex.unlock
}

// isOpen is socket_t::isOpen.
func (d *Device) isOpen(s *socket) bool {
	if s.closed {
		return false
	}
	switch s.kind {
	case kindClient:
		return !d.clientIsClosed(s.client)
	case kindTCP:
		return !d.tcpIsClosed(&s.tcp)
	}
	return true
}

// tcpIsClosed is tcp_socket_t::isClosed. A peer's close shows in the netconn's last error only: WICED's callbacks are not used here.
func (d *Device) tcpIsClosed(t *tcpSocket) bool {
	last := d.stack.TCPLastError(&t.Socket)
	return !t.open || last == wiced.ConnectionReset || last == wiced.ConnectionClosed
}

// close is socket_t::close.
func (d *Device) close(s *socket) {
	if s.closed {
		return
	}
	switch s.kind {
	case kindTCP:
		d.tcpClose(&s.tcp)
	case kindServer:
		d.serverClose(s.server)
	case kindClient:
		d.clientClose(s.client, "socket_t::close")
	}
	s.closed = true
}

// tcpClose is tcp_socket_t::close.
func (d *Device) tcpClose(t *tcpSocket) {
	if t.open {
		d.stack.TCPDisconnect(&t.Socket)
		t.open = false
	}
	if d.cfg.Variant.CloseFrees {
		d.stack.TCPDelete(&t.Socket)
		t.Socket = wiced.Socket{}
		d.dispose(&t.packet)
	}
}

// delete is delete socket_t, in the function named freer: its destructor is socket_t::dispose.
func (d *Device) delete(h handle, s *socket, freer string) {
	d.close(s)
	switch s.kind {
	case kindTCP:
		if !d.cfg.Variant.CloseFrees {
			d.stack.TCPDelete(&s.tcp.Socket)
		}
		d.dispose(&s.tcp.packet)
	case kindServer:
		d.deleteServer(s.server, "socket_t::dispose")
	case kindClient:
		d.deleteClient(s.client)
	}
	s.kind = kindNone
	d.mem.Free(s.os, freer)
	d.mem.Free(h, freer)
}

// socketDispose is socket_dispose. Where sockets have locks it unlocks this one's after deleting it (inferred from v1.0.0): nothing
// can have taken its memory by then, so that touch is not modelled.
func (d *Device) socketDispose(h handle) {
	const me = "socket_dispose"
	if !valid(h) {
		return
	}
	l := d.listFor(h, me)
	l.mu.Lock()
	defer l.mu.Unlock()
	s := d.from(h, me)
	defer d.lock(s)()
	if d.remove(l, h) {
		d.delete(h, s, me)
	}
}

// socketClose is socket_close. It cannot fail.
func (d *Device) socketClose(h handle) {
	d.w.Point("hal")
	if !valid(h) {
		return
	}
	if d.cfg.Variant.SocketLocks {
		s := d.from(h, "socket_close")
		unlock := d.lock(s)
		d.close(s)
		unlock()
	}
	d.socketDispose(h)
}

// socketCloseAll is socket_close_all: clients first, then servers.
func (d *Device) socketCloseAll() {
	d.w.Point("hal")
	d.closeAll(&d.hal.clients)
	d.closeAll(&d.hal.servers)
}

func (d *Device) closeAll(l *list) {
	const me = "socket_close_all"
	l.mu.Lock()
	defer l.mu.Unlock()
	for h := l.items; !h.Null(); {
		s := at[socket](d, h, me)
		next := s.next
		if d.cfg.Variant.CloseAllDeletes {
			d.delete(h, s, me)
		} else {
			unlock := d.lock(s)
			d.close(s)
			unlock()
		}
		h = next
	}
	if d.cfg.Variant.CloseAllDeletes {
		l.items = heap.Pointer{}
	}
}
