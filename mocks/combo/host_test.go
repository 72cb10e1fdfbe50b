package combo_test

import (
	"machine"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/combo"
	"github.com/linkflap/linkflap/mocks/uart"
)

// board is the host's side of the line.
type board struct {
	*require.Assertions
	w    *sim.World
	a    *air.Air
	m    *combo.Module
	task *sim.Task
	port *machine.UART
	in   string // received and not yet looked at
}

// onBoard runs f as a task on a board with a fresh module, and returns what happened.
func onBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	machine.Reset()
	defer machine.Reset()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		b := &board{Assertions: require.New(t), w: w, a: a, port: machine.UART1}
		b.m = combo.New(w, a, uart.Config{Buffer: 1 << 16})
		b.m.Attach(b.port)
		w.Spawn("board", 0, func(task *sim.Task) {
			b.task = task
			f(b)
		})
		out = w.Await(2*time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "the task did not end")
	return tr
}

// online is a module without echo, with an address, in active mode.
func online(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	return onBoard(t, func(b *board) {
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT+WJAP=home,password1
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_GOT_IP
			< OK
			> AT+SOCKETRECVCFG=1
			< OK`)
		f(b)
	})
}

func (b *board) write(text string) {
	_, err := b.port.Write([]byte(text))
	b.NoError(err)
}

// read takes what has arrived by now.
func (b *board) read() {
	buf := make([]byte, b.port.Buffered())
	_, _ = b.port.Read(buf)
	b.in += string(buf)
}

// drain forgets what arrives within d, and returns it.
func (b *board) drain(d time.Duration) string {
	b.w.Sleep(d)
	b.read()
	all := b.in
	b.in = ""
	return all
}

// line is the next line that is not empty, or the prompt; "" if none comes within d.
func (b *board) line(d time.Duration) string {
	for end := b.w.Now() + d; ; b.w.Sleep(time.Millisecond) {
		b.read()
		for strings.HasPrefix(b.in, "\r\n") {
			b.in = b.in[2:]
		}
		if strings.HasPrefix(b.in, ">") {
			b.in = b.in[1:]
			return ">"
		}
		if line, rest, ok := strings.Cut(b.in, "\r\n"); ok {
			b.in = rest
			return line
		}
		if b.w.Now() >= end {
			return ""
		}
	}
}

// says is a dialogue: "> " a command, ">> " bytes without an end of line, "< " a line that the module says, "." that it says nothing more
// for two seconds. A line may be the first bytes of one only, if it ends with "...".
func (b *board) says(text string) {
	for _, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		switch {
		case strings.HasPrefix(l, ">> "):
			b.write(l[3:])
		case strings.HasPrefix(l, "> "):
			b.write(l[2:] + "\r\n")
		case strings.HasPrefix(l, "< "):
			want, open := strings.CutSuffix(l[2:], "...")
			got := b.line(time.Minute)
			if open && len(got) > len(want) {
				got = got[:len(want)]
			}
			b.Equal(want, got)
		case l == ".":
			b.Empty(b.drain(2 * time.Second))
		default:
			b.Empty(l)
		}
	}
}

// peer runs f as a remote peer's task.
func (b *board) peer(f func(p *air.Peer)) {
	b.w.Go("p1", func() { f(b.a.Peer("p1")) })
}

// listening makes the peer p1 take connections, and returns its address.
func (b *board) listening() string {
	b.NoError(b.a.Peer("p1").Listen(80))
	return b.host("p1")
}

func (b *board) host(name string) string {
	ip, ok := b.a.HostIP(name)
	b.True(ok)
	return netip.AddrFrom4(ip).String()
}
