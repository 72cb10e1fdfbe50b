package w5500_test

import (
	"machine"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/w5500"
)

// Section 2.2: sixteen bits of offset address, high byte first, eight of control, then data; the address goes up by itself.
func TestFrame(t *testing.T) {
	onNewBoard(t, func(b *board) {
		mac := []byte{1, 2, 3, 4, 5, 6}
		b.Equal([]byte{1, 2, 3}, b.exchange([]byte{0x00, SHAR, 0x04, 1, 2, 3, 4, 5, 6})[:3])
		b.Equal(mac, b.exchange([]byte{0x00, SHAR, 0x00, 0, 0, 0, 0, 0, 0})[3:])
		b.Equal([]byte{3, 4}, b.read(common, SHAR+2, 2))
		b.Equal([]byte{4}, b.read(common, VERSIONR, 1), "section 4.1, VERSIONR")
	})
}

// Section 2.2.2: BSB selects the socket's registers, its transmit and its receive buffer.
func TestBlocks(t *testing.T) {
	onNewBoard(t, func(b *board) {
		for n := range 8 {
			b.put16(n, SnPORT, 1000+n)
			b.write(txbuf(n), 5, byte(n), byte(n+1))
		}
		for n := range 8 {
			b.Equal(1000+n, b.sn16(n, SnPORT))
			b.Equal([]byte{byte(n), byte(n + 1)}, b.read(txbuf(n), 5, 2))
			b.Equal([]byte{0, 0}, b.read(rxbuf(n), 5, 2), "another memory")
		}
	})
}

// Section 2.4: in fixed length mode a frame has one, two or four bytes of data, and chip select may stay low: frames follow each other.
func TestFixedLength(t *testing.T) {
	tr := onNewBoard(t, func(b *board) {
		pinCS.Low()
		out := []byte{0, SHAR, 0x04 | 3, 1, 2, 3, 4, 0, SHAR + 4, 0x04 | 2, 5, 6, 0, SHAR + 5, 0x04 | 1, 7}
		b.NoError(machine.SPI0.Tx(out, nil))
		in := make([]byte, 3+4+3+2)
		b.NoError(machine.SPI0.Tx([]byte{0, SHAR, 3, 0, 0, 0, 0, 0, SHAR + 4, 2, 0, 0}, in))
		b.Equal([]byte{1, 2, 3, 4}, in[3:7])
		b.Equal([]byte{5, 7}, in[10:])
		pinCS.High()
	})
	require.Empty(t, find(tr, trace.Frame))
}

// A chip that is not selected takes nothing and drives nothing.
func TestNotSelected(t *testing.T) {
	onNewBoard(t, func(b *board) {
		in := make([]byte, 4)
		b.NoError(machine.SPI0.Tx([]byte{0, SHAR, 4, 9}, in))
		b.Equal([]byte{0xff, 0xff, 0xff, 0xff}, in)
		b.Zero(b.num(common, SHAR, 1))
	})
}

