package w5500_test

import (
	"machine"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/w5500"
)

// The pins that the tests wire the chip to.
const pinCS, pinINT, pinRST = machine.Pin(1), machine.Pin(2), machine.Pin(3)

// The registers, commands, states and interrupts that the tests use (sections 3.1, 3.2, 4.2).
const (
	MR, GAR, SUBR, SHAR, SIPR, IMR, SIR, SIMR, RTR, RCR, PHYCFGR, VERSIONR = 0x00, 0x01, 0x05, 0x09, 0x0f, 0x16, 0x17, 0x18, 0x19, 0x1b, 0x2e, 0x39

	SnMR, SnCR, SnIR, SnSR, SnPORT, SnDHAR, SnDIPR, SnDPORT, SnMSSR  = 0x00, 0x01, 0x02, 0x03, 0x04, 0x06, 0x0c, 0x10, 0x12
	RXBUF, TXBUF, TXFSR, TXRD, TXWR, RXRSR, RXRD, RXWR, SnIMR, SnKPA = 0x1e, 0x1f, 0x20, 0x22, 0x24, 0x26, 0x28, 0x2a, 0x2c, 0x2f

	TCP, UDP, MACRAW = 1, 2, 4

	OPEN, LISTEN, CONNECT, DISCON, CLOSE, SEND, SENDMAC, SENDKEEP, RECV = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x21, 0x22, 0x40

	CLOSED, INIT, LISTENING, SYNSENT, ESTABLISHED, FINWAIT, CLOSEWAIT, LASTACK, UDPOPEN = 0x00, 0x13, 0x14, 0x15, 0x17, 0x18, 0x1c, 0x1d, 0x22

	CON, DISCONNECTED, RECEIVED, TIMEOUT, SENDOK = 0x01, 0x02, 0x04, 0x08, 0x10
)

// The blocks (section 2.2.2).
const common = 0

func regs(n int) int  { return 4*n + 1 }
func txbuf(n int) int { return 4*n + 2 }
func rxbuf(n int) int { return 4*n + 3 }

// own is the address that the board gives the chip.
var own = []byte{10, 0, 0, 2}

// board is the host's side of the wire: it speaks the protocol as the datasheet has it.
type board struct {
	*require.Assertions
	w    *sim.World
	a    *air.Air
	c    *w5500.Chip
	task *sim.Task
}

// onBoard runs f as a task on a board with a fresh chip that has an address, and returns what happened.
func onBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	return onNewBoard(t, func(b *board) {
		b.configure()
		f(b)
	})
}

// onNewBoard is onBoard with a chip as it comes out of reset.
func onNewBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	machine.Reset()
	defer machine.Reset()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		b := &board{Assertions: require.New(t), w: w, a: a, c: w5500.New(w, a)}
		pinCS.High()
		b.c.Attach(pinCS, pinINT, pinRST, machine.SPI0)
		w.Spawn("board", 0, func(task *sim.Task) {
			b.task = task
			f(b)
		})
		out = w.Await(time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "the task did not end")
	return tr
}

func (b *board) configure() {
	b.write(common, GAR, air.Gateway[:]...)
	b.write(common, SUBR, air.Netmask[:]...)
	b.write(common, SIPR, own...)
}

// exchange is one frame with chip select.
func (b *board) exchange(out []byte) []byte {
	in := make([]byte, len(out))
	pinCS.Low()
	b.NoError(machine.SPI0.Tx(out, in))
	pinCS.High()
	return in
}

// read reads n bytes of a block in variable length mode.
func (b *board) read(block, addr, n int) []byte {
	return b.exchange(append([]byte{byte(addr >> 8), byte(addr), byte(block << 3)}, make([]byte, n)...))[3:]
}

func (b *board) write(block, addr int, data ...byte) {
	b.exchange(append([]byte{byte(addr >> 8), byte(addr), byte(block<<3) | 4}, data...))
}

