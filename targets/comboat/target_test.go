package comboat

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

func FuzzComboat(f *testing.F)    { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)       { harness.TestDocs(t, Target, "../../harness/docs/comboat.md") }
func TestProperties(t *testing.T) { harness.TestProperties(t, Target) }
func TestRace(t *testing.T)       { harness.TestRace(t, Target) }
