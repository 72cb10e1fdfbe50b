package shim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim/shim"
)

type (
	named  string
	pair   struct{ host, path string }
	opaque struct{ n int }
	port   uint8
)

// String is the same for every value: an order by what is printed would be none.
func (opaque) String() string { return "opaque" }

func TestEntriesHaveAnOrder(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{keys(map[int]int{10: 0, -1: 0, 9: 0, 2: 0}), "[-1 2 9 10]"},
		{keys(map[string]int{"b": 0, "a": 0, "B": 0}), "[B a b]"},
		{keys(map[named]int{"b": 0, "a": 0}), "[a b]"},
		{keys(map[uint8]int{200: 0, 3: 0}), "[3 200]"},
		{keys(map[port]int{200: 0, 3: 0}), "[3 200]"},
		{keys(map[float64]int{1.5: 0, -2: 0, 10: 0}), "[-2 1.5 10]"},
		{keys(map[bool]int{true: 0, false: 0}), "[false true]"},
		{keys(map[[2]int]int{{1, 10}: 0, {1, 9}: 0, {0, 99}: 0}), "[[0 99] [1 9] [1 10]]"},
		{keys(map[pair]int{{"a b", "c"}: 0, {"a", "b c"}: 0}), "[{a b c} {a b c}]"},
		{keys(map[int]int{}), "[]"},
		{keys(map[int]int(nil)), "[]"},
	} {
		require.Equal(t, c.want, c.got)
	}
}

func keys[K comparable](m map[K]int) string {
	all := []K{}
	for _, e := range shim.Entries(m) {
		all = append(all, e.Key)
	}
	return fmt.Sprint(all)
}

func TestEntriesDoNotGoByWhatIsPrinted(t *testing.T) {
	for range 20 { // the order of a map is random
		n := 0
		for _, e := range shim.Entries(map[opaque]int{{0}: 0, {1}: 0, {2}: 0, {3}: 0}) {
			require.Equal(t, n, e.Key.n)
			n++
		}
		var first []string
		for _, e := range shim.Entries(map[pair]int{{"a b", "c"}: 0, {"a", "b c"}: 0}) {
			first = append(first, e.Key.host)
		}
		require.Equal(t, []string{"a", "a b"}, first)
	}
}

func TestEntriesOfAMapThatChanges(t *testing.T) {
	m := map[int]string{1: "a", 2: "b", 3: "c", 4: "d"}
	var got []string
	for _, e := range shim.Entries(m) {
		if e.Gone() {
			continue
		}
		got = append(got, e.Value())
		switch e.Key {
		case 1:
			delete(m, 3) // not yet reached: must not be produced
			m[4] = "D"   // is produced as it is then
			m[5] = "e"   // "may be produced during the iteration or may be skipped"
		case 4:
			delete(m, 1)
		}
	}
	require.Equal(t, []string{"a", "b", "D"}, got)
	require.Equal(t, map[int]string{2: "b", 4: "D", 5: "e"}, m)
}

func TestMap(t *testing.T) {
	show := func(m *shim.Map) (s string) {
		m.Range(func(k, v any) bool { s += fmt.Sprint(k, v, " "); return true })
		return s
	}
	playAll(t, []scene{
		{"Load, Store, Swap", "<nil> false, 1 true, 1 true, <nil> false", func(say func(...any)) {
			var m shim.Map
			say(m.Load("a"))
			m.Store("a", 1)
			say(m.Load("a"))
			say(m.Swap("a", 2))
			say(m.Swap("b", 3))
		}},
		{"LoadOrStore, LoadAndDelete, Delete", "1 false, 1 true, 1 true, <nil> false, <nil> false", func(say func(...any)) {
			var m shim.Map
			say(m.LoadOrStore("a", 1))
			say(m.LoadOrStore("a", 2))
			say(m.LoadAndDelete("a"))
			say(m.LoadAndDelete("a"))
			m.Store("a", 3)
			m.Delete("a")
			say(m.Load("a"))
		}},
		{"CompareAndSwap, CompareAndDelete", "false, true, false, true, <nil> false", func(say func(...any)) {
			var m shim.Map
			say(m.CompareAndSwap("a", nil, 1))
			m.Store("a", 1)
			say(m.CompareAndSwap("a", 1, 2))
			say(m.CompareAndDelete("a", 1))
			say(m.CompareAndDelete("a", 2))
			say(m.Load("a"))
		}},
		{"Range goes in the order of the first Store", "b2 a3 c1, c1 b4, ", func(say func(...any)) {
			var m shim.Map
			m.Store("b", 2)
			m.Store("a", 1)
			m.Store("c", 1)
			m.Store("a", 3)
			say(show(&m))
			m.Delete("a")
			m.Delete("b")
			m.Store("b", 4)
			say(show(&m))
			m.Clear()
			say(show(&m))
		}},
		{"Range while it changes, and its end", "a, c, a", func(say func(...any)) {
			var m shim.Map
			for _, k := range []string{"a", "b", "c"} {
				m.Store(k, 0)
			}
			m.Range(func(k, _ any) bool { say(k); m.Delete("b"); m.Store("d", 0); return true })
			m.Range(func(k, _ any) bool { say(k); return false })
		}},
	})
}
