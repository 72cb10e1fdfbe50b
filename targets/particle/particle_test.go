package particle

import (
	"flag"
	"slices"
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

var only = flag.String("release", "", "of all programs that TestProperties generates, with no bugs known; of some if empty")

func FuzzParticle(f *testing.F) { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)   { harness.TestCorpus(t, Target) }

func TestProperties(t *testing.T) {
	if *only == "" {
		harness.TestProperties(t, Target)
		return
	}
	i := slices.IndexFunc(deviceos.Variants, func(v deviceos.Variant) bool { return v.Name == *only })
	if i < 0 {
		t.Fatalf("-release %s: got an unknown release, want one of %v", *only, deviceos.VariantNames())
	}
	harness.TestProperties(t, on(Target.Name+"-"+*only, deviceos.Variants[i:i+1]))
}
