package nina_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// established is what GET_CLIENT_STATE_TCP answers for an open connection.
const established = 4

// CommandHandler.cpp getSocket: the first free slot, and it stays free.
func TestGetSocketReservesNothing(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(0, b.num(opSocket))
		b.Equal(0, b.num(opSocket))
		b.listen(0, 80)
		b.Equal(1, b.num(opSocket))
		for i := 1; i < 10; i++ {
			b.listen(i, 80+i)
		}
		b.Equal(255, b.num(opSocket))
		b.num(opStop, u8(4))
		b.Equal(4, b.num(opSocket))
	})
}

// CommandHandler.cpp startServerTcp: 1 and the slot is taken, whether or not WiFiServer::begin found the port free.
func TestServerThatCannotBegin(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		b.Equal(1, b.num(opState, u8(0)))
		b.listen(1, 80)
		b.Equal(0, b.num(opState, u8(1)), "lwip_bind: the port is in use")
		b.Equal(2, b.num(opSocket))
	})
	require.Len(t, find(tr, trace.Take), 2)
}

// CommandHandler.cpp stopClientTcp: it stops the slot's client, not its server; WiFiServer has no destructor.
func TestStoppedServerListensOn(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		b.Equal(1, b.num(opStop, u8(0)))
		b.Equal(0, b.num(opSocket))
		b.Equal(1, b.num(opState, u8(0)))
		b.NoError(b.a.Peer("p1").Dial(80))
		b.listen(0, 80)
		b.Equal(0, b.num(opState, u8(0)), "its own old socket keeps the port")
	})
}

// CommandHandler.cpp sendDataTcp: a server in the slot, even one that was stopped, gets what a client in the slot sends.
func TestClientInASlotOfAServer(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.Equal(255, b.num(opAvail, u8(0)), "accepted, without bytes")
		b.num(opStop, u8(0))
		b.True(b.dial(0, 0, "echo", 7))
		b.Equal(established, b.num(opClientState, u8(0)))
		b.Equal(3, b.send(0, []byte{0x41, 0, 0x41}))
		b.NoError(p.Read(3))
		b.Empty(b.read(0, 10), "the echo host got nothing")
	})
}

// CommandHandler.cpp startClientTcp: no parameters if the connection fails, and the slot's type stays. How long that takes is lwIP's.
func TestFailedConnect(t *testing.T) {
	for _, c := range []struct {
		host  string
		typ   int
		takes time.Duration
	}{
		{"closed", 0, air.RTT},
		{"gone", 0, 18500 * time.Millisecond},
		{"closed", 2, air.RTT},
		{"echo", 4, 0},
	} {
		onBoard(t, func(b *board) {
			ip, _ := b.a.HostIP(c.host)
			b.joined()
			start := b.w.Now()
			b.Empty(b.do(opClient, ip[:], u16(7), u8(0), u8(c.typ)))
			b.InDelta(c.takes, b.w.Now()-start, float64(time.Millisecond), c.host)
			b.Equal(0, b.num(opSocket))
		})
	}
	onBoard(t, func(b *board) {
		b.False(b.dial(0, 0, "echo", 7), "no link")
		b.joined()
		b.True(b.dial(0, 0, "echo", 7))
		b.False(b.dial(0, 0, "closed", 7))
		b.Equal(1, b.num(opSocket), "the slot stays what it was")
	})
}

// CommandHandler.cpp startClientTcp with a host name: five parameters, resolved by the firmware.
func TestConnectByName(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.Len(b.do(opClient, []byte("echo"), []byte{0, 0, 0, 0}, u16(7), u8(0), u8(0)), 1)
		b.Equal(established, b.num(opClientState, u8(0)))
		b.Equal([][]byte{{10, 0, 0, 21}, {0, 7}}, b.do(opRemote, u8(0)), "both in network order")
		b.Empty(b.do(opClient, []byte("nobody"), []byte{0, 0, 0, 0}, u16(7), u8(1), u8(0)))
	})
}

// CommandHandler.cpp getClientStateTcp: a slot that is not an open client is free from then on, whatever it was.
func TestClientStateFrees(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		b.Equal(0, b.num(opClientState, u8(0)))
		b.Equal(1, b.num(opServer, u16(53), u8(1), u8(1)))
		b.Equal(0, b.num(opClientState, u8(1)))
		b.Equal(0, b.num(opClientState, u8(2)))
		b.Equal(0, b.num(opSocket))
		b.Equal(1, b.num(opState, u8(0)))
	})
	require.Equal(t, [][4]any{{"nina.slot", 0, 1, 1}, {"nina.slot", 1, 1, 1}}, find(tr, trace.Free), "freed by the firmware, unasked")
}

