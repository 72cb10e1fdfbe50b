package shrink

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/prog"
)

// toySpec has something of everything that a pass changes.
func toySpec(t *testing.T) *prog.Spec {
	ap := prog.Arg{Name: "ap", Kind: prog.Enum, Choices: []string{"home", "cafe", "locked"}}
	watchdog := prog.Arg{Name: "watchdog", Kind: prog.Dur, Max: int64(time.Minute), Optional: true}
	port := prog.Arg{Name: "port", Kind: prog.Int, Min: 1, Max: 65000, Nice: []int64{80}}
	size := prog.Arg{Name: "size", Kind: prog.Int, Max: 2048, Nice: []int64{16}}
	length := prog.Arg{Name: "length", Kind: prog.Dur, Max: int64(prog.MaxDuration), Nice: []int64{int64(time.Second)}}
	listener := prog.Arg{Name: "listener", Kind: prog.Ref, Of: []string{"s"}}
	conn := prog.Arg{Name: "conn", Kind: prog.Ref, Of: []string{"c"}}
	socket := prog.Arg{Name: "socket", Kind: prog.Ref, Of: []string{"s", "c"}}
	reply := prog.Arg{Name: "reply", Kind: prog.Int, Max: 255, Hex: true}
	spec := &prog.Spec{
		Ops: []prog.Op{
			{Name: "connect", Args: []prog.Arg{ap, watchdog}},
			{Name: "disconnect"},
			{Name: "listen", Args: []prog.Arg{port}, Result: "s"},
			{Name: "accept", Args: []prog.Arg{listener}, Result: "c"},
			{Name: "recv", Args: []prog.Arg{conn, size}},
			{Name: "close", Args: []prog.Arg{socket}},
			{Name: "sleep", Args: []prog.Arg{length}},
			{Name: "dial", Class: prog.Peer, Args: []prog.Arg{port}},
			{Name: "down", Class: prog.Air, Args: []prog.Arg{ap}},
		},
		Faults: []prog.FaultSpec{{Name: "bus", Value: &reply, MaxNth: 1000}, {Name: "noack", MaxNth: 9}},
	}
	require.NoError(t, spec.Validate())
	return spec
}

// parse reads a program written on one line, "; " for line ends and "| " before the schedule.
func parse(t *testing.T, spec *prog.Spec, text string) *prog.Prog {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "| ", "\n-- schedule --\n"), "; ", "\n")
	p, err := prog.Parse(spec, "toy", 1, text)
	require.NoError(t, err)
	require.NoError(t, p.Validate())
	return p
}

// line is the inverse of parse.
func line(p *prog.Prog) string {
	text := strings.ReplaceAll(strings.TrimSpace(p.String()), "\n-- schedule --\n", "| ")
	return strings.ReplaceAll(text, "\n", "; ")
}

// with says that p's text has all of parts, in this order.
func with(parts ...string) func(p *prog.Prog) bool {
	return func(p *prog.Prog) bool {
		text := p.String()
		for _, part := range parts {
			_, rest, ok := strings.Cut(text, part)
			if !ok {
				return false
			}
			text = rest
		}
		return true
	}
}

// each says that every test holds.
func each(tests ...func(p *prog.Prog) bool) func(p *prog.Prog) bool {
	return func(p *prog.Prog) bool {
		for _, test := range tests {
			if !test(p) {
				return false
			}
		}
		return true
	}
}

// atLeast says that argument arg of the first call of op is no less than n.
func atLeast(op string, arg int, n int64) func(p *prog.Prog) bool {
	return func(p *prog.Prog) bool {
		for _, c := range p.Calls {
			if p.Spec.Ops[c.Op].Name == op {
				return c.Args[arg] >= n
			}
		}
		return false
	}
}

// samePort says that a listen and a dial name one port, 1000 or higher.
func samePort(p *prog.Prog) bool {
	port := map[string]int64{}
	for _, c := range p.Calls {
		if op := p.Spec.Ops[c.Op].Name; op == "listen" || op == "dial" {
			port[op] = c.Args[0]
		}
	}
	return port["listen"] == port["dial"] && port["dial"] >= 1000
}

