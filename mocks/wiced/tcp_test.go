package wiced_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

func TestEcho(t *testing.T) {
	tr := on(t, young, func(b *board) {
		used := b.h.InUse()
		sock := b.up().client("echo", 7)
		ip, port, r := b.s.TCPPeer(sock)
		b.ok(r)
		b.Equal(b.host("echo"), ip)
		b.EqualValues(7, port)
		data := bytes.Repeat([]byte{0x41}, 3000)
		air.Fill(data, 1, 0)
		b.ok(b.s.TCPSend(sock, data, time.Second))
		var got []byte
		for len(got) < len(data) {
			part, r := b.receive(sock, time.Second)
			b.ok(r)
			b.LessOrEqual(len(part), wiced.MSS)
			got = append(got, part...)
		}
		b.Equal(data, got)
		b.ok(b.s.TCPLastError(sock))
		b.ok(b.s.TCPDisconnect(sock))
		b.ok(b.s.TCPDelete(sock))
		b.Equal(used, b.h.InUse())
	})
	require.Empty(t, touches(tr))
	require.Equal(t, count(tr, trace.Take), count(tr, trace.Free))
}

func count(tr *trace.Trace, k trace.Kind) int { return len(of(tr, k)) }

func TestConnectFails(t *testing.T) {
	for _, c := range []struct {
		host  string
		want  wiced.Result
		takes time.Duration
	}{
		{"closed", wiced.ConnectionReset, air.RTT},
		{"gone", wiced.Timeout, 5 * time.Second},
	} {
		on(t, young, func(b *board) {
			sock := &wiced.Socket{}
			b.up().ok(b.s.TCPCreate(sock))
			b.takes(c.takes, func() { b.Equal(c.want, b.s.TCPConnect(sock, b.host(c.host), 7, 5*time.Second), c.host) })
		})
	}
	on(t, young, func(b *board) {
		sock := b.up().client("echo", 7)
		b.Equal(wiced.AlreadyConnected, b.s.TCPConnect(sock, b.host("echo"), 7, time.Second))
		b.Equal(wiced.NotConnected, b.s.TCPConnect(&wiced.Socket{}, b.host("echo"), 7, time.Second))
		b.ok(b.s.TCPLastError(sock), "neither deletes anything")
	})
}

// device-os pull request 539: a connect that fails deletes its netconn and keeps the pointer.
func TestFailedConnectDeletesItsNetconn(t *testing.T) {
	failed := func(b *board) *wiced.Socket {
		sock := &wiced.Socket{}
		b.up().ok(b.s.TCPCreate(sock))
		b.Equal(wiced.ConnectionReset, b.s.TCPConnect(sock, b.host("closed"), 7, time.Second))
		return sock
	}
	tr := on(t, old, func(b *board) { b.s.TCPDelete(failed(b)) })
	require.Equal(t, []string{"wiced_tcp_delete_socket frees a netconn that wiced_tcp_connect freed"}, touches(tr))

	tr = on(t, old, func(b *board) {
		used := b.h.InUse()
		sock := failed(b)
		sock.ConnHandler = heap.Pointer{}
		b.ok(b.s.TCPDelete(sock))
		b.Equal(wiced.NotConnected, b.s.TCPLastError(sock))
		b.Equal(used, b.h.InUse())
	})
	require.Empty(t, touches(tr), "the workaround")

	tr = on(t, old, func(b *board) {
		sock, other := failed(b), &wiced.Socket{}
		b.ok(b.s.TCPCreate(other))
		b.ok(b.s.TCPDelete(sock))
		b.ok(b.s.TCPLastError(other))
	})
	require.Len(t, touches(tr), 1, "memory is given out again: the other's netconn is deleted")
}

// device-os v0.6.0, socket_hal.cpp tcp_socket_t::isClosed asks the netconn's last error.
func TestLastError(t *testing.T) {
	on(t, young, func(b *board) {
		b.up()
		b.Equal(wiced.NotConnected, b.s.TCPLastError(&wiced.Socket{}))
		p := b.a.Peer("p1")
		b.NoError(p.Listen(9))

		sock := b.client("p1", 9)
		b.NoError(p.Send(5))
		b.NoError(p.Close())
		b.rest()
		b.ok(b.s.TCPLastError(sock), "the FIN has arrived and nobody has read up to it")
		got, r := b.receive(sock, 0)
		b.ok(r)
		b.Len(got, 5)
		_, r = b.receive(sock, 0)
		b.Equal(wiced.ConnectionClosed, r)
		b.Equal(wiced.ConnectionClosed, b.s.TCPLastError(sock))
		b.Equal(wiced.ConnectionClosed, b.s.TCPSend(sock, []byte{1}, 0), "lwIP 1.4 do_write: a fatal last_err")

		sock = b.client("p1", 9)
		b.NoError(p.Send(5))
		b.NoError(p.Reset())
		b.rest()
		b.Equal(wiced.ConnectionReset, b.s.TCPLastError(sock))
		_, r = b.receive(sock, 0)
		b.Equal(wiced.ConnectionReset, r, "what had arrived is lost")
		b.Equal(wiced.ConnectionReset, b.s.TCPSend(sock, []byte{1}, 0))
		b.Equal(wiced.NotConnected, b.s.TCPDisconnect(sock))
	})
}

