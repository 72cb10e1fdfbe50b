package comboat

import (
	"slices"
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
)

// twenty is an ordinary application's minute: it connects, talks to a server in three rounds, and looks things up.
const twenty = `
connect(home)
c0 = dial(echo)
send(c0, 100)
recv(c0, 100)
sleep(7s)
send(c0, 1436)
recv(c0, 1436)
sleep(7s)
send(c0, 16)
recv(c0, 16)
sleep(7s)
addr()
mac()
resolve(echo)
c1 = dial(sink)
send(c1, 100)
close(c1)
addr()
sleep(7s)
close(c0)
`

// BenchmarkProgram leaves out one oracle: every run of this driver leaves a task behind.
func BenchmarkProgram(b *testing.B) {
	tg := Target
	tg.Oracles = slices.DeleteFunc(slices.Clone(oracle.All), func(o oracle.Oracle) bool { return o.Name == "leak" })
	harness.BenchRuns(b, tg, twenty)
}