var passTests = []struct {
	pass, prog string
	fails      func(p *prog.Prog) bool
	want       string
}{
	{"drop whole tasks", "connect(home); a: disconnect(); b: sleep(1s); a: sleep(2s); air: down(home)", with("b: sleep"), "b: sleep(1s)"},
	{"drop whole tasks", "s0 = listen(80); a: c0 = accept(s0); p1: dial(80)", with("a: c0"), "s0 = listen(80); a: c0 = accept(s0)"},
	{
		"drop what the last call does not need",
		"connect(home); s0 = listen(1); s1 = listen(2); c0 = accept(s0); c1 = accept(s1); recv(c1, 3); recv(c0, 4); sleep(1s)",
		with("4)"), "connect(home); s0 = listen(1); c0 = accept(s0); recv(c0, 4)",
	},
	{"drop what the last call does not need", "connect(home); disconnect(); sleep(1s)", with("connect", "disconnect", "sleep"), "connect(home); disconnect(); sleep(1s)"},
	{"drop the schedule", "a: disconnect(); b: sleep(1s)| a 7; b done", with("a: disc", "b: sleep"), "a: disconnect(); b: sleep(1s)"},
	{"drop the schedule", "a: disconnect(); b: sleep(1s)| a 7; b done", with("b done"), "a: disconnect(); b: sleep(1s)| a 7; b done"},
	{
		"drop calls in chunks",
		"connect(home); disconnect(); sleep(1s); disconnect(); s0 = listen(80); disconnect(); sleep(2s); close(s0); disconnect()",
		with("sleep(1s)", "close(s0)"), "sleep(1s); s0 = listen(80); close(s0)",
	},
	{"drop calls in chunks", "connect(home); disconnect()", func(*prog.Prog) bool { return true }, "connect(home)"},
	{
		"drop faults", "connect(home) (fault: bus@3=0x80); disconnect() (fault: noack@1); sleep(1s) (fault: noack@2)",
		with("disconnect() (fault: noack@1)"), "connect(home); disconnect() (fault: noack@1); sleep(1s)",
	},
	{"drop preemptions", "a: disconnect(); b: sleep(1s)| a 7; b 3; a done; b block", with("b 3"), "a: disconnect(); b: sleep(1s)| b 3"},
	{"simplify steps", "a: disconnect(); b: sleep(1s)| a 700; b 3", with("schedule", "a ", "b "), "a: disconnect(); b: sleep(1s)| a done; b done"},
	{"simplify steps", "a: disconnect()| a 700", each(with("schedule"), not(with("a done"))), "a: disconnect()| a block"},
	{"simplify steps", "a: disconnect()| a 700", func(p *prog.Prog) bool { return p.Schedule[0].N >= 123 }, "a: disconnect()| a 123"},
	{"use earlier tasks", "connect(home); b: disconnect(); b: sleep(1s)| b 3", with("connect", "disconnect", "sleep"), "connect(home); disconnect(); sleep(1s)"},
	{"use earlier tasks", "connect(home); b: disconnect(); b: sleep(1s)| b 3", with(": sleep"), "connect(home); disconnect(); a: sleep(1s)| a 3"},
	{"drop calls but for their faults", "connect(home); sleep(1s); disconnect() (fault: noack@2)", with("connect", "noack"), "connect(home) (fault: noack@2); sleep(1s)"},
	{"drop calls but for their faults", "p1: dial(80); disconnect() (fault: noack@2)", with("noack"), "p1: dial(80); disconnect() (fault: noack@2)"},
	{"drop calls but for their faults", "connect(home); disconnect() (fault: noack@2)", with("disconnect", "noack"), "connect(home); disconnect() (fault: noack@2)"},
	{"use earlier tasks", "b: disconnect(); d: sleep(1s)| d 3; b done", with(": disc", ": sleep", "3"), "a: disconnect(); b: sleep(1s)| b 3; a done"},
	{"use earlier tasks", "p2: dial(80); p3: dial(81)", with("80", "81"), "p1: dial(80); p1: dial(81)"},
	{"use earlier tasks", "a: s0 = listen(80); connect(home); a: sleep(1s)", mainFirst("connect", "listen", "sleep"), "connect(home); s0 = listen(80); sleep(1s)"},
	{"sort by task", "a: s0 = listen(80); p1: dial(80); connect(home); a: sleep(1s)", with("listen"), "connect(home); a: s0 = listen(80); a: sleep(1s); p1: dial(80)"},
	{"sort by task", "a: s0 = listen(80); a: c0 = accept(s0); disconnect()", with("accept"), "disconnect(); a: s0 = listen(80); a: c0 = accept(s0)"},
	{"lower values", "connect(locked, watchdog=2s); s0 = listen(8080)", with("connect"), "connect(home); s0 = listen(1)"},
	{"lower values", "connect(locked)", atLeast("connect", 0, 1), "connect(cafe)"},
	{"lower values", "connect(home, watchdog=20s)", atLeast("connect", 1, int64(1234*time.Millisecond)), "connect(home, watchdog=1.234s)"},
	{"lower values", "s0 = listen(65000)", atLeast("listen", 0, 77), "s0 = listen(77)"},
	{"lower values", "sleep(1h)", atLeast("sleep", 0, int64(75*time.Second)), "sleep(1m15s)"},
	{"lower values", "sleep(1h)", atLeast("sleep", 0, int64(time.Minute)-1), "sleep(1m)"},
	{"lower values", "disconnect() (fault: bus@300=0xff)", func(p *prog.Prog) bool { f := p.Calls[0].Fault; return f.Nth >= 3 && f.Value >= 0x81 }, "disconnect() (fault: bus@3=0x81)"},
	{"lower values", "s0 = listen(5000); p1: dial(5000)", samePort, "s0 = listen(5000); p1: dial(5000)"},
	{"lower equal values together", "s0 = listen(5000); p1: dial(5000)", samePort, "s0 = listen(1000); p1: dial(1000)"},
	{"lower equal values together", "s0 = listen(5000); p1: dial(5001)", with("listen"), "s0 = listen(5000); p1: dial(5001)"},
}

