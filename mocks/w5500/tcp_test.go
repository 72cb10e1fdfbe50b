package w5500_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// Section 4.2, Sn_CR, OPEN: the state that follows is the protocol's.
func TestOpen(t *testing.T) {
	for _, c := range []struct{ socket, protocol, want int }{
		{0, 0, CLOSED}, {0, TCP, INIT}, {7, TCP, INIT}, {0, UDP, UDPOPEN}, {0, MACRAW, 0x42}, {1, MACRAW, CLOSED}, {0, 0x20 | TCP, INIT}, {0, 3, CLOSED},
	} {
		onBoard(t, func(b *board) {
			b.open(c.socket, c.protocol, 80)
			b.state(c.socket, c.want)
			b.command(c.socket, CLOSE)
			b.state(c.socket, CLOSED)
		})
	}
}

// Section 4.2, Sn_CR, LISTEN: SOCK_LISTEN until a SYN comes, then SOCK_ESTABLISHED and CON; the registers say who it is.
func TestListen(t *testing.T) {
	onBoard(t, func(b *board) {
		b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrRefused, "nobody listens")
		b.listen(4, 80)
		b.NoError(b.a.Peer("p1").Dial(80))
		b.state(4, ESTABLISHED)
		b.interrupts(4, CON)
		b.Equal(b.host("p1"), b.read(regs(4), SnDIPR, 4))
		b.NotZero(b.sn16(4, SnDPORT))
		b.Equal(0x800, b.sn16(4, TXFSR))
		b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrRefused, "the socket is taken")
		b.state(4, ESTABLISHED)
	})
}

// Sockets on one port take a connection each.
func TestSeveralListen(t *testing.T) {
	onBoard(t, func(b *board) {
		b.listen(5, 80)
		b.listen(2, 80)
		b.NoError(b.a.Peer("p1").Dial(80))
		b.state(2, ESTABLISHED)
		b.state(5, LISTENING)
		b.listen(3, 80)
		b.command(5, CLOSE)
		b.NoError(b.a.Peer("p2").Dial(80))
		b.state(3, ESTABLISHED)
		b.Equal(b.host("p2"), b.read(regs(3), SnDIPR, 4))
		b.ErrorIs(b.a.Peer("p3").Dial(80), air.ErrRefused)
	})
}

// Section 4.2, Sn_CR, CONNECT.
func TestConnect(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		b.Equal([]byte{2, 0, 10, 0, 0, 21}, b.read(regs(0), SnDHAR, 6), "what ARP found")
		b.dial(1, "closed", 80)
		b.pass(time.Second)
		b.state(1, CLOSED)
		b.interrupts(1, 0)
	})
}

// Section 4.2, Sn_TX_FSR, Sn_TX_RD, Sn_TX_WR, Sn_RX_RSR, Sn_RX_RD, Sn_RX_WR: what was sent is acknowledged; what was received waits for RECV.
func TestEcho(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		start := b.sn16(0, TXWR)
		b.Equal(start, b.sn16(0, TXRD))
		b.fill(0, tagged(100))
		b.Equal(0x800-100, b.sn16(0, TXFSR), "Sn_TX_WR has moved")
		b.command(0, SEND)
		b.Equal((start+100)&0xffff, b.sn16(0, TXRD))
		b.interrupts(0, RECEIVED)
		b.pass(time.Second)
		b.interrupts(0, RECEIVED|SENDOK)
		b.Equal(0x800, b.sn16(0, TXFSR))

		b.Equal(100, b.sn16(0, RXRSR))
		b.Equal(100, b.sn16(0, RXWR))
		b.put16(0, RXRD, 60)
		b.Equal(100, b.sn16(0, RXRSR), "RECV tells the chip")
		b.command(0, RECV)
		b.Equal(40, b.sn16(0, RXRSR))
		b.Equal(tagged(100)[60:], b.recv(0))
		b.Zero(b.sn16(0, RXRSR))
	})
}

// Pointers of sixteen bits, and buffers, wrap (section 4.2, Sn_TX_WR, Sn_RX_RD).
func TestPointersWrap(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		sent := int64(0)
		for range 100 {
			p := make([]byte, 1500)
			air.Fill(p, 0x40, sent)
			sent += int64(len(p))
			b.send(0, p)
			b.pass(time.Second)
			b.Equal(p, b.recv(0))
		}
		b.Equal(int(sent)&0xffff, b.sn16(0, RXRD))
	})
}

// TCP Function, Receiving process: a full receive buffer holds the peer up.
func TestReceiveWindow(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Send(5000))
		b.Equal(0x800, b.sn16(0, RXRSR))
		b.interrupts(0, RECEIVED)
		got := b.recv(0)
		b.Equal(0x800, b.sn16(0, RXRSR))
		got = append(got, b.recv(0)...)
		got = append(got, b.recv(0)...)
		b.Len(got, 5000)
		b.Equal(-1, air.Check(got, air.RemoteTag(p.Conn()), 0))
	})
}

