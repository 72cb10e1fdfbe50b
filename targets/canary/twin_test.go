package canary

import (
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

var clean = flag.Int("clean", 20000, "how many programs the clean twin runs")

func TestCleanTwinIsQuiet(t *testing.T) {
	seen := map[string]int{}
	start := time.Now()
	for p := range generate(*clean) {
		res := Target.Run(t, p, false)
		require.Empty(t, res.Violations, "an oracle cries wolf:\n%s", p)
		for _, tr := range troubles {
			if tr.met(res.Trace) {
				seen[tr.name]++
			}
		}
	}
	took := time.Since(start)
	t.Logf("%d programs in %v, %.0f a second, peak memory %s", *clean, took.Round(time.Millisecond), float64(*clean)/took.Seconds(), peak())
	for _, tr := range troubles {
		t.Logf("%7d runs: %s", seen[tr.name], tr.name)
		require.NotZero(t, seen[tr.name], "no program tried whether an oracle cries wolf when %s", tr.name)
	}
}

// peak is the most memory that the process had, as the kernel says it.
func peak() string {
	status, err := os.ReadFile("/proc/self/status")
	_, rest, ok := strings.Cut(string(status), "VmHWM:")
	if err != nil || !ok {
		return "unknown"
	}
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

func TestReplay(t *testing.T) {
	var first, again []uint64
	hashes := func(to *[]uint64) {
		for p := range generate(200) {
			*to = append(*to, Target.Run(t, p, false).Trace.Hash())
		}
	}
	hashes(&first)
	hashes(&again)
	require.Equal(t, first, again, "run again")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	again = nil
	hashes(&again)
	require.Equal(t, first, again, "run on one processor")
}

// lawful is what programs may do and generated ones seldom do.
var lawful = []struct{ name, program string }{
	{"a descriptor is closed and given out again: who still uses it uses the new one", `
connect()
c0 = dial(echo)
send(c0, 16)
close(c0)
c1 = dial(echo)
c2 = dial(echo)
c3 = dial(echo)
close(c1)
c4 = dial(echo)
send(c0, 16)
send(c4, 16)
recv(c0, 8, timeout=1s)
recv(c4, 100, timeout=1s)
close(c0)
send(c4, 16)
`},
	{"a close fails, and its descriptor is given out again", `
connect()
c0 = dial(echo)
close(c0) (fault: lost@1)
connect()
c1 = dial(echo)
c2 = dial(echo)
c3 = dial(echo)
c4 = dial(echo)
send(c4, 16)
send(c0, 16)
close(c0)
`},
	{"a send fails in the middle, and another follows", `
connect()
s0 = listen(80)
a: c0 = accept(s0)
p1: dial(80)
a: send(c0, 2000)
p1: sleep(10s)
p1: read(2000)
a: send(c0, 16)
p1: read(2000)
a: close(c0)
`},
	{"two tasks receive on one handle", `
connect()
c0 = dial(echo)
send(c0, 300)
a: recv(c0, 100)
b: recv(c0, 100)
-- schedule --
a 8
b done
`},
	{"bytes are on their way to a peer that vanished, or does not read, when everything is closed", `
connect()
s0 = listen(80)
a: c0 = accept(s0)
p1: dial(80)
p1: vanish()
a: send(c0, 100)
a: close(c0)
a: c1 = accept(s0)
p2: sleep(1s)
p2: dial(80)
a: send(c1, 1100)
a: close(c1)
`},
	{"a peer resets a connection whose slot then goes to another", `
connect()
s0 = listen(80)
a: c0 = accept(s0)
p1: dial(80)
p1: sleep(1s)
p1: reset()
a: sleep(2s)
a: c1 = dial(echo)
a: send(c1, 16)
a: send(c0, 16)
a: recv(c1, 16)
a: close(c0)
a: send(c1, 16)
`},
	{"sockets are closed and the device goes down while calls wait for them", `
connect()
s0 = listen(80)
c0 = dial(echo)
a: c1 = accept(s0)
b: recv(c0, 16)
c: sleep(1s)
c: close(c0)
c: disconnect()
c: connect()
d: resolve()
air: sleep(500ms)
air: down()
`},
}

func TestLawfulUses(t *testing.T) {
	for _, c := range lawful {
		t.Run(c.name, func(t *testing.T) {
			p, err := prog.Parse(Target.Spec(), c.name, 0, c.program)
			require.NoError(t, err)
			res := Target.Run(t, p, true)
			require.Empty(t, res.Violations, report.Timeline(res.Trace, 0, 100))
		})
	}
}

// troubles are what an oracle may take for a bug although it is none. Generated programs must have met each.
var troubles = []struct {
	name string
	met  func(tr *trace.Trace) bool
}{
	{"a call waits on a handle until that is closed at the end", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool {
			return e.Kind == trace.Return && e.Name == "socket closed" && e.At > healed(tr)
		})
	}},
	{"a send fails, and one on the same handle succeeds later", func(tr *trace.Trace) bool {
		failed := map[int64]bool{}
		return afterSends(tr, func(handle int64, ok bool) bool { failed[handle] = failed[handle] || !ok; return ok && failed[handle] })
	}},
	{"the chip takes a slot back unasked", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool { return e.Kind == trace.Free && e.C == oracle.Unasked })
	}},
	{"the driver releases a slot that the chip took back", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool { return e.Kind == trace.Misuse })
	}},
	{"a peer resets a connection", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool {
			return e.Kind == trace.Conn && e.Name == oracle.ConnReset && e.At < healed(tr)
		})
	}},
	{"a connection is lost with the link", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool {
			return e.Kind == trace.Conn && e.Name == oracle.ConnLost && e.At < healed(tr)
		})
	}},
	{"a peer vanishes", called("vanish")},
	{"a call is skipped, because its handle was never bound or is another's by now", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool { return e.Kind == trace.Return && trace.Status(e.C) == trace.Skipped })
	}},
	{"all slots are taken", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool { return e.Kind == trace.Return && e.Name == "no free slot" })
	}},
	{"a handle is closed twice, or in disconnect before", func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool {
			return e.Kind == trace.Return && e.Name == "socket closed" && e.At < healed(tr)
		})
	}},
}

func has(tr *trace.Trace, is func(e *trace.Event) bool) bool {
	for i := range tr.Events {
		if is(&tr.Events[i]) {
			return true
		}
	}
	return false
}

func called(op string) func(tr *trace.Trace) bool {
	return func(tr *trace.Trace) bool {
		return has(tr, func(e *trace.Event) bool { return e.Kind == trace.Call && e.Name == op })
	}
}

// afterSends calls is with the handle and the outcome of each send until it says yes.
func afterSends(tr *trace.Trace, is func(handle int64, ok bool) bool) bool {
	handles := map[int64]int64{}
	return has(tr, func(e *trace.Event) bool {
		if e.Kind == trace.Call && e.Name == "send" {
			handles[e.A] = e.B
		}
		handle, sent := handles[e.A]
		return e.Kind == trace.Return && sent && is(handle, trace.Status(e.C) == trace.OK)
	})
}

// healed is when the program was over, or cut off.
func healed(tr *trace.Trace) time.Duration {
	for i := range tr.Events {
		if e := &tr.Events[i]; e.Kind == trace.Phase && e.Name == oracle.PhaseHeal {
			return e.At
		}
	}
	return tr.Events[len(tr.Events)-1].At + 1
}
