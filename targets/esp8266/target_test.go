package esp8266

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

func FuzzEsp8266(f *testing.F)    { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)       { harness.TestDocs(t, Target, "../../harness/docs/esp8266.md") }
func TestProperties(t *testing.T) { harness.TestProperties(t, Target) }
