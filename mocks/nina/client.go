package nina

import "github.com/linkflap/linkflap/mocks/air"

// client is a WiFiClient: the number of an lwIP socket, which it cannot tell from another with the same number.
type client struct {
	lwip *lwip
	fd   int
}

// dial is WiFiClient.cpp connect. Whatever the client had open stays open. The connection, which the caller waits for, is nil if there was
// no socket for it.
func (cl *client) dial(ip air.IP, port uint16) *air.Conn {
	cl.fd = noFD
	if cl.lwip.full() {
		return nil
	}
	conn := cl.lwip.air.Dial(ip, port)
	cl.fd = cl.lwip.socket(socket{conn: conn})
	return conn
}

// dialled reports whether the connection that dial began is open; if it is not, the socket is closed.
func (cl *client) dialled(conn *air.Conn) bool {
	if conn.State() == air.Open {
		return true
	}
	cl.drop()
	return false
}

// drop closes the socket.
func (cl *client) drop() {
	cl.lwip.close(cl.fd)
	cl.fd = noFD
}

// stop is WiFiClient.cpp stop.
func (cl *client) stop() { cl.drop() }

// available is WiFiClient.cpp available: the bytes that can be read at once.
func (cl *client) available() int {
	if cl.fd == noFD {
		return 0
	}
	n, ok := cl.lwip.pendingBytes(cl.fd)
	if !ok {
		cl.fd = noFD
	}
	return n
}

// connected is WiFiClient.cpp connected as of 1.4.8: it tries to read only if no byte waits, and closes the socket if that fails for any
// reason but that there is nothing yet.
func (cl *client) connected() bool {
	if cl.fd != noFD && cl.available() == 0 {
		cl.peek()
	}
	return cl.fd != noFD
}

// peek is WiFiClient.cpp peek: the next byte, or -1.
func (cl *client) peek() int {
	b, err := cl.lwip.peek(cl.fd)
	if err != nil {
		if err != air.ErrWouldBlock {
			cl.drop()
		}
		return -1
	}
	return int(b)
}

// read is WiFiClient.cpp read: -1 or 0 if there was nothing.
func (cl *client) read(p []byte) int {
	if cl.available() == 0 {
		return -1
	}
	n, err := cl.lwip.recv(cl.fd, p)
	if err != nil && err != air.ErrWouldBlock {
		cl.drop()
		return 0
	}
	if n == 0 {
		return -1
	}
	return n
}

// write is WiFiClient.cpp write as of 1.4.3: how many bytes were taken; an error leaves the socket open. A connection that the server
// accepted is a blocking one: it takes all, and is returned if that has to be waited for.
func (cl *client) write(p []byte) (n int, wait *air.Conn) {
	s := cl.lwip.get(cl.fd)
	if s.conn == nil {
		return 0, nil
	}
	if !s.blocking {
		n, _ = s.conn.Write(p)
		return n, nil
	}
	if s.conn.WriteAll(p) != nil {
		return 0, nil
	}
	if s.conn.Unwritten() > 0 {
		return len(p), s.conn
	}
	return len(p), nil
}

// remote is WiFiClient.cpp remoteIP and remotePort. Where getpeername fails the firmware answers what was on its stack; here it is zero.
func (cl *client) remote() (ip air.IP, port uint16) {
	if c := cl.lwip.get(cl.fd).conn; c != nil && c.Err() == nil {
		return c.RemoteIP, c.RemotePort
	}
	return ip, 0
}

// tls is a WiFiSSLClient, without the encryption.
type tls struct {
	client
	linked bool // WiFiSSLClient.cpp _connected
}

func (t *tls) alive() bool { return t.fd != noFD && t.linked }

// stop is WiFiSSLClient.cpp stop.
func (t *tls) stop() {
	t.drop()
	t.linked = false
}

// available is WiFiSSLClient.cpp available: it stops the client if the connection has ended.
func (t *tls) available() int {
	n := t.client.available()
	if n == 0 {
		if _, err := t.lwip.peek(t.fd); err != air.ErrWouldBlock {
			t.stop()
		}
	}
	return n
}

// connected is WiFiSSLClient.cpp connected: it says yes once more when it finds out that it is not.
func (t *tls) connected() bool {
	if !t.linked {
		return false
	}
	t.available()
	return true
}
