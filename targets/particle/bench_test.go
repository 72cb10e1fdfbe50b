package particle

import (
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// session is an ordinary application's minute, on a release that survives it.
const session = `
boot(v4)
s0 = server(80)
p1: dial(80, hello=16)
a: c0 = available(s0)
a: recv(c0, 16)
a: send(c0, 100)
a: stop(c0)
a: off()
a: delay(2s)
a: on()
a: connect()
a: delay(5s)
a: begin(s0)
a: stop(s0)
`

// The model has threads of its own and cannot be called without a scheduler, so there is nothing to compare it with.
func BenchmarkProgram(b *testing.B) {
	p := parse(b, session[1:])
	sim.Bench(b, func(t *testing.T) {
		b.ReportAllocs()
		var virtual time.Duration
		for b.Loop() {
			res := Target.Run(t, p, false)
			if len(res.Violations) > 0 {
				b.Fatalf("got %s, want ok", res.Verdict())
			}
			virtual += res.Trace.Events[len(res.Trace.Events)-1].At
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "programs/s")
		b.ReportMetric(virtual.Seconds()/float64(b.N), "virtual-s/program")
	})
}
