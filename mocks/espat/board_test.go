package espat_test

import (
	"machine"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/espat"
	"github.com/linkflap/linkflap/mocks/uart"
)

// board is a board with a module on its serial port. Its receive buffer holds whatever comes.
type board struct {
	*require.Assertions
	w    *sim.World
	air  *air.Air
	m    *espat.Module
	task *sim.Task
	port *machine.UART
}

// onBoard runs f as a task on a board with a fresh module that does not echo, and returns what happened.
func onBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	return onEcho(t, func(b *board) {
		b.Equal("ATE0\r\n\r\nOK\r\n", b.ask("ATE0"))
		f(b)
	})
}

// onEcho is onBoard with a module as it comes: it echoes.
func onEcho(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	machine.Reset()
	defer machine.Reset()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		b := &board{Assertions: require.New(t), w: w, air: air.New(w), port: machine.UART1}
		b.m = espat.New(w, b.air, uart.Config{Buffer: 1 << 16})
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

// write sends text as it is.
func (b *board) write(text string) {
	_, err := b.port.Write([]byte(text))
	b.NoError(err)
}

// hear is what arrives within d.
func (b *board) hear(d time.Duration) string {
	b.w.Sleep(d)
	buf := make([]byte, b.port.Buffered())
	_, err := b.port.Read(buf)
	b.NoError(err)
	return string(buf)
}

// soon is enough for a command that waits for nothing, and for a round trip to a remote host.
const soon = 100 * time.Millisecond

// ask sends a command and is what arrives soon after.
func (b *board) ask(command string) string {
	b.write(command + "\r\n")
	return b.hear(soon)
}

// ok sends a command that answers OK and nothing else.
func (b *board) ok(command string) {
	b.Equal("\r\nOK\r\n", b.ask(command), command)
}

// fails sends a command that answers ERROR and nothing else.
func (b *board) fails(command string) {
	b.Equal("\r\nERROR\r\n", b.ask(command), command)
}

// reports sends a command that answers with these lines and OK.
func (b *board) reports(command string, lines ...string) {
	b.Equal(strings.Join(append(lines, "", "OK", ""), "\r\n"), b.ask(command), command)
}

// join connects the module to access point home.
func (b *board) join() {
	b.write(`AT+CWJAP="home","password1"` + "\r\n")
	b.Equal("WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n", b.hear(5*time.Second))
}

// The addresses of remote hosts, as commands name them.
const (
	echoHost   = `"10.0.0.21",7`
	sinkHost   = `"10.0.0.22",7`
	closedHost = `"10.0.0.23",7`
	goneHost   = `"10.0.0.24",7`
)

// dial opens a connection in single connection mode.
func (b *board) dial(host string) {
	b.Equal("CONNECT\r\n\r\nOK\r\n", b.ask(`AT+CIPSTART="TCP",`+host))
}

// prompted sends a command that is answered with the prompt.
func (b *board) prompted(command string) {
	b.Equal("\r\nOK\r\n\r\n>", b.ask(command), command)
}

// events are the trace's of one kind and name, as "A B C".
func events(tr *trace.Trace, kind trace.Kind, name string) (all [][3]int64) {
	for _, e := range tr.Events {
		if e.Kind == kind && e.Name == name {
			all = append(all, [3]int64{e.A, e.B, e.C})
		}
	}
	return all
}
