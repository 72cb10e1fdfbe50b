package rtl8720

import (
	"errors"
	"io"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// A client is known by the address of its memory (firmware, wifi_ssl_client.c, wifi_ssl_client_create: malloc). The allocator is chosen: it
// gives out the lowest address that is free, and has room for as many clients as there are sockets.
const (
	numTLS    = numSockets
	heapBase  = 0x1004_0000
	heapBlock = 0x1000
	ledgerTLS = "rtl8720.tls"
)

// The errors of mbed TLS (net_sockets.h, ssl.h).
const (
	tlsReset    = -0x0050 // MBEDTLS_ERR_NET_CONN_RESET
	tlsWantRead = -0x6900 // MBEDTLS_ERR_SSL_WANT_READ
	tlsBadInput = -0x7100 // MBEDTLS_ERR_SSL_BAD_INPUT_DATA
)

// tlsClient is one wifi_sslclient_context.
type tlsClient struct {
	taken   bool
	gen     int64
	fd      int           // of its socket, noFD if it has none
	limit   time.Duration // of the handshake
	started bool          // the handshake is over
}

func (t *tlsClient) free(m *Module, who int64) {
	if t.taken {
		t.taken, t.started = false, false
		m.w.Emit(trace.Free, ledgerTLS, int64(t.index(m)), t.gen, who)
	}
}

func (t *tlsClient) index(m *Module) int {
	for i := range m.tls {
		if t == &m.tls[i] {
			return i
		}
	}
	return -1
}

// client is the one that parameter 0 points to. A null pointer is the end of the firmware (derived: there is ROM at address 0, and the
// fault handler stops), memory that was freed is read as it was left.
func (r *request) client() *tlsClient {
	p := r.nums[0]
	i := int(p-heapBase) / heapBlock
	switch {
	case p < heapBase || i >= numTLS || (p-heapBase)%heapBlock != 0:
		r.m.wrong("a TLS client that is none", r)
		r.m.powerOff(CauseCrash)
		return nil
	case !r.m.tls[i].taken:
		r.m.wrong("a TLS client that was destroyed", r)
	}
	return &r.m.tls[i]
}

// tlsCreate is wifi_ssl_client_create: a null pointer if there is no memory.
func (r *request) tlsCreate() {
	m := r.m
	_, gone := m.w.Fault("nomem")
	for i := range m.tls {
		if t := &m.tls[i]; !gone && !t.taken {
			m.taken++
			*t = tlsClient{taken: true, gen: m.taken, fd: noFD}
			m.w.Emit(trace.Take, ledgerTLS, int64(i), t.gen, byHost)
			r.ret(int32(heapBase + i*heapBlock))
			return
		}
	}
	r.ret(0)
}

func (r *request) tlsDestroy() {
	t := r.client()
	switch {
	case t == nil:
	case !t.taken:
		r.m.w.Emit(trace.Misuse, ledgerTLS, int64(t.index(r.m)), t.gen, 0)
	default:
		t.free(r.m, byHost)
	}
}

func (r *request) tlsInit() { r.client() }

func (r *request) tlsTimeout() {
	if t := r.client(); t != nil {
		t.limit = time.Duration(r.nums[1]) * time.Millisecond
	}
}

func (r *request) tlsSocket() {
	if t := r.client(); t != nil {
		r.ret(int32(t.fd))
	}
}

// tlsStart is wifi_start_ssl_client: a socket, the name's address, a connection, a handshake, one after the other; the socket stays with the
// client whatever fails. The result is the socket.
func (r *request) tlsStart() {
	m, t := r.m, r.client()
	if t == nil {
		return
	}
	t.fd, t.started = noFD, false
	if m.lwip.used() >= numSockets {
		r.bad(eNOBUFS)
		return
	}
	t.fd = m.take(socket{kind: tcp})
	r.fd = t.fd
	if r.data[0] == nil {
		r.ret(-1)
		return
	}
	d := tlsDial{r: r, t: t, s: &m.lwip.sockets[t.fd], query: m.air.Resolve(string(r.data[0])), port: uint16(r.nums[1])}
	r.until(d.step)
}

// tlsDial is a wifi_start_ssl_client under way.
type tlsDial struct {
	r     *request
	t     *tlsClient
	s     *socket
	query *air.Query // nil: answered
	port  uint16
	until time.Duration // of the handshake; 0: not begun
}

func (d *tlsDial) step() bool {
	m := d.r.m
	if d.query != nil {
		ip, found, done := d.query.Answer()
		switch {
		case !done:
			return false
		case !found || !m.wifi.addressed:
			d.r.ret(-1)
			return true
		}
		d.query, d.s.conn = nil, m.air.Dial(ip, d.port)
	}
	switch d.s.conn.State() {
	case air.Opening:
		return false
	case air.Failed:
		d.s.conn, d.s.dead = nil, true
		d.r.ret(-1)
		return true
	}
	return d.handshake()
}

// handshake takes its time; while nothing passes, or if the other side has gone, it goes on until its limit.
func (d *tlsDial) handshake() bool {
	m := d.r.m
	if d.until == 0 {
		d.until = m.w.Now() + TLSTime
		m.after(TLSTime, m.look)
		m.after(d.t.limit, m.look)
	}
	limit := d.until - TLSTime + d.t.limit
	now := m.w.Now()
	switch {
	case now < d.until && now < limit:
		return false
	case d.s.conn.Err() == nil && d.s.conn.Answers() && now < limit:
		d.t.started, d.s.nonblock = true, true
		d.r.ret(int32(d.t.fd))
		return true
	case now < limit:
		return false
	}
	d.r.ret(-1)
	return true
}

// tlsStop is wifi_stop_ssl_socket.
func (r *request) tlsStop() {
	t := r.client()
	if t == nil {
		return
	}
	if t.fd >= 0 {
		r.fd = t.fd
		r.m.free(t.fd, byHost)
		t.fd = noFD
	}
	t.started = false
}

// conn is the client's connection, nil if it has none that is open.
func (t *tlsClient) conn(m *Module) *air.Conn {
	if t == nil || !t.started || t.fd < 0 {
		return nil
	}
	return m.lwip.sockets[t.fd].conn
}

// tlsSend is wifi_send_ssl_data: it goes on until mbed TLS has taken everything, or the connection breaks.
func (r *request) tlsSend() {
	t := r.client()
	if t == nil {
		return
	}
	c, p := t.conn(r.m), r.data[0][:min(len(r.data[0]), int(r.nums[1]))]
	r.fd = t.fd
	switch {
	case c == nil:
		r.ret(tlsBadInput)
		return
	case c.WriteAll(p) != nil:
		r.ret(tlsReset)
		return
	}
	r.until(func() bool {
		switch {
		case c.Err() != nil:
			r.ret(tlsReset)
		case c.Unwritten() > 0:
			return false
		default:
			r.ret(int32(len(p)))
		}
		return true
	})
}

// tlsReceive is wifi_get_ssl_receive: what mbedtls_ssl_read says at once, which at the end of a connection is 0.
func (r *request) tlsReceive() {
	t := r.client()
	if t == nil {
		return
	}
	n, p := tlsBadInput, make([]byte, min(max(r.int(1), 0), maxReceive))
	if c := t.conn(r.m); c != nil {
		var err error
		switch n, err = c.Read(p); {
		case errors.Is(err, io.EOF):
			n = 0
		case errors.Is(err, air.ErrWouldBlock):
			n = tlsWantRead
		case err != nil:
			n = tlsReset
		}
	}
	r.fd = t.fd
	r.bytes(n, p)
	r.ret(int32(n))
}