// wiced_result.h WICED_WOULD_BLOCK: the send buffer is full.
func TestSendWaitsForRoom(t *testing.T) {
	on(t, young, func(b *board) {
		sock := b.up().client("sink", 9)
		data := make([]byte, 1000)
		air.Fill(data, 1, 0)
		sent := 0
		for ; b.s.TCPSend(sock, data, 0) == wiced.Success; sent += len(data) {
			air.Fill(data, 1, int64(sent+len(data)))
		}
		b.Equal((air.SndBuf+air.Window)/1000*1000, sent, "of the next some found room, and it said Timeout")
		b.takes(3*time.Second, func() { b.Equal(wiced.WouldBlock, b.s.TCPSend(sock, data, 3*time.Second)) })
		b.takes(0, func() { b.Equal(wiced.WouldBlock, b.s.TCPSend(sock, data, 0)) })
		b.later(b.a.Heal)
		b.takes(time.Second, func() {
			air.Fill(data, 1, air.SndBuf+air.Window)
			b.ok(b.s.TCPSend(sock, data, time.Minute))
		})
	})
}

func TestReceiveWaits(t *testing.T) {
	on(t, young, func(b *board) {
		p := b.up().a.Peer("p1")
		b.NoError(p.Listen(9))
		sock := b.client("p1", 9)
		b.takes(0, func() {
			_, r := b.receive(sock, 0)
			b.Equal(wiced.Timeout, r)
		})
		b.takes(2*time.Second, func() {
			_, r := b.receive(sock, 2*time.Second)
			b.Equal(wiced.Timeout, r)
		})
		b.later(func() { b.NoError(p.Send(3)) })
		b.takes(time.Second, func() {
			got, r := b.receive(sock, time.Minute)
			b.ok(r)
			b.Len(got, 3)
		})
		_, r := b.receive(&wiced.Socket{}, time.Minute)
		b.Equal(wiced.NotConnected, r)
	})
}

// A HAL without a lock lets one thread delete what another waits on (device-os pull request 1492).
func TestDeletedUnderAReceive(t *testing.T) {
	tr := on(t, old, func(b *board) {
		sock := b.up().client("echo", 7)
		b.later(func() { b.ok(b.s.TCPDelete(sock)) })
		b.takes(time.Second, func() {
			_, r := b.receive(sock, time.Minute)
			b.Equal(wiced.NotConnected, r)
		})
	})
	require.Equal(t, []string{"wiced_tcp_receive uses a netconn that wiced_tcp_delete_socket freed"}, touches(tr))
}

// A full heap fails the call, not the model.
func TestOutOfHeap(t *testing.T) {
	on(t, young, func(b *board) {
		sock := b.up().client("echo", 7)
		b.ok(b.s.TCPSend(sock, []byte{1, 2, 3}, 0))
		b.rest()
		hog := b.h.Alloc("hog", "test", 1<<16-b.h.InUse()-8, nil)
		b.False(hog.Null())
		b.Equal(wiced.OutOfHeap, b.s.TCPCreate(&wiced.Socket{}))
		_, r := b.receive(sock, 0)
		b.Equal(wiced.OutOfHeap, r)
		b.h.Free(hog, "test")
		got, r := b.receive(sock, 0)
		b.ok(r)
		b.Equal([]byte{1, 2, 3}, got)
	})
}

// lwipopts.h MEMP_NUM_NETCONN.
func TestNetconns(t *testing.T) {
	on(t, wiced.Config{PCBs: 30}, func(b *board) {
		b.up()
		var last *wiced.Socket
		for range wiced.MaxNetconns {
			last = &wiced.Socket{}
			b.ok(b.s.TCPCreate(last))
		}
		b.Equal(wiced.SocketCreateFail, b.s.TCPCreate(&wiced.Socket{}))
		b.Equal(wiced.SocketCreateFail, b.s.UDPCreate(&wiced.UDPSocket{}, 0), "they are shared")
		b.Equal(wiced.SocketCreateFail, b.start(b.server("s"), 80))
		b.ok(b.s.TCPDelete(last))
		b.ok(b.s.UDPCreate(&wiced.UDPSocket{}, 0))
	})
}

