package rtl8720_test

import (
	"encoding/binary"
	"machine"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/rtl8720"
	"github.com/linkflap/linkflap/mocks/uart"
)

const enable = machine.Pin(1)

// The services of the IDL.
const (
	sysService = 1
	drvService = 14
	tcpService = 15
	ipService  = 16
	sslService = 17
	cbService  = 19
)

// board is the host's side of the wire: it speaks eRPC as its documents say.
type board struct {
	*require.Assertions
	w      *sim.World
	a      *air.Air
	m      *rtl8720.Module
	task   *sim.Task
	port   *machine.UART
	seq    uint32
	events []uint32 // of the module's Wi-Fi, that have come in
}

// onBoard runs f as a task on a board with a module that has booted, and returns what happened.
func onBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	machine.Reset()
	defer machine.Reset()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		b := &board{Assertions: require.New(t), w: w, a: a, port: machine.UART1, m: rtl8720.New(w, a, uart.Config{Baud: 614_400, Buffer: 8192})}
		b.m.Attach(machine.UART1, enable)
		w.Spawn("board", 0, func(task *sim.Task) {
			b.task = task
			enable.High()
			w.Sleep(rtl8720.BootTime)
			f(b)
		})
		out = w.Await(time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "the task did not end")
	return tr
}

// crc is eRPC's CRC-16, bit by bit: polynomial 0x1021, start 0xEF4A (EmbeddedRPC/erpc, erpc_c/infra/erpc_crc16.cpp).
func crc(p []byte) uint16 {
	c := uint32(0xEF4A)
	for _, b := range p {
		c ^= uint32(b) << 8
		for range 8 {
			c <<= 1
			if c&0x10000 != 0 {
				c ^= 0x1021
			}
		}
	}
	return uint16(c)
}

// frame puts a message into a frame (EmbeddedRPC/erpc, erpc_c/infra/erpc_framed_transport.cpp, send).
func frame(message []byte) []byte {
	p := binary.LittleEndian.AppendUint16(nil, uint16(len(message)))
	p = binary.LittleEndian.AppendUint16(p, crc(message))
	return append(p, message...)
}

// message begins one (EmbeddedRPC/erpc, erpc_c/infra/erpc_basic_codec.cpp, startWriteMessage).
func message(typ, service, method byte, seq uint32, params ...any) []byte {
	p := binary.LittleEndian.AppendUint32(nil, 1<<24|uint32(service)<<16|uint32(method)<<8|uint32(typ))
	p = binary.LittleEndian.AppendUint32(p, seq)
	for _, v := range params {
		switch v := v.(type) {
		case byte:
			p = append(p, v)
		case uint16:
			p = binary.LittleEndian.AppendUint16(p, v)
		case int:
			p = binary.LittleEndian.AppendUint32(p, uint32(int32(v)))
		case string:
			p = append(binary.LittleEndian.AppendUint32(p, uint32(len(v))), v...)
		case []byte:
			p = append(binary.LittleEndian.AppendUint32(p, uint32(len(v))), v...)
		}
	}
	return p
}

func (b *board) write(p []byte) {
	_, err := b.port.Write(p)
	b.NoError(err)
}

// receive waits for one frame that is no event, nil if none comes in time, and checks it. Events are kept.
func (b *board) receive(limit time.Duration) []byte {
	for end := b.w.Now() + limit; ; {
		header := b.take(4, end)
		if header == nil {
			return nil
		}
		p := b.take(int(binary.LittleEndian.Uint16(header)), end)
		if p == nil {
			return nil
		}
		b.Equal(binary.LittleEndian.Uint16(header[2:]), crc(p), "CRC of %x", p)
		if p[0] != 1 {
			return p
		}
		b.Equal([]byte{1, 1, cbService, 1}, p[:4], "a oneway rpc_wifi_event_callback")
		b.Equal(uint32(len(p)-12), binary.LittleEndian.Uint32(p[8:]), "with one binary")
		b.events = append(b.events, binary.LittleEndian.Uint32(p[12:]))
	}
}

