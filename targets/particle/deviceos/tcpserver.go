package deviceos

import "github.com/linkflap/linkflap/mocks/heap"

// TCPServer is the class TCPServer of the wiring API.
type TCPServer struct {
	d      *Device
	port   uint16
	sock   handle
	client *TCPClient // the one accepted last
}

// NewTCPServer is TCPServer(port). It does not listen before Begin, or Available.
func (d *Device) NewTCPServer(port uint16) *TCPServer {
	defer d.guard(d.enter())
	return &TCPServer{d: d, port: port, sock: invalid, client: d.noClient()}
}

// Begin is begin(): true if the server listens. It does not while the network is not ready.
func (s *TCPServer) Begin() bool {
	defer s.d.guard(s.d.enter())
	return s.begin()
}

func (s *TCPServer) begin() bool {
	s.stop()
	if !s.d.net.ready() {
		return false
	}
	s.sock = s.d.socketCreateTCPServer(s.port)
	if !valid(s.sock) {
		s.stop()
		return false
	}
	return true
}

// Stop is stop().
func (s *TCPServer) Stop() {
	defer s.d.guard(s.d.enter())
	s.stop()
}

func (s *TCPServer) stop() {
	if s.d.cfg.Variant.SharedClients {
		s.client.stop()
	}
	s.d.socketClose(s.sock)
	s.sock = invalid
}

// Destroy is the destructor.
func (s *TCPServer) Destroy() {
	defer s.d.guard(s.d.enter())
	s.stop()
	s.d.release(s.client.data)
}

// Available is available(): the next client that has connected, or one that is not connected. A server that does not listen begins to, if the
// network is ready.
func (s *TCPServer) Available() *TCPClient {
	defer s.d.guard(s.d.enter())
	if s.sock == invalid {
		s.begin()
	}
	if !s.d.net.ready() || s.sock == invalid {
		if s.d.cfg.Variant.Forgets {
			s.sock = invalid
		} else {
			s.stop()
		}
		return s.accepted(s.d.noClient())
	}
	h := s.d.socketAccept(s.sock)
	if !valid(h) {
		return s.accepted(s.d.noClient())
	}
	c := s.d.newClient(h)
	c.data.remote = s.d.socketPeer(h)
	return s.accepted(c)
}

// accepted keeps c as the last client, and returns a copy.
func (s *TCPServer) accepted(c *TCPClient) *TCPClient {
	old := s.client
	s.client = c
	s.d.release(old.data)
	return c.copy()
}

// Write is write(buffer, size): to the client accepted last.
func (s *TCPServer) Write(p []byte) int { return s.client.Write(p) }

// Listening says that the server has a socket, and that nobody has closed it. It is no method of the wiring API: test beds ask.
func (s *TCPServer) Listening() bool {
	v, ok := heap.Peek[socket](s.d.mem, s.sock)
	return valid(s.sock) && ok && !v.closed
}
