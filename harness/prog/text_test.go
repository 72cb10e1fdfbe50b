package prog

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func parse(t *testing.T, spec *Spec, text string) *Prog {
	t.Helper()
	p, err := Parse(spec, "test", 1, text)
	require.NoError(t, err)
	require.NoError(t, p.Validate())
	return p
}

const example = `connect(home, watchdog=2s)
s0 = listen(80)
a: c0 = accept(s0)
b: close(s0)
p1: dial(80)
air: down(home)
a: recv(c0, 16) (fault: bus@3=0xff)
u0 = udp()
c: close(u0) (fault: noack@1)
a: splice(c0, u0, 0, -0x10) (fault: slow@65536=1m30s)
p3: close()
d: c1 = accept(s0)
sleep(999ms)
-- schedule --
a 17
b block
a done
d 65535
`

func TestTextForm(t *testing.T) {
	spec := testSpec()
	tests := []struct{ why, in, want string }{
		{"the canonical form is a fixed point", example, example},
		{"nothing is a program", "", ""},
		{
			"names are canonical, whatever the input calls them",
			"srv=listen( 80 )\nmain:udp()\n\tb :conn-1 = accept(srv)\nc0 = listen(81)\nclose(conn-1)",
			"s0 = listen(80)\nu0 = udp()\nb: c0 = accept(s0)\ns1 = listen(81)\nclose(c0)\n",
		},
		{
			"comments, blank lines, CRLF and an empty schedule vanish",
			"# why\r\n\r\nsleep(60s) # a minute\r\n-- schedule --\r\n",
			"sleep(1m)\n",
		},
		{
			"optional arguments come in any order and are left out if they hold the default",
			"connect(home, retries=-1 , watchdog = 0ms)\nconnect(10.0.0.1, retries=3)\nudp(mode=shared)\nudp(mode=plain)",
			"connect(home, retries=-1)\nconnect(10.0.0.1)\nu0 = udp()\nu1 = udp(mode=plain)\n",
		},
		{"zeros do not make octal", "c: sleep(0.25s) ( fault: bus @ 010 = 010 )", "c: sleep(250ms) (fault: bus@10=0xa)\n"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			assert.Equal(t, tt.want, parse(t, spec, tt.in).String())
		})
	}
}

func TestName(t *testing.T) {
	p := parse(t, testSpec(), example)
	assert.Equal(t, []string{"", "s0", "c0", "", "", "", "", "u0", "", "", "", "c1", ""}, p.names())
}

func TestParseErrors(t *testing.T) {
	many := strings.Repeat("disconnect()\n", MaxCalls+1)
	tests := []struct{ in, want string }{
		{"fly()", `9: got op "fly", want one of class device: connect, disconnect, listen, accept, udp, recv, splice, close, sleep`},
		{"p1: listen(80)", "9: got op listen of class device in task p1, want one of class peer"},
		{"\n\nair: dial(80)", "11: got op dial of class peer in task air, want one of class air"},
		{"e: udp()", `9: got task "e", want one of main, a, b, c, d, p1, p2, p3, air`},
		{"udp(", `9: got "udp(" without ), want a call`},
		{"udp", `9: got "udp" without (, want a call`},
		{"listen()", "9: listen: got 0 arguments, want 1"},
		{"listen(80, 81)", "9: listen: got 2 arguments, want 1"},
		{"connect(home, 2s)", "9: connect: got 2 arguments, want 1, optional watchdog=, optional retries="},
		{"connect(watchdog=2s)", "9: connect: got 0 arguments, want 1, optional watchdog=, optional retries="},
		{"connect(home, dog=2s)", `9: connect: got argument "dog", want 1, optional watchdog=, optional retries=, each once`},
		{"connect(home, retries=1, retries=1)", `9: connect: got argument "retries", want`},
		{"connect(home, retries=1, home)", `9: connect: got argument "home", want`},
		{"listen(port=80)", "9: listen: got 0 arguments, want 1"},
		{"listen(,)", "9: listen: got 2 arguments, want 1"},
		{"listen(home)", `9: listen: argument port: got "home", want a number`},
		{"listen(2s)", `9: listen: argument port: got "2s", want a number`},
		{"listen(65536)", "9: listen: argument port: got 65536, want 1..65535"},
		{"listen(99999999999999999999)", "9: listen: argument port: got 99999999999999999999, want 1..65535"},
		{"sleep(5)", `9: sleep: argument length: got "5", want a duration such as 500ms or 2s`},
		{"sleep(2h)", "9: sleep: argument length: got 2h, want 0s..1h23m20s"},
		{"sleep(1us)", "9: sleep: argument length: got 1µs, want whole milliseconds"},
		{"sleep(61.5s)", "9: sleep: argument length: got 1m1.5s, want whole milliseconds"},
		{"connect(work)", `9: connect: argument ap: got "work", want one of home, cafe, 10.0.0.1`},
		{"a: c0 = accept(s0)\ns0 = listen(1)", `9: accept: argument listener: got "s0", want the name of the result of an earlier call`},
		{"u = udp()\naccept(u)", "10: accept: argument listener: got the result of udp, want result s"},
		{"u = udp()\nu = udp()", "10: got result u twice, want another name: it is that of udp already"},
		{"x = sleep(1s)", "9: got name x for the result of sleep, which has none"},
		{"1 = udp()", `9: got result name "1", want a letter`},
		{"udp() twice", `9: got "twice" after the call, want (fault: name@nth=value) or nothing`},
		{"udp() (fault: bus@1=0x0", `want (fault: name@nth=value) or nothing`},
		{"udp() (fault: fire@1)", `9: got fault "fire", want one of: bus, noack, slow`},
		{"udp() (fault: noack)", "9: fault noack: got occasion @, want @1..@3"},
		{"udp() (fault: noack@4)", "9: fault noack: got occasion @4, want @1..@3"},
		{"udp() (fault: noack@0)", "got occasion @0, want @1..@3"},
		{"udp() (fault: noack@1=3)", "9: fault noack: got a value: true, want one: false"},
		{"udp() (fault: bus@1)", "9: fault bus: got a value: false, want one: true"},
		{"udp() (fault: bus@1=0x100)", "9: fault bus: got 0x100, want -0x10..0xff"},
		{"p1: dial(80) (fault: noack@1)", "9: got a fault on a peer call, want it on a device call"},
		{many, "73: got 65 calls, want at most 64"},
		{"udp()\n-- schedule --\n" + strings.Repeat("main done\n", MaxSteps+1), "19: got 9 steps, want at most 8"},
		{"udp()\n-- schedule --\nb done", "11: got task b, which makes no call"},
		{"udp()\n-- schedule --\nmain soon", `11: got "soon", want done, block or 1..65535`},
		{"udp()\n-- schedule --\nmain 0", "11: got 0 points, want 1..65535"},
		{"udp()\n-- schedule --\nmain 65536", "11: got 65536 points, want 1..65535"},
		{"udp()\n-- schedule --\nmain", `11: got step "main", want a task, then done, block or a number`},
		{"udp()\n-- schedule --\nx done", `11: got task "x", want one of main`},
		{"-- schedule --\n-- schedule --", `10: got section "-- schedule --", want "-- schedule --", once`},
		{"-- want --", `9: got section "-- want --", want "-- schedule --", once`},
		{"udp()\x00", "9: got control character U+0000, want text"},
		{"# \xff", "9: got bytes that are no UTF-8, want text"},
		{"# " + strings.Repeat("x", maxLine), "9: got a line of 514 bytes, want at most 512"},
	}
	for _, tt := range tests {
		p, err := Parse(testSpec(), "x.txt", 9, tt.in)
		assert.Nil(t, p)
		require.ErrorContains(t, err, tt.want, "%.80q", tt.in)
		var e *Error
		require.True(t, errors.As(err, &e))
		assert.Equal(t, "x.txt", e.File)
	}
}

