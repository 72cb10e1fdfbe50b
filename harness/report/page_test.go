package report_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

// page is the document's page.
func page(t *testing.T, d *report.Document) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.HTML(&out, d))
	return out.String()
}

// rowTexts are the rows' texts.
func rowTexts(page string) (all []string) {
	for _, m := range regexp.MustCompile(`<span class="text">(.*?)</span>`).FindAllStringSubmatch(page, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestPageHasALaneForEverybody(t *testing.T) {
	text := page(t, document())
	var lanes []string
	for _, m := range regexp.MustCompile(`<span class="lane\d+"><i>(.*?)</i>(.*?)</span>`).FindAllStringSubmatch(text, -1) {
		lanes = append(lanes, m[1]+" "+strings.ReplaceAll(m[2], "<wbr>", ""))
	}
	require.Equal(t, []string{
		"task main", "task a", "firmware task gadget.poll", "probe, teardown harness", "chip esp8266", "chip chip", "LED LED", "air radio", "air AP home", "air air",
	}, lanes)
}

func TestPageShowsWhatHappened(t *testing.T) {
	text := page(t, document())
	require.Equal(t, []string{
		"starts task main", "connect(home)", "reset: esp8266, cause 3 (Software Watchdog)", "green blink every 200ms", "HELLO -&gt; 0", "NAME -&gt; 0",
		"JOIN -&gt; 0", "LOOK -&gt; 0", "link: associated 0", "link: address 0", "starts task gadget.poll", "→ ok 0", "send(c0, 1) (fault: short@1)",
		"waits for a lock of a", "down(home)", "→ ok 0", "FAULT short at passage 1", "PANIC in gadget.send | index out of range",
		"faults end, the network is well", "is cut off: waits for a lock of a in gadget.poll",
	}, rowTexts(text))
	for what, want := range map[string]string{
		"the verdict":                "<h1><span class=\"oracle\">panic</span> gadget.send</h1>",
		"when and who":               "at <b>3.000 s</b> of virtual time in task <b>a</b>: index out of range <span class=\"also\">also leak: a slot</span>",
		"the call that it is in":     `<li class="bad"><a href="#e13">a: send(c0, 1) (fault: short@1)</a></li>`,
		"the schedule":               "<h2>Schedule</h2><ol class=\"prog steps\"><li><span>a done</span></li></ol>",
		"the contract":               "<p>firmware does not panic</p>",
		"prose by paragraph":         "<p>It panics.</p><p>Contract: none.</p>",
		"time that passes":           `<span class="what">1 min</span>`,
		"the LED as it looks":        `<b class="led green blink ms200"></b>`,
		"and how fast":               ".ms200{animation-duration:200ms}",
		"the LED's colour in a lane": `class="band led green"`,
		"the access point is off":    `class="band off"`,
		"the link":                   `class="band linked"`,
		"a fault's band":             `class="band fault"`,
		"a lock waited for":          `class="bar wait"`,
		"a lock held":                `class="bar hold"`,
	} {
		require.Contains(t, text, want, what)
	}
	require.Equal(t, 1, strings.Count(text, `<strong class="verdict">`), "the violation is marked once")
	require.Regexp(t, `<li id="e18" class="row k-panic alarm violation`, text)
}

func TestPageFoldsTheBus(t *testing.T) {
	text := page(t, document())
	require.Regexp(t, `<li id="e5" [^>]*bundle[^>]*aria-expanded="false"`, text)
	require.Equal(t, 3, strings.Count(text, `data-in="5" hidden`))
	require.Contains(t, text, "and 4 bus commands")
}

func TestPageIsItsOwn(t *testing.T) {
	text := page(t, document())
	require.Contains(t, text, `content="default-src &#39;none&#39;;`)
	require.NotRegexp(t, `(?i)(src|href)="?(https?:|//)`, text, "nothing is fetched")
	require.NotRegexp(t, `<[^>]* style=`, text, "the policy forbids it")
	require.NotRegexp(t, `<[^>]* on[a-z]+=`, text, "the policy forbids it")
}

func TestHostilePage(t *testing.T) {
	text := page(t, hostileDocument())
	require.Equal(t, 2, strings.Count(text, "<script"), "the page's own: data and code")
	require.Equal(t, 2, strings.Count(text, "</script"))
	require.NotContains(t, text, "<img")
	require.Contains(t, text, "&lt;script&gt;", "it is shown as what it is")
	requireTame(t, text)
}

// requireTame says that a text has no controls but line feeds, and nothing that turns its direction.
func requireTame(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		require.False(t, r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || r == '\u202e', "got %q", r)
	}
}

func TestPageOfNothing(t *testing.T) {
	text := page(t, &report.Document{Verdict: report.OK})
	require.Contains(t, text, "no contract is broken")
	require.Contains(t, text, "no calls")
	page(t, &report.Document{Verdict: "panic: x"})
}

func TestPageOfManyEvents(t *testing.T) {
	d := document()
	d.Events = nil
	for i := range 6000 {
		d.Events = append(d.Events, trace.Event{At: time.Duration(i) * time.Millisecond, Task: 1, Kind: trace.Call, Name: "x", A: int64(i), B: -1})
	}
	d.Events[4000].Kind, d.Events[4000].Task = trace.Panic, 2
	d.At, d.Details, d.Dropped = 4*time.Second, nil, 10
	text := page(t, d)
	require.Contains(t, text, "2400 earlier rows are not shown")
	require.Contains(t, text, "1110 later rows are not shown")
	require.Equal(t, 1, strings.Count(text, `<strong class="verdict">`))
}

// A call that never returns is marked where it begins to wait, not where an earlier call of the same moment began.
func TestViolationOfACallThatNeverReturns(t *testing.T) {
	d := &report.Document{Verdict: "deadlock: x", Task: 0, Tasks: []string{"main"}, Events: []trace.Event{
		{Kind: trace.Call, Name: "first", A: 0, B: -1},
		{Kind: trace.Return, A: 0},
		{Kind: trace.Call, Name: "second", A: 1, B: -1},
		{At: time.Second, Kind: trace.Block, Name: "lock", A: 0},
		{At: time.Minute, Kind: trace.Stuck},
	}}
	require.Regexp(t, `<li id="e4" class="row k-block waits violation`, page(t, d))
}