// What the datasheet forbids is reported; the chip has its own way with it.
func TestViolations(t *testing.T) {
	for _, c := range []struct {
		name string
		want [4]any
		do   func(b *board)
	}{
		{"section 2.2.3: at least one byte of data", [4]any{"no data phase", 0, 0, 0}, func(b *board) { b.exchange([]byte{0, 0, 0}) }},
		{"section 2.2.2: reserved blocks", [4]any{"a reserved block", 4 << 3, 0, 0}, func(b *board) { b.exchange([]byte{0, 0, 4 << 3, 0}) }},
		{"section 2.4", [4]any{"fewer bytes than its fixed length", 0, 0, 0}, func(b *board) { b.exchange([]byte{0, 0, 3, 0, 0}) }},
		{"section 4.2, Sn_CR", [4]any{"an unknown command", 0x03, 1, 0}, func(b *board) { b.command(0, 0x03) }},
		{"section 4.2, Sn_CR", [4]any{"an unknown command", 0xff, 1, 0}, func(b *board) { b.command(0, 0xff) }},
		{
			"section 4.2, Sn_SR, SOCK_INIT",
			[4]any{"LISTEN on a socket that is not in SOCK_INIT", LISTEN, 1, 0},
			func(b *board) { b.listen(0, 80); b.command(0, LISTEN); b.state(0, LISTENING) },
		},
		{
			"section 4.2, Sn_SR, SOCK_INIT",
			[4]any{"CONNECT on a socket that is not in SOCK_INIT", CONNECT, 1, 0},
			func(b *board) { b.command(0, CONNECT); b.state(0, CLOSED) },
		},
		{
			"section 4.2, Sn_SR, SOCK_ESTABLISHED",
			[4]any{"SEND in SOCK_INIT", SEND, 1, 0},
			func(b *board) { b.open(0, TCP, 80); b.send(0, tagged(2)); b.Equal(0, b.sn16(0, TXRD)) },
		},
		{
			"section 4.2, Sn_SR, SOCK_ESTABLISHED",
			[4]any{"SEND in SOCK_LISTEN", SEND, 1, 0},
			func(b *board) { b.listen(0, 80); b.send(0, tagged(2)) },
		},
		{
			"section 4.2, Sn_SR, SOCK_ESTABLISHED",
			[4]any{"SEND in SOCK_SYNSENT", SEND, 1, 0},
			func(b *board) { b.dial(0, "gone", 80); b.send(0, tagged(2)) },
		},
		{
			"section 4.2, Sn_SR, SOCK_ESTABLISHED",
			[4]any{"SEND after DISCON", SEND, 1, 0},
			func(b *board) { b.served(0); b.command(0, DISCON); b.send(0, tagged(2)) },
		},
		{
			"section 4.2, Sn_SR, SOCK_CLOSED",
			[4]any{"SEND on a socket that was closed", SEND, 1, 0},
			func(b *board) { b.connected(0, "echo", 7).command(0, CLOSE); b.send(0, tagged(2)) },
		},
		{
			"section 4.2, Sn_TX_FSR",
			[4]any{"SEND of more than the buffer holds", SEND, 1, 0},
			func(b *board) { b.connected(0, "echo", 7).send(0, tagged(2050)) },
		},
		{
			"TCP Function, Send process",
			[4]any{"SEND before the last one was complete", SEND, 1, 0},
			func(b *board) { b.connected(0, "echo", 7).send(0, tagged(2)); b.send(0, tagged(2)) },
		},
		{
			"section 4.2, Sn_RXBUF_SIZE",
			[4]any{"buffers of more than 16 KB", OPEN, 1, 0},
			func(b *board) { b.write(regs(7), RXBUF, 4); b.open(0, TCP, 80) },
		},
		{"section 4.2, Sn_CR, UDP only", [4]any{"SEND_MAC outside UDP mode", SENDMAC, 1, 0}, func(b *board) { b.connected(0, "echo", 7).command(0, SENDMAC) }},
		{"section 4.2, Sn_CR, TCP only", [4]any{"SEND_KEEP outside TCP mode", SENDKEEP, 1, 0}, func(b *board) { b.open(0, UDP, 9); b.command(0, SENDKEEP) }},
		{"section 4.2, Sn_CR, TCP only", [4]any{"DISCON outside TCP mode", DISCON, 1, 0}, func(b *board) { b.open(0, UDP, 9); b.command(0, DISCON) }},
	} {
		tr := onBoard(t, c.do)
		require.Equal(t, [][4]any{c.want}, find(tr, trace.Frame), c.name)
	}
}

// A socket that the network has closed a moment before the host sends is not the host's mistake.
func TestSendAfterTheNetworkClosed(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		p := b.served(0)
		b.fill(0, tagged(2))
		b.NoError(p.Reset())
		b.command(0, SEND)
		b.state(0, CLOSED)
		b.interrupts(0, 0)
	})
	require.Empty(t, find(tr, trace.Frame))
}

// Section 5.5.1: RSTn low resets the chip; the PHY has to find its link again.
func TestResetPin(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		pinRST.Low()
		b.Equal([]byte{0xff}, b.read(common, VERSIONR, 1), "in reset")
		pinRST.High()
		b.Equal(4, b.num(common, VERSIONR, 1))
		b.state(0, CLOSED)
		b.Zero(b.num(common, SIPR, 4))
		b.Zero(b.num(common, PHYCFGR, 1) & 1)
		b.pass(2 * time.Second)
		b.Equal(1, b.num(common, PHYCFGR, 1)&1)
		b.configure()
		b.connected(0, "echo", 7)
	})
	require.Equal(t, [][4]any{{"w5500", int(w5500.CausePin), 0, 0}}, find(tr, trace.Reset))
	require.Equal(t, [][4]any{{"w5500.socket", 0, 1, 2}}, find(tr, trace.Free))
}
