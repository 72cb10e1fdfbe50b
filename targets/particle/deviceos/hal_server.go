package deviceos

import (
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// server is a tcp_server_t.
type server struct {
	wiced.Server
	self     heap.Pointer
	clients  [wiced.AcceptSlots]heap.Pointer // tcp_server_client_t, by accept slot
	accept   recursiveMutex                  // before SocketLocks not recursive, but never taken twice by one thread either
	os       heap.Pointer                    // of accept
	toAccept []int                           // slots that socket_accept has not seen
	vector   heap.Pointer                    // where toAccept is
}

// client is a tcp_server_client_t: an accepted connection.
type client struct {
	socket wiced.AcceptSocket // points into the server
	server heap.Pointer
	closed bool
	ended  bool // closed_externally, where that is another flag than closed (SocketLocks)
	packet packet
}

// newServer is new tcp_server_t.
func (d *Device) newServer(maker string) heap.Pointer {
	v := &server{}
	v.self = d.alloc("tcp_server_t", maker, serverSize, v)
	v.os = d.alloc("mutex", maker, mutexSize, &v.accept)
	return v.self
}

// deleteServer is delete tcp_server_t. Its destructor closes nothing.
func (d *Device) deleteServer(p heap.Pointer, freer string) {
	v := at[server](d, p, freer)
	d.mem.Free(v.vector, freer)
	d.mem.Free(v.os, freer)
	d.mem.Free(p, freer)
}

// socketCreateTCPServer is socket_create_tcp_server.
func (d *Device) socketCreateTCPServer(port uint16) handle {
	const me = "socket_create_tcp_server"
	d.w.Point("hal")
	h, s := d.newSocket(me)
	v := d.newServer(me)
	r := d.stack.ServerStart(v, port, wiced.AcceptSlots, wiced.Callbacks{
		Connected:    d.serverConnected,
		Disconnected: d.serverDisconnected,
	})
	if r != wiced.Success {
		d.delete(h, s, me)
		if !d.cfg.Variant.LeaksFailed {
			d.serverClose(v)
		}
		d.deleteServer(v, me)
		return failed(r)
	}
	s.kind, s.server = kindServer, v
	d.add(h)
	return h
}

// serverClose is tcp_server_t::close: every client that is in clients[], and then the server.
func (d *Device) serverClose(p heap.Pointer) {
	const me = "tcp_server_t::close"
	v := at[server](d, p, me)
	if d.cfg.Variant.SocketLocks {
		v.accept.lock()
		defer v.accept.unlock()
	}
	for i := range v.clients {
		if c := v.clients[i]; !c.Null() {
			d.clientClose(c, me)
			v.clients[i] = heap.Pointer{}
		}
	}
	d.stack.ServerStop(p)
	if d.cfg.Variant.CloseFrees {
		v.Server = wiced.Server{}
	}
}

// serverDisconnect is tcp_server_t::disconnect, for a client that closes.
func (d *Device) serverDisconnect(p heap.Pointer, a wiced.AcceptSocket) {
	const me = "tcp_server_t::disconnect"
	v := at[server](d, p, me)
	if d.cfg.Variant.SocketLocks {
		v.accept.lock()
		defer v.accept.unlock()
	}
	d.stack.TCPDisconnect(d.stack.At(a, me))
	if d.cfg.Variant.NullsClient && a.Server.Addr == p.Addr {
		v.clients[a.Slot] = heap.Pointer{}
	}
	d.stack.ServerDisconnectSocket(a)
}

// clientClose is tcp_server_client_t::close, called by the C++ function named user.
func (d *Device) clientClose(p heap.Pointer, user string) {
	c := at[client](d, p, user)
	if d.cfg.Variant.SocketLocks {
		if c.closed {
			return
		}
		c.closed = true
	}
	if !c.socket.Null() && !c.server.Null() {
		d.serverDisconnect(c.server, c.socket)
		c.server = heap.Pointer{}
		if !d.cfg.Variant.SocketLocks {
			c.socket = wiced.AcceptSocket{}
		}
	}
	if !d.cfg.Variant.SocketLocks {
		d.dispose(&c.packet)
	}
}

// clientIsClosed is tcp_server_client_t::isClosed.
func (d *Device) clientIsClosed(p heap.Pointer) bool {
	const me = "tcp_server_client_t::isClosed"
	c := at[client](d, p, me)
	if c.closed && d.cfg.Variant.IsClosedCloses {
		d.clientClose(p, me)
	}
	return c.closed || c.ended
}

// deleteClient is delete tcp_server_client_t, by socket_t::dispose.
func (d *Device) deleteClient(p heap.Pointer) {
	const me = "socket_t::dispose"
	if !d.cfg.Variant.SocketLocks {
		d.clientClose(p, me)
	}
	d.dispose(&at[client](d, p, me).packet)
	d.mem.Free(p, me)
}

// serverFor is ServerSocketList::server_for_socket: the server whose accept sockets a is one of, by address. The caller has the lock.
func (d *Device) serverFor(a wiced.AcceptSocket) (*server, bool) {
	const me = "ServerSocketList::server_for_socket"
	for h := d.hal.servers.items; !h.Null(); {
		s := at[socket](d, h, me)
		if s.server.Addr == a.Server.Addr {
			return at[server](d, s.server, me), true
		}
		h = s.next
	}
	return nil, false
}

// serverConnected is server_connected, on the networking worker: it accepts while it has the list of servers locked.
func (d *Device) serverConnected(a wiced.AcceptSocket) {
	defer d.guard(d.enter())
	d.w.Point("hal")
	d.hal.servers.mu.Lock()
	defer d.hal.servers.mu.Unlock()
	if v, ok := d.serverFor(a); ok && d.stack.ServerAccept(a) == wiced.Success {
		v.accept.lock()
		v.clients[a.Slot] = d.alloc("tcp_server_client_t", "tcp_server_t::accept", clientSize, &client{socket: a, server: v.self})
		d.push(v, a.Slot)
		v.accept.unlock()
	}
}

// push is to_accept.append: the vector's storage grows by one element at a time and never shrinks (wiring/inc/spark_wiring_vector.h).
func (d *Device) push(v *server, slot int) {
	const me = "tcp_server_t::accept"
	if len(v.toAccept) == cap(v.toAccept) {
		grown := make([]int, len(v.toAccept), len(v.toAccept)+1)
		copy(grown, v.toAccept)
		v.toAccept = grown
		old := v.vector
		v.vector = d.alloc("Vector<int>", me, uint32(4*cap(grown)), grown)
		d.mem.Free(old, me)
	}
	v.toAccept = append(v.toAccept, slot)
}

// serverDisconnected is server_disconnected, on the networking worker: it flags the client, and leaves the rest to whoever uses it next.
func (d *Device) serverDisconnected(a wiced.AcceptSocket) {
	const me = "tcp_server_t::notify_disconnected"
	defer d.guard(d.enter())
	d.w.Point("hal")
	d.hal.servers.mu.Lock()
	defer d.hal.servers.mu.Unlock()
	v, ok := d.serverFor(a)
	if !ok {
		return
	}
	v.accept.lock()
	defer v.accept.unlock()
	if p := v.clients[a.Slot]; !p.Null() {
		c := at[client](d, p, me)
		if d.cfg.Variant.SocketLocks {
			c.ended = true
		} else {
			c.closed = true
		}
	}
}

// nextAccept is tcp_server_t::next_accept: it reads clients[] without the lock.
func (d *Device) nextAccept(v *server) heap.Pointer {
	v.accept.lock()
	slot := -1
	if len(v.toAccept) > 0 {
		slot = v.toAccept[0]
		v.toAccept = v.toAccept[:copy(v.toAccept, v.toAccept[1:])]
	}
	v.accept.unlock()
	if slot < 0 {
		return heap.Pointer{}
	}
	return v.clients[slot]
}
