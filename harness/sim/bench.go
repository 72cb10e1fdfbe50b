package sim

import "testing"

// Bench calls f with a T, which bubbles need and benchmarks do not have.
func Bench(b *testing.B, f func(t *testing.T)) {
	b.Helper()
	match := func(string, string) (bool, error) { return true, nil }
	if !testing.RunTests(match, []testing.InternalTest{{Name: b.Name(), F: f}}) {
		b.Fatal("the benchmark's body failed")
	}
}
