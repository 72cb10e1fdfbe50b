package w5500_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/w5500"
)

// reset is what registers hold after a reset, as the headings of sections 4.1 and 4.2 give it.
var reset = []struct {
	name              string
	block, addr, size int
	want              int
}{
	{"MR", common, 0x00, 1, 0},
	{"GAR", common, 0x01, 4, 0},
	{"SUBR", common, 0x05, 4, 0},
	{"SHAR", common, 0x09, 6, 0},
	{"SIPR", common, 0x0f, 4, 0},
	{"INTLEVEL", common, 0x13, 2, 0},
	{"IR", common, 0x15, 1, 0},
	{"IMR", common, 0x16, 1, 0},
	{"SIR", common, 0x17, 1, 0},
	{"SIMR", common, 0x18, 1, 0},
	{"RTR", common, 0x19, 2, 0x07d0},
	{"RCR", common, 0x1b, 1, 8},
	{"PTIMER", common, 0x1c, 1, 0x28},
	{"PMAGIC", common, 0x1d, 1, 0},
	{"PMRU", common, 0x26, 2, 0xffff},
	{"VERSIONR", common, 0x39, 1, 4},
	{"Sn_MR", regs(3), 0x00, 1, 0},
	{"Sn_CR", regs(3), 0x01, 1, 0},
	{"Sn_IR", regs(3), 0x02, 1, 0},
	{"Sn_SR", regs(3), 0x03, 1, 0},
	{"Sn_PORT", regs(3), 0x04, 2, 0},
	{"Sn_DHAR", regs(3), 0x06, 6, 0xffffffffffff},
	{"Sn_DIPR", regs(3), 0x0c, 4, 0},
	{"Sn_DPORT", regs(3), 0x10, 2, 0},
	{"Sn_MSSR", regs(3), 0x12, 2, 0},
	{"Sn_TOS", regs(3), 0x15, 1, 0},
	{"Sn_TTL", regs(3), 0x16, 1, 0x80},
	{"Sn_RXBUF_SIZE", regs(3), 0x1e, 1, 2},
	{"Sn_TXBUF_SIZE", regs(3), 0x1f, 1, 2},
	{"Sn_TX_FSR", regs(3), 0x20, 2, 0x0800},
	{"Sn_TX_RD", regs(3), 0x22, 2, 0},
	{"Sn_TX_WR", regs(3), 0x24, 2, 0},
	{"Sn_RX_RSR", regs(3), 0x26, 2, 0},
	{"Sn_RX_RD", regs(3), 0x28, 2, 0},
	{"Sn_RX_WR", regs(3), 0x2a, 2, 0},
	{"Sn_IMR", regs(3), 0x2c, 1, 0xff},
	{"Sn_FRAG", regs(3), 0x2d, 2, 0x4000},
	{"Sn_KPALVTR", regs(3), 0x2f, 1, 0},
}

func TestResetValues(t *testing.T) {
	onNewBoard(t, func(b *board) {
		for _, r := range reset {
			b.Equal(r.want, b.num(r.block, r.addr, r.size), r.name)
		}
		b.Zero(b.num(common, 0x100, 1), "beyond the block")
		b.Zero(b.num(regs(0), 0x100, 1), "beyond the block")
	})
}

// Sections 4.1 and 4.2: [R] is read only.
func TestReadOnly(t *testing.T) {
	onNewBoard(t, func(b *board) {
		for _, r := range []struct{ block, addr int }{
			{common, SIR},
			{common, 0x28},
			{common, 0x2c},
			{common, VERSIONR},
			{regs(0), SnSR},
			{regs(0), TXFSR},
			{regs(0), TXRD},
			{regs(0), RXRSR},
			{regs(0), RXWR},
		} {
			before := b.num(r.block, r.addr, 1)
			b.write(r.block, r.addr, 0x55)
			b.Equal(before, b.num(r.block, r.addr, 1), "register %#x", r.addr)
		}
		b.write(rxbuf(0), 0, 0x55)
		b.Zero(b.num(rxbuf(0), 0, 1))
	})
}

