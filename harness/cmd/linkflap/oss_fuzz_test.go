package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestThePageOfOSSFuzzIsRight does what the page tells the owner of a firmware, who is the toy's.
func TestThePageOfOSSFuzzIsRight(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(module, "harness", "docs", "oss-fuzz.md"))
	require.NoError(t, err)
	block := regexp.MustCompile("(?s)```bash\n(.*?)```").FindStringSubmatch(string(page))
	require.NotNil(t, block)
	dir := otherModule(t)
	require.NoError(t, os.Remove(filepath.Join(dir, "stuck_test.go")))
	script := strings.NewReplacer("./fuzz ", ". ", "FuzzFirmware", "FuzzToy").Replace(block[1])
	build := func() string { return buildAs(t, script, dir, "address") }

	out := build()
	require.Equal(t, []string{"fuzz_firmware", "fuzz_firmware.options"}, files(t, out))
	asRunner(t, filepath.Join(out, "fuzz_firmware.options"))
	passesTheBuildCheck(t, filepath.Join(out, "fuzz_firmware"))
	testcase := filepath.Join(t.TempDir(), "testcase")
	find := []string{"-seed=1", "-max_total_time=60", "-exact_artifact_path=" + testcase}
	status, said := runBinary(t, t.TempDir(), filepath.Join(out, "fuzz_firmware"), find...)
	require.Equal(t, 77, status, said)

	require.Regexp(t, `\n    panic: toy\.\w+\n`, invoke(t, "replay", "-C", dir, "--target", "toy", testcase))
	reproducer := filepath.Join(dir, "corpus", "toy", "what-goes-wrong.txt")
	require.NoError(t, os.MkdirAll(filepath.Dir(reproducer), 0o755))
	invoke(t, "shrink", "-C", dir, "--target", "toy", testcase, "-o", reproducer)

	out = build()
	require.Contains(t, files(t, out), "fuzz_firmware_seed_corpus.zip")
	status, said = runBinary(t, t.TempDir(), filepath.Join(out, "fuzz_firmware"), testcase)
	require.Zero(t, status, "it is known: %s", said)
	wrote := invoke(t, "corpus", "import", "-C", dir, ".", "--fuzz", "FuzzToy", testcase, "-o", t.TempDir())
	require.Contains(t, wrote, "FuzzToy: wrote 1 programs")
}
