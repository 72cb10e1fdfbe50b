package shim_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestRegistry(t *testing.T) {
	var said words
	shim.Register("example.org/dep", "v1.2.3", shim.Version, func() { said.say("dep") })
	shim.Register("example.org/old", "v1.0.0", "0", func() { said.say("old") })
	for _, c := range []struct{ pkg, version, err string }{
		{"example.org/dep", "v1.2.3", ""},
		{"example.org/old", "", "the instrumented copy of example.org/old is stale: got shim version 0, want " + shim.Version},
		{"example.org/none", "", "example.org/none is not instrumented"},
	} {
		version, err := shim.Check(c.pkg)
		require.Equal(t, c.version, version)
		if c.err == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, c.err)
		require.ErrorContains(t, err, "make instrument", "says what to type")
	}
	shim.Reset()
	shim.Reset()
	require.Equal(t, "dep, old, dep, old", said.String(), "in the order of Register")
}

// prints are the ways to print, and what each of them makes of it.
var prints = []struct {
	name string
	do   func()
	text string
}{
	{"print", func() { _, _ = shim.Print(1, 2, "a", errors.New("e")) }, "1 2ae"},
	{"println", func() { _, _ = shim.Println(1, "a") }, "1 a\n"},
	{"%d-%s", func() { _, _ = shim.Printf("%d-%s", 1, "a") }, "1-a"},
	{"print", func() { shim.BuiltinPrint("b", 1) }, "b1"},
	{"println", func() { shim.BuiltinPrintln("b", 1) }, "b 1\n"},
}

func TestPrintsGoToTheTrace(t *testing.T) {
	for _, p := range prints {
		for _, verbose := range []bool{true, false} {
			var tr *trace.Trace
			printed := stdout(t, func() { _, tr = world(t, sim.Config{Verbose: verbose}, func(*sim.World) { p.do() }) })
			require.Empty(t, printed)
			require.Equal(t, []string{"a " + p.name + " 0"}, events(tr, trace.Log))
			if verbose {
				require.Equal(t, p.text, tr.Details[len(tr.Events)-2])
			} else {
				require.Empty(t, tr.Details)
			}
		}
	}
}

func TestPrintsOutsideGoToStdout(t *testing.T) {
	for _, p := range prints {
		require.Equal(t, p.text, stdout(t, p.do))
	}
	n, err := 0, error(nil)
	stdout(t, func() { n, err = shim.Printf("%s", "four") })
	require.NoError(t, err)
	require.Equal(t, 4, n)
}

// stdout is what f writes there.
func stdout(t *testing.T, f func()) string {
	file, err := os.Create(filepath.Join(t.TempDir(), "stdout"))
	require.NoError(t, err)
	real := os.Stdout
	os.Stdout = file
	defer func() { os.Stdout = real }()
	f()
	require.NoError(t, file.Close())
	text, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	return string(text)
}

func TestGoStartsATask(t *testing.T) {
	_, tr := world(t, sim.Config{}, func(w *sim.World) {
		shim.Go("worker", func() { w.Log("hello") })
		w.Sleep(time.Second)
	})
	require.Equal(t, []string{"harness a 1", "a worker 2"}, events(tr, trace.Spawn))
	require.Equal(t, []string{"worker hello 0"}, events(tr, trace.Log))
}

func TestOutsideAWorld(t *testing.T) {
	require.Nil(t, sim.Current())
	done := make(chan bool)
	shim.Go("worker", func() { shim.Loop(); shim.Gosched(); shim.Close(done) })
	shim.Recv(done)
	require.WithinDuration(t, time.Now(), shim.Now(), time.Minute)
}

// preempted calls f with every schedule that takes the turn from the first task once, within the given number of scheduling points.
func preempted(points int, f func(schedule []sim.Step)) {
	for n := range points {
		f([]sim.Step{{Task: 0, Points: n + 1}, {Task: 1, Done: true}})
	}
}

func TestEveryOperationIsASchedulingPoint(t *testing.T) {
	var m shim.Mutex
	var rw shim.RWMutex
	var g shim.WaitGroup
	ch := make(chan int, 100)
	for name, op := range map[string]func(){
		"Lock and Unlock": func() { m.Lock(); defer m.Unlock() },
		"TryLock":         func() { m.TryLock(); m.Unlock() },
		"RLock":           func() { rw.RLock(); defer rw.RUnlock() },
		"write lock":      func() { rw.Lock(); defer rw.Unlock() },
		"WaitGroup":       func() { g.Add(1); g.Done(); g.Wait() },
		"send":            func() { shim.SendTo(ch)(1) },
		"recv":            func() { shim.Select(true, shim.OnRecv(ch)) },
		"close":           func() { shim.Close(make(chan int)) },
		"go":              func() { shim.Go("x", func() {}) },
		"sleep":           func() { shim.Sleep(time.Nanosecond) },
		"Gosched":         shim.Gosched,
	} {
		order := map[string]bool{}
		preempted(2, func(schedule []sim.Step) {
			var said words
			world(t, sim.Config{Schedule: schedule},
				func(*sim.World) { said.say("a0"); op(); said.say("a1"); op() },
				func(*sim.World) { said.say("b") })
			order[said.String()] = true
		})
		require.Contains(t, order, "a0, b, a1", "%s: %v", name, order)
	}
}

func TestALongTextIsMadeOnlyIfSomeoneReadsIt(t *testing.T) {
	made := 0
	text := stringer(func() string { made++; return strings.Repeat("x", 10) })
	world(t, sim.Config{}, func(*sim.World) { _, _ = shim.Println(text) })
	require.Zero(t, made)
	world(t, sim.Config{Verbose: true}, func(*sim.World) { _, _ = shim.Println(text) })
	require.Equal(t, 1, made)
}

type stringer func() string

func (s stringer) String() string { return s() }
