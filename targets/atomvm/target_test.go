package atomvm

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

func FuzzAtomvm(f *testing.F)     { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)       { harness.TestDocs(t, Target, "../../harness/docs/atomvm.md") }
func TestProperties(t *testing.T) { harness.TestProperties(t, Target) }
