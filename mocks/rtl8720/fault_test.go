package rtl8720_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/fault"
	"github.com/linkflap/linkflap/mocks/rtl8720"
	"github.com/linkflap/linkflap/mocks/uart"
)

// raw makes a call twice and returns the second reply's bytes as they came, with their header.
func (b *board) raw(service, method byte, params ...any) []byte {
	b.call(service, method, params...)
	b.write(frame(message(0, service, method, 77, params...)))
	b.w.Sleep(100 * time.Millisecond)
	p := make([]byte, b.port.Buffered())
	_, err := b.port.Read(p)
	b.NoError(err)
	return p
}

// version is the reply to rpc_system_version with sequence number 77.
var version = frame(message(2, sysService, 1, 77, "2.1.3"))

// faults says, of every fault, how to see that it struck at the second passage of its site and not at the first.
var faults = []struct {
	name  string
	value int64
	quiet func(b *board)
	fires func(b *board)
}{
	{"noreply", 0, seeVersion(version), seeVersion([]byte{})},
	{"sequence", 0, seeVersion(version), seeVersion(frame(message(2, sysService, 1, 76, "2.1.3")))},
	{"badcrc", 0x81, seeVersion(version), seeVersion(changed(version, func(p []byte) { p[2] ^= 0x81 }))},
	{"length", 2049, seeVersion(version), seeVersion(changed(version, func(p []byte) { binary.LittleEndian.PutUint16(p, 2049) }))},
	{"oversize", 5000, seeVersion(version), seeVersion(resealed(version, func(p []byte) { binary.LittleEndian.PutUint32(p[8:], 5000) }))},
	{
		"error", 0,
		func(b *board) { b.Equal(0, b.socket()); b.Equal(1, b.socket()) },
		func(b *board) { b.Equal(0, b.socket()); b.Equal(-1, b.socket()); b.Equal(1, b.socket()) },
	},
	{"garbled", 1, seeEcho("ab"), seeEcho("aB")},
	{"short", 3, seeSends(10), seeSends(3)},
	{
		"sockets", 0,
		func(b *board) { b.Equal(0, b.socket()); b.Equal(1, b.socket()) },
		func(b *board) { b.Equal(0, b.socket()); b.Equal(-1, b.socket()); b.Equal(eNOBUFS, b.errno()) },
	},
	{
		"nomem", 0,
		func(b *board) { b.num(sslService, 1); b.NotZero(b.num(sslService, 1)) },
		func(b *board) { b.num(sslService, 1); b.Zero(b.num(sslService, 1)) },
	},
}

func seeVersion(want []byte) func(b *board) {
	return func(b *board) { b.Equal(want, b.raw(sysService, 1)) }
}

// changed is a frame with an error that its CRC does not know of; resealed is one with an error that it was computed with.
func changed(p []byte, change func(p []byte)) []byte {
	q := append([]byte(nil), p...)
	change(q)
	return q
}

func resealed(p []byte, change func(p []byte)) []byte { return frame(changed(p[4:], change)) }

// seeEcho reads bytes twice, the second time with a look at the frame.
func seeEcho(want string) func(b *board) {
	return func(b *board) {
		fd := b.joined().dial("echo", 7)
		for range 2 {
			b.Equal(2, b.send(fd, []byte("ab")))
		}
		got, _ := b.recv(fd, 2)
		b.Equal("ab", string(got))
		b.write(frame(message(0, ipService, 12, 5, fd, 2, 8, 0)))
		b.w.Sleep(10 * time.Millisecond)
		p := make([]byte, b.port.Buffered())
		_, err := b.port.Read(p)
		b.NoError(err)
		b.Equal(want, string(p[16:18]))
		b.Equal(want == "ab", binary.LittleEndian.Uint16(p[2:]) == crc(p[4:]), "the CRC shows it")
	}
}

// seeSends sends ten bytes twice.
func seeSends(want int) func(b *board) {
	return func(b *board) {
		fd := b.joined().dial("echo", 7)
		b.Equal(10, b.send(fd, make([]byte, 10)))
		b.Equal(want, b.send(fd, make([]byte, 10)))
		b.w.Sleep(time.Second)
		got, _ := b.recv(fd, 100)
		b.Len(got, 10+want)
	}
}

func TestFaults(t *testing.T) {
	require.Len(t, faults, len(rtl8720.Faults))
	for i, c := range faults {
		require.Equal(t, rtl8720.Faults[i].Name, c.name, "the tables go together")
		t.Run(c.name, func(t *testing.T) {
			require.Empty(t, find(onBoard(t, c.quiet), trace.Fault))
			tr := onBoard(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: 2, Value: c.value})
				c.fires(b)
			})
			require.Equal(t, [][4]any{{c.name, 2, int(c.value), 0}}, find(tr, trace.Fault))
		})
	}
}

// uart.Module: what the line makes happen to the module in mid-reply is a restart of its own.
func TestLineReset(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.joined().dial("echo", 7)
		b.task.Arm(sim.Fault{Name: "reset", Nth: 10})
		b.write(frame(message(0, sysService, 1, 1)))
		b.Nil(b.receive(100*time.Millisecond), "the reply ends in the middle")
		b.w.Sleep(rtl8720.BootTime)
		rest := make([]byte, b.port.Buffered())
		_, err := b.port.Read(rest)
		b.NoError(err)
		b.Equal(-1, b.num(drvService, 4), "it has left its access point")
		b.Zero(b.socket(), "and forgotten its sockets")
	})
	require.Equal(t, [][4]any{{"rtl8720", 1, 0, 0}}, find(tr, trace.Reset))
}

func TestFaultTable(t *testing.T) {
	names := map[string]bool{}
	for _, f := range append(append([]fault.Kind{}, uart.Faults...), rtl8720.Faults...) {
		require.False(t, names[f.Name], f.Name)
		names[f.Name] = true
	}
	for _, f := range rtl8720.Faults {
		require.NotEmpty(t, f.Doc, f.Name)
		require.NotEmpty(t, f.Site, f.Name)
		require.Equal(t, f.HasValue, len(f.Nice) > 0, f.Name)
		for _, v := range f.Nice {
			require.True(t, f.Min <= v && v <= f.Max, "%s: nice value %d", f.Name, v)
		}
	}
}
