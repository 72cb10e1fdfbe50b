package rtl8720_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// The numbers of lwIP's lwip/errno.h.
const (
	eBADF, eWOULDBLOCK, eINVAL, eOPNOTSUPP, eADDRINUSE        = 9, 11, 22, 95, 98
	eCONNABORTED, eCONNRESET, eNOBUFS, eNOTCONN, eHOSTUNREACH = 103, 104, 105, 107, 113
)

// IDL, rpc_wifi_lwip.erpc; lwIP, sockets.c: descriptors begin at 0, the lowest that is free comes first.
func TestDescriptors(t *testing.T) {
	onBoard(t, func(b *board) {
		b.on()
		for want := range 3 {
			b.Equal(want, b.socket())
		}
		b.Zero(b.num(ipService, 8, 1))
		b.Equal(1, b.socket())
		for want := 3; want < 8; want++ {
			b.Equal(want, b.socket())
		}
		b.Equal(-1, b.socket(), "SDK, lwipopts.h: MEMP_NUM_NETCONN 8")
		b.Equal(eNOBUFS, b.errno(), "netconn_new fails")
		b.Zero(b.num(ipService, 8, 5))
		b.Equal(5, b.socket())
	})
}

// lwIP, sockets.c, get_socket: a descriptor that is not open is EBADF, whatever is to be done with it.
func TestEBADF(t *testing.T) {
	onBoard(t, func(b *board) {
		b.on()
		for _, fd := range []int{0, 7, 8, -1, 1000} {
			calls := []func() int{
				func() int { return b.accept(fd) },
				func() int { return b.num(ipService, 2, fd, sockaddr(air.IP{}, 80), 16) },
				func() int { return last(b.call(ipService, 4, fd, 16)) },
				func() int { return last(b.call(ipService, 5, fd, 16)) },
				func() int { return b.num(ipService, 8, fd) },
				func() int { return b.num(ipService, 9, fd, sockaddr(air.IP{10, 0, 0, 21}, 7), 16) },
				func() int { return b.num(ipService, 10, fd, 1) },
				func() int { return b.num(ipService, 11, fd) },
				func() int { _, n := b.recv(fd, 10); return n },
				func() int { return b.send(fd, []byte("x")) },
				func() int { return b.num(ipService, 23, fd, 4, 1) },
			}
			for i, call := range calls {
				b.num(ipService, 18, 99, 1, 6) // leaves another errno
				b.Equal(-1, call(), "call %d", i)
				b.Equal(eBADF, b.errno(), "call %d", i)
			}
		}
	})
}

// lwIP, sockets.c, lwip_connect, lwip_send, lwip_recvfrom.
func TestClient(t *testing.T) {
	onBoard(t, func(b *board) {
		fd := b.joined().dial("echo", 7)
		p := b.call(ipService, 4, fd, 16)
		name, rest := b.blob(p)
		b.Equal(sockaddr(air.IP{10, 0, 0, 21}, 7), name, "getpeername: a struct sockaddr_in")
		b.Equal([]byte{16, 0, 0, 0, 0, 0, 0, 0}, rest, "its length, and 0")
		name, _ = b.blob(b.call(ipService, 5, fd, 16))
		b.Equal([]byte{10, 0, 0, 2}, name[4:8])

		_, n := b.recv(fd, 100)
		b.Equal(-1, n)
		b.Equal(eWOULDBLOCK, b.errno())
		b.Equal(5, b.send(fd, []byte("hello")))
		got, n := b.recv(fd, 2)
		b.Equal("he", string(got))
		b.Equal(2, n)
		b.Equal(3, b.num(ipService, 11, fd), "available")
		got, _ = b.recv(fd, 100)
		b.Equal("llo", string(got))
		b.Equal(-1, b.num(ipService, 9, fd, sockaddr(air.IP{10, 0, 0, 21}, 7), 16), "it is connected")
		b.Zero(b.num(ipService, 8, fd))
		b.Equal(-1, b.send(fd, []byte("x")))
		b.Equal(eBADF, b.errno())
	})
}

