package comboat

import (
	"slices"
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/targets/netdev"
)

// BenchmarkProgram leaves out one oracle: every run of this driver leaves a task behind.
func BenchmarkProgram(b *testing.B) {
	tg := Target
	tg.Oracles = slices.DeleteFunc(slices.Clone(oracle.All), func(o oracle.Oracle) bool { return o.Name == "leak" })
	harness.BenchRuns(b, tg, netdev.Twenty)
}