// lwipopts.h MEMP_NUM_UDP_PCB.
func TestUDP(t *testing.T) {
	on(t, young, func(b *board) {
		used := b.h.InUse()
		b.up()
		var socks [wiced.MaxUDP]wiced.UDPSocket
		for i := range socks {
			b.ok(b.s.UDPCreate(&socks[i], uint16(1000+i)))
		}
		b.Equal(wiced.SocketCreateFail, b.s.UDPCreate(&wiced.UDPSocket{}, 0))
		b.ok(b.s.UDPDelete(&socks[1]))
		b.Equal(wiced.AddressInUse, b.s.UDPCreate(&wiced.UDPSocket{}, 1000))
		b.ok(b.s.UDPCreate(&socks[1], 1001))

		b.ok(b.s.UDPSend(&socks[0], b.host("echo"), 7, []byte("hello")))
		d, r := b.s.UDPReceive(&socks[0], time.Second)
		b.ok(r)
		b.Equal([]byte("hello"), d.Data)
		b.takes(time.Second, func() {
			_, r = b.s.UDPReceive(&socks[0], time.Second)
			b.Equal(wiced.Timeout, r)
		})
		b.Equal(wiced.NotConnected, b.s.UDPSend(&wiced.UDPSocket{}, b.host("echo"), 7, nil))
		for i := range socks {
			b.ok(b.s.UDPDelete(&socks[i]))
		}
		b.Equal(used, b.h.InUse())
	})
}

// What another thread does while a connect waits decides how it ends; the netconn is deleted all the same (device-os pull request 539).
func TestConnectIsDisturbed(t *testing.T) {
	for _, c := range []struct {
		name    string
		want    wiced.Result
		do      func(b *board, sock *wiced.Socket)
		touches []string
	}{
		{"the address goes", wiced.Aborted, func(b *board, _ *wiced.Socket) { b.ok(b.s.NetworkDown()) }, nil},
		{"the board starts again", wiced.NotUp, func(b *board, _ *wiced.Socket) { b.s.Restart(b.h) }, nil},
		{"the socket is deleted", wiced.NotConnected, func(b *board, sock *wiced.Socket) { b.ok(b.s.TCPDelete(sock)) }, []string{
			"wiced_tcp_connect uses a netconn that wiced_tcp_delete_socket freed",
			"wiced_tcp_connect frees a netconn that wiced_tcp_delete_socket freed",
		}},
		{"and cleared", wiced.NotConnected, func(b *board, sock *wiced.Socket) {
			b.ok(b.s.TCPDelete(sock))
			*sock = wiced.Socket{}
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := on(t, old, func(b *board) {
				sock := &wiced.Socket{}
				b.up().ok(b.s.TCPCreate(sock))
				b.later(func() { c.do(b, sock) })
				b.takes(time.Second, func() { b.Equal(c.want, b.s.TCPConnect(sock, b.host("gone"), 7, 5*time.Second)) })
			})
			require.Equal(t, c.touches, touches(tr))
		})
	}
}

func TestBind(t *testing.T) {
	on(t, young, func(b *board) {
		sock := &wiced.Socket{}
		b.up().ok(b.s.TCPCreate(sock))
		b.ok(b.s.TCPBind(sock, 0), "any")
		b.ok(b.start(b.server("s"), 80))
		b.ok(b.s.TCPBind(sock, 81))
		b.Equal(wiced.AddressInUse, b.s.TCPBind(sock, 80))
		b.Equal(wiced.NotConnected, b.s.TCPBind(&wiced.Socket{}, 81))
		_, _, r := b.s.TCPPeer(sock)
		b.Equal(wiced.NotConnected, r)
	})
}

// lwIP 1.4 tcp_slowtmr: what nobody acknowledges is given up in the end.
func TestNobodyAcknowledges(t *testing.T) {
	on(t, young, func(b *board) {
		sock := b.up().client("sink", 9)
		b.a.Uplink(false)
		b.ok(b.s.TCPSend(sock, []byte{1}, 0))
		b.w.Sleep(air.GiveUp - time.Second)
		b.ok(b.s.TCPLastError(sock))
		b.w.Sleep(2 * time.Second)
		b.Equal(wiced.Aborted, b.s.TCPLastError(sock))
	})
}
