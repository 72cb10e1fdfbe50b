package sim

import (
	"runtime"
	"sync"
	"testing"
)

// Processors is how many a process needs that does nothing but run programs. One task runs at a time: to wake a second processor at every
// hand-over, which then finds nothing to do, costs a fifth of the programs a second.
const Processors = 1

// Bench calls f once, on as many processors as fuzzing uses, with a T, which bubbles need and benchmarks do not have.
func Bench(b *testing.B, f func(t *testing.T)) {
	b.Helper()
	var once sync.Once // RunTests calls again for each number of processors in -cpu, and for -count
	ran := false
	body := func(t *testing.T) {
		once.Do(func() {
			ran = true
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(Processors))
			f(t)
		})
	}
	match := func(string, string) (bool, error) { return true, nil }
	if ok := testing.RunTests(match, []testing.InternalTest{{Name: b.Name(), F: body}}); !ok || !ran {
		b.Fatal("the benchmark's body failed, or did not run: it cannot be measured with -skip")
	}
}
