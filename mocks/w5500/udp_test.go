package w5500_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
)

// info is what stands before a datagram from host echo (UDP Function, Receiving process): address, port, length.
func info(n int) []byte { return []byte{10, 0, 0, 21, 0, 7, byte(n >> 8), byte(n)} }

func TestUDPEcho(t *testing.T) {
	onBoard(t, func(b *board) {
		b.open(0, UDP, 5000)
		b.aim(0, b.host("echo"), 7)
		b.send(0, tagged(10))
		b.interrupts(0, 0)
		b.pass(time.Second)
		b.interrupts(0, SENDOK|RECEIVED)
		b.Equal(append(info(10), tagged(10)...), b.recv(0))

		b.clear(0, SENDOK|RECEIVED)
		b.send(0, tagged(3))
		b.interrupts(0, SENDOK|RECEIVED)
		b.send(0, tagged(4))
		b.Equal(append(append(info(3), tagged(3)...), append(info(4), tagged(4)...)...), b.recv(0))
	})
}

// UDP Function, Check send data: what is longer than the MTU goes in pieces of it; section 4.2, Sn_MSSR, sets it.
func TestUDPPieces(t *testing.T) {
	onBoard(t, func(b *board) {
		b.put16(0, SnMSSR, 400)
		b.open(0, UDP, 5000)
		b.aim(0, b.host("echo"), 7)
		b.send(0, tagged(1000))
		b.pass(time.Second)
		p := tagged(1000)
		var want []byte
		for _, piece := range [][]byte{p[:400], p[400:800], p[800:]} {
			want = append(append(want, info(len(piece))...), piece...)
		}
		b.Equal(want, b.recv(0))
	})
}

// UDP Function, Receiving process: a datagram that does not fit is lost, whole.
func TestUDPOverflow(t *testing.T) {
	onBoard(t, func(b *board) {
		b.open(0, UDP, 5000)
		b.aim(0, b.host("echo"), 7)
		for _, n := range []int{1400, 900, 632} {
			b.send(0, tagged(n))
			b.pass(time.Second)
		}
		got := b.recv(0)
		b.Len(got, 8+1400+8+632)
		b.Equal(info(632), got[1408:1416])
	})
}

// SEND_MAC does without ARP.
func TestSendMAC(t *testing.T) {
	onBoard(t, func(b *board) {
		b.open(0, UDP, 5000)
		b.aim(0, b.host("echo"), 7)
		b.fill(0, tagged(2))
		b.command(0, SENDMAC)
		b.interrupts(0, SENDOK|RECEIVED)
	})
}

// A broadcast needs no hardware address, and one in another network takes the gateway's.
func TestUDPFar(t *testing.T) {
	onBoard(t, func(b *board) {
		b.open(0, UDP, 5000)
		for _, ip := range [][]byte{{255, 255, 255, 255}, {10, 0, 0, 255}} {
			b.aim(0, ip, 9)
			b.send(0, tagged(2))
			b.interrupts(0, SENDOK)
			b.clear(0, SENDOK)
		}
		b.aim(0, []byte{192, 168, 0, 9}, 9)
		b.send(0, tagged(2))
		b.pass(time.Second)
		b.interrupts(0, SENDOK)
		b.Equal([]byte{2, 0, 10, 0, 0, 1}, b.read(regs(0), SnDHAR, 6))
	})
}

// Two sockets on one port: the first gets what arrives, until it is closed.
func TestUDPShared(t *testing.T) {
	onBoard(t, func(b *board) {
		for _, n := range []int{3, 1} {
			b.open(n, UDP, 5000)
			b.aim(n, b.host("echo"), 7)
		}
		b.send(3, tagged(2))
		b.pass(time.Second)
		b.interrupts(3, SENDOK)
		b.interrupts(1, RECEIVED)
		b.command(1, CLOSE)
		b.send(3, tagged(2))
		b.interrupts(3, SENDOK|RECEIVED)
	})
}

func TestUDPEvents(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.open(6, UDP, 5000)
		b.aim(6, b.host("echo"), 7)
		b.send(6, tagged(2))
		b.command(6, CLOSE)
		b.pass(time.Minute)
		b.interrupts(6, 0)
	})
	require.Empty(t, find(tr, trace.Data), "the socket was closed before the address was known")
	require.Equal(t, [][4]any{{"OPEN", OPEN, 6, UDPOPEN}, {"SEND", SEND, 6, UDPOPEN}, {"CLOSE", CLOSE, 6, CLOSED}}, find(tr, trace.Bus))
}
