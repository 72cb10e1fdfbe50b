package nina_test

import (
	"machine"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/nina"
)

// SPIS.cpp transfer, handleOnChipSelect: ready is low while a transaction is queued, high from chip select on, and stays high until the
// next transaction is queued.
func TestHandshake(t *testing.T) {
	onBoard(t, func(b *board) {
		b.False(pinACK.Get(), "a chip that waits for a command is ready")
		pinCS.Low()
		b.True(pinACK.Get(), "a selected chip acknowledges")
		b.NoError(machine.NINA_SPI.Tx([]byte{0xe0, opVersion, 0, 0xee}, nil))
		b.True(pinACK.Get())
		pinCS.High()
		b.True(pinACK.Get(), "a chip that handles a command is busy")
		b.w.Sleep(nina.HandleTime)
		b.False(pinACK.Get(), "the reply is queued")
		pinCS.Low()
		b.True(pinACK.Get())
		pinCS.High()
		b.False(pinACK.Get(), "the next command can come at once")
	})
}

// main/sketch.ino.cpp loop: a transaction of no bytes is no command.
func TestEmptyCommand(t *testing.T) {
	onBoard(t, func(b *board) {
		b.exchange(nil)
		b.False(pinACK.Get())
		b.Equal("1.4.8\x00", string(b.do(opVersion)[0]))
	})
}

// main/sketch.ino.cpp loop: the reply is sent in the next transaction, whatever the host sends there, and however short it is.
func TestReplyIsSentOnce(t *testing.T) {
	onBoard(t, func(b *board) {
		b.command(opVersion)
		b.ready()
		in := b.exchange([]byte{0xe0, opMAC, 0, 0xee})
		b.Equal([]byte{0xe0, opVersion | 0x80, 1, 6}, in, "the host's bytes are discarded")
		b.Equal("1.4.8\x00", string(b.do(opVersion)[0]), "a reply that was read in part is gone")
		b.command(opMAC)
		b.ready()
		b.exchange(nil)
		b.Equal("1.4.8\x00", string(b.do(opVersion)[0]), "a reply that was not read is gone")
	})
}

// CommandHandler.cpp handle: what is no command is answered with EF 00 EE; main/sketch.ino.cpp loop: the buffer holds zeros behind that.
func TestGarbage(t *testing.T) {
	for _, sent := range [][]byte{
		{0x00, opVersion, 0, 0xee},
		{0xff},
		{0xe0, 0x00, 0, 0xee},
		{0xe0, 0x13, 0, 0xee},
		{0xe0, 0x70, 0, 0xee},
		{0xe0, opVersion | 0x80, 0, 0xee},
	} {
		onBoard(t, func(b *board) {
			b.ready()
			b.exchange(sent)
			b.Equal([]byte{0xef, 0, 0xee, 0, 0, 0, 0, 0}, b.answer(8), "after % x", sent)
			b.Equal("1.4.8\x00", string(b.do(opVersion)[0]), "after % x", sent)
		})
	}
}

// CommandHandler.cpp handle: a reply ends with EE and is padded to a multiple of four.
func TestReplyFrame(t *testing.T) {
	onBoard(t, func(b *board) {
		b.command(opVersion)
		b.Equal([]byte{0xe0, 0xb7, 1, 6, '1', '.', '4', '.', '8', 0, 0xee, 0, 0, 0, 0, 0}, b.answer(16))
	})
}

// Bytes clocked while the chip is busy are lost, and the line floats.
func TestBusy(t *testing.T) {
	onBoard(t, func(b *board) {
		b.command(opScan)
		b.True(pinACK.Get())
		b.Equal([]byte{0xff, 0xff, 0xff, 0xff}, b.exchange([]byte{0xe0, opMAC, 0, 0xee}))
		b.InDelta(nina.ScanTime, b.ready(), float64(time.Millisecond))
		b.Len(b.parse(opScan, b.answer(64)), 2)
	})
}

// A chip held in reset is not ready, and forgets everything; then it boots. (Arduino's SpiDrv::begin waits 750 ms for that.)
func TestReset(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.joined().listen(0, 80)
		pinRESETN.Low()
		b.w.Sleep(10 * time.Millisecond)
		b.True(pinACK.Get())
		pinRESETN.High()
		b.True(pinACK.Get())
		b.InDelta(nina.BootTime, b.ready(), float64(time.Millisecond))
		b.Less(b.w.Now(), b.w.Now()+750*time.Millisecond)
		b.Equal(idle, b.num(opStatus))
		b.Equal(0, b.num(opState, u8(0)))
		b.Equal(0, b.num(opSocket))
	})
	require.Equal(t, [][4]any{{"nina", int(nina.CausePin), 0, 0}}, find(tr, trace.Reset))
	require.Equal(t, [][4]any{{"nina.slot", 0, 1, 2}}, find(tr, trace.Free))
}

// ESP32 datasheet, strapping pins: GPIO0 low at reset starts the ROM's loader; main/sketch.ino.cpp setup: chip select low, Bluetooth.
func TestStrapping(t *testing.T) {
	for _, pin := range []machine.Pin{pinGPIO0, pinCS} {
		onBoard(t, func(b *board) {
			pin.Low()
			pinRESETN.Low()
			pinRESETN.High()
			pin.High()
			b.w.Sleep(time.Minute)
			b.True(pinACK.Get(), "with pin %d low", pin)
		})
	}
}

// The firmware never looks at the end byte; whether the host keeps to the protocol, the trace says.
func TestViolations(t *testing.T) {
	for _, c := range []struct {
		sent []byte
		want string
	}{
		{[]byte{0xe0, opVersion, 0, 0xee}, ""},
		{[]byte{0xe0, opSocket, 0, 0xee, 0xff, 0xff, 0xff, 0xff}, ""},
		{[]byte{0xe0, opStop, 1, 1, 3, 0xee, 0xff, 0xff}, ""},
		{[]byte{0xe0, opInsert, 2, 0, 1, 3, 0, 1, 7, 0xee, 0, 0}, ""},
		{[]byte{0xe0, opStop, 1}, "command shorter than four bytes"},
		{[]byte{0xe1, opVersion, 0, 0xee}, "no start byte"},
		{[]byte{0xe0, 0x13, 0, 0xee}, "unknown opcode"},
		{[]byte{0xe0, 0x50, 1, 1, 5, 1, 1, 0xee}, "wrong parameter count"},
		{[]byte{0xe0, 0x16, 3, 3, 'a', 'b', 'c', 0xee}, "wrong parameter count"},
		{[]byte{0xe0, opVersion, 0, 0}, "no end byte"},
		{[]byte{0xe0, opStop, 1, 9, 3, 0x11, 0xff, 0xff}, "parameters longer than the transaction"},
		{[]byte{0xe0, opStop, 1, 1, 3, 0xee}, "length not a multiple of four"},
	} {
		tr := onBoard(t, func(b *board) { b.exchange(c.sent) })
		var want [][4]any
		if c.want != "" {
			op := int(append(c.sent, 0, 0)[1])
			want = [][4]any{{c.want, op, 0, 0}}
		}
		require.Equal(t, want, find(tr, trace.Frame), "% x", c.sent)
	}
}

func TestBusEvents(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.num(opSocket)
		b.listen(3, 80)
		b.num(opAvail, u8(3))
	})
	require.Equal(t, [][4]any{
		{"GET_SOCKET", opSocket, -1, 0},
		{"START_SERVER_TCP", opServer, 3, 1},
		{"AVAIL_DATA_TCP", opAvail, 3, 255},
	}, find(tr, trace.Bus))
}
