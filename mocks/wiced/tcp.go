package wiced

import (
	"errors"
	"io"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
)

// Socket is a wiced_tcp_socket_t, which the HAL's objects contain. The zero value is what memset makes of it.
type Socket struct {
	// ConnHandler is the netconn below. TCPConnect when it fails, and TCPDelete, leave it dangling; the HAL has to set it to null by hand
	// (device-os pull requests 539 and 1639).
	ConnHandler heap.Pointer
}

// Packet is what arrived in one piece: at most MSS bytes.
type Packet struct{ Data []byte }

// TCPCreate makes the socket's netconn and its pcb. NotUp. SocketCreateFail: no netconn, or no pcb, is left. OutOfHeap.
func (s *Stack) TCPCreate(sock *Socket) Result {
	s.w.Point("wiced_tcp_create_socket")
	return s.called("wiced_tcp_create_socket", -1, s.create(sock))
}

func (s *Stack) create(sock *Socket) Result {
	if !s.Joined() {
		return NotUp
	}
	n, r := s.newNetconn("wiced_tcp_create_socket")
	if r != Success {
		return r
	}
	if n.pcb = s.newPCB(); n.pcb == nil {
		s.free(n.self, "wiced_tcp_create_socket")
		return SocketCreateFail
	}
	n.pcb.owner = n
	sock.ConnHandler = n.self
	return Success
}

// TCPBind checks that a local port is free; 0 is any. Connections get a port of the stack's choice all the same: nobody binds another.
// NotUp. NotConnected: no netconn. AddressInUse.
func (s *Stack) TCPBind(sock *Socket, port uint16) Result {
	s.w.Point("wiced_tcp_bind")
	r := Success
	if !s.Joined() {
		r = NotUp
	} else if n := s.follow(sock.ConnHandler, "wiced_tcp_bind"); n == nil || n.pcb == nil {
		r = NotConnected
	} else if port != 0 && s.listens(port) {
		r = AddressInUse
	}
	return s.called("wiced_tcp_bind", -1, r)
}

func (s *Stack) listens(port uint16) bool {
	for _, l := range s.listeners {
		if l.air.Port == port {
			return true
		}
	}
	return false
}

// TCPConnect opens a connection, within limit. NotUp; NotConnected: no netconn; AlreadyConnected. Otherwise, if it fails, it deletes the
// socket's netconn and leaves the pointer, and who deletes the socket deletes the netconn a second time (device-os pull request 539):
// Timeout; ConnectionReset: refused; Aborted: the address went.
func (s *Stack) TCPConnect(sock *Socket, ip air.IP, port uint16, limit time.Duration) Result {
	s.w.Point("wiced_tcp_connect")
	if !s.Joined() {
		return s.called("wiced_tcp_connect", -1, NotUp)
	}
	n := s.follow(sock.ConnHandler, "wiced_tcp_connect")
	switch {
	case n == nil || n.pcb == nil:
		return s.called("wiced_tcp_connect", -1, NotConnected)
	case n.pcb.conn != nil:
		return s.called("wiced_tcp_connect", -1, AlreadyConnected)
	}
	p := n.pcb
	p.local, p.conn = s.link.ip, s.air.Dial(ip, port)
	s.seen(p)
	return s.called("wiced_tcp_connect", -1, s.connect(sock, p, limit))
}

// connect waits for a connection that was dialled.
func (s *Stack) connect(sock *Socket, p *pcb, limit time.Duration) Result {
	r := s.await(limit, func() bool { return p.dead || p.conn.State() != air.Opening })
	if r == NotUp {
		return r
	}
	n := s.follow(sock.ConnHandler, "wiced_tcp_connect")
	if r == Success {
		r = n.usable() // somebody may have deleted it meanwhile
	}
	if r != Success {
		s.free(sock.ConnHandler, "wiced_tcp_connect")
	}
	return r
}

// usable says why a netconn has no connection, Success if it has one.
func (n *netconn) usable() Result {
	if n == nil {
		return NotConnected
	}
	if r := n.look(); r != Success {
		return r
	}
	if n.pcb == nil || n.pcb.conn == nil {
		return NotConnected
	}
	return Success
}

