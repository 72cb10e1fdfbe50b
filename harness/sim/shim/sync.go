package shim

import (
	"runtime"
	"sync"
	"unsafe"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

func gosched() { runtime.Gosched() }

// Locker is sync.Locker.
type Locker = sync.Locker

// Mutex is sync.Mutex.
type Mutex struct {
	real   sync.Mutex
	locked bool
	holder *sim.Task
}

// Lock locks m. Within a run a task that has to wait is not runnable until m is free.
func (m *Mutex) Lock() {
	t := sim.Current()
	if t == nil {
		m.real.Lock()
		return
	}
	t.World().Point("lock")
	for m.locked && !t.Killed() {
		t.Block(trace.OnLock, m, m.holder)
	}
	m.locked, m.holder = true, t
	sim.RaceAcquire(unsafe.Pointer(m))
}

// TryLock locks m if it is free, and reports whether it did.
func (m *Mutex) TryLock() bool {
	t := sim.Current()
	if t == nil {
		return m.real.TryLock()
	}
	t.World().Point("lock")
	if m.locked {
		return false
	}
	m.locked, m.holder = true, t
	sim.RaceAcquire(unsafe.Pointer(m))
	return true
}

// Unlock unlocks m; it panics if m is not locked, as sync's does (there it cannot be recovered).
func (m *Mutex) Unlock() {
	t := sim.Current()
	if t == nil {
		m.real.Unlock()
		return
	}
	if t.Killed() {
		return
	}
	if !m.locked {
		panic("sync: unlock of unlocked mutex")
	}
	sim.RaceRelease(unsafe.Pointer(m))
	m.locked, m.holder = false, nil
	t.World().Wake(m)
	t.World().Point("unlock")
}

// Once is sync.Once: who comes while the first is at work waits for it.
type Once struct {
	m    Mutex
	done bool
}

// Do calls f if it is the first call of Do on o.
func (o *Once) Do(f func()) {
	o.m.Lock()
	defer o.m.Unlock()
	if !o.done {
		defer func() { o.done = true }()
		f()
	}
}

// onceCall is a Once that panics every time if its function panicked.
type onceCall struct {
	once  Once
	panic any
}

func (o *onceCall) do(f func()) {
	o.once.Do(func() {
		defer func() {
			if o.panic = recover(); o.panic != nil { // nil: it returned, or is being unwound
				panic(o.panic)
			}
		}()
		f()
	})
	if o.panic != nil {
		panic(o.panic)
	}
}

// OnceFunc is sync.OnceFunc.
func OnceFunc(f func()) func() {
	var o onceCall
	return func() { o.do(f) }
}

// OnceValue is sync.OnceValue.
func OnceValue[T any](f func() T) func() T {
	var o onceCall
	var v T
	return func() T {
		o.do(func() { v = f() })
		return v
	}
}

// OnceValues is sync.OnceValues.
func OnceValues[T1, T2 any](f func() (T1, T2)) func() (T1, T2) {
	var o onceCall
	var v1 T1
	var v2 T2
	return func() (T1, T2) {
		o.do(func() { v1, v2 = f() })
		return v1, v2
	}
}

// WaitGroup is sync.WaitGroup.
type WaitGroup struct {
	real sync.WaitGroup
	n    int
}

// Add adds delta to the counter.
func (g *WaitGroup) Add(delta int) {
	t := sim.Current()
	if t == nil {
		g.real.Add(delta)
		return
	}
	if t.Killed() {
		return
	}
	if g.n += delta; g.n < 0 {
		panic("sync: negative WaitGroup counter")
	}
	sim.RaceRelease(unsafe.Pointer(g))
	if g.n == 0 {
		t.World().Wake(g)
	}
	t.World().Point("waitgroup")
}

// Done takes one from the counter.
func (g *WaitGroup) Done() { g.Add(-1) }

// Go calls f in a new task and counts it.
func (g *WaitGroup) Go(f func()) {
	g.Add(1)
	Go("WaitGroup.Go", func() {
		defer g.Done()
		f()
	})
}

// Wait waits until the counter is zero.
func (g *WaitGroup) Wait() {
	t := sim.Current()
	if t == nil {
		g.real.Wait()
		return
	}
	t.World().Point("waitgroup")
	for g.n > 0 && !t.Killed() {
		t.Block(trace.OnLock, g, nil)
	}
	sim.RaceAcquire(unsafe.Pointer(g))
}

// Cond is sync.Cond.
type Cond struct {
	L       Locker
	once    sync.Once
	cond    *sync.Cond
	waiters []*waiter // in the order in which they came
}

// waiter is one Wait on a Cond. It is there before the lock is free, so no Signal can come between.
type waiter struct{ woken bool }

// NewCond is sync.NewCond.
func NewCond(l Locker) *Cond { return &Cond{L: l} }

// real is the original, made when it is first needed: a Cond may also be made as &Cond{L: l}.
func (c *Cond) real() *sync.Cond {
	c.once.Do(func() { c.cond = sync.NewCond(c.L) })
	return c.cond
}

// Wait unlocks c.L, waits for Signal or Broadcast, and locks c.L again.
func (c *Cond) Wait() {
	t := sim.Current()
	if t == nil {
		c.real().Wait()
		return
	}
	me := &waiter{}
	c.waiters = append(c.waiters, me)
	c.L.Unlock()
	for !me.woken && !t.Killed() {
		t.Block(trace.OnLock, me, nil)
	}
	c.L.Lock()
}

// Signal wakes the task that has waited longest.
func (c *Cond) Signal() {
	if t := sim.Current(); t != nil {
		c.wake(t, 1)
		return
	}
	c.real().Signal()
}

// Broadcast wakes all tasks that wait.
func (c *Cond) Broadcast() {
	if t := sim.Current(); t != nil {
		c.wake(t, len(c.waiters))
		return
	}
	c.real().Broadcast()
}

// wake wakes the first n that wait.
func (c *Cond) wake(t *sim.Task, n int) {
	for ; n > 0 && len(c.waiters) > 0; n-- {
		c.waiters[0].woken = true
		t.World().Wake(c.waiters[0])
		c.waiters = c.waiters[1:]
	}
}

// Pool is sync.Pool, but it returns what was put in last, always.
type Pool struct {
	New  func() any
	m    sync.Mutex
	free []any
}

// Get takes from the pool, or makes.
func (p *Pool) Get() any {
	p.m.Lock()
	if n := len(p.free); n > 0 {
		v := p.free[n-1]
		p.free = p.free[:n-1]
		p.m.Unlock()
		return v
	}
	p.m.Unlock()
	if p.New == nil {
		return nil
	}
	return p.New()
}

// Put puts v into the pool.
func (p *Pool) Put(v any) {
	p.m.Lock()
	p.free = append(p.free, v)
	p.m.Unlock()
}