// num reads a register of n bytes.
func (b *board) num(block, addr, n int) (v int) {
	for _, d := range b.read(block, addr, n) {
		v = v<<8 | int(d)
	}
	return v
}

func (b *board) sn(n, addr int) int     { return b.num(regs(n), addr, 1) }
func (b *board) sn16(n, addr int) int   { return b.num(regs(n), addr, 2) }
func (b *board) put16(n, addr, v int)   { b.write(regs(n), addr, byte(v>>8), byte(v)) }
func (b *board) state(n, want int)      { b.Equal(want, b.sn(n, SnSR), "Sn_SR") }
func (b *board) clear(n, bits int)      { b.write(regs(n), SnIR, byte(bits)) }
func (b *board) pass(d time.Duration)   { b.w.Sleep(d) }
func (b *board) interrupts(n, want int) { b.Equal(want, b.sn(n, SnIR), "Sn_IR") }
func (b *board) host(name string) (ip []byte) {
	addr, ok := b.a.HostIP(name)
	b.True(ok)
	return addr[:]
}

// command gives a command, which the chip must accept.
func (b *board) command(n, cmd int) {
	b.write(regs(n), SnCR, byte(cmd))
	b.Zero(b.sn(n, SnCR), "Sn_CR")
}

// open opens a socket.
func (b *board) open(n, protocol, port int) {
	b.write(regs(n), SnMR, byte(protocol))
	b.put16(n, SnPORT, port)
	b.command(n, OPEN)
}

// listen makes a TCP socket listen.
func (b *board) listen(n, port int) {
	b.open(n, TCP, port)
	b.state(n, INIT)
	b.command(n, LISTEN)
	b.state(n, LISTENING)
}

// aim sets where a socket connects or sends to.
func (b *board) aim(n int, ip []byte, port int) {
	b.write(regs(n), SnDIPR, ip...)
	b.put16(n, SnDPORT, port)
}

// dial connects a TCP socket to a host.
func (b *board) dial(n int, name string, port int) {
	b.open(n, TCP, 5000)
	b.aim(n, b.host(name), port)
	b.command(n, CONNECT)
	b.state(n, SYNSENT)
}

// connected is a socket that is connected to a host.
func (b *board) connected(n int, name string, port int) *board {
	b.dial(n, name, port)
	b.pass(time.Second)
	b.state(n, ESTABLISHED)
	b.interrupts(n, CON)
	b.clear(n, CON)
	return b
}

// served is a socket that peer p1 has connected to.
func (b *board) served(n int) *air.Peer {
	b.listen(n, 80)
	p := b.a.Peer("p1")
	b.NoError(p.Dial(80))
	b.state(n, ESTABLISHED)
	b.clear(n, CON)
	return p
}

// fill puts data into the transmit buffer and moves the write pointer (section 4.2, Sn_TX_WR).
func (b *board) fill(n int, data []byte) {
	wr := b.sn16(n, TXWR)
	b.write(txbuf(n), wr, data...)
	b.put16(n, TXWR, wr+len(data))
}

// send sends data.
func (b *board) send(n int, data []byte) {
	b.fill(n, data)
	b.command(n, SEND)
}

// recv takes everything that was received (section 4.2, Sn_RX_RD).
func (b *board) recv(n int) []byte {
	size, rd := b.sn16(n, RXRSR), b.sn16(n, RXRD)
	data := b.read(rxbuf(n), rd, size)
	b.put16(n, RXRD, rd+size)
	b.command(n, RECV)
	return data
}

// tagged is n bytes as the board's handle 0 would send them.
func tagged(n int) []byte {
	p := make([]byte, n)
	air.Fill(p, 0x40, 0)
	return p
}

// find returns the events of kind k, as name, a, b, c.
func find(tr *trace.Trace, k trace.Kind) (found [][4]any) {
	for _, e := range tr.Events {
		if e.Kind == k {
			found = append(found, [4]any{e.Name, int(e.A), int(e.B), int(e.C)})
		}
	}
	return found
}
