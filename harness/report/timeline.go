// Package report shows a trace to people. It stands at the end of the pipeline and only reads.
//
// The hard word is timeline: one line an event, virtual time first, so that what two tasks did to each other can be read downwards.
package report

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode"

	"github.com/linkflap/linkflap/harness/trace"
)

// Timeline renders n lines of t: those up to virtual time at, and, as a quarter of them, those after it. Bus commands that a polling loop
// repeats are one line.
func Timeline(t *trace.Trace, at time.Duration, n int) string {
	rows := fold(t)
	last := sort.Search(len(rows), func(i int) bool { return rows[i].at > at })
	last = min(len(rows), max(n, last+n/4))
	first := max(0, last-n)
	var b strings.Builder
	if first > 0 {
		fmt.Fprintf(&b, "%12s  ... %d earlier lines\n", "", first)
	}
	for _, r := range rows[first:last] {
		fmt.Fprintf(&b, "%12s  %-10s %s", clock(r.at), clean(r.task), clean(r.text))
		if r.times > 1 {
			fmt.Fprintf(&b, " (%d times)", r.times)
		}
		b.WriteByte('\n')
	}
	if left := len(rows) - last; left > 0 {
		fmt.Fprintf(&b, "%12s  ... %d later lines\n", "", left)
	}
	return b.String()
}

type row struct {
	at    time.Duration
	task  string
	text  string
	bus   bool
	times int
}

// window is how many lines back a bus command is looked for: a polling loop is no longer.
const window = 6

func fold(t *trace.Trace) (rows []row) {
	for i := range t.Events {
		text := line(t, i)
		if text == "" {
			continue
		}
		r := row{at: t.Events[i].At, task: t.Tasks[t.Events[i].Task], text: text, bus: t.Events[i].Kind == trace.Bus, times: 1}
		if same := r.among(rows[max(0, len(rows)-window):]); same != nil {
			same.times++
			continue
		}
		rows = append(rows, r)
	}
	return rows
}

// among is the line of last that r repeats, nil if none: one of the same task, with nothing but its bus commands in between.
func (r *row) among(last []row) *row {
	for i := len(last) - 1; r.bus && i >= 0; i-- {
		if o := &last[i]; o.task == r.task {
			if !o.bus {
				return nil
			}
			if o.text == r.text {
				return o
			}
		}
	}
	return nil
}

// clock is a virtual time in seconds, to the microsecond.
func clock(d time.Duration) string { return fmt.Sprintf("%.6fs", d.Seconds()) }

// line is one event in words, "" for those that only oracles want.
func line(t *trace.Trace, i int) string {
	e := &t.Events[i]
	f := lines[e.Kind]
	if f == nil {
		return ""
	}
	text := f(t, e)
	if detail := strings.TrimSpace(t.Details[i]); detail != "" {
		text += " | " + detail
	}
	return text
}

