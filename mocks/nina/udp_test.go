package nina_test

import (
	"testing"
)

// The firmware's UDP: START_SERVER opens, START_CLIENT addresses, INSERT_DATABUF writes, SEND_UDP_DATA sends (WiFiUdp.cpp); arrived datagrams
// are fetched one at a time, by updateGpio0Pin, when the one before is read; and set the address for sending too.
func TestUDP(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.Equal(0, b.num(opSendUDP, u8(0)), "no socket")
		b.Equal(1, b.num(opServer, u16(5000), u8(0), u8(1)))
		b.Equal(0, b.num(opServer, u16(5000), u8(1), u8(1)), "the port is in use")
		for i := 1; i <= 2; i++ {
			b.True(b.dial(0, 1, "echo", 7))
			b.Equal(1, b.num(opInsert, u8(0), make([]byte, 10*i)))
			b.Equal(1, b.num(opSendUDP, u8(0)))
		}
		b.Equal(10, b.num(opAvail, u8(0)))
		b.Equal([][]byte{{10, 0, 0, 21}, {0, 7}}, b.do(opRemote, u8(0)))
		b.True(pinGPIO0.Get(), "bytes wait")
		b.Len(b.read(0, 4), 4)
		b.Len(b.read(0, 100), 6)
		b.Len(b.read(0, 100), 20)
		b.Empty(b.read(0, 100))
		b.False(pinGPIO0.Get())
		b.True(b.dial(0, 1, "echo", 9))
		b.Equal(1, b.num(opInsert, u8(0), make([]byte, 1500)))
		b.Equal(0, b.num(opInsert, u8(0), []byte{1}), "the buffer is full")
	})
}
