package nina_test

import (
	"machine"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/nina"
)

// The pins that the tests wire the chip to.
const (
	pinCS, pinACK, pinGPIO0, pinRESETN = machine.Pin(1), machine.Pin(2), machine.Pin(3), machine.Pin(4)
)

// The opcodes that the tests use (WiFiNINA wifi_spi.h).
const (
	opSetPassphrase = 0x11
	opReason        = 0x1f
	opStatus        = 0x20
	opIP            = 0x21
	opMAC           = 0x22
	opScan          = 0x27
	opServer        = 0x28
	opState         = 0x29
	opAvail         = 0x2b
	opGetData       = 0x2c
	opClient        = 0x2d
	opStop          = 0x2e
	opClientState   = 0x2f
	opDisconnect    = 0x30
	opReqHost       = 0x34
	opHost          = 0x35
	opVersion       = 0x37
	opSendUDP       = 0x39
	opRemote        = 0x3a
	opPing          = 0x3e
	opSocket        = 0x3f
	opSend          = 0x44
	opRead          = 0x45
	opInsert        = 0x46
)

// board is the host's side of the wire: it speaks the protocol as the firmware expects it.
type board struct {
	*require.Assertions
	w    *sim.World
	a    *air.Air
	c    *nina.Chip
	task *sim.Task
}

// onBoard runs f as a task on a board with a fresh chip, and returns what happened.
func onBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	machine.Reset()
	defer machine.Reset()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		b := &board{Assertions: require.New(t), w: w, a: a, c: nina.New(w, a)}
		pinCS.High()
		b.c.Attach(pinCS, pinACK, pinGPIO0, pinRESETN, machine.NINA_SPI)
		w.Spawn("board", 0, func(task *sim.Task) {
			b.task = task
			f(b)
		})
		out = w.Await(time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "the task did not end")
	return tr
}

// ready waits until the chip is ready for a transaction and returns how long that took.
func (b *board) ready() time.Duration {
	start := b.w.Now()
	for pinACK.Get() {
		b.w.Sleep(100 * time.Microsecond)
		b.Less(b.w.Now()-start, 10*time.Minute, "the chip is never ready")
	}
	return b.w.Now() - start
}

// exchange is one transaction.
func (b *board) exchange(out []byte) []byte {
	in := make([]byte, len(out))
	pinCS.Low()
	b.NoError(machine.NINA_SPI.Tx(out, in))
	pinCS.High()
	return in
}

// command sends one, framed and padded as it should be.
func (b *board) command(op byte, params ...[]byte) {
	frame := []byte{0xe0, op, byte(len(params))}
	for _, p := range params {
		if op&0xf0 == 0x40 {
			frame = append(frame, byte(len(p)>>8))
		}
		frame = append(append(frame, byte(len(p))), p...)
	}
	frame = append(frame, 0xee)
	for len(frame)%4 != 0 {
		frame = append(frame, 0xff)
	}
	b.ready()
	b.exchange(frame)
}

// answer reads n bytes of the reply.
func (b *board) answer(n int) []byte {
	b.ready()
	return b.exchange(make([]byte, n))
}

// do sends a command and returns the parameters of its reply, whose frame it checks.
func (b *board) do(op byte, params ...[]byte) [][]byte {
	b.command(op, params...)
	return b.parse(op, b.answer(4000))
}

func (b *board) parse(op byte, in []byte) (params [][]byte) {
	b.Equal([]byte{0xe0, op | 0x80}, in[:2], "start of the reply")
	pos := 3
	for range in[2] {
		n := int(in[pos])
		pos++
		if op == opRead {
			n = n<<8 | int(in[pos])
			pos++
		}
		params = append(params, in[pos:pos+n])
		pos += n
	}
	b.Equal(byte(0xee), in[pos], "end of the reply")
	return params
}

// num is do for a reply of one number, low byte first.
func (b *board) num(op byte, params ...[]byte) int {
	p := b.do(op, params...)
	b.Len(p, 1)
	n := 0
	for i, v := range p[0] {
		n |= int(v) << (8 * i)
	}
	return n
}

func u8(v int) []byte  { return []byte{byte(v)} }
func u16(v int) []byte { return []byte{byte(v >> 8), byte(v)} }

// join associates with an access point and waits for the outcome.
func (b *board) join(ssid, pass string) (status int) {
	b.Equal(1, b.num(opSetPassphrase, []byte(ssid), []byte(pass)))
	b.w.Sleep(5 * time.Second)
	return b.num(opStatus)
}

// joined is join with the default access point, which must work.
func (b *board) joined() *board {
	b.Equal(connected, b.join("home", "password1"))
	return b
}

// listen starts a TCP server.
func (b *board) listen(slot, port int) { b.Equal(1, b.num(opServer, u16(port), u8(slot), u8(0))) }

// dial starts a client of a type and reports whether the firmware says that it is open.
func (b *board) dial(slot, typ int, name string, port int) bool {
	ip, ok := b.a.HostIP(name)
	b.True(ok)
	p := b.do(opClient, ip[:], u16(port), u8(slot), u8(typ))
	return len(p) == 1 && p[0][0] == 1
}

func (b *board) send(slot int, p []byte) int { return b.num(opSend, u8(slot), p) }

// read reads at most n bytes; the number goes low byte first.
func (b *board) read(slot, n int) []byte {
	return b.do(opRead, u8(slot), []byte{byte(n), byte(n >> 8)})[0]
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
