package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
)

// clientBuffer is TCPCLIENT_BUF_MAX_SIZE: what a TCPClient reads ahead.
const clientBuffer = 128

// dataSize is what make_shared<TCPClient::Data> allocates: handle, buffer, two indices, address, and the two counts.
const dataSize = 4 + clientBuffer + 4 + 24 + 16

// clientData is what a TCPClient knows of its connection.
type clientData struct {
	sock   handle
	buffer [clientBuffer]byte
	offset int // read
	total  int
	remote air.IP
	refs   int          // copies that share it (SharedClients)
	self   heap.Pointer // where they do
}

// TCPClient is the class TCPClient of the wiring API. Before 0.7.0 it is a value that a copy duplicates, with the raw handle and the buffer, and
// nobody counts; since then copies share one state, and the last to go closes the connection. C++ does by itself what a Go program has to
// write: Copy, Assign and Destroy.
type TCPClient struct {
	d    *Device
	own  clientData
	data *clientData // own, or what is shared
}

// NewTCPClient is TCPClient().
func (d *Device) NewTCPClient() *TCPClient {
	defer d.guard(d.enter())
	return d.newClient(invalid)
}

// newClient is TCPClient(sock).
func (d *Device) newClient(h handle) *TCPClient {
	c := &TCPClient{d: d, own: clientData{sock: h}}
	c.data = &c.own
	if d.cfg.Variant.SharedClients {
		c.data = &clientData{sock: h, refs: 1}
		c.data.self = d.alloc("TCPClient::Data", "TCPClient::TCPClient", dataSize, c.data)
	}
	return c
}

// noClient is what TCPServer::available returns without a connection: since 0.7.0 always the same Data.
func (d *Device) noClient() *TCPClient {
	if !d.cfg.Variant.SharedClients {
		return d.newClient(invalid)
	}
	d.invalid.refs++
	return &TCPClient{d: d, data: &d.invalid}
}

// Copy is the copy constructor.
func (c *TCPClient) Copy() *TCPClient {
	defer c.d.guard(c.d.enter())
	return c.copy()
}

func (c *TCPClient) copy() *TCPClient {
	o := &TCPClient{d: c.d, own: *c.data}
	o.data = &o.own
	if c.d.cfg.Variant.SharedClients {
		o.own, o.data = clientData{}, c.data
		o.data.refs++
	}
	return o
}

// Assign is c = o, of an o that is not used any more: client.Assign(server.Available()).
func (c *TCPClient) Assign(o *TCPClient) {
	defer c.d.guard(c.d.enter())
	if c == o {
		return
	}
	old := c.data
	c.own, c.data = o.own, o.data
	if !c.d.cfg.Variant.SharedClients {
		c.data = &c.own
	}
	c.d.release(old)
}

// Destroy is the destructor.
func (c *TCPClient) Destroy() {
	defer c.d.guard(c.d.enter())
	c.d.release(c.data)
}

// release drops one reference to a shared state; the last closes the connection.
func (d *Device) release(t *clientData) {
	if !d.cfg.Variant.SharedClients {
		return
	}
	if t.refs--; t.refs > 0 || t == &d.invalid {
		return
	}
	if valid(t.sock) {
		d.socketClose(t.sock)
	}
	d.mem.Free(t.self, "TCPClient::~TCPClient")
}

// ConnectHost is connect(host, port).
func (c *TCPClient) ConnectHost(host string, port uint16) bool {
	defer c.d.guard(c.d.enter())
	if !c.d.net.ready() {
		return false
	}
	ip, r := c.d.stack.Resolve(host, lookupTime)
	return r == 0 && c.connect(ip, port)
}

// Connect is connect(ip, port): true if there is a connection, after 5 s at the latest. What was open before is stopped.
func (c *TCPClient) Connect(ip air.IP, port uint16) bool {
	defer c.d.guard(c.d.enter())
	return c.connect(ip, port)
}

