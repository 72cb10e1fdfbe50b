package wifinina

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/targets/netdev"
)

func BenchmarkProgram(b *testing.B) { harness.Bench(b, Target, netdev.Twenty) }
