package report_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

func goTest(t *testing.T, d *report.Document) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.GoTest(&out, d))
	return out.String()
}

// recorded is a run of one task, with its script, in which the second call panics.
func recorded() *report.Document {
	d := document()
	d.Ops = d.Ops[:1]
	d.Tasks, d.Task, d.At, d.Details = []string{"harness", "main"}, 1, 2*time.Second, nil
	d.Events = []trace.Event{
		{Kind: trace.Spawn, Name: "main", A: 1},
		{Task: 1, Kind: trace.Call, Name: "connect", A: 0, B: -1},
		{Task: 1, Kind: trace.Return},
		{At: 2 * time.Second, Task: 1, Kind: trace.Panic, Name: "gadget.send"},
		{At: 3 * time.Second, Kind: trace.Phase, Name: "heal"},
	}
	d.Script = []trace.Line{
		{Kind: trace.Imports, Text: "machine"},
		{Kind: trace.Imports, Text: "net/netip"},
		{Kind: trace.Imports, Text: "example.com/gadget"},
		{Kind: trace.Makes, Text: "gadget.New()"},
		{Event: 2, Kind: trace.Calls, Text: "_ = dev.Connect(1)"},
		{Event: 2, Kind: trace.Wire, Text: "pin1 = 1"},
		{Event: 2, Kind: trace.Returns},
		{At: time.Second, Event: 3, Kind: trace.Calls, Text: "dev.Send(2)"},
		{Event: 3, Kind: trace.Wire, Text: "spi0 x 01 02"},
	}
	return d
}

func TestGoTestPlaysWhatWasRecorded(t *testing.T) {
	text := goTest(t, recorded())
	for _, want := range []string{
		"package gadget_test\n", "\t\"example.com/gadget\"\n", "func TestPanicGadget(t *testing.T) {", "dev := gadget.New()\n", "// connect(home)\n\t\t_ = dev.Connect(1)\n",
		"time.Sleep(1000000000)\n\t\tdev.Send(2)\n", "const TestPanicGadgetWire = `pin1 = 1\nspi0 x 01 02\n`", "// panic: gadget.send\n//\n// It panics.\n",
	} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "netip", "nothing needs it")
}

// A loop that nothing but the chip's answers can end has no end that a test could wait for.
func TestGoTestOfALoopWithoutEnd(t *testing.T) {
	d := recorded()
	require.NotContains(t, goTest(t, d), "as long as it is answered it goes on")
	d.Verdict = "spin: gadget.send"
	require.Contains(t, goTest(t, d), "if want == \"\" {\n\t\t\t\tt.Fatal(bug + \": as long as it is answered it goes on\")")
}

// What one task cannot show by itself is run on the target.
func TestGoTestRunsTheProgram(t *testing.T) {
	for name, change := range map[string]func(d *report.Document){
		"nothing was recorded":      func(d *report.Document) { d.Script = nil },
		"it was too long":           func(d *report.Document) { d.Script = make([]trace.Line, trace.MaxScript+1) },
		"a second task":             func(d *report.Document) { d.Ops = append(d.Ops, report.Op{Text: "a: x()", Task: "a", Device: true}) },
		"a peer":                    func(d *report.Document) { d.Ops = append(d.Ops, report.Op{Text: "dial()", Task: "main"}) },
		"a task of the firmware":    func(d *report.Document) { d.Tasks = append(d.Tasks, "poll"); d.Events[4].Task = 2 },
		"an oracle of another kind": func(d *report.Document) { d.Verdict = "close-unblocks: x" },
		"calls at the same time":    func(d *report.Document) { d.Script = append(d.Script[:6], d.Script[7:]...) },
		"a call that stays by right": func(d *report.Document) {
			d.Verdict = "leak: x"
		},
		"no Go": func(d *report.Document) { d.Script[4].Text = "dev.Connect(" },
		"a lock that another task holds": func(d *report.Document) {
			d.Verdict, d.Events[3] = "deadlock: x", trace.Event{At: 2 * time.Second, Task: 1, Kind: trace.Block, Name: "lock", A: 0}
		},
	} {
		d := recorded()
		change(d)
		text := goTest(t, d)
		require.Contains(t, text, "harness.Replay(t, target.Target, ", name)
		require.Contains(t, text, "target \"example.com/targets/gadget\"\n", name)
	}
}

func TestGoTestOfNothing(t *testing.T) {
	d := document()
	d.Package = ""
	require.ErrorContains(t, report.GoTest(io.Discard, d), "want the target's package")
	d.Verdict = report.OK
	require.ErrorContains(t, report.GoTest(io.Discard, d), "want one to test for")
}

func TestHostileGoTest(t *testing.T) {
	requireTame(t, goTest(t, hostileDocument()))
	d := recorded()
	d.Prose, d.Detail, d.File = hostile, hostile, hostile
	d.Script[5].Text = hostile
	text := goTest(t, d)
	requireTame(t, text)
	require.NotContains(t, text, "\n## x", "a comment stays one")
}
