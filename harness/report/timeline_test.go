package report_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

// add appends an event of a task that is named by its index in main, a, b.
func add(tr *trace.Trace, e trace.Event, detail string) {
	tr.Tasks = []string{"main", "a", "b"}
	tr.Add(e)
	if detail != "" {
		tr.Detail(detail)
	}
}

func TestHowEventsRead(t *testing.T) {
	covered := map[trace.Kind]bool{}
	for _, c := range []struct {
		event  trace.Event
		detail string
		want   string
	}{
		{trace.Event{Kind: trace.Phase, Name: "heal"}, "", "== heal"},
		{trace.Event{Kind: trace.Spawn, Name: "watchdog", A: 2}, "", "starts task watchdog"},
		{trace.Event{Kind: trace.Exit}, "", "ends"},
		{trace.Event{Kind: trace.Call, Name: "connect", A: 0, B: -1}, "", "> connect #0"},
		{trace.Event{Kind: trace.Call, Name: "accept", A: 3, B: 1}, "", "> accept #3 on handle #1"},
		{trace.Event{Kind: trace.Return, A: 3, B: 7}, "", "< #3 ok 7"},
		{trace.Event{Kind: trace.Return, A: 3, C: int64(trace.Failed), Name: "timeout"}, "", "< #3 error: timeout"},
		{trace.Event{Kind: trace.Return, A: 3, C: int64(trace.Unsupported)}, "", "< #3 unsupported"},
		{trace.Event{Kind: trace.Return, A: 3, C: int64(trace.Skipped)}, "", "< #3 skipped: a handle that it needs was never bound"},
		{trace.Event{Kind: trace.Block, Name: "lock", A: 2}, "", "waits for a lock of b"},
		{trace.Event{Kind: trace.Block, Name: "channel", A: -1}, "", "waits for a channel"},
		{trace.Event{Kind: trace.Stuck, Name: "nina.Close", A: int64(trace.OnLock), B: 2}, "", "is cut off: waits for a lock of b in nina.Close"},
		{trace.Event{Kind: trace.Stuck, A: int64(trace.OnNothing), B: -1}, "", "is cut off: could run"},
		{trace.Event{Kind: trace.Stuck, A: int64(trace.OnSleep), B: -1}, "", "is cut off: sleeps"},
		{trace.Event{Kind: trace.Stuck, A: int64(trace.OnChan), B: -1}, "", "is cut off: waits for a channel"},
		{trace.Event{Kind: trace.Stuck, A: int64(trace.OnQueue), B: -1}, "", "is cut off: waits for the other side"},
		{trace.Event{Kind: trace.Stuck, A: int64(trace.OnResult), B: -1}, "", "is cut off: waits for a handle"},
		{trace.Event{Kind: trace.Panic, Name: "nina.send"}, "index out of range [4]", "PANIC in nina.send | index out of range [4]"},
		{trace.Event{Kind: trace.Spin, Name: "nina.send"}, "", "SPINS in nina.send"},
		{trace.Event{Kind: trace.Limit, Name: "points"}, "", "the run is cut: too many points"},
		{trace.Event{Kind: trace.Fault, Name: "bus", A: 3, B: 255}, "", "FAULT bus at passage 3"},
		{trace.Event{Kind: trace.Take, Name: "slot", A: 2}, "", "slot 2 taken"},
		{trace.Event{Kind: trace.Free, Name: "slot", A: 2}, "", "slot 2 freed"},
		{trace.Event{Kind: trace.Misuse, Name: "slot", A: 2}, "", "slot 2 freed, but it is free"},
		{trace.Event{Kind: trace.Link, Name: "down", A: 1}, "", "link: down 1"},
		{trace.Event{Kind: trace.Reset, Name: "nina", A: 1}, "", "reset: nina, cause 1"},
		{trace.Event{Kind: trace.Frame, Name: "no start byte", A: 0xe0}, "", "BAD FRAME 0xe0: no start byte"},
		{trace.Event{Kind: trace.Bus, Name: "START_CLIENT", B: 1, C: 2}, "", "  START_CLIENT 1 -> 2"},
		{trace.Event{Kind: trace.Bus, Name: "SCAN", B: -1, C: 2}, "", "  SCAN -> 2"},
		{trace.Event{Kind: trace.Data, Name: "peer", A: 1, B: 0x42, C: 16}, "", "bytes peer: 1 0x42 16"},
		{trace.Event{Kind: trace.Conn, Name: "open", A: 1}, "", "connection 1: open"},
		{trace.Event{Kind: trace.Log, Name: "%d"}, "7\n", "prints | 7"},
		{trace.Event{Kind: trace.Race, Name: "nina.send and nina.recv"}, "", "RACE nina.send and nina.recv"},
		{trace.Event{Kind: trace.Touch, Name: "close uses a socket freed by off", A: 0x20000010}, "", "FREED MEMORY at 0x20000010: close uses a socket freed by off"},
		{trace.Event{Kind: trace.Bite, Name: "software", A: 3, B: 3200}, "", "BITE of the software watchdog, fed 3.2s ago; reset reason 3"},
		{trace.Event{Kind: trace.Light, Name: "cyan blink", A: 200}, "", "LED: cyan blink every 200ms"},
		{trace.Event{Kind: trace.Light, Name: "white"}, "", "LED: white"},
		{trace.Event{Kind: trace.Wake}, "", "goes on"},
	} {
		tr := &trace.Trace{}
		c.event.At, c.event.Task = 1500*time.Millisecond, 1
		add(tr, c.event, c.detail)
		require.Equal(t, "   1.500000s  a          "+c.want+"\n", report.Timeline(tr, 0, 10))
		covered[c.event.Kind] = true
	}
	for k := trace.Phase; k <= trace.Wake; k++ {
		require.True(t, covered[k], "no test of %s", k)
	}
}