// lines says how each kind of event reads.
var lines = map[trace.Kind]func(t *trace.Trace, e *trace.Event) string{
	trace.Phase: func(_ *trace.Trace, e *trace.Event) string { return "== " + e.Name },
	trace.Spawn: func(_ *trace.Trace, e *trace.Event) string { return "starts task " + e.Name },
	trace.Exit:  func(*trace.Trace, *trace.Event) string { return "ends" },
	trace.Call: func(_ *trace.Trace, e *trace.Event) string {
		if e.B >= 0 {
			return fmt.Sprintf("> %s #%d on handle #%d", e.Name, e.A, e.B)
		}
		return fmt.Sprintf("> %s #%d", e.Name, e.A)
	},
	trace.Return: returned,
	trace.Block: func(t *trace.Trace, e *trace.Event) string {
		if e.A >= 0 {
			return "waits for a " + e.Name + " of " + t.Tasks[e.A]
		}
		return "waits for a " + e.Name
	},
	trace.Stuck: stuck,
	trace.Panic: func(_ *trace.Trace, e *trace.Event) string { return "PANIC in " + e.Name },
	trace.Spin:  func(_ *trace.Trace, e *trace.Event) string { return "SPINS in " + e.Name },
	trace.Limit: func(_ *trace.Trace, e *trace.Event) string { return "the run is cut: too many " + e.Name },
	trace.Fault: func(_ *trace.Trace, e *trace.Event) string {
		return fmt.Sprintf("FAULT %s at passage %d, value %d", e.Name, e.A, e.B)
	},
	trace.Take: func(_ *trace.Trace, e *trace.Event) string { return fmt.Sprintf("%s %d taken", e.Name, e.A) },
	trace.Free: func(_ *trace.Trace, e *trace.Event) string { return fmt.Sprintf("%s %d freed", e.Name, e.A) },
	trace.Misuse: func(_ *trace.Trace, e *trace.Event) string {
		return fmt.Sprintf("%s %d freed, but it is free", e.Name, e.A)
	},
	trace.Link:  func(_ *trace.Trace, e *trace.Event) string { return fmt.Sprintf("link: %s %d", e.Name, e.A) },
	trace.Reset: func(_ *trace.Trace, e *trace.Event) string { return fmt.Sprintf("reset: %s, cause %d", e.Name, e.A) },
	trace.Frame: func(_ *trace.Trace, e *trace.Event) string { return fmt.Sprintf("BAD FRAME %#x: %s", e.A, e.Name) },
	trace.Bus:   func(_ *trace.Trace, e *trace.Event) string { return bus(e) },
	trace.Data: func(_ *trace.Trace, e *trace.Event) string {
		return fmt.Sprintf("bytes %s: %d %#x %d", e.Name, e.A, e.B, e.C)
	},
	trace.Conn: func(_ *trace.Trace, e *trace.Event) string { return fmt.Sprintf("connection %d: %s", e.A, e.Name) },
	trace.Log:  func(_ *trace.Trace, e *trace.Event) string { return "prints" },
	trace.Race: func(_ *trace.Trace, e *trace.Event) string { return "RACE " + e.Name },
	trace.Touch: func(_ *trace.Trace, e *trace.Event) string {
		return fmt.Sprintf("FREED MEMORY at %#x: %s", e.A, e.Name)
	},
	trace.Bite: func(_ *trace.Trace, e *trace.Event) string {
		return fmt.Sprintf("BITE of the %s watchdog, fed %v ago; reset reason %d", e.Name, time.Duration(e.B)*time.Millisecond, e.A)
	},
	trace.Wake: func(*trace.Trace, *trace.Event) string { return "goes on" },
	trace.Light: func(_ *trace.Trace, e *trace.Event) string {
		if e.A == 0 {
			return "LED: " + e.Name
		}
		return fmt.Sprintf("LED: %s every %v", e.Name, time.Duration(e.A)*time.Millisecond)
	},
}

func bus(e *trace.Event) string {
	if e.B >= 0 {
		return fmt.Sprintf("  %s %d -> %d", e.Name, e.B, e.C)
	}
	return fmt.Sprintf("  %s -> %d", e.Name, e.C)
}

var statuses = map[trace.Status]string{
	trace.OK: "ok", trace.Failed: "error", trace.Unsupported: "unsupported", trace.Skipped: "skipped: a handle that it needs was never bound",
}

func returned(_ *trace.Trace, e *trace.Event) string {
	text := fmt.Sprintf("< #%d %s", e.A, statuses[trace.Status(e.C)])
	switch trace.Status(e.C) {
	case trace.OK:
		text += fmt.Sprintf(" %d", e.B)
	case trace.Failed:
		text += ": " + e.Name
	}
	return text
}

var waits = map[trace.Wait]string{
	trace.OnNothing: "could run", trace.OnSleep: "sleeps", trace.OnLock: "waits for a lock", trace.OnChan: "waits for a channel",
	trace.OnQueue: "waits for the other side", trace.OnResult: "waits for a handle",
}

func stuck(t *trace.Trace, e *trace.Event) string {
	text := "is cut off: " + waits[trace.Wait(e.A)]
	if e.B >= 0 {
		text += " of " + t.Tasks[e.B]
	}
	if e.Name != "" {
		text += " in " + e.Name
	}
	return text
}

// clean keeps text from firmware and corpora on its line, in its order and away from the terminal's controls.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, s)
}