func TestValidateErrors(t *testing.T) {
	tests := []struct {
		want  string
		spoil func(p *Prog)
	}{
		{"got no spec", func(p *Prog) { p.Spec = nil }},
		{"got 65 calls", func(p *Prog) { p.Calls = make([]Call, 65) }},
		{"got 9 steps", func(p *Prog) { p.Schedule = make([]Step, 9) }},
		{"call 1: got task(9), want one of 9 tasks", func(p *Prog) { p.Calls[1].Task = 9 }},
		{"call 0: got op -1, want 0..11", func(p *Prog) { p.Calls[0].Op = -1 }},
		{"call 4: got op dial of class peer in task a, want one of class device", func(p *Prog) { p.Calls[4].Task = A }},
		{"call 1: listen: got 0 values, want 1", func(p *Prog) { p.Calls[1].Args = nil }},
		{"argument ap: got choice 3, want 0..2", func(p *Prog) { p.Calls[0].Args[0] = 3 }},
		{"argument listener: got call 2, want an earlier one with result s", func(p *Prog) { p.Calls[2].Args[0] = 2 }},
		{"argument listener: got call -1, want", func(p *Prog) { p.Calls[2].Args[0] = -1 }},
		{"got the result of connect, want result s or c or u", func(p *Prog) { p.Calls[3].Args[0] = 0 }},
		{"got fault kind 3, want one of 3", func(p *Prog) { p.Calls[6].Fault.Kind = 3 }},
		{"fault noack: got value 1, want none", func(p *Prog) { p.Calls[8].Fault.Value = 1 }},
		{"step 0: got 0 points, want 1..65535", func(p *Prog) { p.Schedule[0].N = 0 }},
		{"step 1: got 1 points with block, want none", func(p *Prog) { p.Schedule[1].N = 1 }},
		{"step 1: got until(3), want", func(p *Prog) { p.Schedule[1].Until = 3 }},
		{"step 1: got task p2, which makes no call", func(p *Prog) { p.Schedule[1].Task = P2 }},
	}
	for _, tt := range tests {
		p := parse(t, testSpec(), example)
		tt.spoil(p)
		assert.ErrorContains(t, p.Validate(), tt.want)
	}
}

// Parse must refuse or read any text at all, and what it reads has one canonical form.
func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("x=udp()\nclose(x)(fault:slow@2=1.5s)\n--")
	f.Add("connect(cafe,retries=0x2)#\r\n-- schedule --\nmain 9")
	spec := testSpec()
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(spec, "fuzz", 1, text)
		if err != nil {
			return
		}
		require.NoError(t, p.Validate())
		checkRoundTrips(t, p)
	})
}
