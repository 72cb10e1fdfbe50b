package report

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/linkflap/linkflap/harness/trace"
)

// line is one event in words, "" for those that only oracles want, and for empty lines that the firmware prints.
func line(t *trace.Trace, i int) string {
	e := &t.Events[i]
	f := lines[e.Kind]
	detail, kept := t.Details[i]
	detail = strings.TrimSpace(detail)
	if f == nil || e.Kind == trace.Log && kept && detail == "" {
		return ""
	}
	text := f(t, e)
	if detail != "" {
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
		if e.A == int64(e.Task) {
			return "waits for a " + e.Name + " that it holds itself"
		}
		if e.A >= 0 {
			return "waits for a " + e.Name + " of " + taskName(t, e.A)
		}
		return "waits for a " + e.Name
	},
	trace.Stuck: stuck,
	trace.Panic: func(_ *trace.Trace, e *trace.Event) string { return "PANIC in " + e.Name },
	trace.Spin:  func(_ *trace.Trace, e *trace.Event) string { return "SPINS in " + e.Name },
	trace.Limit: func(_ *trace.Trace, e *trace.Event) string { return "the run is cut: too many " + e.Name },
	trace.Fault: func(_ *trace.Trace, e *trace.Event) string {
		return fmt.Sprintf("FAULT %s at passage %d", e.Name, e.A) // its value is in the program, with its unit
	},
	trace.Take: func(_ *trace.Trace, e *trace.Event) string { return e.Name + entry(e.A) + " taken" },
	trace.Free: func(_ *trace.Trace, e *trace.Event) string { return e.Name + entry(e.A) + " freed" },
	trace.Misuse: func(_ *trace.Trace, e *trace.Event) string {
		return e.Name + entry(e.A) + " freed, but it is free"
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

// entry is an entry of a ledger: a number, or the address of a block of memory.
func entry(a int64) string {
	const addresses = 1 << 16 // no chip has as many slots
	if a >= addresses {
		return fmt.Sprintf(" at %#x", a)
	}
	return fmt.Sprintf(" %d", a)
}

// taskName is the name of task i of a trace that may have been damaged.
func taskName(t *trace.Trace, i int64) string {
	if i < 0 || i >= int64(len(t.Tasks)) {
		return "nobody"
	}
	return t.Tasks[i]
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
		text += " of " + taskName(t, e.B)
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
