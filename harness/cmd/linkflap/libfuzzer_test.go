package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// needClang skips the test where clang's libFuzzer is not installed; in CI it must be.
func needClang(t *testing.T) {
	t.Helper()
	_, err := fuzzerLibrary(context.Background())
	switch {
	case err != nil && os.Getenv("CI") == "true":
		t.Fatalf("%v: run .ci/clang", err)
	case err != nil:
		t.Skipf("%v: run .ci/clang", err)
	}
}

// fuzzBinary builds the binary of a target of this module.
func fuzzBinary(t *testing.T, target string, args ...string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "fuzz_"+target)
	invoke(t, append([]string{"libfuzzer", "-C", module, "./targets/" + target, "-o", binary}, args...)...)
	return binary
}

// runBinary runs a binary of libFuzzer's in a folder of its own, and returns its exit status and what it said.
func runBinary(t *testing.T, dir, binary string, args ...string) (status int, said string) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	_ = cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String()
}

func TestLibFuzzerFindsTheCanary(t *testing.T) {
	needClang(t)
	binary, dir := fuzzBinary(t, "canary"), t.TempDir()
	crash := filepath.Join(dir, "crash")
	status, said := runBinary(t, dir, binary, "-seed=1", "-max_total_time=100", "-exact_artifact_path="+crash)
	require.Equal(t, 77, status, said)
	const signature = "deadlock: disconnect in gadget.Disconnect waits for a channel operation of keeper, which waits for a lock held by disconnect"
	require.Contains(t, said, "\npanic: "+signature+"\n\ngoroutine 1 [running]:\ngadget.Disconnect(...)\n")
	require.Contains(t, said, "Test unit written to "+crash+"\n")
	require.Equal(t, "ASSERT\n"+signature[:80]+"\ngadget.Disconnect\n", crashState(said), "the firmware's frames only")
	seen := crashState(said)

	status, said = runBinary(t, dir, binary, crash)
	require.Equal(t, 77, status, "the artifact shows it again: %s", said)
	require.Equal(t, seen, crashState(said))
	status, said = runBinary(t, dir, binary, "-fork=2", "-seed=1", "-max_total_time=100", "-artifact_prefix=forked-")
	require.Equal(t, 77, status, said)
	forked, err := filepath.Glob(filepath.Join(dir, "forked-crash-*"))
	require.NoError(t, err)
	require.NotEmpty(t, forked, said)
	small := filepath.Join(dir, "small")
	status, said = runBinary(t, dir, binary, "-minimize_crash=1", "-runs=200", "-exact_artifact_path="+small, crash)
	require.Zero(t, status, said)
	before, err := os.Stat(crash)
	require.NoError(t, err)
	after, err := os.Stat(small)
	require.NoError(t, err)
	require.LessOrEqual(t, after.Size(), before.Size())
}

func TestLibFuzzerGoesPastWhatIsKnown(t *testing.T) {
	needClang(t)
	dir := t.TempDir()
	seeds := filepath.Join(dir, "seeds")
	require.Contains(t, invoke(t, "corpus", "export", "-C", module, "./targets/wifinina", "-o", seeds), "FuzzWifinina: wrote ")
	binary := fuzzBinary(t, "wifinina")
	status, said := runBinary(t, dir, binary, "-runs=0", seeds)
	require.Zero(t, status, said)
	require.Regexp(t, `Loaded 1 modules +\(\d{4} inline 8-bit counters\)`, said)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "merged"), 0o755))
	status, said = runBinary(t, dir, binary, "-merge=1", "merged", seeds)
	require.Zero(t, status, said)
	require.Regexp(t, `MERGE-OUTER: \d+ new files`, said)

	status, said = runBinary(t, dir, fuzzBinary(t, "wifinina", "--no-known"), "-runs=0", seeds)
	require.Equal(t, 77, status, said)
	artifacts, err := filepath.Glob(filepath.Join(dir, "crash-*"))
	require.NoError(t, err)
	require.Len(t, artifacts, 1)
	replayed := invoke(t, "replay", "-C", module, "--target", "wifinina", artifacts[0])
	require.Contains(t, replayed, "what should hold: ")
}

func TestProgramsGoFromOneFormToAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one.txt")
	require.NoError(t, os.WriteFile(file, []byte(deadlocks), 0o600))
	buffers, inputs, texts := t.TempDir(), t.TempDir(), t.TempDir()
	invoke(t, "corpus", "export", "-C", module, "./targets/wifinina", file, "-o", buffers)
	invoke(t, "corpus", "import", "-C", module, "./targets/wifinina", buffers, "-o", inputs)
	invoke(t, "corpus", "import", "-C", module, "./targets/wifinina", inputs, "--to", "text", "-o", texts)
	made, err := filepath.Glob(filepath.Join(texts, "deadlock-connect-in-wifinina-addr-*.txt"))
	require.NoError(t, err)
	require.Len(t, made, 1)
	replayed := invoke(t, "replay", "-C", module, made[0])
	require.Equal(t, invoke(t, "replay", "-C", module, file), replayed)

	input, err := filepath.Glob(filepath.Join(buffers, "*"))
	require.NoError(t, err)
	require.Equal(t, replayed, invoke(t, "replay", "-C", module, "--target", "wifinina", input[0]))
	var out, log bytes.Buffer
	require.Equal(t, 1, run([]string{"replay", "-C", module, input[0]}, streams{&out, &log}))
	require.Contains(t, log.String(), "or --target")
}
