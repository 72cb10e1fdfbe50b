package nina

import "github.com/linkflap/linkflap/mocks/air"

// backlog is what WiFiServer.cpp begin gives to listen.
const backlog = 1

// server is a WiFiServer. It never closes its own socket: a slot that is stopped or started again leaves it listening.
type server struct {
	lwip    *lwip
	port    uint16
	fd      int
	spawned [numSlots]int // accepted sockets, by number
}

func newServer(l *lwip, port uint16) server {
	s := server{lwip: l, port: port, fd: noFD}
	for i := range s.spawned {
		s.spawned[i] = noFD
	}
	return s
}

// alive is WiFiServer.cpp operator bool.
func (s *server) alive() bool { return s.port != 0 && s.fd != noFD }

// begin is WiFiServer.cpp begin. It fails silently: no socket is left, or the port is in use, as it is after an earlier begin (the release
// sets no SO_REUSEADDR).
func (s *server) begin() {
	if s.lwip.full() {
		return
	}
	l, err := s.lwip.air.Listen(s.port, backlog)
	if err == nil {
		s.fd = s.lwip.socket(socket{listener: l})
	}
}

// available is WiFiServer.cpp available: it accepts at most one connection, forgets those that have ended, and returns the first that has
// bytes, noFD if none has.
func (s *server) available() int {
	if fd := s.lwip.accept(s.fd); fd != noFD {
		s.remember(fd)
	}
	for i, fd := range s.spawned {
		if fd == noFD {
			continue
		}
		c := client{s.lwip, fd}
		if !c.connected() {
			s.spawned[i] = noFD
		} else if c.available() > 0 {
			return fd
		}
	}
	return noFD
}

func (s *server) remember(fd int) {
	for i := range s.spawned {
		if s.spawned[i] == noFD {
			s.spawned[i] = fd
			return
		}
	}
}

// write is WiFiServer.cpp write: to every connection it has accepted. It returns the connections that have to be waited for.
func (s *server) write(p []byte) (n int, wait []*air.Conn) {
	for _, fd := range s.spawned {
		if fd == noFD {
			continue
		}
		c := client{s.lwip, fd}
		k, conn := c.write(p)
		n += k
		if conn != nil {
			wait = append(wait, conn)
		}
	}
	return n, wait
}