// CommandHandler.cpp availDataTcp and WiFiServer.cpp available: a connection is told of when it has bytes, always with the same slot.
func TestAccept(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		p1, p2 := b.a.Peer("p1"), b.a.Peer("p2")
		b.NoError(p1.Dial(80))
		b.Equal(255, b.num(opAvail, u8(0)), "connected, no bytes")
		b.NoError(p1.Send(5))
		b.Equal(1, b.num(opAvail, u8(0)))
		b.Equal(1, b.num(opAvail, u8(0)), "the same again")
		b.Equal(5, b.num(opAvail, u8(1)), "for a client it is bytes")
		b.Equal([]byte{10, 0, 0, 31}, b.do(opRemote, u8(1))[0])
		b.Len(b.read(1, 100), 5)
		b.Equal(255, b.num(opAvail, u8(0)))
		b.NoError(p2.Dial(80))
		b.NoError(p2.Send(1))
		b.Equal(2, b.num(opAvail, u8(0)))
	})
	require.Len(t, find(tr, trace.Take), 3)
}

// CommandHandler.cpp availDataTcp: without a free slot a connection with bytes is not told of.
func TestAcceptWithoutSlots(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		for i := 1; i < 10; i++ {
			b.Equal(1, b.num(opServer, u16(80), u8(i), u8(0)), "a server that does not begin takes no socket")
		}
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.NoError(p.Send(1))
		b.Equal(255, b.num(opAvail, u8(0)))
		b.num(opStop, u8(7))
		b.Equal(7, b.num(opAvail, u8(0)))
	})
}

// WiFiServer.cpp begin listens with a backlog of one. CommandHandler.cpp handleWiFiReceive: every packet runs updateGpio0Pin, which accepts;
// but it stops at the first slot with bytes, and servers behind that one are not looked at.
func TestBacklog(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(1, 80)
		b.NoError(b.a.Peer("p1").Dial(80))
		b.NoError(b.a.Peer("p2").Dial(80), "the first has been accepted")
		b.True(b.dial(0, 0, "echo", 7))
		b.Equal(1, b.send(0, []byte{1}))
		b.NoError(b.a.Peer("p3").Dial(80))
		start := b.w.Now()
		b.ErrorIs(b.a.Peer("p1").Dial(80), air.ErrTimeout, "the third has not")
		b.Equal(air.PeerLimit, b.w.Now()-start)
		b.Len(b.read(0, 10), 1)
		b.NoError(b.a.Peer("p1").Dial(80))
	})
}

// lwIP alloc_socket: the lowest free number; WiFiClient.cpp: a client knows its socket by number only. A slot whose socket was closed
// under it reaches the connection that has the number next. (CommandHandler.cpp updateGpio0Pin would have noticed in between, but stops at
// the first slot with bytes.)
func TestSocketNumbersAreReused(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.Equal(1, b.num(opServer, u16(5000), u8(0), u8(1)))
		b.True(b.dial(0, 1, "echo", 7))
		b.Equal(1, b.num(opInsert, u8(0), make([]byte, 10)))
		b.Equal(1, b.num(opSendUDP, u8(0)))
		b.True(pinGPIO0.Get(), "slot 0 has bytes")
		b.True(b.dial(1, 0, "echo", 7))
		b.a.Deauth("home")
		b.joined()
		b.True(b.dial(2, 0, "sink", 9))
		b.Equal(established, b.num(opClientState, u8(1)), "slot 1 has the number of slot 2's socket")
		b.Equal([]byte{10, 0, 0, 22}, b.do(opRemote, u8(1))[0])
		b.num(opStop, u8(1))
		b.Equal(0, b.num(opClientState, u8(2)), "and closes it")
	})
}

// WiFiClient.cpp connected (1.4.8): a connection that the other side closed is open until its bytes are read; then its slot is freed by the
// question.
func TestEndOfStream(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.NoError(p.Send(3))
		b.Equal(1, b.num(opAvail, u8(0)))
		b.NoError(p.Close())
		b.Equal(established, b.num(opClientState, u8(1)))
		b.Len(b.read(1, 100), 3)
		b.Empty(b.read(1, 100))
		b.Equal(0, b.num(opClientState, u8(1)))
		b.Equal(1, b.num(opSocket))
	})
}

// WiFiClient.cpp available and read: after a RST the bytes still count, but reading fails and closes the socket.
func TestResetConnection(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.NoError(p.Send(3))
		b.Equal(1, b.num(opAvail, u8(0)))
		b.NoError(p.Reset())
		b.Equal(established, b.num(opClientState, u8(1)))
		b.Empty(b.read(1, 100))
		b.Equal(0, b.num(opClientState, u8(1)))
	})
}

// WiFiClient.cpp write (1.4.3): a client's own connection is non-blocking: it takes what the send buffer has room for, perhaps nothing.
func TestShortWrite(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.True(b.dial(0, 0, "sink", 9))
		sent, last := 0, 0
		for range 10 {
			last = b.send(0, make([]byte, 1436))
			sent += last
		}
		b.Equal(air.Window+air.SndBuf, sent)
		b.Equal(0, last)
		b.Equal(established, b.num(opClientState, u8(0)))
		b.a.Heal()
		b.Equal(1436, b.send(0, make([]byte, 1436)))
	})
}

