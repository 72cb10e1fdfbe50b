package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// notOpen is what HAL functions return for a handle that is not open.
const notOpen = -1

// connectTime is how long socket_connect tries.
const connectTime = 5 * time.Second

// socketCreate is socket_create for TCP.
func (d *Device) socketCreate() handle {
	const me = "socket_create"
	d.w.Point("hal")
	h, s := d.newSocket(me)
	s.kind = kindTCP
	if r := d.stack.TCPCreate(&s.tcp.Socket); r != wiced.Success {
		s.kind = kindNone
		d.delete(h, s, me)
		return failed(r)
	}
	d.add(h)
	return h
}

// socketConnect is socket_connect. Of a failed connect WICED has deleted the netconn already: the HAL forgets it, lest it is deleted again
// (pull request 539).
func (d *Device) socketConnect(h handle, ip air.IP, port uint16) int {
	d.w.Point("hal")
	s := d.from(h, "socket_connect")
	if s.kind != kindTCP {
		return -int(wiced.InvalidSocket)
	}
	defer d.lock(s)()
	r := d.stack.TCPBind(&s.tcp.Socket, 0)
	if r != wiced.Success {
		return -int(r)
	}
	if r = d.stack.TCPConnect(&s.tcp.Socket, ip, port, connectTime); r == wiced.Success {
		s.tcp.open = true
	} else {
		s.tcp.ConnHandler = heap.Pointer{}
	}
	return -int(r)
}

// socketAccept is socket_accept: the next client that waits at the server, or invalid.
func (d *Device) socketAccept(h handle) handle {
	const me = "socket_accept"
	d.w.Point("hal")
	s := d.from(h, me)
	if !d.isOpen(s) || s.kind != kindServer {
		return invalid
	}
	defer d.lock(s)()
	c := d.nextAccept(at[server](d, s.server, me))
	if c.Null() {
		return invalid
	}
	a, as := d.newSocket(me)
	as.kind, as.client = kindClient, c
	d.add(a)
	return a
}

// socketReceive is socket_receive: how many bytes it got, 0 if none came in time, or a negative result.
func (d *Device) socketReceive(h handle, buf []byte, timeout time.Duration) int {
	const me = "socket_receive"
	d.w.Point("hal")
	s := d.from(h, me)
	if !d.isOpen(s) {
		return notOpen
	}
	defer d.lock(s)()
	switch s.kind {
	case kindTCP:
		return d.read(&s.tcp.packet, &s.tcp.Socket, buf, timeout)
	case kindClient:
		c := at[client](d, s.client, me)
		if c.socket.Null() {
			return -int(wiced.TCPIPInvalidSocket) // WICED gets a null pointer; that it does not fault is inferred: nobody reports it
		}
		return d.read(&c.packet, d.stack.At(c.socket, me), buf, timeout)
	}
	return notOpen
}

// read is read_packet_and_dispose: what is left of the last packet, else the next one.
func (d *Device) read(p *packet, sock *wiced.Socket, buf []byte, timeout time.Duration) int {
	if p.p.Null() {
		var r wiced.Result
		if p.p, r = d.stack.TCPReceive(sock, timeout); r == wiced.Timeout {
			return 0
		} else if r != wiced.Success {
			return -int(r)
		}
		p.offset = 0
	}
	data := at[wiced.Packet](d, p.p, "read_packet_and_dispose").Data
	n := copy(buf, data[p.offset:])
	if p.offset += n; p.offset == len(data) {
		d.dispose(p)
	}
	return n
}

// socketSend is socket_send: len(data), or a negative result.
func (d *Device) socketSend(h handle, data []byte, timeout time.Duration) int {
	const me = "socket_send"
	d.w.Point("hal")
	s := d.from(h, me)
	if !d.isOpen(s) {
		return notOpen
	}
	defer d.lock(s)()
	r := wiced.TCPIPInvalidSocket
	switch s.kind {
	case kindTCP:
		r = d.stack.TCPSend(&s.tcp.Socket, data, timeout)
	case kindClient:
		c := at[client](d, s.client, me)
		if !c.socket.Null() && !(d.cfg.Variant.SocketLocks && (c.closed || c.ended)) {
			r = d.stack.TCPSend(d.stack.At(c.socket, me), data, timeout)
		}
	}
	if r != wiced.Success {
		return -int(r)
	}
	return len(data)
}

// socketActive is socket_active_status being SOCKET_STATUS_ACTIVE. It follows the handle.
func (d *Device) socketActive(h handle) bool {
	d.w.Point("hal")
	return d.isOpen(d.from(h, "socket_active_status"))
}

// socketPeer is socket_peer: only accepted connections know.
func (d *Device) socketPeer(h handle) (ip air.IP) {
	const me = "socket_peer"
	s := d.from(h, me)
	if s.kind != kindClient {
		return ip
	}
	if c := at[client](d, s.client, me); !c.socket.Null() {
		ip, _, _ = d.stack.TCPPeer(d.stack.At(c.socket, me))
	}
	return ip
}
