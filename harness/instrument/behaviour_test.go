package instrument

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

// TestBehaviour runs the programs in testdata as they are and rewritten, outside of any simulated world.
func TestBehaviour(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/behaviour/programs.txtar")
	require.NoError(t, err)
	original, rewritten := scratch(t), scratch(t)
	var names []string
	for _, f := range archive.Files {
		names = append(names, filepath.Dir(f.Name))
		require.NoError(t, writeFile(filepath.Join(original, f.Name), f.Data))
		require.NoError(t, writeFile(filepath.Join(rewritten, f.Name), f.Data))
		s := loadSource(t, filepath.Join(original, filepath.Dir(f.Name)))
		texts, err := s.rewrite(nil)
		require.NoError(t, err)
		for name, text := range texts {
			require.NoError(t, writeFile(filepath.Join(rewritten, filepath.Dir(f.Name), filepath.Base(name)), []byte(text)))
		}
	}
	want := runPrograms(t, original, names)
	require.Contains(t, want, "at the go statement: true")
	require.Equal(t, want, runPrograms(t, rewritten, names))
}

// runPrograms calls Main of each package in dir, in order, and returns what they print.
func runPrograms(t *testing.T, dir string, names []string) string {
	var imports, calls strings.Builder
	for _, name := range slices.Sorted(slices.Values(names)) {
		fmt.Fprintf(&imports, "import %q\n", "example.com/fw/"+name)
		fmt.Fprintf(&calls, "\tprintln(%q); %s.Main()\n", name, name)
	}
	main := "package main\n\n" + imports.String() + "\nfunc main() {\n" + calls.String() + "}\n"
	require.NoError(t, writeFile(filepath.Join(dir, "main.go"), []byte(main)))
	return goCommand(t, dir, "run", ".")
}

// TestReset changes the state of a rewritten package and puts it back.
func TestReset(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/behaviour/reset.txtar")
	require.NoError(t, err)
	dir := scratch(t)
	for _, f := range archive.Files {
		require.NoError(t, writeFile(filepath.Join(dir, f.Name), f.Data))
	}
	texts, err := loadSource(t, filepath.Join(dir, "fw")).rewrite(nil)
	require.NoError(t, err)
	for name, text := range texts {
		require.NoError(t, writeFile(filepath.Join(dir, "fw", filepath.Base(name)), []byte(text)))
	}
	require.Equal(t, section(archive, "stdout"), goCommand(t, dir, "run", "."))
}
