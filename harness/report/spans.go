package report

import (
	"slices"

	"github.com/linkflap/linkflap/harness/trace"
)

// span is something that lasts: from one event to another, in one lane.
type span struct {
	lane     lane
	class    string // how it looks; see page.css
	from, to int    // events
	open     bool   // it had not ended when the run did
	track    int    // which of the lane's parallel places it takes
}

// tracks is how many spans are shown side by side in a lane. Chosen.
const tracks = 4

// spanner finds the spans of a run.
type spanner struct {
	d      *Document
	l      *lanes
	spans  []span
	active map[spanKey]int // index in spans
}

// spanKey tells spans that are active at one time apart.
type spanKey struct {
	class string
	n     int64
}

func findSpans(d *Document, l *lanes) []span {
	s := &spanner{d: d, l: l, active: map[spanKey]int{}}
	for i := range d.Events {
		s.waits(i)
		if f := spanEvents[d.Events[i].Kind]; f != nil {
			f(s, i, &d.Events[i])
		}
	}
	for _, at := range s.active {
		s.spans[at].to, s.spans[at].open = len(d.Events)-1, true
	}
	s.assign()
	return s.spans
}

func (s *spanner) begin(key spanKey, in lane, event int) { s.beginAs(key.class, key, in, event) }

// beginAs begins a span that looks otherwise than its key says.
func (s *spanner) beginAs(class string, key spanKey, in lane, event int) {
	s.end(key, event)
	s.active[key] = len(s.spans)
	s.spans = append(s.spans, span{lane: in, class: class, from: event})
}

func (s *spanner) end(key spanKey, event int) {
	if at, ok := s.active[key]; ok {
		s.spans[at].to = event
		delete(s.active, key)
	}
}

// waits ends what the task of event i waited for: a task that does anything waits no more.
func (s *spanner) waits(i int) {
	e := &s.d.Events[i]
	if e.Kind == trace.Stuck {
		return
	}
	s.end(spanKey{"wait", int64(e.Task)}, i)
	s.end(spanKey{"hold", int64(e.Task)}, i)
}

// spanEvents says which events begin and end spans.
var spanEvents = map[trace.Kind]func(s *spanner, i int, e *trace.Event){
	trace.Call: func(s *spanner, i int, e *trace.Event) { s.begin(spanKey{"call", e.A}, s.l.of(e), i) },
	trace.Return: func(s *spanner, i int, e *trace.Event) {
		s.end(spanKey{"call", e.A}, i)
		s.outage(i, e)
	},
	trace.Stuck: func(s *spanner, i int, e *trace.Event) {
		s.end(spanKey{"call", e.C}, i)
		s.end(spanKey{"wait", int64(e.Task)}, i)
		s.end(spanKey{"hold", int64(e.Task)}, i)
	},
	trace.Block: func(s *spanner, i int, e *trace.Event) {
		class := "wait"
		if idle(e) {
			class = "idle"
		}
		s.beginAs(class, spanKey{"wait", int64(e.Task)}, s.l.byTask[e.Task], i)
		if e.A >= 0 && e.A < int64(len(s.l.byTask)) {
			s.begin(spanKey{"hold", int64(e.Task)}, s.l.byTask[e.A], i) // for as long as this task waits for it
		}
	},
	trace.Link: linkSpan,
	trace.Conn: connSpan,
	trace.Light: func(s *spanner, i int, e *trace.Event) {
		s.beginAs("led "+newLight(e).Colour, spanKey{"led", 0}, s.l.of(e), i)
	},
}

// idle says that a task waits for work, not for somebody who keeps it from working.
func idle(e *trace.Event) bool {
	return e.Kind == trace.Block && e.A < 0 && e.Name != "lock" && e.Name != "channel"
}

// linkSpan follows the station: associated, then with an address.
func linkSpan(s *spanner, i int, e *trace.Event) {
	switch e.Name {
	case "associated":
		s.begin(spanKey{"joined", 0}, s.l.of(e), i)
	case "address":
		s.end(spanKey{"joined", 0}, i)
		s.begin(spanKey{"linked", 0}, s.l.of(e), i)
	case "disconnected":
		s.end(spanKey{"joined", 0}, i)
		s.end(spanKey{"linked", 0}, i)
	}
}

// connSpan follows a connection, from its opening to the first of its ends.
func connSpan(s *spanner, i int, e *trace.Event) {
	if e.Name == "open" || e.Name == "accept" {
		s.begin(spanKey{"conn", e.A}, s.l.of(e), i)
		return
	}
	s.end(spanKey{"conn", e.A}, i)
}

// outage follows what a program switches off, and on again.
func (s *spanner) outage(i int, e *trace.Event) {
	if e.A < 0 || e.A >= int64(len(s.d.Ops)) || s.d.Ops[e.A].Task != "air" {
		return
	}
	op := &s.d.Ops[e.A]
	in := s.l.of(e)
	key := spanKey{"off", int64(s.l.index(in))}
	switch word := op.Args; {
	case op.Op == "down", op.Op == "uplink" && len(word) > 0 && word[0].Word == "off":
		s.begin(key, in, i)
	case op.Op == "up", op.Op == "uplink":
		s.end(key, i)
	}
}

// assign puts spans that overlap in a lane on tracks of their own; those for which there is none are not shown.
func (s *spanner) assign() {
	ends := map[lane]*[tracks]int{} // the event after which a track is free
	for i := range s.spans {
		sp := &s.spans[i]
		taken := ends[sp.lane]
		if taken == nil {
			taken = &[tracks]int{-1, -1, -1, -1}
			ends[sp.lane] = taken
		}
		sp.track = slices.IndexFunc(taken[:], func(until int) bool { return until <= sp.from })
		if sp.track >= 0 {
			taken[sp.track] = sp.to
		}
	}
}
