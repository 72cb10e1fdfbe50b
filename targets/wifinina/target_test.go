package wifinina

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
)

func FuzzWifinina(f *testing.F)   { harness.Fuzz(f, Target) }
func TestCorpus(t *testing.T)     { harness.TestCorpus(t, Target) }
func TestDocs(t *testing.T)       { harness.TestDocs(t, Target, "../../harness/docs/wifinina.md") }
func TestProperties(t *testing.T) { harness.TestProperties(t, Target) }
func TestRace(t *testing.T)       { harness.TestRace(t, Target) }

// The example in the documentation is a program.
func TestDocsExample(t *testing.T) {
	text, err := os.ReadFile("../../harness/docs/README.md")
	require.NoError(t, err)
	_, rest, _ := strings.Cut(string(text), "<!-- program wifinina -->\n\n```\n")
	example, _, ok := strings.Cut(rest, "```")
	require.True(t, ok)
	p, err := prog.Parse(Target.Spec(), "README.md", 1, example)
	require.NoError(t, err)
	require.Equal(t, example, p.String())
}
