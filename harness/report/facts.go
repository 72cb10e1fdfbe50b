package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// look is how the events of a kind are shown.
type look struct {
	class string
	jump  bool // it is a fault, or what somebody does wrong
}

var (
	lookAlarm = look{"alarm", true}
	lookCut   = look{"cut", false}
)

// looks are the kinds of events that do not look like the others.
var looks = map[trace.Kind]look{
	trace.Phase: {"phase", false}, trace.Call: {"begins", false}, trace.Return: {"ends", false}, trace.Log: {"quiet", false},
	trace.Spawn: {"quiet", false}, trace.Exit: {"quiet", false}, trace.Wake: {"quiet", false},
	trace.Block: {"waits", false}, trace.Fault: {"fault", true}, trace.Reset: {"reset", false},
	trace.Stuck: lookAlarm, trace.Panic: lookAlarm, trace.Spin: lookAlarm, trace.Limit: lookAlarm, trace.Misuse: lookAlarm,
	trace.Frame: lookAlarm, trace.Race: lookAlarm, trace.Touch: lookAlarm, trace.Bite: lookAlarm,
}

// returns are the classes of the ways in which a call ends.
var returns = map[trace.Status]string{trace.Failed: "failed", trace.Unsupported: "skipped", trace.Skipped: "skipped"}

// telling are the kinds of events that show a violation best, when several of a task happen at its time.
var telling = []trace.Kind{
	trace.Panic, trace.Spin, trace.Touch, trace.Bite, trace.Misuse, trace.Race, trace.Frame, trace.Data, trace.Stuck, trace.Phase, trace.Call,
}

// violation is the event that shows the document's violation, -1 if there is none: at its time and by its task, or else the next.
func (d *Document) violation() int {
	if d.Verdict == OK || len(d.Events) == 0 {
		return -1
	}
	at, rank := -1, len(telling)+1
	for i := range d.Events {
		e := &d.Events[i]
		if e.At < d.At || e.Task != d.Task || at >= 0 && e.At > d.At {
			continue
		}
		if r := d.rank(e); at < 0 || r < rank || r == rank && e.Kind == trace.Call { // earlier calls have returned
			at, rank = i, r
		}
	}
	switch {
	case at < 0:
		return d.next()
	case d.Events[at].Kind == trace.Call:
		return d.stuckSince(at)
	}
	return at
}

// moment is the time of the event that shows the violation: of a call that never returns, when it began to wait.
func (d *Document) moment() time.Duration {
	if i := d.violation(); i >= 0 {
		return d.Events[i].At
	}
	return d.At
}

// next is the first event from the time of the violation on, the last one if there is none.
func (d *Document) next() int {
	for i := range d.Events {
		if d.Events[i].At >= d.At {
			return i
		}
	}
	return len(d.Events) - 1
}

// rank is how well an event shows a violation; less is better.
func (d *Document) rank(e *trace.Event) int {
	if e.Kind == trace.Data && !strings.HasSuffix(e.Name, ".bad") {
		return len(telling)
	}
	for i, k := range telling {
		if k == e.Kind {
			return i
		}
	}
	return len(telling)
}

// stuckSince is, for a call that never returns, the event from which on its task waits; it is the Call itself if that does not wait.
func (d *Document) stuckSince(call int) int {
	at := call
	for i := call; i < len(d.Events); i++ {
		e := &d.Events[i]
		switch {
		case e.Kind == trace.Return && e.A == d.Events[call].A:
			return call
		case e.Kind == trace.Block && e.Task == d.Events[call].Task:
			at = i
		}
	}
	return at
}

