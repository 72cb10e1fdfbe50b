package shim

import (
	"slices"
	"sync"
	"unsafe"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// RWMutex is sync.RWMutex: a waiting writer keeps new readers out, and the readers that wait when a writer goes come before the next one.
type RWMutex struct {
	real    sync.RWMutex
	readers []*sim.Task // that hold it; nil if none, so that a copy shares nothing
	queued  []*sim.Task // readers that wait for a writer
	writers int         // waiting
	writer  *sim.Task   // that holds it
}

// Lock locks m for writing.
func (m *RWMutex) Lock() {
	t := sim.Current()
	if t == nil {
		m.real.Lock()
		return
	}
	t.World().Point("lock")
	m.lock(t)
}

func (m *RWMutex) lock(t *sim.Task) {
	m.writers++
	for m.held() && !t.Killed() {
		t.Block(trace.OnLock, m, m.holder())
	}
	m.writers--
	m.writer = t
	sim.RaceAcquire(unsafe.Pointer(m))
}

func (m *RWMutex) held() bool { return m.writer != nil || m.readers != nil }

// holder is who keeps others out: the writer, or the last reader.
func (m *RWMutex) holder() *sim.Task {
	if m.writer != nil || m.readers == nil {
		return m.writer
	}
	return m.readers[len(m.readers)-1]
}

// Unlock unlocks m for writing.
func (m *RWMutex) Unlock() {
	t := sim.Current()
	if t == nil {
		m.real.Unlock()
		return
	}
	if t.Killed() {
		return
	}
	if m.writer == nil {
		panic("sync: Unlock of unlocked RWMutex")
	}
	m.writer, m.readers, m.queued = nil, m.queued, nil
	m.wake(t)
}

// RLock locks m for reading.
func (m *RWMutex) RLock() {
	t := sim.Current()
	if t == nil {
		m.real.RLock()
		return
	}
	t.World().Point("lock")
	m.rlock(t)
}

func (m *RWMutex) rlock(t *sim.Task) {
	if m.writer == nil && m.writers == 0 {
		m.readers = append(m.readers, t)
	} else {
		m.queued = append(m.queued, t)
	}
	for slices.Contains(m.queued, t) && !t.Killed() {
		t.Block(trace.OnLock, m, m.holder())
	}
	sim.RaceAcquire(unsafe.Pointer(m))
}

// RUnlock undoes one RLock.
func (m *RWMutex) RUnlock() {
	t := sim.Current()
	if t == nil {
		m.real.RUnlock()
		return
	}
	if t.Killed() {
		return
	}
	if m.readers == nil {
		panic("sync: RUnlock of unlocked RWMutex")
	}
	i := max(0, slices.Index(m.readers, t)) // another task may undo it
	if m.readers = slices.Delete(m.readers, i, i+1); len(m.readers) == 0 {
		m.readers = nil
	}
	m.wake(t)
}

func (m *RWMutex) wake(t *sim.Task) {
	sim.RaceRelease(unsafe.Pointer(m))
	t.World().Wake(m)
	t.World().Point("unlock")
}

// TryLock locks m for writing if it is free, and reports whether it did.
func (m *RWMutex) TryLock() bool {
	t := sim.Current()
	if t == nil {
		return m.real.TryLock()
	}
	t.World().Point("lock")
	if m.held() {
		return false
	}
	m.lock(t)
	return true
}

// TryRLock locks m for reading if that is possible at once, and reports whether it did.
func (m *RWMutex) TryRLock() bool {
	t := sim.Current()
	if t == nil {
		return m.real.TryRLock()
	}
	t.World().Point("lock")
	if m.writer != nil || m.writers > 0 {
		return false
	}
	m.rlock(t)
	return true
}

type rlocker RWMutex

func (r *rlocker) Lock()   { (*RWMutex)(r).RLock() }
func (r *rlocker) Unlock() { (*RWMutex)(r).RUnlock() }

// RLocker is a Locker that locks m for reading.
func (m *RWMutex) RLocker() Locker { return (*rlocker)(m) }