// WiFiServer.cpp available makes no connection non-blocking (lwip_accept does not inherit it): a write to one waits for the peer to read.
func TestBlockingWrite(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.NoError(p.Send(1))
		b.Equal(1, b.num(opAvail, u8(0)))
		for range 8 {
			b.Equal(1436, b.send(1, make([]byte, 1436)))
		}
		b.command(opSend, u8(1), make([]byte, 1000))
		b.w.Sleep(time.Minute)
		b.True(pinACK.Get(), "the chip waits")
		b.NoError(p.Read(1000))
		b.ready()
		b.Equal([]byte{0xe8, 0x03}, b.parse(opSend, b.answer(16))[0], "1000, low byte first")
		b.command(opSend, u8(1), make([]byte, 1000))
		b.NoError(p.Reset())
		b.ready()
		b.Equal([]byte{0, 0}, b.parse(opSend, b.answer(16))[0])
	})
}

// CommandHandler.cpp getDataTcp: one byte at a time, or a look at it; 255 if there is none.
func TestSingleBytes(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.True(b.dial(0, 0, "echo", 7))
		b.Equal(2, b.send(0, []byte{0x41, 0}))
		b.Equal(0x41, b.num(opGetData, u8(0), u8(1)))
		b.Equal(0x41, b.num(opGetData, u8(0), u8(0)))
		b.Equal(0, b.num(opGetData, u8(0), u8(0)))
		b.Equal(255, b.num(opGetData, u8(0), u8(0)))
	})
}

// CommandHandler.cpp handleWiFiDisconnect: sockets with a local address are closed, listeners stay.
func TestDisconnectClosesConnections(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		b.True(b.dial(1, 0, "echo", 7))
		b.a.Deauth("home")
		b.Equal(0, b.num(opClientState, u8(1)))
		b.Equal(1, b.num(opState, u8(0)))
		b.joined()
		b.NoError(b.a.Peer("p1").Dial(80))
		b.True(b.dial(1, 0, "echo", 7))
		b.a.Down("home")
		b.w.Sleep(5 * time.Second)
		b.Equal(established, b.num(opClientState, u8(1)), "nobody has noticed yet")
	})
}

// CommandHandler.cpp handleWiFiDisconnect is there to end a connect that hangs.
func TestDisconnectEndsConnect(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().command(opClient, []byte{10, 0, 0, 24}, u16(7), u8(0), u8(0))
		b.w.Sleep(time.Second)
		b.True(pinACK.Get())
		b.a.Deauth("home")
		b.False(pinACK.Get() && b.ready() > time.Millisecond)
		b.Empty(b.parse(opClient, b.answer(16)))
	})
}

// CommandHandler.cpp stopClientTcp closes what the slot's type says.
func TestStopClosesTheSocket(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		for range 12 {
			b.Equal(1, b.num(opServer, u16(5000), u8(0), u8(1)))
			b.num(opStop, u8(0))
			b.True(b.dial(0, 2, "echo", 7))
			b.num(opStop, u8(0))
			b.True(b.dial(0, 0, "echo", 7))
			b.num(opStop, u8(0))
		}
	})
}

// lwIP has ten sockets (sdkconfig CONFIG_LWIP_MAX_SOCKETS): without one left nothing opens, and lwip_accept drops the connection (ENFILE).
func TestSocketsRunOut(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		for i := 1; i < 10; i++ {
			b.Equal(1, b.num(opServer, u16(5000+i), u8(i), u8(1)))
			b.Equal(0, b.num(opClientState, u8(i)), "frees the slot, not the socket")
		}
		b.Equal(1, b.num(opSocket))
		b.False(b.dial(1, 0, "echo", 7))
		b.Equal(0, b.num(opServer, u16(6000), u8(1), u8(1)))
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.ErrorIs(p.Read(1), io.EOF)
	})
}

// WiFiSSLClient.cpp connected says yes once more when it finds the connection closed.
func TestTLS(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.True(b.dial(0, 2, "echo", 7))
		b.Equal(2, b.send(0, []byte{0x41, 0}))
		b.Equal([]byte{0x41, 0}, b.read(0, 10))
		b.a.Deauth("home")
		b.Equal(established, b.num(opClientState, u8(0)))
		b.Equal(0, b.num(opClientState, u8(0)))
	})
}

// The slots' ledger: who took and freed what; a slot freed twice; one taken twice; one that does not exist.
func TestLedger(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.joined()
		b.True(b.dial(3, 0, "echo", 7))
		b.num(opStop, u8(3))
		b.num(opStop, u8(3))
		b.listen(3, 80)
		b.listen(3, 81)
		b.num(opClientState, u8(255))
	})
	require.Equal(t, [][4]any{{"nina.slot", 3, 1, 0}, {"nina.slot", 3, 2, 0}, {"nina.slot", 3, 3, 0}}, find(tr, trace.Take))
	require.Equal(t, [][4]any{{"nina.slot", 3, 1, 0}, {"nina.slot", 3, 2, 0}}, find(tr, trace.Free))
	require.Equal(t, [][4]any{{"nina.slot", 3, 1, 0}}, find(tr, trace.Misuse))
	require.Equal(t, [][4]any{{"start on a slot in use", opServer, 1, 0}, {"slot out of range", opClientState, 1, 0}}, find(tr, trace.Frame))
}
