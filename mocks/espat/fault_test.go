package espat_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/espat"
	"github.com/linkflap/linkflap/mocks/uart"
)

// send sends four bytes to the echo, in one command.
func (b *board) send() string {
	b.prompted("AT+CIPSEND=4")
	b.write("test")
	return b.hear(soon)
}

// faults says, of every fault, what the module does at the second passage of its site, and what without.
var faults = []struct {
	name  string
	quiet func(b *board)
	fires func(b *board)
}{
	{
		"error",
		func(b *board) { b.ok("AT+CWMODE=2"); b.ok("AT+CWMODE=3"); b.reports("AT+CWMODE?", "+CWMODE:3") },
		func(b *board) { b.ok("AT+CWMODE=2"); b.fails("AT+CWMODE=3"); b.reports("AT+CWMODE?", "+CWMODE:2") },
	},
	{
		"busy",
		func(b *board) { b.ok("AT+CWMODE=2"); b.ok("AT+CWMODE=3"); b.reports("AT+CWMODE?", "+CWMODE:3") },
		func(b *board) {
			b.ok("AT+CWMODE=2")
			b.Equal("\r\nbusy p...\r\n", b.ask("AT+CWMODE=3"))
			b.reports("AT+CWMODE?", "+CWMODE:2")
		},
	},
	{
		"sendfail",
		func(b *board) {
			b.join()
			b.dial(echoHost)
			b.send()
			b.Equal("\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,4:test", b.send())
		},
		func(b *board) {
			b.join()
			b.dial(echoHost)
			b.send()
			b.Equal("\r\nRecv 4 bytes\r\n\r\nSEND FAIL\r\n", b.send())
		},
	},
}

func TestFaults(t *testing.T) {
	require.Len(t, faults, len(espat.Faults))
	for i, c := range faults {
		require.Equal(t, espat.Faults[i].Name, c.name, "the tables go together")
		t.Run(c.name+" stays quiet", func(t *testing.T) {
			require.Empty(t, fired(onBoard(t, c.quiet)))
		})
		t.Run(c.name+" fires", func(t *testing.T) {
			tr := onBoard(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: 2})
				c.fires(b)
			})
			require.Equal(t, []string{c.name}, fired(tr))
		})
	}
}

// fired are the names of the faults that struck.
func fired(tr *trace.Trace) (names []string) {
	for _, e := range tr.Events {
		if e.Kind == trace.Fault {
			names = append(names, e.Name)
		}
	}
	return names
}

// Every fault of the line strikes a module, too: bytes of commands and replies, the echo, a reset in mid-reply.
func TestLineFaults(t *testing.T) {
	dialogues := map[string]struct {
		value int64
		want  string // answer to AT, at the third byte of it or of the command
	}{
		"lost":       {0, "\r\nK\r\n"},
		"doubled":    {0, "\r\nOOK\r\n"},
		"inserted":   {'x', "\r\nxOK\r\n"},
		"flipped":    {0x20, "\r\noK\r\n"},
		"overrun":    {2, "\r\n\r\n"},
		"split":      {1e9, "\r\n"},
		"late":       {1e9, "\r\nOK\r\n"}, // it has only one message
		"reset":      {0, "\r\n"},
		"echo":       {0, "\r\nOK\r\n"}, // and only one write
		"txlost":     {0, "\r\nOK\r\n"}, // without its carriage return
		"txdoubled":  {0, "\r\nOK\r\n"},
		"txinserted": {'x', "\r\nERROR\r\n"},
		"txflipped":  {0x20, "\r\nERROR\r\n"},
	}
	require.Len(t, dialogues, len(uart.Faults))
	for _, f := range uart.Faults {
		d := dialogues[f.Name]
		tr := onBoard(t, func(b *board) {
			b.task.Arm(sim.Fault{Name: f.Name, Nth: 3, Value: d.value})
			b.Equal(d.want, b.ask("AT"), f.Name)
		})
		struck := f.Name != "late" && f.Name != "echo"
		require.Equal(t, struck, len(fired(tr)) == 1, f.Name)
	}
}

// A reset in mid-reply: the rest of the reply is gone, the links are free, and the module starts anew.
func TestResetInMidReply(t *testing.T) {
	const byReset = 2
	tr := onBoard(t, func(b *board) {
		b.join()
		b.dial(echoHost)
		b.task.Arm(sim.Fault{Name: "reset", Nth: 10})
		b.write("AT+GMR\r\n")
		b.Equal("AT versio", b.hear(soon))
		b.Equal("\r\nready\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n", b.hear(5*time.Second))
		b.Equal("AT+CIPSEND=4\r\n\r\nERROR\r\n", b.ask("AT+CIPSEND=4"))
	})
	require.Equal(t, [][3]int64{{0, 1, byReset}}, events(tr, trace.Free, "espat.link"))
	require.Equal(t, [][3]int64{{int64(espat.CauseFault), 0, 0}}, events(tr, trace.Reset, "espat"))
}

// What the firmware sends by mistake is in the trace, and only that.
func TestFrames(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.ask("AT")
		b.ask("AT+CIPSEND=4") // there is no link, but nothing is wrong with the command
		b.ask("test")
		b.ask("AT+NONSENSE")
		b.ask("AT+CWMODE=9")
	})
	var names []string
	for _, e := range tr.Events {
		if e.Kind == trace.Frame {
			names = append(names, e.Name)
		}
	}
	require.Equal(t, []string{"no start byte", "unknown command", "wrong parameters"}, names)
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return onBoard(t, func(b *board) {
			b.join()
			b.dial(echoHost)
			b.w.Go("other", func() { b.write("AT\r\n") })
			b.task.Arm(sim.Fault{Name: "flipped", Nth: 20, Value: 1})
			b.ask("AT+GMR")
			b.air.Down("home")
			b.hear(time.Minute)
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}
