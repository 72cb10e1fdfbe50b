package shim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

// blockers is every way to wait for ever. Each runs as a task of its own in a world with prepare done before.
func blockers() map[string]func(w *sim.World) {
	var m shim.Mutex
	var rw shim.RWMutex
	var g shim.WaitGroup
	var o shim.Once
	var q sim.Queue
	ch, full := make(chan int), make(chan int, 1)
	c := shim.NewCond(&shim.Mutex{})
	return map[string]func(w *sim.World){
		"Mutex":        func(*sim.World) { m.Lock(); defer m.Unlock(); m.Lock() },
		"write lock":   func(*sim.World) { rw.RLock(); defer rw.RUnlock(); rw.Lock() },
		"read lock":    func(*sim.World) { rw.Lock(); defer rw.Unlock(); rw.RLock() },
		"WaitGroup":    func(*sim.World) { g.Add(1); defer g.Done(); g.Wait() },
		"Once":         func(*sim.World) { o.Do(func() { o.Do(func() {}) }) },
		"Cond":         func(*sim.World) { c.L.Lock(); defer c.L.Unlock(); c.Wait() },
		"recv":         func(*sim.World) { shim.Recv(ch) },
		"send":         func(*sim.World) { shim.SendTo(ch)(1) },
		"full buffer":  func(*sim.World) { shim.SendTo(full)(1); shim.SendTo(full)(2) },
		"nil channel":  func(*sim.World) { shim.Recv[int](nil) },
		"select":       func(*sim.World) { shim.Select(false, shim.OnRecv(ch), shim.OnSend(ch)(1)) },
		"select {}":    func(*sim.World) { shim.Forever() },
		"Queue":        func(w *sim.World) { q.Wait(w, "peer") },
		"long sleep":   func(*sim.World) { shim.Sleep(100 * time.Hour) },
		"long timer":   func(*sim.World) { shim.Recv(shim.NewTimer(100 * time.Hour).C) },
		"spin":         func(*sim.World) { forever(shim.Gosched) },
		"sleepy loop":  func(*sim.World) { forever(func() { shim.Sleep(time.Second) }) },
		"yielding":     func(*sim.World) { forever(func() { shim.Sleep(0) }) },
		"WaitGroup.Go": func(*sim.World) { g.Go(func() { shim.Forever() }); g.Wait() },
		"Cond loop":    func(*sim.World) { c.L.Lock(); forever(c.Wait) },
		"Queue loop":   func(w *sim.World) { forever(func() { q.Wait(w, "peer") }) },
		"timed loop":   func(w *sim.World) { forever(func() { q.WaitFor(w, "peer", time.Second) }) },
	}
}

func forever(f func()) {
	for {
		shim.Loop() // as the instrumenter inserts it
		f()
	}
}

// The bubble panics if a goroutine is left over, and the test times out if a deferred function hangs.
func TestWhoeverWaitsIsUnwound(t *testing.T) {
	for name, block := range blockers() {
		t.Run(name, func(t *testing.T) {
			for deferred := range blockers() {
				again := blockers()[deferred]
				unwound := false
				_, tr := world(t, sim.Config{Budget: sim.Budget{Points: 50_000, Loops: 5000, Transfers: 1, Wall: time.Minute}}, func(w *sim.World) {
					defer func() { unwound = true }()
					defer again(w)
					block(w)
				})
				require.True(t, unwound, deferred)
				require.Empty(t, events(tr, trace.Panic), deferred)
			}
		})
	}
}

// Mocks loop around Queue.Wait without a Loop of the instrumenter's.
func TestADeferredCallIntoAMockDoesNotHang(t *testing.T) {
	var q sim.Queue
	for name, wait := range map[string]func(w *sim.World){
		"Wait":    func(w *sim.World) { q.Wait(w, "peer") },
		"WaitFor": func(w *sim.World) { q.WaitFor(w, "peer", time.Second) },
	} {
		unwound := false
		world(t, sim.Config{}, func(w *sim.World) {
			defer func() { unwound = true }()
			defer func() {
				for ready := false; !ready; {
					wait(w)
				}
			}()
			shim.Forever()
		})
		require.True(t, unwound, name)
	}
}
