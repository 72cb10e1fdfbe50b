package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClusterFuzzLiteBuildsWhatItRuns(t *testing.T) {
	needClang(t)
	if _, err := exec.LookPath("zip"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("found no zip: run .ci/clang")
	}
	out, work := t.TempDir(), t.TempDir()
	root, err := filepath.Abs(module)
	require.NoError(t, err)
	cmd := exec.Command(".clusterfuzzlite/build.sh")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "OUT="+out, "WORK="+work, "SRC="+filepath.Dir(root), "TARGETS=canary wifinina")
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	made, err := filepath.Glob(filepath.Join(out, "*"))
	require.NoError(t, err)
	for i := range made {
		made[i] = filepath.Base(made[i])
	}
	require.Equal(t, []string{"fuzz_canary", "fuzz_canary.options", "fuzz_wifinina", "fuzz_wifinina.options", "fuzz_wifinina_seed_corpus.zip"}, made)
	binary, err := os.ReadFile(filepath.Join(out, "fuzz_wifinina"))
	require.NoError(t, err)
	require.Contains(t, string(binary), "LLVMFuzzerTestOneInput", "how a fuzz target is told from other files")

	here := t.TempDir()
	for _, c := range []struct {
		binary string
		args   []string
		status int
		says   string
	}{
		{"fuzz_wifinina", []string{"-runs=500", "-print_final_stats=1"}, 0, "stat::number_of_executed_units: 500"},
		{"fuzz_wifinina", []string{"-max_total_time=2"}, 0, "Done "},
		{"fuzz_wifinina", []string{"-fork=2", "-max_total_time=4", "new"}, 0, "INFO: exiting: 0"},
		{"fuzz_wifinina", []string{"-merge=1", "merged", "new"}, 0, "MERGE-OUTER:"},
		{"fuzz_wifinina", []string{"-rss_limit_mb=20", "-max_total_time=10"}, 71, "out-of-memory"},
		{"fuzz_canary", []string{"-max_total_time=100", "-seed=1"}, 77, "panic: deadlock: disconnect"},
	} {
		for _, dir := range []string{"new", "merged"} {
			require.NoError(t, os.MkdirAll(filepath.Join(here, dir), 0o755))
		}
		status, said := runBinary(t, here, filepath.Join(out, c.binary), c.args...)
		require.Equal(t, c.status, status, "%v: %s", c.args, said)
		require.Contains(t, said, c.says)
	}
}