// headline is a row's text: the line of the program for a call, else the event in words.
func (b *builder) headline(r *row) string {
	e := &b.d.Events[r.event]
	switch {
	case e.Kind == trace.Call && e.A >= 0 && e.A < int64(len(b.d.Ops)):
		return clean(strings.TrimPrefix(b.d.Ops[e.A].Text, b.d.Ops[e.A].Task+": "))
	case e.Kind == trace.Call:
		return clean(e.Name + "()")
	case e.Kind == trace.Return:
		_, what, _ := strings.Cut(clean(r.text), " ") // without the mark that says which way
		_, what, _ = strings.Cut(what, " ")           // and without the number
		return "→ " + what
	case e.Kind == trace.Light:
		return strings.TrimPrefix(clean(r.text), "LED: ")
	case e.Kind == trace.Reset:
		return strings.TrimSpace(clean(r.text)) + reason(e)
	case e.Kind == trace.Log:
		return "“" + strings.TrimSpace(clean(b.d.Details[r.event])) + "”"
	case e.Kind == trace.Phase:
		return clean(e.Name)
	}
	return strings.TrimSpace(clean(r.text))
}

// factsOf is what is known of a row.
func (b *builder) factsOf(r *row) facts {
	e := &b.d.Events[r.event]
	what, _, _ := strings.Cut(b.headline(r), " | ") // the text follows by itself
	f := facts{List: [][2]string{
		{"what", cut(what, maxText)},
		{"time", seconds(e.At)},
		{"task", short(taskName(b.t, int64(e.Task)))},
	}}
	add := func(label, text string) {
		if text = strings.TrimSpace(text); text != "" {
			f.List = append(f.List, [2]string{label, cut(text, maxText)})
		}
	}
	if r.event > 0 {
		add("after", duration(e.At-b.d.Events[r.event-1].At)+" since the event before")
	}
	if call := b.callUnderWay(r.event); call >= 0 && e.Kind != trace.Call {
		add("during", clean(b.d.Ops[call].Text))
	}
	if e.Kind == trace.Return {
		if began, ok := b.began[e.A]; ok {
			add("lasted", duration(e.At-b.d.Events[began].At))
		}
	}
	if e.Kind == trace.Call && e.C > 0 {
		add("deadline", duration(time.Duration(e.C)*time.Millisecond))
	}
	if r.times > 1 {
		add("repeated", fmt.Sprintf("%d times, about every %s, until %s", r.times, duration((r.last-r.at)/time.Duration(r.times-1)), seconds(r.last)))
	}
	add("text", clean(b.d.Details[r.event]))
	add("event", fmt.Sprintf("%d: %s %s, %d, %d, %d", r.event, e.Kind, clean(e.Name), e.A, e.B, e.C))
	for _, other := range r.others {
		f.Times = append(f.Times, seconds(b.d.Events[other].At))
	}
	return f
}

// seconds is a moment, to the millisecond, or the microsecond if that says more.
func seconds(d time.Duration) string {
	if d%time.Millisecond == 0 {
		return fmt.Sprintf("%.3f s", d.Seconds())
	}
	return fmt.Sprintf("%.6f s", d.Seconds())
}

// duration is how long something lasts, in the unit that suits it.
func duration(d time.Duration) string {
	switch {
	case d == 0:
		return "0"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.3g ms", float64(d)/float64(time.Millisecond))
	case d < time.Minute:
		return fmt.Sprintf("%.3g s", d.Seconds())
	}
	if d%time.Minute < time.Second {
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
}

// reasons are the words for the cause of a reset, by chip: those of its own firmware, as its console or its API gives them.
var reasons = map[string][]string{
	// rst_info.reason of the SDK's user_interface.h, in the words of esp8266/Arduino, cores/esp8266/Esp.cpp, getResetReason.
	"esp8266": {
		"Power on", "Hardware Watchdog", "Exception", "Software Watchdog", "Software/System restart", "Deep-Sleep Wake", "External System",
	},
	// The mocks' own numbers: the pin or command that resets, or a fault.
	"nina":  {"RESETN", "a fault"},
	"espat": {"AT+RST", "a fault"},
	"w5500": {"RSTn", "bit RST of MR", "a fault"},
}

// reason is the cause of a Reset event in words, "" if there are none for it.
func reason(e *trace.Event) string {
	words := reasons[e.Name]
	switch {
	case e.A >= 0 && e.A < int64(len(words)):
		return " (" + words[e.A] + ")"
	case e.Name == "photon" && e.A == 130: // device-os, hal/inc/core_hal.h
		return fmt.Sprintf(" (RESET_REASON_PANIC, code %d)", e.B)
	}
	return ""
}
