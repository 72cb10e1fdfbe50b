package combo_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/combo"
)

const (
	opened  = "\r\nconnect success ConID=1\r\n\r\nOK\r\n"
	prompt  = "\r\n>"
	ok      = "\r\nOK\r\n"
	echoed  = "\r\n+EVENT:SocketDown,1,2,hi\r\n"
	nothing = ""
)

// exchange opens a socket to a host that echoes, sends two bytes and asks for the country code: what the module says after each step.
func exchange(b *board) (said [4]string) {
	for i, text := range []string{"AT+SOCKET=4,echo,7\r\n", "AT+SOCKETSEND=1,2\r\n", "hi", "AT+WCOUNTRY?\r\n"} {
		b.write(text)
		said[i] = b.drain(time.Second / 2)
	}
	return said
}

var healthy = [4]string{opened, prompt, ok + echoed, "\r\n+WCOUNTRY:0\r\n" + ok}

// faults says, of every fault, what the module says when it strikes.
var faults = []struct {
	name  string
	nth   int
	value int64
	said  [4]string
	later string // after another second
}{
	{name: "mute", nth: 3, said: [4]string{opened, prompt, ok + echoed, nothing}},
	{name: "error", nth: 1, value: 63, said: [4]string{"\r\n+SOCKET:63\r\n\r\nERROR\r\n", prompt, nothing, healthy[3]}},
	{name: "busy", nth: 3, said: [4]string{opened, prompt, ok + echoed, "\r\n[Busy]Cmd running\r\n"}},
	{name: "slow", nth: 3, value: int64(time.Second), said: [4]string{opened, prompt, ok + echoed, nothing}, later: healthy[3]},
	{name: "full", nth: 1, said: [4]string{"\r\n+SOCKET:96\r\n\r\nERROR\r\n", prompt, nothing, healthy[3]}},
	{name: "noid", nth: 1, said: [4]string{ok, prompt, ok + echoed, healthy[3]}},
	{name: "noprompt", nth: 1, said: [4]string{opened, nothing, ok + echoed, healthy[3]}},
	{name: "sendfail", nth: 1, said: [4]string{opened, prompt, "\r\n+SOCKETSEND:101\r\n\r\nERROR\r\n", healthy[3]}},
	{name: "length", nth: 1, value: 10, said: [4]string{opened, prompt, ok + "\r\n+EVENT:SocketDown,1,12,hi\r\n", healthy[3]}},
}

func TestFaults(t *testing.T) {
	require.Len(t, faults, len(combo.Faults))
	for i, c := range faults {
		require.Equal(t, combo.Faults[i].Name, c.name, "the tables go together")
		t.Run(c.name+" stays quiet", func(t *testing.T) {
			tr := online(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: c.nth + 5, Value: c.value})
				b.Equal(healthy, exchange(b))
				b.Empty(b.drain(time.Second))
			})
			require.Empty(t, fired(tr))
		})
		t.Run(c.name+" fires", func(t *testing.T) {
			tr := online(t, func(b *board) {
				b.task.Arm(sim.Fault{Name: c.name, Nth: c.nth, Value: c.value})
				b.Equal(c.said, exchange(b))
				b.Equal(c.later, b.drain(time.Second))
				b.task.Arm(sim.Fault{})
				b.says(`
					> AT
					< OK`)
			})
			require.Equal(t, []trace.Event{{Kind: trace.Fault, Name: c.name, A: int64(c.nth), B: c.value}}, fired(tr))
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

// While an answer is held back the module is busy; when all is well again it comes.
func TestHeal(t *testing.T) {
	online(t, func(b *board) {
		b.task.Arm(sim.Fault{Name: "slow", Nth: 1, Value: int64(time.Hour)})
		b.says(`
			> AT+WCOUNTRY?
			.
			> AT
			< [Busy]Cmd running
			.`)
		b.m.Heal()
		b.says(`
			< +WCOUNTRY:0
			< OK
			> AT
			< OK`)
		b.w.Sleep(time.Hour)
		b.Empty(b.drain(time.Second), "and it comes once")
	})
}

// Fault "reset" of the line, in the middle of an answer: the rest of it is gone, and so is the module's state.
func TestResetInMidReply(t *testing.T) {
	tr := online(t, func(b *board) {
		b.says(`
			> AT+SOCKET=4,echo,7
			< connect success ConID=1
			< OK`)
		b.task.Arm(sim.Fault{Name: "reset", Nth: 9})
		b.write("AT+GMR\r\n")
		b.Equal("\r\nat ver", b.drain(combo.BootTime/2))
		b.write("AT\r\n")
		b.Equal("\r\nready\r\n", b.drain(combo.BootTime+time.Millisecond))
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT+SOCKET?
			< OK`)
	})
	require.Empty(t, ledger(tr))
	require.Len(t, fired(tr), 1)
}

func TestFaultTable(t *testing.T) {
	for _, f := range combo.Faults {
		require.NotEmpty(t, f.Doc, f.Name)
		require.NotEmpty(t, f.Site, f.Name)
		require.Equal(t, f.HasValue, len(f.Nice) > 0, f.Name)
		for _, v := range f.Nice {
			require.True(t, f.Min <= v && v <= f.Max, "%s: nice value %d", f.Name, v)
		}
	}
}
