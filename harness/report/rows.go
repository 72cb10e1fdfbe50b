package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// pageRow is an event on the page, or what a bundle of events is folded into.
type pageRow struct {
	N      int    // from 1: the row's name in links
	Class  string // how it looks; see page.css
	Jump   bool   // n and p go there
	Time   string
	At     int64 // microseconds
	Who    string
	Text   string
	Note   string // what repeats it
	Light  *light
	Gap    *pageGap // the time that passed before it
	Height int
	Paths  []stroke
	In     int // the row that this one is folded into, 0 if it is not
	Bundle int // rows that are folded into this one
	Here   bool
}

// pageGap is a stretch of virtual time in which nothing happened, drawn shorter than it was.
type pageGap struct {
	Class  string
	Text   string
	Height int
	Paths  []stroke
}

// facts are what is shown of the event that has the focus.
type facts struct {
	List  [][2]string `json:"list"`            // label and text
	Times []string    `json:"times,omitempty"` // of the events that repeat it
}

// The rows shown before and after the violation. Chosen: a browser scrolls through them smoothly.
const rowsBefore, rowsAfter = 1600, 900

// maxLanes is how many lanes are shown; the last takes what has no lane. Chosen.
const maxLanes = 24

// quiet is the time without an event that is shown as a gap. Chosen.
const quiet = 100 * time.Millisecond

// bundled is how many bus commands in a row are folded into one row. Chosen.
const bundled = 3

// builder makes the rows of a page.
type builder struct {
	d           *Document
	t           *trace.Trace
	violation   int // event, -1 for none
	rows        []row
	first, last int // rows shown
	lanes       *lanes
	spans       []span
	began       map[int64]int // the Call event of a call
	facts       []facts
	width       int // of a lane
	periods     map[int]bool
}

func newBuilder(d *Document) *builder {
	b := &builder{d: d, t: d.Trace(), violation: d.violation(), began: map[int64]int{}, periods: map[int]bool{}}
	b.rows = fold(b.t, b.violation)
	center := 0
	for i := range b.rows {
		if b.rows[i].event <= b.violation {
			center = i
		}
	}
	b.first, b.last = max(0, center-rowsBefore), min(len(b.rows), center+rowsAfter)
	b.lanes = newLanes(d, b.rows[b.first:b.last])
	b.lanes.all = b.lanes.all[:min(maxLanes, len(b.lanes.all))]
	b.spans = findSpans(d, b.lanes)
	b.width = laneWidth(len(b.lanes.all))
	for i := range d.Events {
		if e := &d.Events[i]; e.Kind == trace.Call {
			b.began[e.A] = i
		}
	}
	return b
}

// column is the lane of an event's row.
func (b *builder) column(one lane) int {
	if i := b.lanes.index(one); i >= 0 {
		return i
	}
	return len(b.lanes.all) - 1
}

// rowOf is the number of the row that shows event i or, if it is folded or has none, of the last before it; 0 if that is not shown.
func (b *builder) rowOf(i int) int {
	shown := b.rows[b.first:b.last]
	n, found := slices.BinarySearchFunc(shown, i, func(r row, i int) int { return r.event - i })
	if found {
		n++
	}
	return n
}

// callUnderWay is the call of the program that the task of event i was making, -1 if none.
func (b *builder) callUnderWay(i int) int {
	if i < 0 {
		return -1
	}
	for k := i; k >= 0; k-- {
		e := &b.d.Events[k]
		if e.Task != b.d.Events[i].Task || e.Kind != trace.Call && (e.Kind != trace.Return || k == i) {
			continue
		}
		if e.Kind == trace.Call && e.A >= 0 && e.A < int64(len(b.d.Ops)) {
			return int(e.A)
		}
		return -1
	}
	return -1
}

