package report

import (
	"fmt"
	"slices"

	"github.com/linkflap/linkflap/harness/trace"
)

// stroke is something drawn: its look, and SVG path data made of numbers.
type stroke struct{ Class, D string }

// Sizes in pixels. Chosen.
const (
	rowHeight   = 22 // page.css knows the rows' too
	phaseHeight = 30
	markHeight  = 66 // of the violation
	gapHeight   = 22
	graphRoom   = 480 // for all lanes together
)

// laneWidth is the width of a lane when there are n.
func laneWidth(n int) int { return max(30, min(92, graphRoom/max(1, n))) }

// box is a rectangle.
func box(x, y, w, h int) string { return fmt.Sprintf("M%d %dh%dv%dh-%dz", x, y, w, h, w) }

// disc is a circle around a point.
func disc(x, y, r int) string {
	return fmt.Sprintf("M%d %da%d %d 0 1 0 %d 0a%d %d 0 1 0 -%d 0z", x-r, y, r, r, 2*r, r, r, 2*r)
}

// centre is the middle of a lane.
func (b *builder) centre(column int) int { return column*b.width + b.width/2 }

// draw draws the row of the events from first to last: the spans that go through it, then what the first event is.
func (b *builder) draw(p *pageRow, first, last int) {
	p.Paths = p.Paths[:0]
	mid := min(p.Height, phaseHeight) / 2
	if p.Here {
		mid = rowHeight / 2
	}
	for i := range b.spans {
		s := &b.spans[i]
		if s.from > last || s.to < first {
			continue
		}
		top, bottom := 0, p.Height
		if s.from >= first {
			top = mid
		}
		if s.to <= last && !s.open {
			bottom = max(mid, top+4)
		}
		p.Paths = append(p.Paths, b.bar(s, top, bottom, "")...)
	}
	b.mark(p, &b.d.Events[first], mid)
}

// places says where in a lane the spans of a class are: the left edge from the lane's middle, the width, and the step to the next track.
var places = map[string]struct{ left, width, step int }{
	"call": {-7, 14, 9}, "wait": {-3, 6, 0}, "idle": {-1, 2, 0}, "hold": {9, 4, 0}, "conn": {-8, 5, 8},
}

// bar is the piece of a span between two heights of a row.
func (b *builder) bar(s *span, top, bottom int, class string) []stroke {
	column := b.lanes.index(s.lane)
	if column < 0 || s.track < 0 {
		return nil
	}
	place, ok := places[s.class]
	if !ok { // a band as wide as the lane
		return []stroke{{class + "band " + s.class, box(column*b.width+2, top, b.width-4, bottom-top)}}
	}
	return []stroke{{class + "bar " + s.class + b.kind(s), box(b.centre(column)+place.left+place.step*s.track, top, place.width, bottom-top)}}
}

// kind tells calls of tasks, of the firmware and of what is outside apart.
func (b *builder) kind(s *span) string {
	switch {
	case s.class != "call":
		return ""
	case s.lane.layer >= layerAir:
		return " outside"
	case s.lane.layer == layerHarness:
		return " after"
	}
	return ""
}

// mark draws an event: a line to it from the task that made it happen, or to the task that it waits for, and its sign.
func (b *builder) mark(p *pageRow, e *trace.Event, y int) {
	if whole[e.Kind] {
		return
	}
	at := b.column(b.lanes.of(e))
	from := b.column(b.lanes.byTask[e.Task])
	if to := b.holder(e); to >= 0 {
		p.Paths = append(p.Paths, b.link(at, to, y, "blocks")...)
	} else if e.Kind != trace.Spawn {
		p.Paths = append(p.Paths, b.link(from, at, y, "causes")...)
	}
	class, d := b.sign(e, b.centre(at), y)
	p.Paths = append(p.Paths, stroke{"sign " + class, d})
	if e.Kind == trace.Fault {
		p.Paths = slices.Insert(p.Paths, 0, stroke{"band fault", box(0, 0, b.width*len(b.lanes.all), p.Height)})
	}
}

// holder is the lane of the task that e's task waits for, -1 if there is none.
func (b *builder) holder(e *trace.Event) int {
	who := int64(-1)
	switch e.Kind {
	case trace.Block:
		who = e.A
	case trace.Stuck:
		who = e.B
	}
	if who < 0 || who >= int64(len(b.lanes.byTask)) {
		return -1
	}
	return b.column(b.lanes.byTask[who])
}

// link is an arrow from one lane to another, or from a lane to itself.
func (b *builder) link(from, to, y int, class string) []stroke {
	x, end := b.centre(from), b.centre(to)
	switch {
	case from == to && class == "causes":
		return nil
	case from == to: // waits for itself
		return []stroke{
			{"link " + class, fmt.Sprintf("M%d %dc22 -9 22 16 4 7", x+6, y-3)}, {"head " + class, fmt.Sprintf("M%d %dl7 -4l0 7z", x+7, y+5)},
		}
	case x < end:
		return []stroke{{"link " + class, fmt.Sprintf("M%d %dH%d", x, y, end-9)}, {"head " + class, fmt.Sprintf("M%d %dl-6 -3.5v7z", end-5, y)}}
	}
	return []stroke{{"link " + class, fmt.Sprintf("M%d %dH%d", x, y, end+9)}, {"head " + class, fmt.Sprintf("M%d %dl6 -3.5v7z", end+5, y)}}
}

// sign is what stands for an event at a point.
func (b *builder) sign(e *trace.Event, x, y int) (class, d string) {
	look := b.look(e)
	switch {
	case look.class == "alarm": // a cross
		return "alarm", fmt.Sprintf("M%d %dl4 -4l2 2l-4 4l4 4l-2 2l-4 -4l-4 4l-2 -2l4 -4l-4 -4l2 -2z", x, y-2)
	case e.Kind == trace.Fault: // a bolt
		return "bolt", fmt.Sprintf("M%d %dl-6 9h5l-3 7l9 -10h-5l4 -6z", x+1, y-8)
	case e.Kind == trace.Reset: // a diamond
		return "reset", fmt.Sprintf("M%d %dl6 6l-6 6l-6 -6z", x, y-6)
	case e.Kind == trace.Light:
		return "lamp " + newLight(e).Colour, disc(x, y, 6)
	case e.Kind == trace.Call:
		return "begins", fmt.Sprintf("M%d %dh14l-7 6z", x-7, y-1)
	case e.Kind == trace.Return:
		return look.class, box(x-7, y-2, 14, 3)
	case idle(e):
		return "idle", disc(x, y, 3)
	case e.Kind == trace.Bus:
		return "bus", box(x-6, y-2, 12, 4)
	case e.Kind == trace.Take:
		return "take", disc(x, y, 4)
	case e.Kind == trace.Free:
		return "free", disc(x, y, 4)
	}
	return "dot " + e.Kind.String(), disc(x, y, 3)
}
