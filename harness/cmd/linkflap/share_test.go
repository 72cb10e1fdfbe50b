package main

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // libFuzzer's name for an input
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// together runs commands side by side in a folder, and returns what each said.
func together(t *testing.T, dir string, commands ...[]string) (said []string) {
	t.Helper()
	var all []*exec.Cmd
	outs := make([]bytes.Buffer, len(commands))
	for i, c := range commands {
		cmd := exec.Command(c[0], c[1:]...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &outs[i], &outs[i]
		require.NoError(t, cmd.Start())
		all = append(all, cmd)
	}
	for i, cmd := range all {
		_ = cmd.Wait()
		said = append(said, fmt.Sprintf("exit status %d\n%s", cmd.ProcessState.ExitCode(), outs[i].String()))
	}
	return said
}

// read is what is in the files of a pattern, by path.
func read(t *testing.T, pattern ...string) map[string]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(pattern...))
	require.NoError(t, err)
	texts := map[string]string{}
	for _, f := range found {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		texts[f] = string(text)
	}
	return texts
}

// areWhole says that files of libFuzzer's, which calls an input by its SHA-1, hold all of it.
func areWhole(t *testing.T, inputs map[string]string, prefix string) {
	t.Helper()
	for name, text := range inputs {
		require.Equal(t, fmt.Sprintf("%s%x", prefix, sha1.Sum([]byte(text))), filepath.Base(name), "it is torn") //nolint:gosec // as above
	}
}

func TestProcessesOfLibFuzzerShareAFolder(t *testing.T) {
	needClang(t)
	dir := otherModule(t)
	binary := filepath.Join(dir, "fuzz_toy")
	invoke(t, "libfuzzer", "-C", dir, ".", "--fuzz", "FuzzToy", "-o", binary)
	shared, found := filepath.Join(dir, "shared"), filepath.Join(dir, "found")
	for _, d := range []string{shared, found} {
		require.NoError(t, os.Mkdir(d, 0o755))
	}
	t.Setenv("TOY_IS_TAME", "1")
	status, said := runBinary(t, dir, binary, "-runs=2000", "-seed=1", shared)
	require.Zero(t, status, said)
	before := read(t, shared, "*")
	require.NotEmpty(t, before)
	for _, said := range together(t, dir,
		[]string{binary, "-max_total_time=5", "-reload=1", "-seed=2", shared},
		[]string{binary, "-max_total_time=5", "-reload=1", "-seed=3", shared},
		[]string{binary, "-max_total_time=5", "-fork=2", "-seed=4", shared},
	) {
		require.Contains(t, said, "exit status 0\n", said)
	}
	after := read(t, shared, "*")
	for name, text := range before {
		require.Equal(t, text, after[name], "it is lost")
	}
	require.Greater(t, len(after), len(before))
	areWhole(t, after, "")
	wrote := invoke(t, "corpus", "import", "-C", dir, ".", "--fuzz", "FuzzToy", shared, "-o", t.TempDir())
	require.Contains(t, wrote, fmt.Sprintf("FuzzToy: wrote %d programs", len(after)))

	t.Setenv("TOY_IS_TAME", "")
	fork := []string{binary, "-max_total_time=5", "-fork=2", "-ignore_crashes=1", "-artifact_prefix=" + found + "/", shared}
	together(t, dir, append(fork, "-seed=5"), append(fork, "-seed=6"))
	artifacts := read(t, found, "*")
	require.NotEmpty(t, artifacts)
	areWhole(t, artifacts, "crash-")
	texts := t.TempDir()
	invoke(t, "corpus", "import", "-C", dir, ".", "--fuzz", "FuzzToy", "--to", "text", found, "-o", texts)
	for name, text := range read(t, texts, "*.txt") {
		require.Regexp(t, wholeReproducer, text, name)
	}
	areWhole(t, read(t, shared, "*"), "")
}

// What hunts keep of the toy: reproducers of panics, shrunk or not, and inputs of Go's engine.
var (
	wholeReproducer = regexp.MustCompile(`(?s)^Not yet explained\.\n\n(Not yet shrunk\.\n\n)?target: \w+\n\n-- prog --\n.+\n-- want --\npanic: toy\.\w+\n$`)
	wholeInput      = regexp.MustCompile(`^go test fuzz v1\n(\[\]byte\(".*"\)\n){3}$`)
)

func TestHuntsShareACorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("a hunt takes its time")
	}
	dir, tool := otherModule(t), filepath.Join(t.TempDir(), "linkflap")
	require.NoError(t, os.Remove(filepath.Join(dir, "stuck_test.go")))
	out, err := exec.Command("go", "build", "-C", module, "-o", tool, "./harness/cmd/linkflap").CombinedOutput()
	require.NoError(t, err, "%s", out)
	cache := t.TempDir()
	hunt := func(seed, time string) []string {
		return []string{tool, "hunt", "--cache", cache, "--jobs", "2", "--seed", seed, "--for", time}
	}
	together(t, dir, hunt("1", "2s"))
	before := read(t, dir, "corpus", "*", "*.txt")
	said := together(t, dir, hunt("2", "6s"), hunt("3", "6s"))
	after := read(t, dir, "corpus", "*", "*.txt")
	for name, text := range before {
		require.Contains(t, after, name, "it is lost: %s", said)
		if !strings.Contains(text, "Not yet shrunk.") {
			require.Equal(t, text, after[name], "%s", said)
		}
	}
	for _, out := range said {
		for _, m := range regexp.MustCompile(`new violation in .*\n    (\S+)\n`).FindAllStringSubmatch(out, -1) {
			require.Contains(t, after, filepath.Join(dir, m[1]), "it was said and is lost: %s", out)
		}
	}
	require.NotEmpty(t, after, said)
	wants := map[string]string{}
	for name, text := range after {
		require.Regexp(t, wholeReproducer, text, name)
		want := filepath.Dir(name) + text[strings.LastIndex(text, "-- want --"):]
		require.Empty(t, wants[want], "one bug has two reproducers: %s", name)
		wants[want] = name
	}
	inputs := read(t, cache, "example.com", "toy", "*", "*")
	require.NotEmpty(t, inputs)
	for name, text := range inputs {
		require.Regexp(t, wholeInput, text, name)
	}
	cmd := exec.Command("go", "test", "-run", "TestCorpus", "-count", "1", ".")
	cmd.Dir = dir
	out, err = cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