func TestConnectFails(t *testing.T) {
	onBoard(t, func(b *board) {
		fd := b.on().socket()
		b.Equal(-1, b.num(ipService, 9, fd, sockaddr(air.IP{10, 0, 0, 21}, 7), 16))
		b.Equal(eHOSTUNREACH, b.errno(), "ERR_RTE")
		b.joined()
		b.Equal(-1, b.send(fd, []byte("x")))
		b.Equal(eNOTCONN, b.errno())
		b.Equal(-1, b.num(ipService, 9, fd, sockaddr(air.IP{10, 0, 0, 23}, 7), 16))
		b.Equal(eCONNRESET, b.errno(), "closed answers with RST: ERR_RST")
		b.Equal(-1, b.num(ipService, 9, fd, sockaddr(air.IP{10, 0, 0, 21}, 7), 16))
		b.Equal(eNOTCONN, b.errno(), "api_msg.c: the pcb is gone")
		start := b.w.Now()
		b.Equal(-1, b.num(ipService, 9, b.socket(), sockaddr(air.IP{10, 0, 0, 24}, 7), 16))
		b.Equal(eCONNABORTED, b.errno(), "gone does not answer: ERR_ABRT")
		b.Greater(b.w.Now()-start, 10*time.Second)
	})
}

// lwIP, sockets.c, lwip_recvfrom: 0 at the end of what the other side sent; a reset is an error.
func TestEnds(t *testing.T) {
	onBoard(t, func(b *board) {
		l, p := b.joined().listen(80), b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.NoError(p.Send(4))
		b.NoError(p.Close())
		fd := b.accept(l)
		got, _ := b.recv(fd, 100)
		b.Len(got, 4)
		for range 2 {
			_, n := b.recv(fd, 100)
			b.Zero(n)
		}
		b.Zero(b.num(ipService, 8, fd))
		b.NoError(p.Dial(80))
		fd = b.accept(l)
		b.NoError(p.Reset())
		_, n := b.recv(fd, 100)
		b.Equal(-1, n)
		b.Equal(eCONNRESET, b.errno())
		b.Equal(-1, b.send(fd, []byte("x")))
		b.Equal(-1, last(b.call(ipService, 4, fd, 16)), "getpeername: ERR_CONN")
		b.Equal(eNOTCONN, b.errno())
	})
}

// lwIP, sockets.c, lwip_accept, lwip_listen; api_msg.c, accept_function.
func TestServer(t *testing.T) {
	onBoard(t, func(b *board) {
		l := b.joined().listen(80)
		b.Equal(-1, b.accept(l))
		b.Equal(eWOULDBLOCK, b.errno())
		b.NoError(b.a.Peer("p1").Dial(80))
		b.Equal(1, b.accept(l))
		name, _ := b.blob(b.call(ipService, 4, 1, 16))
		b.Equal(sockaddr(air.IP{10, 0, 0, 31}, 49152), name)

		b.NoError(b.a.Peer("p2").Dial(80))
		b.NoError(b.a.Peer("p2").Reset())
		b.Equal(-1, b.accept(l), "netconn_peer fails")
		b.Equal(eNOTCONN, b.errno())
		b.Equal(-1, b.num(ipService, 10, b.num(ipService, 18, 2, 2, 17), 1))
		b.Equal(eOPNOTSUPP, b.errno(), "UDP")
		fd := b.socket()
		b.Equal(-1, b.num(ipService, 2, fd, sockaddr(air.IP{}, 80), 16))
		b.Equal(eADDRINUSE, b.errno())
		b.Equal(-1, b.num(ipService, 2, fd, []byte{16, 10}, 2))
		b.Equal(eINVAL, b.errno(), "no IPv4 address")
		b.Zero(b.num(ipService, 8, l))
		b.Error(b.a.Peer("p3").Dial(80), "nobody listens")
	})
}

// A connection that waits to be accepted has a netconn of its own; without one it is reset (api_msg.c, accept_function; tcp_in.c).
func TestNetconnsRunOut(t *testing.T) {
	onBoard(t, func(b *board) {
		l := b.joined().listen(80)
		for range 6 {
			b.NotEqual(-1, b.socket())
		}
		p1, p2 := b.a.Peer("p1"), b.a.Peer("p2")
		b.NoError(p1.Dial(80))
		b.Equal(-1, b.socket(), "the eighth is the one that waits")
		b.NoError(p2.Dial(80), "the handshake goes through")
		b.Error(p2.Send(2), "and it is reset")
		b.Equal(7, b.accept(l))
		b.Zero(b.num(ipService, 8, 7))
	})
}

