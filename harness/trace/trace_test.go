package trace_test

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
)

func traceOf(events []trace.Event) *trace.Trace {
	t := &trace.Trace{}
	for _, e := range events {
		t.Add(e)
	}
	return t
}

func randomEvents(r *rand.Rand) []trace.Event {
	events := make([]trace.Event, 1+r.Intn(20))
	for i := range events {
		events[i] = trace.Event{
			At: time.Duration(r.Intn(3)), Task: r.Intn(3), Kind: trace.Kind(r.Intn(22)), Name: strings.Repeat("lock\x00", r.Intn(5)),
			A: int64(r.Intn(3) - 1), B: int64(r.Intn(3) - 1), C: int64(r.Intn(3) - 1),
		}
	}
	return events
}

// changes are small ways to change one field each.
var changes = map[string]func(e *trace.Event){
	"at":            func(e *trace.Event) { e.At++ },
	"far away":      func(e *trace.Event) { e.At += 1 << 40 },
	"task":          func(e *trace.Event) { e.Task++ },
	"kind":          func(e *trace.Event) { e.Kind++ },
	"a letter":      func(e *trace.Event) { e.Name = "L" + e.Name },
	"a zero byte":   func(e *trace.Event) { e.Name += "\x00" },
	"the last byte": func(e *trace.Event) { e.Name += "!" },
	"a":             func(e *trace.Event) { e.A++ },
	"minus a":       func(e *trace.Event) { e.A = ^e.A },
	"b":             func(e *trace.Event) { e.B-- },
	"c":             func(e *trace.Event) { e.C += 1 << 63 >> 1 },
	"a for b":       func(e *trace.Event) { e.A, e.B = e.B, e.A+1 },
}

func TestAnyChangeOfAnyEventChangesTheHash(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 500 {
		events := randomEvents(r)
		hash := traceOf(events).Hash()
		require.Equal(t, hash, traceOf(events).Hash(), "equal traces, equal hashes")
		i := r.Intn(len(events))
		for what, change := range changes {
			was := events[i]
			change(&events[i])
			require.NotEqual(t, hash, traceOf(events).Hash(), "%s of event %d: %+v", what, i, was)
			events[i] = was
		}
		require.NotEqual(t, hash, traceOf(append(events, trace.Event{})).Hash(), "one more event")
		require.NotEqual(t, hash, traceOf(events[:len(events)-1]).Hash(), "one less")
		if k := r.Intn(len(events)); events[i] != events[k] {
			events[i], events[k] = events[k], events[i]
			require.NotEqual(t, hash, traceOf(events).Hash(), "another order")
		}
	}
}

func TestTheHashOfFewEvents(t *testing.T) {
	seen := map[uint64]string{}
	for n := range 100 {
		hash := traceOf(make([]trace.Event, n)).Hash()
		require.Empty(t, seen[hash], "%d empty events", n)
		seen[hash] = fmt.Sprint(n, " empty events")
	}
	a, b := traceOf(nil), traceOf(nil)
	b.Tasks = []string{"main"}
	require.NotEqual(t, a.Hash(), b.Hash(), "tasks count")
}

func TestDetailsAreForPeople(t *testing.T) {
	a, b := &trace.Trace{}, &trace.Trace{}
	a.Detail("before any event: nothing to add it to")
	for _, tr := range []*trace.Trace{a, b} {
		tr.Add(trace.Event{Kind: trace.Log, Name: "%d"})
	}
	a.Detail("7")
	require.Equal(t, map[int]string{0: "7"}, a.Details)
	require.Equal(t, a.Hash(), b.Hash())
}

func TestMoreThanMaxEvents(t *testing.T) {
	tr := &trace.Trace{}
	for i := range trace.MaxEvents {
		tr.Add(trace.Event{A: int64(i)})
	}
	require.Zero(t, tr.Dropped)
	full := tr.Hash()
	tr.Add(trace.Event{Name: "dropped"})
	tr.Detail("of the one dropped")
	require.Equal(t, 1, tr.Dropped)
	require.Len(t, tr.Events, trace.MaxEvents)
	require.Empty(t, tr.Details)
	require.NotEqual(t, full, tr.Hash(), "hashed, not kept")
}

func TestReset(t *testing.T) {
	tr := traceOf(randomEvents(rand.New(rand.NewSource(1))))
	tr.Tasks = append(tr.Tasks, "main")
	tr.Detail("x")
	room := cap(tr.Events)
	tr.Reset()
	require.Equal(t, (&trace.Trace{}).Hash(), tr.Hash())
	require.Empty(t, tr.Events)
	require.Empty(t, tr.Tasks)
	require.Empty(t, tr.Details)
	require.Equal(t, room, cap(tr.Events), "keeps its memory")

	events := randomEvents(rand.New(rand.NewSource(2)))
	for _, e := range events {
		tr.Add(e)
	}
	require.Equal(t, traceOf(events).Hash(), tr.Hash(), "as good as new")
}

func TestKindsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for k := trace.Phase; k <= trace.Wake; k++ {
		require.NotEqual(t, "unknown", k.String())
		require.False(t, seen[k.String()], k.String())
		seen[k.String()] = true
	}
	require.Equal(t, "stuck", trace.Stuck.String())
	require.Equal(t, "unknown", (trace.Wake + 1).String())
}
