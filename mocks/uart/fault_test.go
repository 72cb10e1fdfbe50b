package uart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/uart"
)

// ask writes ABCD, which the module answers with abcd, then efgh; it returns what the board reads.
func (b *board) ask() string {
	b.onByte = func([]byte) {
		b.onByte = nil
		b.l.Send([]byte("abcd"))
		b.l.Send([]byte("efgh"))
	}
	b.write("ABCD")
	return b.later(20 * byteTime)
}

// faults says, of every fault, what the board and the module receive when it strikes at the second passage of its site.
var faults = []struct {
	name         string
	value        int64
	board, heard string
	check        func(b *board)
}{
	{name: "lost", board: "acdefgh", heard: "ABCD"},
	{name: "doubled", board: "abbcdefgh", heard: "ABCD"},
	{name: "inserted", value: '.', board: "a.bcdefgh", heard: "ABCD"},
	{name: "flipped", value: 0x20, board: "aBcdefgh", heard: "ABCD"},
	{name: "overrun", value: 5, board: "agh", heard: "ABCD"},
	{name: "split", value: int64(time.Second), board: "a", heard: "ABCD", check: func(b *board) {
		b.Equal("bcdefgh", b.later(time.Second), "it goes on where it stopped")
	}},
	{name: "late", value: int64(time.Minute), board: "abcd", heard: "ABCD", check: func(b *board) {
		b.Empty(b.later(time.Minute - 21*byteTime))
		b.Equal("efgh", b.later(20*byteTime))
	}},
	{name: "reset", board: "a", heard: "ABCD", check: func(b *board) {
		b.Equal(1, b.resets)
		b.Empty(b.later(time.Hour/2), "the module has forgotten the rest")
	}},
	{name: "echo", board: "abcdefghxyz", heard: "ABCDxyz"},
	{name: "txlost", board: "abcdefgh", heard: "ACD"},
	{name: "txdoubled", board: "abcdefgh", heard: "ABBCD"},
	{name: "txinserted", value: '.', board: "abcdefgh", heard: "A.BCD"},
	{name: "txflipped", value: 0x20, board: "abcdefgh", heard: "AbCD"},
}

func TestFaults(t *testing.T) {
	require.Len(t, faults, len(uart.Faults))
	for i, c := range faults {
		require.Equal(t, uart.Faults[i].Name, c.name, "the tables go together")
		dialogue := func(b *board) string {
			got := b.ask()
			if c.name == "echo" { // its second passage needs a second write
				b.write("xyz")
				got += b.later(20 * byteTime)
			}
			return got
		}
		t.Run(c.name+" stays quiet", func(t *testing.T) {
			tr := onBoard(t, func(b *board) {
				b.Equal("abcdefgh", dialogue(b))
				b.Equal("ABCD", b.heard[:4])
				b.Zero(b.resets)
			})
			require.Empty(t, fired(tr))
		})
		t.Run(c.name+" fires", func(t *testing.T) {
			tr := onBoard(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: 2, Value: c.value})
				b.Equal(c.board, dialogue(b))
				b.Equal(c.heard, b.heard)
				if c.check != nil {
					c.check(b)
				}
			})
			require.Equal(t, []trace.Event{{Kind: trace.Fault, Name: c.name, A: 2, B: c.value}}, fired(tr))
		})
	}
}

// fired are the faults that struck, without when and at whom.
func fired(tr *trace.Trace) (events []trace.Event) {
	for _, e := range tr.Events {
		if e.Kind == trace.Fault {
			events = append(events, trace.Event{Kind: e.Kind, Name: e.Name, A: e.A, B: e.B, C: e.C})
		}
	}
	return events
}

// A fault strikes in the call that it is armed for, not in another task's.
func TestFaultIsItsTasks(t *testing.T) {
	tr := onBoard(t, func(b *board) {
		b.task.Arm(sim.Fault{Name: "txlost", Nth: 1})
		b.w.Go("other", func() { b.write("other") })
		b.w.Sleep(time.Second)
		b.Equal("other", b.heard)
	})
	require.Empty(t, fired(tr))
}

func TestFaultTable(t *testing.T) {
	for _, f := range uart.Faults {
		require.NotEmpty(t, f.Doc, f.Name)
		require.NotEmpty(t, f.Site, f.Name)
		require.Equal(t, f.HasValue, len(f.Nice) > 0, f.Name)
		for _, v := range f.Nice {
			require.True(t, f.Min <= v && v <= f.Max, "%s: nice value %d", f.Name, v)
		}
	}
}
