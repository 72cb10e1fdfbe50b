package w5500_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/w5500"
)

// faults says, of every fault, how to see that it struck at the second passage of its site and not at the first.
var faults = []struct {
	name  string
	value int64
	quiet func(b *board)
	fires func(b *board)
}{
	{
		"bus", 0x7f,
		func(b *board) { b.Equal([]byte{10, 0, 0, 1}, b.read(common, GAR, 4)) },
		func(b *board) {
			b.Equal([]byte{10, 0x7f, 0, 1}, b.read(common, GAR, 4))
			b.Equal([]byte{10, 0, 0, 1}, b.read(common, GAR, 4))
		},
	},
	{
		"write", 0x7f,
		func(b *board) { b.putMAC([]byte{1, 2, 3}) },
		func(b *board) { b.putMAC([]byte{1, 0x7f, 3}) },
	},
	{
		"stuck", 2,
		func(b *board) { b.four(4, 4, 4, 4) },
		func(b *board) { b.four(4, 0xff, 0xff, 4) },
	},
	{
		"short", 0,
		func(b *board) { b.read(common, GAR, 4); b.putMAC([]byte{1, 2, 3}) },
		func(b *board) {
			b.read(common, GAR, 4)
			b.putMAC([]byte{1, 0, 0})
		},
	},
	{
		"command", 0,
		func(b *board) { b.open(0, TCP, 80); b.command(0, LISTEN) },
		func(b *board) {
			b.open(0, TCP, 80)
			b.write(regs(0), SnCR, LISTEN)
			b.pass(time.Hour / 2)
			b.Equal(LISTEN, b.sn(0, SnCR))
			b.write(regs(0), SnCR, CLOSE)
			b.Equal(LISTEN, b.sn(0, SnCR))
			b.state(0, INIT)
			b.write(common, MR, 0x80)
			b.configure()
			b.listen(0, 80)
		},
	},
	{
		"oversize", 2049,
		func(b *board) { b.Zero(b.sn16(0, RXRSR)); b.Zero(b.sn16(0, RXRSR)) },
		func(b *board) {
			b.Zero(b.sn16(0, RXRSR))
			b.Equal(2049, b.sn16(0, RXRSR))
			b.Zero(b.sn16(0, RXRSR))
		},
	},
	{
		"reset", 0,
		func(b *board) { b.write(regs(0), SnPORT, 1); b.Equal(10, b.num(common, GAR, 1)) },
		func(b *board) {
			b.write(regs(0), SnPORT, 1)
			b.Zero(b.num(common, GAR, 1))
			b.Zero(b.num(regs(0), SnPORT, 1))
			b.configure()
			b.connected(0, "echo", 7)
		},
	},
	{
		"link", 0,
		func(b *board) { b.linkIs(1); b.linkIs(1) },
		func(b *board) { b.linkIs(1); b.linkIs(0); b.pass(5 * time.Second); b.linkIs(1) },
	},
	{
		"open", 0,
		func(b *board) { b.open(0, TCP, 80); b.open(1, TCP, 80); b.state(1, INIT) },
		func(b *board) {
			b.open(0, TCP, 80)
			b.open(1, TCP, 80)
			b.state(0, INIT)
			b.state(1, CLOSED)
			b.listen(1, 80)
		},
	},
	{
		"timeout", 0,
		func(b *board) { b.served(0); b.state(0, ESTABLISHED); b.interrupts(0, 0) },
		func(b *board) { // served looks once
			b.served(0)
			b.state(0, CLOSED)
			b.interrupts(0, TIMEOUT)
			b.served(0)
		},
	},
	{
		"late", 3e9,
		func(b *board) { b.twoSends(0) },
		func(b *board) { b.twoSends(3 * time.Second) },
	},
}

func (b *board) linkIs(up int) { b.Equal(up, b.num(common, PHYCFGR, 1)&1) }

// putMAC writes three bytes, of which these should arrive.
func (b *board) putMAC(want []byte) {
	b.write(common, SHAR, 1, 2, 3)
	b.Equal(want, b.read(common, SHAR, 3))
}

// four reads the version four times.
func (b *board) four(want ...int) {
	for _, v := range want {
		b.Equal(v, b.num(common, VERSIONR, 1))
	}
}

// twoSends sends twice, and sees the second acknowledged so much later than the first.
func (b *board) twoSends(later time.Duration) {
	b.served(0)
	var took [2]time.Duration
	for i := range took {
		b.send(0, tagged(10))
		took[i] = b.until(0, SENDOK)
		b.clear(0, SENDOK)
	}
	b.Equal(later, took[1]-took[0])
}

func TestFaults(t *testing.T) {
	require.Len(t, faults, len(w5500.Faults))
	for i, c := range faults {
		f := w5500.Faults[i]
		require.Equal(t, f.Name, c.name, "the tables go together")
		t.Run(c.name, func(t *testing.T) {
			tr := onBoard(t, c.quiet)
			require.Empty(t, find(tr, trace.Fault))
			tr = onBoard(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: 2, Value: c.value, Lawful: f.Lawful})
				c.fires(b)
			})
			law := 0
			if f.Lawful {
				law = 1
			}
			require.Equal(t, [][4]any{{c.name, 2, int(c.value), law}}, find(tr, trace.Fault))
		})
	}
}

func TestFaultTable(t *testing.T) {
	for _, f := range w5500.Faults {
		require.NotEmpty(t, f.Doc, f.Name)
		require.NotEmpty(t, f.Site, f.Name)
		require.Equal(t, f.HasValue, len(f.Nice) > 0, f.Name)
		for _, v := range f.Nice {
			require.True(t, f.Min <= v && v <= f.Max, "%s: nice value %d", f.Name, v)
		}
	}
}

// A chip that is healed hears again.
func TestHeal(t *testing.T) {
	onBoard(t, func(b *board) {
		b.task.Arm(sim.Fault{Name: "stuck", Nth: 1})
		for range 1000 {
			b.four(0xff)
		}
		b.c.Heal()
		b.four(4)
	})
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return onBoard(t, func(b *board) {
			p := b.served(0)
			b.NoError(p.Send(100))
			b.Len(b.recv(0), 100)
			b.connected(1, "echo", 7).send(1, tagged(100))
			b.a.Down("home")
			b.send(0, tagged(10))
			b.pass(time.Minute)
			b.state(0, CLOSED)
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}