// Section 4.1, MR: bit 7 initialises all registers, and clears itself. It does not touch the PHY.
func TestSoftReset(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		b.write(common, RTR, 1, 2, 3)
		b.write(common, MR, 0x80)
		for _, r := range reset {
			b.Equal(r.want, b.num(r.block, r.addr, r.size), r.name)
		}
		b.state(0, CLOSED)
		b.Equal(1, b.num(common, PHYCFGR, 1)&1, "the link stays")
		b.configure()
		b.connected(1, "echo", 7)
	})
	require.Equal(t, [][4]any{{"w5500", int(w5500.CauseHost), 0, 0}}, find(tr, trace.Reset))
}

// Section 4.1, PHYCFGR: bit 0 is the link, bit 1 the speed, bit 2 the duplex mode; bit 7 written as 0 resets the PHY.
func TestPHY(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(0xb8|7, b.num(common, PHYCFGR, 1))
		b.a.Down("home")
		b.Equal(0xb8, b.num(common, PHYCFGR, 1), "the cable is pulled")
		b.a.Up("home")
		b.Zero(b.num(common, PHYCFGR, 1) & 1)
		b.pass(2 * time.Second)
		b.Equal(1, b.num(common, PHYCFGR, 1)&1)
		b.write(common, PHYCFGR, 0x38)
		b.Zero(b.num(common, PHYCFGR, 1) & 1)
		b.write(common, PHYCFGR, 0xb8)
		b.pass(2 * time.Second)
		b.Equal(0xb8|7, b.num(common, PHYCFGR, 1))
	})
}

// Section 4.2, Sn_IR, Sn_IMR; section 4.1, SIR, SIMR: an interrupt whose mask bit is 0 is not even noted; SIR says which sockets have some,
// until the host writes the bits as 1; INTn is low while SIMR lets one through.
func TestInterrupts(t *testing.T) {
	onBoard(t, func(b *board) {
		b.True(pinINT.Get())
		b.dial(2, "echo", 7)
		b.pass(time.Second)
		b.interrupts(2, CON)
		b.Equal(1<<2, b.num(common, SIR, 1))
		b.True(pinINT.Get(), "masked")
		b.write(common, SIMR, 1<<2)
		b.False(pinINT.Get())
		b.clear(2, SENDOK)
		b.interrupts(2, CON)
		b.clear(2, CON)
		b.interrupts(2, 0)
		b.Zero(b.num(common, SIR, 1))
		b.True(pinINT.Get())

		b.write(regs(2), SnIMR, 0xff&^SENDOK)
		b.send(2, tagged(4))
		b.pass(time.Second)
		b.interrupts(2, RECEIVED)
		b.False(pinINT.Get())
	})
}

// Section 3.3: the memories are given out from socket 0 on; offset addresses wrap in a socket's part.
func TestMemory(t *testing.T) {
	onNewBoard(t, func(b *board) {
		for n, kb := range []byte{8, 4, 2, 1, 1, 0, 0, 0} {
			b.write(regs(n), TXBUF, kb)
		}
		b.Equal(8<<10, b.sn16(0, TXFSR))
		b.Equal(1<<10, b.sn16(3, TXFSR))
		b.Zero(b.sn16(5, TXFSR))
		b.write(txbuf(0), 0xffff, 1, 2)
		b.Equal([]byte{2}, b.read(txbuf(0), 8<<10, 1))
		b.Equal([]byte{1}, b.read(txbuf(0), 8<<10-1, 1))
		b.write(txbuf(1), 0, 3)
		b.Equal([]byte{2}, b.read(txbuf(0), 0, 1), "not its neighbour's")
		b.write(txbuf(5), 0, 9)
		b.write(regs(5), TXBUF, 3)
		b.Zero(b.sn16(5, TXFSR), "no size that works")
	})
}
