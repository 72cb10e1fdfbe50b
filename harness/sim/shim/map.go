package shim

import (
	"cmp"
	"reflect"
	"slices"
	"sync"
)

// Entry is a key that a map had when a range over it began.
type Entry[M ~map[K]V, K comparable, V any] struct {
	Key K
	m   M
}

// Entries are those of m, in the order of the keys: by size, false first, and structs and arrays by their elements.
func Entries[M ~map[K]V, K comparable, V any](m M) []Entry[M, K, V] {
	entries := make([]Entry[M, K, V], 0, len(m))
	for _, k := range sortedKeys(m) {
		entries = append(entries, Entry[M, K, V]{k, m})
	}
	return entries
}

// Gone reports whether the key has been deleted meanwhile: a range leaves it out.
func (e Entry[M, K, V]) Gone() bool {
	_, ok := e.m[e.Key]
	return !ok
}

// Value is the key's value now.
func (e Entry[M, K, V]) Value() V { return e.m[e.Key] }

func sortedKeys[M ~map[K]V, K comparable, V any](m M) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	if len(keys) > 1 {
		sortKeys(keys)
	}
	return keys
}

func sortKeys[K comparable](keys []K) {
	switch ks := any(keys).(type) {
	case []int:
		slices.Sort(ks)
	case []string:
		slices.Sort(ks)
	default:
		slices.SortFunc(keys, func(a, b K) int { return compare(reflect.ValueOf(a), reflect.ValueOf(b)) })
	}
}

// compare orders values of a type that the instrumenter lets be a key: numbers, strings, booleans, and structs and arrays of these.
func compare(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.CanFloat():
		return cmp.Compare(a.Float(), b.Float())
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	case a.Kind() == reflect.Struct:
		return compareAll(a.NumField(), a.Field, b.Field)
	case a.Kind() == reflect.Array:
		return compareAll(a.Len(), a.Index, b.Index)
	case a.Bool() == b.Bool():
		return 0
	case a.Bool():
		return 1
	}
	return -1
}

func compareAll(n int, a, b func(int) reflect.Value) int {
	for i := range n {
		if c := compare(a(i), b(i)); c != 0 {
			return c
		}
	}
	return 0
}

// Map is sync.Map; Range goes in the order in which the keys were first stored.
type Map struct {
	m    sync.Mutex
	vals map[any]any
	keys []any
}

// Load returns the value of key.
func (m *Map) Load(key any) (value any, ok bool) {
	m.m.Lock()
	defer m.m.Unlock()
	value, ok = m.vals[key]
	return value, ok
}

// Store sets the value of key.
func (m *Map) Store(key, value any) { m.Swap(key, value) }

// Swap sets the value of key and returns the one before.
func (m *Map) Swap(key, value any) (previous any, loaded bool) {
	m.m.Lock()
	defer m.m.Unlock()
	previous, loaded = m.vals[key]
	m.set(key, value, loaded)
	return previous, loaded
}

func (m *Map) set(key, value any, known bool) {
	if m.vals == nil {
		m.vals = map[any]any{}
	}
	if !known {
		m.keys = append(m.keys, key)
	}
	m.vals[key] = value
}

// LoadOrStore returns the value of key, setting it if there is none.
func (m *Map) LoadOrStore(key, value any) (actual any, loaded bool) {
	m.m.Lock()
	defer m.m.Unlock()
	if actual, loaded = m.vals[key]; loaded {
		return actual, true
	}
	m.set(key, value, false)
	return value, false
}

// Delete removes key.
func (m *Map) Delete(key any) { m.LoadAndDelete(key) }

// LoadAndDelete removes key and returns its value.
func (m *Map) LoadAndDelete(key any) (value any, loaded bool) {
	m.m.Lock()
	defer m.m.Unlock()
	if value, loaded = m.vals[key]; loaded {
		m.drop(key)
	}
	return value, loaded
}

func (m *Map) drop(key any) {
	delete(m.vals, key)
	m.keys = slices.DeleteFunc(m.keys, func(k any) bool { return k == key })
}

// CompareAndSwap sets the value of key if it is old.
func (m *Map) CompareAndSwap(key, old, new any) bool {
	m.m.Lock()
	defer m.m.Unlock()
	if v, ok := m.vals[key]; !ok || v != old {
		return false
	}
	m.vals[key] = new
	return true
}

// CompareAndDelete removes key if its value is old.
func (m *Map) CompareAndDelete(key, old any) bool {
	m.m.Lock()
	defer m.m.Unlock()
	if v, ok := m.vals[key]; !ok || v != old {
		return false
	}
	m.drop(key)
	return true
}

// Range calls f for each key until f returns false.
func (m *Map) Range(f func(key, value any) bool) {
	m.m.Lock()
	keys := slices.Clone(m.keys)
	m.m.Unlock()
	for _, k := range keys {
		if v, ok := m.Load(k); ok && !f(k, v) {
			return
		}
	}
}

// Clear removes all keys.
func (m *Map) Clear() {
	m.m.Lock()
	defer m.m.Unlock()
	m.vals, m.keys = nil, nil
}
