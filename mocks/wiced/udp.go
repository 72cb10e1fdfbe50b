package wiced

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
)

// UDPSocket is a wiced_udp_socket_t, which the HAL's objects contain.
type UDPSocket struct{ ConnHandler heap.Pointer }

// UDPCreate opens a UDP port; 0 is any. NotUp. SocketCreateFail: no netconn, or no UDP pcb, is left. AddressInUse. OutOfHeap.
func (s *Stack) UDPCreate(sock *UDPSocket, port uint16) Result {
	s.w.Point("wiced_udp_create_socket")
	return s.called("wiced_udp_create_socket", -1, s.createUDP(sock, port))
}

func (s *Stack) createUDP(sock *UDPSocket, port uint16) Result {
	if !s.Joined() {
		return NotUp
	}
	ports := 0
	for _, n := range s.conns {
		if n.udp != nil {
			ports++
		}
	}
	if ports == MaxUDP {
		return SocketCreateFail
	}
	n, r := s.newNetconn("wiced_udp_create_socket")
	if r != Success {
		return r
	}
	var err error
	if n.udp, err = s.air.OpenUDP(port); err != nil {
		s.free(n.self, "wiced_udp_create_socket")
		return AddressInUse
	}
	sock.ConnHandler = n.self
	return Success
}

// UDPSend sends a datagram; what becomes of it nobody learns. NotUp. NotConnected: no netconn. Routing: no address.
func (s *Stack) UDPSend(sock *UDPSocket, ip air.IP, port uint16, data []byte) Result {
	s.w.Point("wiced_udp_send")
	if !s.Joined() {
		return NotUp
	}
	n := s.follow(sock.ConnHandler, "wiced_udp_send")
	if n == nil || n.udp == nil {
		return NotConnected
	}
	if n.udp.Send(ip, port, data) != nil {
		return Routing
	}
	return Success
}

// UDPReceive waits for at most limit for a datagram. Timeout. NotUp. NotConnected: no netconn.
func (s *Stack) UDPReceive(sock *UDPSocket, limit time.Duration) (d air.Datagram, r Result) {
	s.w.Point("wiced_udp_receive")
	if !s.Joined() {
		return d, NotUp
	}
	why := Success
	r = s.await(limit, func() bool {
		n := s.follow(sock.ConnHandler, "wiced_udp_receive")
		if n == nil || n.udp == nil {
			why = NotConnected
			return true
		}
		var ok bool
		d, ok = n.udp.Recv()
		return ok
	})
	if r == Success {
		r = why
	}
	return d, r
}

// UDPDelete closes the port and deletes the netconn, and leaves the pointer.
func (s *Stack) UDPDelete(sock *UDPSocket) Result {
	s.w.Point("wiced_udp_delete_socket")
	s.free(sock.ConnHandler, "wiced_udp_delete_socket")
	return s.called("wiced_udp_delete_socket", -1, Success)
}

// Resolve asks DNS for an address, for at most limit (wiced_hostname_lookup). Error: there is no such name, or no address to ask from.
// Timeout. NotUp.
func (s *Stack) Resolve(name string, limit time.Duration) (ip air.IP, r Result) {
	s.w.Point("wiced_hostname_lookup")
	if !s.Joined() {
		return ip, NotUp
	}
	found := false
	q := s.air.Resolve(name)
	r = s.await(limit, func() (done bool) {
		ip, found, done = q.Answer()
		return done
	})
	if r == Success && !found {
		r = Error
	}
	if r != Success {
		ip = air.IP{}
	}
	return ip, s.called("wiced_hostname_lookup", -1, r)
}