func TestHostileTextStaysOnItsLine(t *testing.T) {
	for _, hostile := range []string{
		"x\x1b[2J\x1b]0;title\x07y", "x\ny", "x\r\ny", "x\x08\x08y", "x\u009b31my", "x\x9b31my", "x\u2028y", "x\u202ey", "x\x00\x7fy",
	} {
		tr := &trace.Trace{}
		add(tr, trace.Event{Kind: trace.Return, C: int64(trace.Failed), Name: hostile}, hostile)
		tr.Tasks[0] = hostile
		text := report.Timeline(tr, 0, 10)
		require.Equal(t, 1, strings.Count(text, "\n"), "%q", text)
		for _, r := range strings.TrimSuffix(text, "\n") {
			require.False(t, r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u202e', "%q", text)
		}
		require.Contains(t, text, "y |")
	}
	tr := &trace.Trace{}
	add(tr, trace.Event{Kind: trace.Log}, "größer ☃")
	require.Contains(t, report.Timeline(tr, 0, 10), "größer ☃", "other text stays as it is")
}

func TestPollingLoopsAreOneLine(t *testing.T) {
	tr := &trace.Trace{}
	bus := func(at, task int, name string, result int64) {
		add(tr, trace.Event{At: time.Duration(at) * time.Second, Task: task, Kind: trace.Bus, Name: name, B: -1, C: result}, "")
	}
	for i := range 3 {
		bus(i, 1, "AVAIL", 0)
		bus(i, 2, "STATUS", 3) // somebody else's loop
		bus(i, 1, "STATE", 4)
	}
	bus(3, 1, "AVAIL", 1) // another result
	add(tr, trace.Event{At: 4 * time.Second, Task: 1, Kind: trace.Return, B: 5}, "")
	bus(5, 1, "AVAIL", 1) // in another call
	require.Equal(t, `   0.000000s  a            AVAIL -> 0 (3 times)
   0.000000s  b            STATUS -> 3 (3 times)
   0.000000s  a            STATE -> 4 (3 times)
   3.000000s  a            AVAIL -> 1
   4.000000s  a          < #0 ok 5
   5.000000s  a            AVAIL -> 1
`, report.Timeline(tr, 0, 10))
}

func TestTimelineShowsWhatIsAroundAMoment(t *testing.T) {
	tr := &trace.Trace{}
	for i := range 20 {
		add(tr, trace.Event{At: time.Duration(i) * time.Second, Kind: trace.Call, Name: "x", A: int64(i), B: -1}, "")
	}
	for _, c := range []struct {
		at   time.Duration
		n    int
		want string // the numbers of the calls shown, and how many are not, before and after
	}{
		{0, 4, "0 1 2 3 ... 16 later"},
		{10 * time.Second, 4, "8 earlier ... 8 9 10 11 ... 8 later"},
		{10500 * time.Millisecond, 8, "5 earlier ... 5 6 7 8 9 10 11 12 ... 7 later"},
		{19 * time.Second, 4, "16 earlier ... 16 17 18 19"},
		{time.Hour, 4, "16 earlier ... 16 17 18 19"},
		{0, 100, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"},
	} {
		require.Equal(t, c.want, numbers(report.Timeline(tr, c.at, c.n)), "%v, %d lines", c.at, c.n)
	}
	require.Empty(t, report.Timeline(&trace.Trace{}, time.Second, 4))
}

// numbers reduces a timeline to what it shows.
func numbers(text string) string {
	var words []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch last := fields[len(fields)-1]; {
		case fields[0] == "..." && fields[2] == "earlier":
			words = append(words, fields[1], "earlier", "...")
		case fields[0] == "...":
			words = append(words, "...", fields[1], "later")
		default:
			words = append(words, strings.TrimPrefix(last, "#"))
		}
	}
	return strings.Join(words, " ")
}
