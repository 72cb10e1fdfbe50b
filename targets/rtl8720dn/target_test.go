package rtl8720dn

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

func FuzzRtl8720dn(f *testing.F)  { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)       { harness.TestDocs(t, Target, "../../harness/docs/rtl8720dn.md") }
func TestProperties(t *testing.T) { harness.TestProperties(t, Target) }
func TestRace(t *testing.T)       { harness.TestRace(t, Target) }
