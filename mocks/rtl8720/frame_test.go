package rtl8720_test

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/rtl8720"
)

// EmbeddedRPC/erpc, erpc_framed_transport.h, Header: message size and CRC, 16 bits each, and no more; erpc_basic_codec.cpp: version, service,
// request and type in one number, low byte first. The frames are written out, and checked with a CRC of another hand (binascii.crc_hqx, which
// has the same polynomial, started with 0xEF4A).
func TestFrames(t *testing.T) {
	onBoard(t, func(b *board) {
		p, err := hex.DecodeString("0900" + "100c" + "00020101" + "05000000" + "a5")
		b.NoError(err)
		b.write(p)
		b.w.Sleep(10 * time.Millisecond)
		got := make([]byte, b.port.Buffered())
		_, err = b.port.Read(got)
		b.NoError(err)
		b.Equal("0900"+"77ca"+"02020101"+"05000000"+"a5", hex.EncodeToString(got), "rpc_system_ack gives back what it got")
	})
}

// A reply is on its way after a millisecond, and each byte takes its time.
func TestTiming(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write(frame(message(0, sysService, 1, 1)))
		start := b.w.Now()
		b.NotNil(b.receive(time.Second))
		b.InDelta(rtl8720.HandleTime+25*10*time.Second/614_400, b.w.Now()-start, float64(500*time.Microsecond))
	})
}

// seeed-ambd-firmware, erpc_setup.cpp: nothing is served before the module has started, and nothing when CHIP_EN is low.
func TestBoot(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		p, _ := b.blob(b.call(sysService, 1))
		b.Equal("2.1.3", string(p))
		b.Zero(b.socket())
		enable.Low()
		b.write(frame(message(0, sysService, 1, 9)))
		b.Nil(b.receive(time.Second), "it is off")
		enable.High()
		b.write(frame(message(0, sysService, 1, 9)))
		b.Nil(b.receive(rtl8720.BootTime), "it starts")
		b.Zero(b.socket(), "and has forgotten its sockets")
	})
	require.Equal(t, [][4]any{{"rtl8720", 0, 0, 0}}, find(tr, trace.Reset))
	require.Equal(t, [][4]any{{"rtl8720.socket", 0, 1, 2}}, find(tr, trace.Free))
}

// erpc_simple_server.cpp, erpc_transport_arbitrator.cpp, erpc_basic_codec.cpp: a message that the module cannot use is dropped without a
// word, and the next one is served.
func TestBadMessages(t *testing.T) {
	cases := []struct {
		what  string
		sent  []byte
		frame string
	}{
		{"erpc_framed_transport.cpp, receive: kErpcStatus_CrcCheckFailed", func() []byte {
			p := frame(message(0, sysService, 1, 1))
			p[2] ^= 1
			return p
		}(), "a wrong CRC"},
		{"startReadMessage: kErpcStatus_InvalidMessageVersion", frame([]byte{0, 1, 1, 2, 1, 0, 0, 0}), "another codec's version"},
		{"readData: kErpcStatus_BufferOverrun", frame([]byte{0, 1, 1}), "less than a message's header"},
		{"processMessage: no service of that number", frame(message(0, 99, 1, 1)), "an unknown call"},
		{"handleInvocation: kErpcStatus_InvalidArgument", frame(message(0, sysService, 77, 1)), "an unknown call"},
		{"readBinary: kErpcStatus_BufferOverrun", frame(append(message(0, ipService, 25, 1), 200, 0, 0, 0, 'x')), "parameters longer than the message"},
		{"read: kErpcStatus_BufferOverrun", frame(message(0, ipService, 8, 1)), "parameters longer than the message"},
		{"receive: a reply that nobody waits for", frame(message(2, sysService, 1, 1)), "a message that is no call"},
		{"receive: messages we don't know what to do with", frame(message(7, sysService, 1, 1)), "a message that is no call"},
	}
	for _, c := range cases {
		tr := onBoard(t, func(b *board) {
			b.write(c.sent)
			b.Nil(b.receive(100*time.Millisecond), c.what)
			b.call(sysService, 1)
		})
		found := find(tr, trace.Frame)
		require.Len(t, found, 1, c.what)
		require.Equal(t, c.frame, found[0][0], c.what)
	}
}

// erpc_framed_transport.cpp, receive: a length beyond the buffer fails at once, and what follows is taken for the next header.
func TestLongFrame(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write([]byte{0xff, 0xff, 0, 0})
		b.call(sysService, 1)
	})
}

// underlyingReceive waits for the bytes that the header announced: a byte that is lost makes it take the next frame's.
func TestLostByteShiftsFrames(t *testing.T) {
	onBoard(t, func(b *board) {
		p := frame(message(0, sysService, 1, 1))
		b.write(p[:len(p)-1])
		b.Nil(b.receive(time.Second), "it waits for the last byte")
		b.write(p)
		b.Nil(b.receive(time.Second), "which is the next frame's first")
	})
}

// erpc_simple_server.cpp, runInternalEnd: kOnewayMessage is served and not answered.
func TestOneway(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write(frame(message(1, ipService, 18, 1, 2, 1, 6)))
		b.Nil(b.receive(time.Second))
		b.Equal(1, b.socket(), "there is one socket by now")
	})
}

// One task serves the calls: while one waits, the next does, too (seeed-ambd-firmware, erpc_setup.cpp, run_erpc_server).
func TestOneCallAtATime(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		fd := b.socket()
		ip, _ := b.a.HostIP("gone")
		start := b.w.Now()
		b.write(frame(message(0, ipService, 9, 100, fd, sockaddr(ip, 7), 16)))
		b.write(frame(message(0, ipService, 9, 101, fd, sockaddr(ip, 7), 16)))
		b.write(frame(message(0, sysService, 1, 102)))
		p := b.receive(time.Minute)
		b.Equal(byte(100), p[4])
		b.Greater(b.w.Now()-start, 10*time.Second)
		b.Equal(byte(101), b.receive(time.Second)[4])
		b.Equal(byte(102), b.receive(time.Second)[4])
	})
}

// owhinata/wio-lite-ai, app/wifi_rpc.h: 127 bytes find room while a call is under way; further ones are lost.
func TestRing(t *testing.T) {
	onBoard(t, func(b *board) {
		b.on()
		b.write(frame(message(0, drvService, 28, 1)))
		b.write(frame(message(0, ipService, 25, 2, string(make([]byte, 200)))))
		b.Equal(byte(1), b.receive(time.Second)[4])
		b.Nil(b.receive(time.Second))
	})
}