// build makes the rows, with bundles of bus commands before what is folded into them.
func (b *builder) build() (rows []pageRow) {
	shown := b.rows[b.first:b.last]
	last, in, left := time.Duration(0), 0, 0
	for i := range shown {
		r := &shown[i]
		p := b.row(r, i)
		if gap := r.at - last; gap >= quiet {
			p.Gap = b.gap(gap, i)
		}
		if i > 0 && p.Time == rows[i-1].Time && p.Gap == nil {
			p.Class += " same"
		}
		last = max(last, r.last)
		if left == 0 {
			if n := b.bundle(shown[i:]); n >= bundled {
				in, left = i+1, n
				p.Bundle, p.Class = n, p.Class+" bundle"
				b.draw(&p, shown[i].event, b.until(i+n-1))
			}
		} else {
			p.In = in
		}
		left = max(0, left-1)
		rows = append(rows, p)
	}
	return rows
}

// bundle is how many rows from the first on are one task's bus commands, without a stretch of quiet or the violation in between.
func (b *builder) bundle(rows []row) (n int) {
	for i := range rows {
		e := &b.d.Events[rows[i].event]
		if e.Kind != trace.Bus || e.Task != rows[0].task || rows[i].event == b.violation || i > 0 && rows[i].at-rows[i-1].last >= quiet {
			return i
		}
		n++
	}
	return n
}

// until is the last event that belongs to shown row i: all up to the next row's.
func (b *builder) until(i int) int {
	if next := b.first + i + 1; next < len(b.rows) {
		return max(b.rows[next].event-1, b.rows[b.first+i].event)
	}
	return max(len(b.d.Events)-1, b.rows[b.first+i].event)
}

func (b *builder) row(r *row, i int) pageRow {
	e := &b.d.Events[r.event]
	look := b.look(e)
	p := pageRow{
		N: i + 1, Class: "k-" + e.Kind.String() + " " + look.class, Jump: look.jump, Time: seconds(r.at), At: r.at.Microseconds(),
		Text: cut(b.headline(r), maxText), Height: rowHeight,
	}
	if r.event == b.violation {
		p.Class, p.Jump, p.Here, p.Height = p.Class+" violation", true, true, markHeight
	}
	if e.Kind == trace.Phase {
		p.Text, p.Note = cmp.Or(phases[e.Name], p.Text), p.Text
		p.Height = max(p.Height, phaseHeight)
	}
	if !whole[e.Kind] {
		p.Who = short(b.lanes.of(e).name)
	}
	if e.Kind == trace.Light {
		l := newLight(e)
		p.Light = &l
		b.periods[l.Period] = true
	}
	if r.times > 1 {
		p.Note = fmt.Sprintf("×%d, until %s", r.times, seconds(r.last))
	}
	b.facts = append(b.facts, b.factsOf(r))
	b.draw(&p, r.event, b.until(i))
	return p
}

// phases are the phases of a run, for people.
var phases = map[string]string{
	"heal": "faults end, the network is well", "tear down": "every handle is closed", "closed": "all handles are closed",
	"recover": "it must work again", "recovered": "it works again", "not recovered": "it does not work again", "end": "the device is down",
}

// look is how an event is shown.
func (b *builder) look(e *trace.Event) look {
	l := looks[e.Kind]
	switch {
	case e.Kind == trace.Data && strings.HasSuffix(e.Name, ".bad"):
		return lookAlarm
	case idle(e):
		return look{"idle", false}
	case e.Kind == trace.Return:
		l.class += " " + returns[trace.Status(e.C)]
	case e.Kind == trace.Link && e.Name == "disconnected":
		return lookCut
	}
	return l
}

// gap is the time before row i.
func (b *builder) gap(d time.Duration, i int) *pageGap {
	size := 1
	for limit := time.Second; d >= limit && size < 4; limit *= 10 {
		size++
	}
	g := &pageGap{Class: fmt.Sprintf("gap%d", size), Text: duration(d), Height: gapHeight * (size + 1) / 2}
	at := b.rows[b.first+i].event
	for _, s := range b.spans {
		if s.from < at && s.to >= at {
			g.Paths = append(g.Paths, b.bar(&s, 0, g.Height, "asleep ")...)
		}
	}
	return g
}