// lwIP, api_lib.c, netconn_write_partly with NETCONN_DONTBLOCK: what there is room for, then EWOULDBLOCK.
func TestShortWrite(t *testing.T) {
	onBoard(t, func(b *board) {
		fd := b.joined().dial("sink", 80)
		total, n := 0, 0
		for n = 1000; n == 1000; total += n {
			n = b.send(fd, make([]byte, 1000))
		}
		b.Equal(air.Window+air.SndBuf, total)
		b.Equal((air.Window+air.SndBuf)%1000, n)
		b.Equal(-1, b.send(fd, []byte("x")))
		b.Equal(eWOULDBLOCK, b.errno())
	})
}

// Without MSG_DONTWAIT and O_NONBLOCK calls wait.
func TestBlocking(t *testing.T) {
	onBoard(t, func(b *board) {
		l, p := b.joined().listen(80), b.a.Peer("p1")
		b.Zero(b.num(ipService, 23, l, 4, 0))
		b.w.Go("peer", func() {
			b.w.Sleep(time.Second)
			_ = p.Dial(80)
			b.w.Sleep(time.Second)
			_ = p.Send(2)
		})
		start := b.w.Now()
		fd := b.accept(l)
		b.Equal(1, fd)
		got, _ := b.blob(b.call(ipService, 12, fd, 100, 0, 0))
		b.Len(got, 2)
		b.Greater(b.w.Now()-start, 2*time.Second)
	})
}

// lwIP, sockets.c: a datagram is read as a whole, and what does not fit is lost; recvfrom says who sent it.
func TestUDP(t *testing.T) {
	onBoard(t, func(b *board) {
		fd := b.joined().num(ipService, 18, 2, 2, 17)
		b.Zero(b.num(ipService, 2, fd, sockaddr(air.IP{}, 81), 16))
		b.Equal(4, b.send(fd, []byte("lost")), "to nowhere")
		b.Zero(b.num(ipService, 9, fd, sockaddr(air.IP{10, 0, 0, 21}, 7), 16))
		b.Equal(5, b.send(fd, []byte("hello")))
		b.w.Sleep(time.Second)
		got, n := b.recv(fd, 3)
		b.Equal("hel", string(got))
		b.Equal(3, n)
		_, n = b.recv(fd, 3)
		b.Equal(-1, n)
		b.Equal(2, b.num(ipService, 17, fd, []byte("hi"), 8, sockaddr(air.IP{10, 0, 0, 21}, 7), 16))
		b.w.Sleep(time.Second)
		got, rest := b.blob(b.call(ipService, 14, fd, 100, 8, 16, 0))
		b.Equal("hi", string(got))
		from, rest := b.blob(rest)
		b.Equal(sockaddr(air.IP{10, 0, 0, 21}, 7), from)
		b.Equal(2, last(rest))
		for range 3 {
			b.NotEqual(-1, b.num(ipService, 18, 2, 2, 17))
		}
		b.Equal(-1, b.num(ipService, 18, 2, 2, 17), "MEMP_NUM_UDP_PCB, less DHCP's and DNS's")
	})
}

// lwIP, api_lib.c, netconn_gethostbyname; the result is an err_t in one byte.
func TestResolve(t *testing.T) {
	onBoard(t, func(b *board) {
		ip, rest := b.blob(b.joined().call(ipService, 25, "echo"))
		b.Equal([]byte{10, 0, 0, 21}, ip)
		b.Equal([]byte{0}, rest)
		ip, rest = b.blob(b.call(ipService, 25, "nobody"))
		b.Len(ip, 4)
		b.Equal([]byte{0xfa}, rest, "ERR_VAL, -6")
	})
}

