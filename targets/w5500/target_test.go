package w5500

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

func FuzzW5500(f *testing.F)      { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)       { harness.TestDocs(t, Target, "../../harness/docs/w5500.md") }
func TestProperties(t *testing.T) { harness.TestProperties(t, Target) }
func TestRace(t *testing.T)       { harness.TestRace(t, Target) }
