package nina

import (
	"io"

	"github.com/linkflap/linkflap/mocks/air"
)

// noFD is the firmware's -1: no socket.
const noFD = -1

// lwip is lwIP's table of sockets. The numbers are 0 to 9 here, 54 to 63 in the firmware (LWIP_SOCKET_OFFSET).
type lwip struct {
	air *air.Air
	fds [numSlots]socket
}

// socket is one lwIP socket: exactly one of the three is set, or none if the number is free.
type socket struct {
	conn     *air.Conn
	listener *air.Listener
	udp      *air.UDP
	blocking bool // of conn: the firmware made only its own connects non-blocking
}

func (s *socket) open() bool { return s.conn != nil || s.listener != nil || s.udp != nil }

// socket takes the lowest free number (lwIP alloc_socket); noFD if there is none.
func (l *lwip) socket(s socket) int {
	for i := range l.fds {
		if !l.fds[i].open() {
			l.fds[i] = s
			return i
		}
	}
	return noFD
}

func (l *lwip) full() bool {
	for i := range l.fds {
		if !l.fds[i].open() {
			return false
		}
	}
	return true
}

// get is the socket of that number; one that is not open has no connection, listener or port.
func (l *lwip) get(fd int) socket {
	if fd == noFD {
		return socket{}
	}
	return l.fds[fd]
}

// close closes the socket of that number, whoever it belongs to by now.
func (l *lwip) close(fd int) {
	if fd == noFD {
		return
	}
	s := l.fds[fd]
	l.fds[fd] = socket{}
	switch {
	case s.conn != nil:
		s.conn.Close()
	case s.listener != nil:
		s.listener.Close()
	case s.udp != nil:
		s.udp.Close()
	}
}

// accept is lwip_accept on a non-blocking listener. Without a free number the connection is dropped (ENFILE).
func (l *lwip) accept(fd int) int {
	lst := l.get(fd).listener
	if lst == nil {
		return noFD
	}
	conn := lst.Accept()
	if conn == nil {
		return noFD
	}
	got := l.socket(socket{conn: conn, blocking: true})
	if got == noFD {
		conn.Close()
	}
	return got
}

// pendingBytes is ioctl FIONREAD; false if the number is not open.
func (l *lwip) pendingBytes(fd int) (int, bool) {
	s := l.get(fd)
	if s.conn != nil {
		return s.conn.Avail(), true
	}
	return 0, s.open()
}

// peek is recv with MSG_PEEK and MSG_DONTWAIT of one byte. The error is air.ErrWouldBlock if that is why it got none.
func (l *lwip) peek(fd int) (byte, error) {
	s := l.get(fd)
	switch {
	case s.conn != nil:
		return s.conn.Peek()
	case s.udp != nil:
		return 0, air.ErrWouldBlock
	}
	return 0, io.ErrClosedPipe
}

// recv is recv with MSG_DONTWAIT.
func (l *lwip) recv(fd int, p []byte) (int, error) {
	s := l.get(fd)
	switch {
	case s.conn != nil:
		return s.conn.Read(p)
	case s.udp != nil:
		return 0, air.ErrWouldBlock
	}
	return 0, io.ErrClosedPipe
}

// disconnected is CommandHandler.cpp handleWiFiDisconnect: it closes every socket that has a local address, which listeners and UDP ports
// have not, nor connections that have broken (their getsockname fails).
func (l *lwip) disconnected() {
	for fd := range l.fds {
		if c := l.fds[fd].conn; c != nil && c.Err() == nil {
			l.close(fd)
		}
	}
}
