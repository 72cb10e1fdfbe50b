package instrument

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the rewriter does into testdata/*.txtar")

const (
	wantSuffix  = ".want"   // a.go.want is a.go rewritten
	wantRefused = "refused" // what is refused, if anything
)

// TestGolden rewrites the packages in testdata. Each must keep its lines, and build and pass vet against the shim.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	dir := scratch(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) { golden(t, file, filepath.Join(dir, "in", name), filepath.Join(dir, "out", name)) })
	}
	if !t.Failed() {
		vet(t, dir, "./out/...")
	}
}

// golden compares one package with what its file wants, and writes the rewritten form to out.
func golden(t *testing.T, file, in, out string) {
	archive, err := txtar.ParseFile(file)
	require.NoError(t, err)
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".go") {
			require.NoError(t, writeFile(filepath.Join(in, f.Name), f.Data))
		}
	}
	s := loadSource(t, in)
	if goVer := section(archive, "go"); goVer != "" {
		s.goVer = strings.TrimSpace(goVer)
	}
	texts, err := s.rewrite(nil)
	got := results(archive, in, texts, err)
	if *update {
		require.NoError(t, os.WriteFile(file, txtar.Format(got), 0o666))
		archive = got
	}
	require.Equal(t, string(txtar.Format(archive)), string(txtar.Format(got)), "run go test ./harness/instrument -run TestGolden -update to accept")
	if err != nil {
		return
	}
	for name, data := range s.files {
		text, changed := texts[name]
		if !changed {
			text = string(data)
		}
		require.Equal(t, newlines(string(data)), newlines(text), "%s has another number of lines", name)
		require.NoError(t, writeFile(filepath.Join(out, filepath.Base(name)), []byte(text)))
	}
	require.NoError(t, writeFile(filepath.Join(out, resetFile), []byte(texts[resetFile])))
}

// results is the archive with what the rewriter did in the place of what was wanted.
func results(archive *txtar.Archive, in string, texts map[string]string, err error) *txtar.Archive {
	got := &txtar.Archive{Comment: archive.Comment}
	for _, f := range archive.Files {
		if !strings.HasSuffix(f.Name, wantSuffix) && f.Name != wantRefused {
			got.Files = append(got.Files, f)
		}
	}
	if err != nil {
		got.Files = append(got.Files, txtar.File{Name: wantRefused, Data: []byte(err.Error() + "\n")})
		return got
	}
	var names []string
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		data := []byte(texts[name])
		if name == resetFile && !strings.Contains(texts[name], "linkflapReset() {\n\t") {
			continue // nothing to put back
		}
		got.Files = append(got.Files, txtar.File{Name: filepath.Base(name) + wantSuffix, Data: data})
	}
	return got
}

func section(a *txtar.Archive, name string) string {
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// loadSource type-checks the package in dir as the project would.
func loadSource(t *testing.T, dir string) *source {
	t.Helper()
	cfg := &packages.Config{Mode: loadMode, Dir: dir, Env: append(os.Environ(), "GOWORK=off")}
	pkgs, err := packages.Load(cfg, ".")
	require.NoError(t, err)
	require.Len(t, pkgs, 1)
	require.Empty(t, pkgs[0].Errors)
	s := &source{pkg: pkgs[0], version: "v1.0.0", goVer: "1.26", files: map[string][]byte{}, label: filepath.Base}
	for _, name := range pkgs[0].CompiledGoFiles {
		s.files[name], err = os.ReadFile(name)
		require.NoError(t, err)
	}
	return s
}

// scratch makes an empty module that requires the linkflap of this checkout.
func scratch(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	mod := fmt.Sprintf("module example.com/fw\n\ngo 1.26.0\n\nrequire github.com/linkflap/linkflap v0.0.0\n\nreplace github.com/linkflap/linkflap => %s\n", checkout(t))
	require.NoError(t, writeFile(filepath.Join(dir, "go.mod"), []byte(mod)))
	return dir
}

// checkout is the root of linkflap.
func checkout(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	return root
}

func vet(t *testing.T, dir, pattern string) {
	t.Helper()
	goCommand(t, dir, "vet", pattern)
}

// goCommand runs the go command in a module on its own and returns what it prints.
func goCommand(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "go %s in %s:\n%s%s", strings.Join(args, " "), dir, stdout.String(), stderr.String())
	return stdout.String()
}

// TestResetFileIsFormatted holds for the file that is not an edit of another one.
func TestResetFileIsFormatted(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/reset.txtar")
	require.NoError(t, err)
	text := section(archive, resetFile+wantSuffix)
	formatted, err := format.Source([]byte(text))
	require.NoError(t, err)
	require.Equal(t, string(formatted), text)
}