// mainFirst says that the ops are called in this order when main's calls go first, as they do.
func mainFirst(ops ...string) func(p *prog.Prog) bool {
	return func(p *prog.Prog) bool {
		var made []string
		for _, main := range []bool{true, false} {
			for i := range p.Calls {
				if (p.Calls[i].Task == prog.Main) == main {
					made = append(made, p.Spec.Ops[p.Calls[i].Op].Name)
				}
			}
		}
		return slices.Equal(made, ops)
	}
}

func not(test func(p *prog.Prog) bool) func(p *prog.Prog) bool {
	return func(p *prog.Prog) bool { return !test(p) }
}

func TestEachPassAlone(t *testing.T) {
	tested := map[string]bool{}
	for _, tt := range passTests {
		t.Run(tt.pass, func(t *testing.T) {
			p := parse(t, toySpec(t), tt.prog)
			require.True(t, tt.fails(p), "the program must show the bug to begin with")
			before := p.String()
			s := &search{best: p, budget: 1e6, fails: tt.fails, seen: map[string]bool{}}
			for _, pass := range Passes {
				if pass.Name == tt.pass {
					got := pass.run(p, s.try)
					tested[tt.pass] = true
					require.Same(t, s.best, got, "a pass returns the smallest that it found")
				}
			}
			require.Equal(t, tt.want, line(s.best))
			require.Equal(t, before, p.String(), "the original stays")
		})
	}
	for _, pass := range Passes {
		require.True(t, tested[pass.Name], "no test of %q", pass.Name)
	}
}
