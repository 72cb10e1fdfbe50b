package shim_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

// scene is a small program and what it says, word by word. In a world it is a task; outside of one it is a goroutine of a plain bubble,
// where the shim must be the original. What it starts must end before it does.
type scene struct {
	name string
	want string
	play func(say func(...any))
}

func playAll(t *testing.T, scenes []scene) {
	for _, s := range scenes {
		t.Run(s.name, func(t *testing.T) {
			t.Run("in a world", func(t *testing.T) { require.Equal(t, s.want, playInWorld(t, s, nil)) })
			t.Run("outside", func(t *testing.T) {
				var said words
				synctest.Test(t, func(*testing.T) { s.play(said.say) })
				require.Equal(t, s.want, said.String())
			})
		})
	}
}

// playInWorld also requires that the scene ends by itself.
func playInWorld(t *testing.T, s scene, schedule []sim.Step) string {
	var said words
	out, tr := world(t, sim.Config{Schedule: schedule}, func(*sim.World) { s.play(said.say) })
	require.Equal(t, sim.Settled, out, "what is left waits for: %v", events(tr, trace.Block))
	return said.String()
}

// world runs the given tasks, named a, b, ..., until nothing more happens.
func world(t *testing.T, cfg sim.Config, tasks ...func(w *sim.World)) (out sim.Outcome, tr *trace.Trace) {
	cfg.Firmware = "github.com/linkflap/linkflap/harness/sim/shim_test"
	tr = sim.Run(t, cfg, func(w *sim.World) {
		for i, f := range tasks {
			w.Spawn(string(rune('a'+i)), i, func(*sim.Task) { f(w) })
		}
		out = w.Await(time.Hour, 0)
	})
	return out, tr
}

// events renders the events of kind k as task, name and A.
func events(tr *trace.Trace, k trace.Kind) (lines []string) {
	for _, e := range tr.Events {
		if e.Kind == k {
			lines = append(lines, fmt.Sprintf("%s %s %d", tr.Tasks[e.Task], e.Name, e.A))
		}
	}
	return lines
}

type words struct {
	m    sync.Mutex
	said []string
}

func (w *words) say(a ...any) {
	w.m.Lock()
	defer w.m.Unlock()
	w.said = append(w.said, strings.TrimSpace(fmt.Sprintln(a...)))
}

func (w *words) String() string { return strings.Join(w.said, ", ") }

// panicOf is what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// together starts all of fs, in order, and waits for them.
func together(fs ...func()) {
	var g shim.WaitGroup
	for _, f := range fs {
		g.Go(f)
	}
	g.Wait()
}
