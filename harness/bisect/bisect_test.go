package bisect

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/ask"
)

const (
	wifinina = "tinygo.org/x/drivers/wifinina"
	program  = `
target: wifinina

-- prog --
notify(addr)
connect(home)

-- want --
deadlock: connect in wifinina.Addr waits for a lock held by connect
`
)

func run(t *testing.T, pkg, from, to string) (results []Result, err error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.txt")
	require.NoError(t, os.WriteFile(file, []byte(program), 0o644))
	cfg := Config{
		Dir: ".", Package: pkg, From: from, To: to,
		Question: ask.Question{Do: ask.Replay, File: file, Target: "wifinina"},
	}
	err = Run(t.Context(), cfg, func(r Result) { results = append(results, r) })
	return results, err
}

// Before v0.27.0 there was no netdev.
func TestAReleaseWithAnotherAPISaysSo(t *testing.T) {
	results, err := run(t, wifinina, "v0.26.0", "v0.26.0")
	require.NoError(t, err)
	require.Len(t, results, 1)
	require.ErrorContains(t, results[0].Err, "no required module provides package tinygo.org/x/drivers/netdev")
	require.NotContains(t, results[0].Err.Error(), "\n")
}

func TestBadReleasesAreNamed(t *testing.T) {
	for _, c := range []struct{ pkg, from, to, want string }{
		{wifinina, "0.36", "", `got "0.36", want a release of tinygo.org/x/drivers such as v0.37.0`},
		{wifinina, "v0.37.0", "v0.36.0", "got releases from v0.37.0 to v0.36.0, want the older one first"},
		{wifinina, "v0.36.99", "", "got v0.36.99, want a release of tinygo.org/x/drivers: "},
		{"github.com/linkflap/linkflap/harness/sim", "", "", `got github.com/linkflap/linkflap/harness/sim in module "github.com/linkflap/linkflap", want a firmware package in a module that has releases`},
	} {
		_, err := run(t, c.pkg, c.from, c.to)
		require.ErrorContains(t, err, c.want)
	}
}

func TestMinors(t *testing.T) {
	require.Equal(t, []string{"v0.28.0", "v0.29.0"}, minors("v0.27.1", "v0.30.0"))
	require.Empty(t, minors("v0.36.0", "v0.37.0"))
	require.Empty(t, minors("v0.27.0", "v1.3.0"))
}

func TestTheCopyHasNeighboursAndNothingOfOurs(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":      "module m\n\nreplace (\n\ta => ../a\n\tb => ./b\n\tc => /c\n)\n",
		"go.work":     "go 1.26\n",
		"build/x.go":  "package x\n",
		"t/build/y":   "y",
		".git/config": "",
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o777))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o666))
	}
	s := &scratch{dir: filepath.Join(t.TempDir(), "module"), pkg: "p"}
	require.NoError(t, s.fill(root))
	for name, there := range map[string]bool{"go.work": false, "build": false, ".git": false, "t/build/y": true, "instrument.txt": true} {
		_, err := os.Stat(filepath.Join(s.dir, name))
		require.Equal(t, there, err == nil, name)
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(text), "a => "+filepath.Join(filepath.Dir(root), "a")+"\n")
	require.Contains(t, string(text), "b => ./b\n")
	require.Contains(t, string(text), "c => /c\n")
}

func TestFirstLine(t *testing.T) {
	for text, want := range map[string]string{
		"one":                           "one",
		"# pkg\n\nx.go:3: undefined\nf": "x.go:3: undefined",
		"go: downloading a v1\nbroken":  "broken",
		"no x; to add it:\n\tgo get":    "no x",
	} {
		require.EqualError(t, firstLine(errors.New(text)), want)
	}
}

func TestAStoppedBisectSaysSo(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, Run(ctx, Config{Dir: ".", Package: wifinina}, func(Result) { t.Error("was asked") }))
}