func (b *board) take(n int, end time.Duration) []byte {
	for wait := 100 * time.Microsecond; b.port.Buffered() < n; wait = min(2*wait, 50*time.Millisecond) {
		if b.w.Now() >= end {
			return nil
		}
		b.w.Sleep(wait)
	}
	p := make([]byte, n)
	got, err := b.port.Read(p)
	b.NoError(err)
	b.Equal(n, got)
	return p
}

// call makes one and returns what comes back, behind the header, which it checks.
func (b *board) call(service, method byte, params ...any) []byte {
	b.seq++
	b.write(frame(message(0, service, method, b.seq, params...)))
	p := b.receive(3 * time.Minute)
	b.NotNil(p, "no reply to call %d.%d", service, method)
	b.Equal([]byte{2, method, service, 1}, p[:4], "a reply's header")
	b.Equal(b.seq, binary.LittleEndian.Uint32(p[4:]), "with the call's sequence number")
	return p[8:]
}

// num is call for one that gives back nothing but an int32.
func (b *board) num(service, method byte, params ...any) int {
	p := b.call(service, method, params...)
	b.Len(p, 4)
	return last(p)
}

// last is a call's own result: an int32 at the end.
func last(p []byte) int { return int(int32(binary.LittleEndian.Uint32(p[len(p)-4:]))) }

// blob is a binary at the beginning of p, and what is behind it.
func (b *board) blob(p []byte) (blob, rest []byte) {
	n := int(binary.LittleEndian.Uint32(p))
	b.LessOrEqual(4+n, len(p))
	return p[4 : 4+n], p[4+n:]
}

// on switches the station on.
func (b *board) on() *board {
	b.Zero(b.num(tcpService, 1))
	b.Zero(b.num(drvService, 27, 1))
	return b
}

const wpa2 = 0x00400004

// joined associates with the default access point, and has an address.
func (b *board) joined() *board {
	b.on()
	b.Zero(b.num(drvService, 1, "home", byte(0), "password1", wpa2, -1, 0))
	b.Zero(b.num(tcpService, 13, 0))
	return b
}

// sockaddr is a struct sockaddr_in of lwIP: length, family, port and address in network order, eight zeros.
func sockaddr(ip air.IP, port int) []byte {
	return append([]byte{16, 2, byte(port >> 8), byte(port), ip[0], ip[1], ip[2], ip[3]}, make([]byte, 8)...)
}

func (b *board) socket() int { return b.num(ipService, 18, 2, 1, 6) }

func (b *board) errno() int { return b.num(ipService, 24) }

// dial opens a connection to a host.
func (b *board) dial(name string, port int) int {
	fd := b.socket()
	b.GreaterOrEqual(fd, 0)
	ip, ok := b.a.HostIP(name)
	b.True(ok)
	b.Zero(b.num(ipService, 9, fd, sockaddr(ip, port), 16))
	return fd
}

// listen makes a listener that does not block.
func (b *board) listen(port int) int {
	fd := b.socket()
	b.Zero(b.num(ipService, 2, fd, sockaddr(air.IP{}, port), 16))
	b.Zero(b.num(ipService, 10, fd, 1))
	b.Zero(b.num(ipService, 23, fd, 4, 1))
	return fd
}

func (b *board) accept(fd int) int {
	p := b.call(ipService, 1, fd, make([]byte, 16), 16)
	b.Len(p, 8)
	return last(p)
}

func (b *board) send(fd int, p []byte) int { return b.num(ipService, 15, fd, p, 8) }

// recv is lwip_recv with MSG_DONTWAIT; a call that fails gives back one dummy byte.
func (b *board) recv(fd, n int) ([]byte, int) {
	got, rest := b.blob(b.call(ipService, 12, fd, n, 8, 0))
	b.Len(rest, 4)
	if last(rest) <= 0 {
		b.Len(got, 1)
		return nil, last(rest)
	}
	b.Len(got, last(rest))
	return got, last(rest)
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
