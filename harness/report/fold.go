package report

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// row is an event as it is shown: one line, with what repeats it.
type row struct {
	event  int           // index in the trace
	at     time.Duration // of the event
	last   time.Duration // of the last that repeats it
	task   int
	text   string
	times  int   // 1: nothing repeats it
	others []int // events that repeat it, at most maxOthers
}

const (
	maxPeriod = 24  // events of the longest loop that is recognised. Chosen
	maxOthers = 200 // times of repetitions that are kept for people. Chosen
)

// loops are the kinds of events that a loop which waits or tries again leaves. All others end what is folded, in every task: that a task
// still polls after another closed its socket must stay to be seen.
var loops = map[trace.Kind]bool{
	trace.Bus: true, trace.Block: true, trace.Wake: true, trace.Log: true, trace.Link: true, trace.Light: true, trace.Take: true, trace.Free: true,
}

// fold is the rows of a trace. What the loops of a task repeat is one row, at its first place. The event keep is not folded; -1 is none.
func fold(t *trace.Trace, keep int) (rows []row) {
	stretch := 0 // where the rows that may be folded begin
	for i := range t.Events {
		e := &t.Events[i]
		if loop := loops[e.Kind] && i != keep; !loop {
			rows = append(rows[:stretch], foldTasks(t, rows[stretch:])...)
			stretch = len(rows) + 1
		}
		if text := line(t, i); text != "" {
			rows = append(rows, row{event: i, at: e.At, last: e.At, task: e.Task, text: text, times: 1})
		}
		stretch = min(stretch, len(rows))
	}
	return append(rows[:stretch], foldTasks(t, rows[stretch:])...)
}

// foldTasks folds rows of each task by itself, and returns what is left in order.
func foldTasks(t *trace.Trace, rows []row) []row {
	if len(rows) < 2 {
		return rows
	}
	byTask := make([][]int, len(t.Tasks))
	for i := range rows {
		byTask[rows[i].task] = append(byTask[rows[i].task], i)
	}
	for _, own := range byTask {
		foldLoops(t, rows, own)
	}
	left := rows[:0]
	for _, r := range rows {
		if r.times > 0 {
			left = append(left, r)
		}
	}
	return left
}

// foldLoops looks in one task's rows, whose indices own has, for stretches that repeat; what repeats gets times 0.
func foldLoops(t *trace.Trace, rows []row, own []int) {
	for len(own) > 0 {
		period, times := longest(t, rows, own)
		for i := period; i < period*times; i++ {
			first, again := &rows[own[i%period]], &rows[own[i]]
			first.times, first.last = first.times+1, again.at
			again.times = 0
			if len(first.others) < maxOthers {
				first.others = append(first.others, again.event)
			}
		}
		own = own[period*times:]
	}
}

// longest is the loop at the beginning of own that saves most rows, a period of 1 and one time if there is none. Two rounds are no loop,
// unless it is one bus command.
func longest(t *trace.Trace, rows []row, own []int) (period, times int) {
	period, times = 1, 1
	for p := 1; p <= maxPeriod && 2*p <= len(own); p++ {
		n := 1
		for (n+1)*p <= len(own) && same(rows, own[:p], own[n*p:]) {
			n++
		}
		enough := n > 2 || n == 2 && p == 1 && t.Events[rows[own[0]].event].Kind == trace.Bus
		if enough && (n-1)*p > (times-1)*period {
			period, times = p, n
		}
	}
	return period, times
}

func same(rows []row, a, b []int) bool {
	for i := range a {
		if rows[a[i]].text != rows[b[i]].text {
			return false
		}
	}
	return true
}