// The ledger follows each socket, and a reset frees them all.
func TestLedger(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		fd := b.joined().dial("echo", 7)
		b.Zero(b.num(ipService, 8, fd))
		b.Equal(-1, b.num(ipService, 8, fd))
		b.dial("echo", 7)
		enable.Low()
	})
	require.Equal(t, [][4]any{{"rtl8720.socket", 0, 1, 0}, {"rtl8720.socket", 0, 2, 0}}, find(tr, trace.Take))
	require.Equal(t, [][4]any{{"rtl8720.socket", 0, 1, 0}, {"rtl8720.socket", 0, 2, 2}}, find(tr, trace.Free))
}

// IDL, rpc_wifi_mbedtls; seeed-ambd-firmware, wifi_ssl_client.c.
func TestTLS(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		c := b.joined().num(sslService, 1)
		b.Greater(c, 8, "an address")
		b.Empty(b.call(sslService, 3, c))
		b.Empty(b.call(sslService, 5, c, 120_000))
		b.Equal(-28928, b.num(sslService, 21, c, []byte("early"), uint16(5)), "MBEDTLS_ERR_SSL_BAD_INPUT_DATA")
		b.Equal(-1, b.num(sslService, 18, c, byte(1), 7, 0), "no name")
		b.Empty(b.call(sslService, 19, c))
		b.Equal(-1, b.num(sslService, 18, c, byte(0), "nobody", 7, 0), "no such name")
		b.Equal(0, b.num(sslService, 6, c), "its socket stays until it is stopped")
		b.Empty(b.call(sslService, 19, c))
		b.Equal(-1, b.num(sslService, 6, c))

		b.Equal(0, b.num(sslService, 18, c, byte(0), "echo", 7, 0), "its socket")
		b.Equal(5, b.num(sslService, 21, c, []byte("hello"), uint16(5)))
		got, rest := b.blob(b.call(sslService, 22, c, 100))
		b.Equal("hello", string(got))
		b.Equal(5, last(rest))
		_, rest = b.blob(b.call(sslService, 22, c, 100))
		b.Equal(-0x6900, last(rest), "MBEDTLS_ERR_SSL_WANT_READ")
		b.Empty(b.call(sslService, 19, c))
		b.Empty(b.call(sslService, 2, c))
		b.Equal(c, b.num(sslService, 1), "memory that was freed is used again")
	})
	require.Empty(t, find(tr, trace.Frame))
}

// A client that was destroyed is memory that was freed; a null pointer is the end.
func TestTLSMisuse(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		c := b.joined().num(sslService, 1)
		b.call(sslService, 2, c)
		b.call(sslService, 2, c)
		b.write(frame(message(0, sslService, 3, 1, 0)))
		b.Nil(b.receive(time.Minute))
		enable.Low()
		enable.High()
		b.w.Sleep(time.Second)
		b.call(sysService, 1)
	})
	require.Equal(t, [][4]any{
		{"a TLS client that was destroyed", sslService<<8 | 2, 1, 0}, {"a TLS client that is none", sslService<<8 | 3, 1, 0},
	}, find(tr, trace.Frame))
	require.Equal(t, [][4]any{{"rtl8720.tls", 0, 1, 0}}, find(tr, trace.Misuse))
}

// TLS writes all or fails: it waits for room.
func TestTLSWaits(t *testing.T) {
	onBoard(t, func(b *board) {
		c := b.joined().num(sslService, 1)
		b.call(sslService, 5, c, 120_000)
		b.Equal(0, b.num(sslService, 18, c, byte(0), "sink", 7, 0))
		b.w.Go("air", func() {
			b.w.Sleep(time.Minute)
			b.a.Heal()
		})
		start := b.w.Now()
		for range 10 {
			b.Equal(1436, b.num(sslService, 21, c, make([]byte, 1436), uint16(1436)))
		}
		b.Greater(b.w.Now()-start, 50*time.Second)
	})
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return onBoard(t, func(b *board) {
			l := b.joined().listen(80)
			p := b.a.Peer("p1")
			b.NoError(p.Dial(80))
			b.NoError(p.Send(100))
			got, _ := b.recv(b.accept(l), 1000)
			b.Len(got, 100)
			b.a.Down("home")
			b.w.Sleep(time.Minute)
			b.num(drvService, 4)
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}