func (c *TCPClient) connect(ip air.IP, port uint16) bool {
	c.stop()
	if !c.d.net.ready() {
		return false
	}
	c.data.sock = c.d.socketCreate()
	if !valid(c.data.sock) {
		return false
	}
	if c.d.socketConnect(c.data.sock, ip, port) != 0 {
		c.stop()
		return false
	}
	c.data.remote = ip
	return true
}

// status is status(): it follows the handle if the network is ready.
func (c *TCPClient) status() bool {
	h := c.data.sock
	return h != invalid && c.d.net.ready() && c.d.socketActive(h)
}

// Status is status(), and operator bool: there is a connection, as far as anybody knows.
func (c *TCPClient) Status() bool {
	defer c.d.guard(c.d.enter())
	return c.status()
}

// Connected is connected(): there is a connection, or bytes of it to read. One that is over is stopped. It follows the handle even while
// the network is down.
func (c *TCPClient) Connected() bool {
	defer c.d.guard(c.d.enter())
	t := c.data
	there := c.status() || t.offset < t.total
	if !there && t.sock != invalid && !c.d.socketActive(t.sock) {
		if there = c.available() > 0; !there {
			c.stop()
		}
	}
	return there
}

// Available is available(): how many bytes read would return at once.
func (c *TCPClient) Available() int {
	defer c.d.guard(c.d.enter())
	return c.available()
}

func (c *TCPClient) available() int {
	t := c.data
	if t.total > 0 && t.offset == t.total {
		t.offset, t.total = 0, 0
	}
	if c.d.net.ready() && t.sock != invalid && t.total < clientBuffer {
		if n := c.d.socketReceive(t.sock, t.buffer[t.total:], 0); n > 0 {
			t.total += n
		}
	}
	return t.total - t.offset
}

// Read is read(buffer, size): how many bytes it got, -1 if there are none.
func (c *TCPClient) Read(p []byte) int {
	defer c.d.guard(c.d.enter())
	t := c.data
	if t.offset == t.total && c.available() == 0 {
		return -1
	}
	n := copy(p, t.buffer[t.offset:t.total])
	t.offset += n
	return n
}

// ReadOne is read(): the next byte, -1 if there is none.
func (c *TCPClient) ReadOne() int {
	var b [1]byte
	if c.Read(b[:]) != 1 {
		return -1
	}
	return int(b[0])
}

// Peek is peek(): the next byte, which stays, -1 if there is none.
func (c *TCPClient) Peek() int {
	defer c.d.guard(c.d.enter())
	if t := c.data; t.offset < t.total || c.available() > 0 {
		return int(t.buffer[t.offset])
	}
	return -1
}

// Write is write(buffer, size): size, or a negative result. From 0.8.0-rc.3 on it waits for room for 30 s at most; before, -16 says that the
// send buffer is full.
func (c *TCPClient) Write(p []byte) int { return c.WriteFor(p, c.d.cfg.Variant.SendTimeout) }

// WriteFor is write(buffer, size, timeout).
func (c *TCPClient) WriteFor(p []byte, timeout time.Duration) int {
	defer c.d.guard(c.d.enter())
	if !c.status() {
		return notOpen
	}
	return c.d.socketSend(c.data.sock, p, timeout)
}

// Flush is flush(): nothing, since 0.6.0; before, it read what had arrived, which is not modelled.
func (c *TCPClient) Flush() {}

// Stop is stop(): it closes the connection, for all that share it. Stopping again does nothing.
func (c *TCPClient) Stop() {
	defer c.d.guard(c.d.enter())
	c.stop()
}

func (c *TCPClient) stop() {
	t := c.data
	if h := t.sock; h != invalid {
		c.d.socketClose(h)
	}
	t.sock, t.remote = invalid, air.IP{}
	t.offset, t.total = 0, 0
}

// RemoteIP is remoteIP(), the zero address without a connection.
func (c *TCPClient) RemoteIP() air.IP { return c.data.remote }
