package nina_test

import (
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/nina"
)

// versionFrame is the reply to GET_FW_VERSION.
var versionFrame = []byte{0xe0, 0xb7, 1, 6, '1', '.', '4', '.', '8', 0, 0xee, 0}

// raw sends GET_FW_VERSION and returns n bytes of the reply.
func (b *board) raw(n int) []byte {
	b.command(opVersion)
	return b.answer(n)
}

// faults says, of every fault, how to see that it struck at the second passage of its site and not at the first.
var faults = []struct {
	name  string
	value int64
	quiet func(b *board)
	fires func(b *board)
}{
	{
		"bus", 0x7f,
		func(b *board) { b.Equal(versionFrame, b.raw(12)) },
		func(b *board) {
			in := b.raw(12)
			b.Equal(byte(0x7f), in[1])
			b.Equal(versionFrame[2:], in[2:])
		},
	},
	{
		"noack", 0,
		func(b *board) { b.seeAck(true) },
		func(b *board) { b.seeAck(true); b.seeAck(false); b.seeAck(true) },
	},
	{
		"stuck", 0,
		func(b *board) { b.num(opSocket); b.command(opVersion); b.Less(b.ready(), time.Millisecond) },
		func(b *board) {
			b.num(opSocket)
			b.command(opVersion)
			b.w.Sleep(time.Hour / 2)
			b.True(pinACK.Get())
			pinRESETN.Low()
			pinRESETN.High()
			b.w.Sleep(nina.BootTime)
			b.False(pinACK.Get())
		},
	},
	{
		"late", 3e9,
		func(b *board) { b.num(opSocket); b.command(opVersion); b.Less(b.ready(), time.Millisecond) },
		func(b *board) {
			b.num(opSocket)
			b.command(opVersion)
			b.InDelta(3*time.Second, b.ready(), float64(time.Millisecond))
			b.Equal(versionFrame, b.answer(12))
		},
	},
	{
		"short", 0,
		func(b *board) { b.num(opSocket); b.Len(b.do(opRemote, u8(0))[1], 2) },
		func(b *board) {
			b.num(opSocket)
			p := b.do(opRemote, u8(0))
			b.Len(p, 2)
			b.Len(p[0], 4)
			b.Empty(p[1])
		},
	},
	{
		"oversize", 255,
		func(b *board) { b.num(opSocket); b.Len(b.do(opRemote, u8(0))[0], 4) },
		func(b *board) {
			b.num(opSocket)
			p := b.do(opRemote, u8(0))
			b.Len(p, 2)
			b.Len(p[0], 255)
			b.Len(p[1], 2)
		},
	},
	{
		"error", 0,
		func(b *board) { b.num(opSocket); b.Equal(versionFrame, b.raw(12)) },
		func(b *board) { b.num(opSocket); b.Equal([]byte{0xef, 0, 0xee, 0}, b.raw(4)) },
	},
	{
		"status", 6,
		func(b *board) { b.Equal(0, b.num(opStatus)); b.Equal(0, b.num(opStatus)) },
		func(b *board) { b.Equal(0, b.num(opStatus)); b.Equal(6, b.num(opStatus)); b.Equal(0, b.num(opStatus)) },
	},
	{
		"reset", 0,
		func(b *board) { b.listen(0, 80); b.Equal(1, b.num(opState, u8(0))) },
		func(b *board) {
			b.listen(0, 80)
			b.command(opSocket)
			b.InDelta(nina.BootTime, b.ready(), float64(time.Millisecond))
			b.Equal(0, b.num(opState, u8(0)))
		},
	},
	{
		"slots", 0,
		func(b *board) { b.num(opSocket); b.Equal(0, b.num(opSocket)) },
		func(b *board) { b.num(opSocket); b.Equal(255, b.num(opSocket)); b.Equal(0, b.num(opSocket)) },
	},
	{
		"write", 100,
		func(b *board) { b.twoWrites(250) },
		func(b *board) { b.twoWrites(100) },
	},
}

// seeAck does one transaction and compares whether it is acknowledged.
func (b *board) seeAck(want bool) {
	pinCS.Low()
	b.Equal(want, pinACK.Get())
	pinCS.High()
}

// twoWrites sends 250 bytes twice, of which the second time so many are taken.
func (b *board) twoWrites(want int) {
	b.joined()
	b.True(b.dial(0, 0, "echo", 7))
	b.Equal(250, b.send(0, make([]byte, 250)))
	b.Equal(want, b.send(0, make([]byte, 250)))
	b.Len(b.read(0, 1000), 250+want)
}

func TestFaults(t *testing.T) {
	require.Len(t, faults, len(nina.Faults))
	for i, c := range faults {
		require.Equal(t, nina.Faults[i].Name, c.name, "the tables go together")
		t.Run(c.name, func(t *testing.T) {
			tr := onBoard(t, c.quiet)
			require.Empty(t, find(tr, trace.Fault))
			tr = onBoard(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: 2, Value: c.value})
				c.fires(b)
			})
			require.Equal(t, [][4]any{{c.name, 2, int(c.value), 0}}, find(tr, trace.Fault))
		})
	}
}

func TestFaultTable(t *testing.T) {
	for _, f := range nina.Faults {
		require.NotEmpty(t, f.Doc, f.Name)
		require.NotEmpty(t, f.Site, f.Name)
		require.Equal(t, f.HasValue, len(f.Nice) > 0, f.Name)
		for _, v := range f.Nice {
			require.True(t, f.Min <= v && v <= f.Max, "%s: nice value %d", f.Name, v)
		}
	}
}

// A reply with 16-bit lengths can claim more than 255 bytes.
func TestOversizedRead(t *testing.T) {
	onBoard(t, func(b *board) {
		b.joined()
		b.True(b.dial(0, 0, "echo", 7))
		b.Equal(2, b.send(0, []byte{0x41, 0}))
		b.task.Arm(sim.Fault{Name: "oversize", Nth: 1, Value: 2000})
		b.Len(b.read(0, 10), 2000)
	})
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return onBoard(t, func(b *board) {
			b.joined().listen(0, 80)
			p := b.a.Peer("p1")
			b.NoError(p.Dial(80))
			b.NoError(p.Send(100))
			b.Equal(1, b.num(opAvail, u8(0)))
			b.Len(b.read(1, 1000), 100)
			b.a.Down("home")
			b.w.Sleep(time.Minute)
			b.num(opClientState, u8(1))
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}
