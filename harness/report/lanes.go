package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/linkflap/linkflap/harness/trace"
)

// layer says what a lane is, from the application on the left to the network on the right.
type layer int

const (
	layerProgram  layer = iota // a task of the program that calls the device
	layerFirmware              // a task that the firmware started
	layerHarness               // what follows the program: closing, probing, tearing down
	layerChip                  // a chip: its bus and its own tables
	layerLedger                // blocks of memory, sockets and the like
	layerLED
	layerAir  // the station's radio, access points, uplink
	layerHost // connections and what remote hosts receive
	layerPeer // a task of the program that is a remote peer
)

// layerNames are for people.
var layerNames = [...]string{
	"task", "firmware task", "probe, teardown", "chip", "memory", "LED", "air", "hosts", "peer",
}

// lane is one column of the page.
type lane struct {
	layer layer
	name  string
}

// lanes are a run's columns, and who belongs where.
type lanes struct {
	d      *Document
	all    []lane
	byTask []lane // by task
	byCall []lane // of the program's calls that have a lane of their own: the access point that they are about
	chip   lane   // whose bus it is
}

// newLanes finds the lanes of those rows: only what has an event gets one.
func newLanes(d *Document, rows []row) *lanes {
	l := &lanes{d: d, chip: lane{layerChip, "chip"}}
	l.tasks()
	l.accessPoints()
	l.chip.name = cmp.Or(l.mainChip(), l.chip.name)
	for i := range rows {
		e := &d.Events[rows[i].event]
		for _, one := range []lane{l.of(e), l.byTask[e.Task]} {
			if !whole[e.Kind] && !slices.Contains(l.all, one) {
				l.all = append(l.all, one)
			}
		}
	}
	slices.SortStableFunc(l.all, func(a, b lane) int { return cmp.Compare(a.layer, b.layer) })
	return l
}

// whole are the kinds of events that are about the whole run.
var whole = map[trace.Kind]bool{trace.Phase: true, trace.Limit: true}

// taskLayers are the layers of the tasks that programs name and that do not call the device.
var taskLayers = map[string]layer{"air": layerAir, "p1": layerPeer, "p2": layerPeer, "p3": layerPeer}

// tasks gives every task a lane: the program's by what they call, those of the harness that come after the program one together, all others
// are the firmware's and share a lane by name.
func (l *lanes) tasks() {
	program := map[string]layer{}
	for i := range l.d.Ops {
		program[l.d.Ops[i].Task] = taskLayers[l.d.Ops[i].Task]
	}
	l.byTask = make([]lane, len(l.d.Tasks))
	for i, name := range l.d.Tasks {
		l.byTask[i] = lane{layerFirmware, name}
		if layer, ok := program[name]; ok {
			l.byTask[i].layer = layer
		}
	}
	harness := lane{layerHarness, "harness"}
	if len(l.byTask) > 0 {
		l.byTask[0] = harness
	}
	later := false
	for i := range l.d.Events {
		e := &l.d.Events[i]
		later = later || e.Kind == trace.Phase
		if e.Kind == trace.Spawn && later && e.Task == 0 && e.A >= 0 && e.A < int64(len(l.byTask)) {
			l.byTask[e.A] = harness
		}
	}
}

// accessPoints gives the calls that name an access point the lane of that.
func (l *lanes) accessPoints() {
	l.byCall = make([]lane, len(l.d.Ops))
	for i := range l.d.Ops {
		if ap := l.d.Ops[i].accessPoint(); ap != "" {
			l.byCall[i] = lane{layerAir, "AP " + ap}
		}
	}
}

// accessPoint is the access point that the call is about, "" if none.
func (op *Op) accessPoint() string {
	if op.Task == "air" && len(op.Args) > 0 && op.Args[0].Name == "ap" {
		return op.Args[0].Word
	}
	return ""
}

// mainChip is the name before the dot that most links and ledgers have, "" if none has one.
func (l *lanes) mainChip() (most string) {
	counts := map[string]int{}
	for i := range l.d.Events {
		e := &l.d.Events[i]
		if chip, _, dotted := strings.Cut(e.Name, "."); dotted && (e.Kind == trace.Link || e.Kind == trace.Take) {
			counts[chip]++
			if counts[chip] > counts[most] {
				most = chip
			}
		}
	}
	return most
}

// of is the lane of an event.
func (l *lanes) of(e *trace.Event) lane {
	task := l.byTask[e.Task]
	chip, _, dotted := strings.Cut(e.Name, ".")
	switch e.Kind {
	case trace.Call, trace.Return:
		if e.A >= 0 && e.A < int64(len(l.byCall)) && l.byCall[e.A].name != "" {
			return l.byCall[e.A]
		}
	case trace.Reset:
		return lane{layerChip, chip}
	case trace.Bite:
		return lane{layerChip, e.Name + " watchdog"}
	case trace.Bus, trace.Frame:
		return l.chip
	case trace.Link:
		if !dotted {
			return lane{layerAir, "radio"}
		}
		return lane{layerChip, chip}
	case trace.Take, trace.Free, trace.Misuse:
		if dotted {
			return lane{layerChip, chip}
		}
		return lane{layerLedger, "resources"}
	case trace.Touch:
		return lane{layerLedger, "resources"}
	case trace.Light:
		return lane{layerLED, "LED"}
	case trace.Conn:
		return lane{layerHost, "remote hosts"}
	case trace.Data:
		if strings.HasPrefix(e.Name, "peer") || e.Name == "udp" {
			return lane{layerHost, "remote hosts"}
		}
	}
	return task
}

// index is the column of a lane, -1 if it has none.
func (l *lanes) index(one lane) int { return slices.Index(l.all, one) }
