package particle

import (
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

var only = flag.String("release", "", "that all programs of TestProperties run on; then no bug is known, and what is found is not kept in the corpus")

func FuzzParticle(f *testing.F) { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)   { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)     { harness.TestDocs(t, Target, "../../harness/docs/particle.md") }

func TestProperties(t *testing.T) {
	if *only == "" {
		harness.TestProperties(t, Target)
		return
	}
	i := slices.IndexFunc(deviceos.Variants, func(v deviceos.Variant) bool { return v.Name == *only })
	if i < 0 {
		t.Fatalf("-release %s: got an unknown release, want one of %v", *only, deviceos.VariantNames())
	}
	if os.Getenv("LINKFLAP_NEW") == "" {
		t.Setenv("LINKFLAP_NEW", os.TempDir())
	}
	harness.TestProperties(t, on(Target.Name+"-"+*only, deviceos.Variants[i:i+1]))
}
