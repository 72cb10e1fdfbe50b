package report

import (
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// overview is the whole run in a strip, in true proportion: virtual time to the right, a line for each lane.
type overview struct {
	Width, Height int
	Paths         []stroke
	Ticks         []tick
	End           int64 // microseconds
}

// tick is a moment with a name under the strip.
type tick struct {
	X    string // of the strip's width
	Text string
}

// Sizes of the strip, in units of its own: it is stretched to the page's width.
const overWidth, overLane, overTop = 1000, 7, 3

// overview draws the run.
func (b *builder) overview() overview {
	events := b.d.Events
	end := time.Duration(1)
	if len(events) > 0 {
		end = max(end, events[len(events)-1].At)
	}
	x := func(at time.Duration) int { return int(at * overWidth / (end + end/50 + 1)) }
	o := overview{Width: overWidth, Height: 2*overTop + overLane*len(b.lanes.all), End: end.Microseconds() + end.Microseconds()/50}
	add := func(class, d string) { o.Paths = append(o.Paths, stroke{class, d}) }
	for i := range b.lanes.all {
		add("rail", box(0, overTop+i*overLane+overLane/2, overWidth, 1))
	}
	for i := range b.spans {
		s := &b.spans[i]
		if column := b.lanes.index(s.lane); column >= 0 && s.class != "hold" {
			from, to := x(events[s.from].At), x(events[s.to].At)
			add("bar "+s.class+b.kind(s), box(from, overTop+column*overLane+1, max(2, to-from), overLane-2))
		}
	}
	for i := range events {
		switch e := &events[i]; {
		case e.Kind == trace.Fault:
			add("tick fault", box(x(e.At), 0, 2, o.Height))
		case e.Kind == trace.Reset && i > 0:
			add("tick reset", box(x(e.At), overTop+b.column(b.lanes.of(e))*overLane, 3, overLane))
		case e.Kind == trace.Phase:
			add("tick phase", box(x(e.At), 0, 1, o.Height))
		}
	}
	if b.violation >= 0 {
		add("tick violation", box(x(events[b.violation].At), 0, 4, o.Height))
	}
	for _, at := range round(end) {
		o.Ticks = append(o.Ticks, tick{fmt.Sprintf("%d.%d%%", x(at)/10, x(at)%10), duration(at)})
	}
	return o
}

// steps are the distances of round times.
var steps = []time.Duration{
	time.Microsecond, 10 * time.Microsecond, 100 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute,
	10 * time.Minute, 20 * time.Minute, time.Hour, 10 * time.Hour, 100 * time.Hour,
}

// round are up to eight round times up to end, the first of them 0.
func round(end time.Duration) (all []time.Duration) {
	step := end
	for i := len(steps) - 1; i >= 0 && end/steps[i] <= 7; i-- {
		step = steps[i]
	}
	for at := time.Duration(0); at <= end; at += max(step, 1) {
		all = append(all, at)
	}
	return all
}

// ViewBox is the strip's own measure.
func (o overview) ViewBox() string { return fmt.Sprintf("0 0 %d %d", o.Width, o.Height) }