// A window that the peer keeps closed keeps SEND from completing.
func TestSendWindow(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "sink", 7)
		for range air.Window / 1000 {
			b.send(0, tagged(1000))
			b.pass(time.Second)
			b.interrupts(0, SENDOK)
			b.clear(0, SENDOK)
		}
		b.send(0, tagged(1000))
		b.pass(10 * time.Minute)
		b.interrupts(0, 0)
		b.state(0, ESTABLISHED)
		b.Equal(0x800-(1000-air.Window%1000), b.sn16(0, TXFSR))
		b.a.Heal()
		b.interrupts(0, SENDOK)
		b.Equal(0x800, b.sn16(0, TXFSR))
	})
}

// Section 4.2, Sn_SR, SOCK_CLOSE_WAIT: the peer's FIN half-closes; DISCON answers it.
func TestPassiveClose(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Send(10))
		b.NoError(p.Close())
		b.state(0, CLOSEWAIT)
		b.interrupts(0, RECEIVED|DISCONNECTED)
		b.Len(b.recv(0), 10)
		b.command(0, DISCON)
		b.state(0, CLOSED)
	})
	require.Equal(t, [][4]any{{"accept", 1, 80, 0xc000}, {"fin", 1, 80, 0xc000}, {"closed", 1, 80, 0xc000}, {"end", 1, 80, 0xc000}}, find(tr, trace.Conn))
}

// A FIN counts once everything before it has been received.
func TestFINBehindData(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Send(3000))
		b.NoError(p.Close())
		b.state(0, ESTABLISHED)
		b.Len(b.recv(0), 0x800)
		b.state(0, CLOSEWAIT)
		b.Len(b.recv(0), 3000-0x800)
	})
}

// Section 4.2, Sn_CR, DISCON: FIN, then SOCK_CLOSED when the peer's has come, too.
func TestActiveClose(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.send(0, tagged(10))
		b.command(0, DISCON)
		b.state(0, FINWAIT)
		b.NoError(p.Read(10))
		b.ErrorIs(p.Read(1), io.EOF)
		b.state(0, FINWAIT)
		b.NoError(p.Close())
		b.state(0, CLOSED)
		b.interrupts(0, SENDOK|DISCONNECTED)
		b.clear(0, SENDOK|DISCONNECTED)
		b.connected(0, "echo", 7)
	})
}

// A socket that is no connection yet has nobody to say FIN to.
func TestDisconnectWithoutConnection(t *testing.T) {
	onBoard(t, func(b *board) {
		b.listen(0, 80)
		b.command(0, DISCON)
		b.state(0, CLOSED)
		b.ErrorIs(b.a.Peer("p1").Dial(80), air.ErrRefused)
		b.command(0, DISCON)
		b.state(0, CLOSED)
	})
}

// Section 4.2, Sn_CR: CLOSE changes Sn_SR only. The peer learns nothing until it sends; what was received stays, and so do interrupts.
func TestClose(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Send(10))
		b.command(0, CLOSE)
		b.state(0, CLOSED)
		b.interrupts(0, RECEIVED)
		b.Len(b.recv(0), 10)
		b.ErrorIs(p.Read(1), air.ErrTimeout)
		b.ErrorIs(p.Send(2), air.ErrReset)
		b.open(0, TCP, 80)
		b.interrupts(0, RECEIVED)
		b.Zero(b.sn16(0, RXWR))
	})
}

// Section 4.2, Sn_CR: a RST closes the socket, and there is no interrupt for it.
func TestReset(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Send(10))
		b.clear(0, RECEIVED)
		b.NoError(p.Reset())
		b.state(0, CLOSED)
		b.interrupts(0, 0)
		b.Equal(10, b.sn16(0, RXRSR), "what had arrived")
	})
}

// Sending on a connection that the peer has closed for good is answered with RST.
func TestSendAfterFIN(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Close())
		b.state(0, CLOSEWAIT)
		b.clear(0, DISCONNECTED)
		b.send(0, tagged(2))
		b.state(0, CLOSED)
		b.pass(time.Second)
		b.interrupts(0, 0)
	})
}

// The ledger: who opened a socket, and who closed it.
func TestLedger(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.open(0, TCP, 80)
		b.command(0, OPEN) // the same again
		b.command(0, CLOSE)
		b.command(0, CLOSE)
		p := b.served(1)
		b.NoError(p.Reset())
		b.served(1)
		b.command(1, CLOSE)
	})
	require.Equal(t, [][4]any{{"w5500.socket", 0, 1, 0}, {"w5500.socket", 1, 1, 0}, {"w5500.socket", 1, 2, 0}}, find(tr, trace.Take))
	require.Equal(t, [][4]any{{"w5500.socket", 0, 1, 0}, {"w5500.socket", 1, 1, 1}, {"w5500.socket", 1, 2, 3}}, find(tr, trace.Free))
	require.Equal(t, [4]any{"LISTEN", LISTEN, 1, LISTENING}, find(tr, trace.Bus)[5])
}