// TCPSend puts data into the send buffer, waiting for room for at most limit. WouldBlock: none of it found room (lwIP 1.4 do_writemore).
// Timeout: not all of it did; chosen, lwIP says how much, and this call cannot. Otherwise NotUp, NotConnected, or why the connection is
// over.
func (s *Stack) TCPSend(sock *Socket, data []byte, limit time.Duration) Result {
	s.w.Point("wiced_tcp_send_buffer")
	if !s.Joined() {
		return NotUp
	}
	why, sent := Success, 0
	r := s.await(limit, func() bool {
		n := s.follow(sock.ConnHandler, "wiced_tcp_send_buffer")
		if why = n.usable(); why != Success {
			return true
		}
		k, err := n.pcb.conn.Write(data[sent:])
		sent += k
		if err != nil && !errors.Is(err, air.ErrWouldBlock) {
			why = result(err)
			return true
		}
		return sent == len(data)
	})
	switch {
	case r == Success:
		return why
	case r == Timeout && sent == 0:
		return WouldBlock
	}
	return r
}

// TCPReceive waits for at most limit for bytes and returns them as a *Packet on the heap, which the caller frees with PacketDelete.
// Timeout: nothing came. ConnectionClosed: nothing will; from then on it is the netconn's last error (lwIP 1.4 netconn_recv_data).
// OutOfHeap: the bytes stay where they are. Otherwise NotUp, NotConnected, or why the connection is over, even if bytes had come before.
func (s *Stack) TCPReceive(sock *Socket, limit time.Duration) (p heap.Pointer, r Result) {
	s.w.Point("wiced_tcp_receive")
	if !s.Joined() {
		return p, NotUp
	}
	why := Success
	r = s.await(limit, func() bool {
		n := s.follow(sock.ConnHandler, "wiced_tcp_receive")
		if why = n.usable(); why != Success {
			return true
		}
		p, why = s.packet(n)
		return why != WouldBlock
	})
	if r == Success {
		r = why
	}
	return p, r
}

// packet takes what has arrived. WouldBlock: nothing.
func (s *Stack) packet(n *netconn) (p heap.Pointer, r Result) {
	c := n.pcb.conn
	if _, err := c.Peek(); errors.Is(err, io.EOF) {
		n.err = ConnectionClosed
		return p, n.err
	} else if err != nil {
		return p, result(err)
	}
	data := make([]byte, min(c.Avail(), MSS))
	p = s.mem.Alloc("packet", "wiced_tcp_receive", packetSize+uint32(len(data)), &Packet{data})
	if p.Null() {
		return p, OutOfHeap
	}
	k, _ := c.Read(data)
	n.pcb.read += k
	return p, Success
}

// PacketDelete frees a packet.
func (s *Stack) PacketDelete(p heap.Pointer) { s.mem.Free(p, "wiced_packet_delete") }

// TCPDisconnect closes the connection: FIN, or RST if bytes were not read. The netconn stays. It works while the interface is down.
// NotConnected: there is no netconn, or it is not connected.
func (s *Stack) TCPDisconnect(sock *Socket) Result {
	s.w.Point("wiced_tcp_disconnect")
	n := s.follow(sock.ConnHandler, "wiced_tcp_disconnect")
	if n == nil || n.pcb == nil || n.pcb.conn == nil {
		return s.called("wiced_tcp_disconnect", -1, NotConnected)
	}
	s.closePCB(n.pcb)
	n.pcb = nil
	s.q.WakeAll(s.w)
	return s.called("wiced_tcp_disconnect", -1, Success)
}

// TCPDelete deletes the netconn, closing its connection if it is open, and leaves the pointer (inferred: device-os 0.8.0-rc.12 clears the
// struct itself). With a null pointer it does nothing.
func (s *Stack) TCPDelete(sock *Socket) Result {
	s.w.Point("wiced_tcp_delete_socket")
	s.free(sock.ConnHandler, "wiced_tcp_delete_socket")
	return s.called("wiced_tcp_delete_socket", -1, Success)
}

// TCPLastError is what the netconn says of its connection: Success, Aborted, ConnectionReset; ConnectionClosed once TCPReceive has come to
// the end. It works while the interface is down. NotConnected: no netconn.
func (s *Stack) TCPLastError(sock *Socket) Result {
	s.w.Point("wiced_last_error")
	if n := s.follow(sock.ConnHandler, "wiced_last_error"); n != nil {
		return n.look()
	}
	return NotConnected
}

// TCPPeer is the other end's address and port. NotConnected.
func (s *Stack) TCPPeer(sock *Socket) (air.IP, uint16, Result) {
	s.w.Point("wiced_tcp_server_peer")
	n := s.follow(sock.ConnHandler, "wiced_tcp_server_peer")
	if n == nil || n.pcb == nil || n.pcb.conn == nil {
		return air.IP{}, 0, NotConnected
	}
	return n.pcb.conn.RemoteIP, n.pcb.conn.RemotePort, Success
}
