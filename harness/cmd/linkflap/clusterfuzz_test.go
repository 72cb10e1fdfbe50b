package main

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// clusterfuzz builds some targets of this module with its build.sh, and returns the folder OUT.
func clusterfuzz(t *testing.T, sanitizer, targets string) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join(module, ".clusterfuzzlite", "build.sh"))
	require.NoError(t, err)
	t.Setenv("TARGETS", targets)
	return buildAs(t, string(script), module, sanitizer)
}

// buildAs runs a build.sh in a folder as OSS-Fuzz's compile does, in the environment of its image for Go, and returns the folder OUT
// (github.com/google/oss-fuzz, infra/base-images: base-image and base-builder/Dockerfile, compile, compile_libfuzzer).
func buildAs(t *testing.T, script, dir, sanitizer string) (out string) {
	t.Helper()
	needClang(t)
	if _, err := exec.LookPath("zip"); err != nil && os.Getenv("CI") != "true" {
		t.Skip("found no zip: run .ci/clang")
	}
	version := "-19"
	if _, err := exec.LookPath("clang" + version); err != nil {
		version = "" // as it is called there
	}
	flags := map[string]string{
		"address":  "-fsanitize=address -fsanitize-address-use-after-scope -fsanitize=fuzzer-no-link",
		"coverage": "-fprofile-instr-generate -fcoverage-mapping -pthread -Wl,--no-as-needed -Wl,-ldl -Wl,-lm -Wno-unused-command-line-argument",
	}[sanitizer]
	flags = "-O1 -fno-omit-frame-pointer -gline-tables-only -DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION " + flags
	dir, err := filepath.Abs(dir)
	require.NoError(t, err)
	out, src := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(src, "build.sh"), []byte(script), 0o600))
	cmd := exec.Command("bash", "-eux", filepath.Join(src, "build.sh"))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PWD="+dir, "SRC="+src, "OUT="+out, "WORK="+t.TempDir(),
		"SANITIZER="+sanitizer, "FUZZING_ENGINE=libfuzzer", "FUZZING_LANGUAGE=go", "ARCHITECTURE=x86_64", "LIB_FUZZING_ENGINE=-fsanitize=fuzzer",
		"CC=clang"+version, "CXX=clang++"+version, "CFLAGS="+flags, "CXXFLAGS="+flags+" -stdlib=libc++")
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", said)
	return out
}

// files are the names of those in a folder.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

func TestClusterFuzzLiteBuildsWhatItRuns(t *testing.T) {
	out := clusterfuzz(t, "address", "canary wifinina")
	require.Equal(t, []string{"fuzz_canary", "fuzz_canary.options", "fuzz_wifinina", "fuzz_wifinina.options", "fuzz_wifinina_seed_corpus.zip"}, files(t, out))
	binary, err := os.ReadFile(filepath.Join(out, "fuzz_wifinina"))
	require.NoError(t, err)
	require.Contains(t, string(binary), "LLVMFuzzerTestOneInput", "how a fuzz target is told from other files")
	asRunner(t, filepath.Join(out, "fuzz_wifinina.options"))

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
	passesTheBuildCheck(t, filepath.Join(out, "fuzz_wifinina"))
	takesItsSeeds(t, filepath.Join(out, "fuzz_wifinina"))
}

// asRunner sets ASAN_OPTIONS as OSS-Fuzz's image for running does, and then the options of the target's own, as its run_fuzzer does.
func asRunner(t *testing.T, options string) {
	t.Helper()
	text, err := os.ReadFile(options)
	require.NoError(t, err)
	_, own, found := strings.Cut(string(text), "[asan]\n")
	require.True(t, found)
	own = strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(own), " ", ""), "\n", ":")
	t.Setenv("ASAN_OPTIONS", "allocator_may_return_null=1:detect_leaks=1:detect_stack_use_after_return=1:handle_abort=1:handle_segv=2:handle_sigbus=2:"+
		"handle_sigfpe=2:handle_sigill=1:use_sigaltstack=1:"+own)
}

// passesTheBuildCheck does what OSS-Fuzz does before it runs a binary of an ASan build (infra/base-images/base-runner/bad_build_check).
func passesTheBuildCheck(t *testing.T, binary string) {
	t.Helper()
	status, said := runBinary(t, t.TempDir(), binary, "-seed=1337", "-runs=4")
	require.Zero(t, status, said)
	require.Contains(t, said, "Done 4 runs")
	counters := regexp.MustCompile(`INFO: Loaded \d+ module.*\(.*(?:counters|guards)\):\s+(\d+)`).FindStringSubmatch(said)
	require.NotNil(t, counters, said)
	n, err := strconv.Atoi(counters[1])
	require.NoError(t, err)
	require.GreaterOrEqual(t, n, 100)

	code, err := exec.Command("objdump", "-dC", binary).Output()
	require.NoError(t, err)
	for _, c := range []struct {
		runtime     string
		least, most int
	}{{"__asan", 1000, 1 << 30}, {"__dfsan", 0, 0}, {"__msan", 0, 3}, {"__ubsan", 0, 200}} {
		calls := len(regexp.MustCompile(`(?:callq?|bl)\s+[0-9a-f]+\s+<`+c.runtime).FindAll(code, -1))
		require.GreaterOrEqual(t, calls, c.least, c.runtime)
		require.LessOrEqual(t, calls, c.most, c.runtime)
	}
}

// takesItsSeeds runs the known bugs that are packed with a binary: none of them stops it, nil pointers of the firmware's included.
func takesItsSeeds(t *testing.T, binary string) {
	t.Helper()
	seeds := unpack(t, binary+"_seed_corpus.zip")
	require.Greater(t, len(files(t, seeds)), 10)
	status, said := runBinary(t, t.TempDir(), binary, "-runs=0", seeds)
	require.Zero(t, status, said)
}

// unpack unpacks an archive into a folder of its own.
func unpack(t *testing.T, archive string) string {
	t.Helper()
	z, err := zip.OpenReader(archive)
	require.NoError(t, err)
	defer z.Close()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, z))
	return dir
}

func TestClusterFuzzLiteMeasuresCoverage(t *testing.T) {
	out := clusterfuzz(t, "coverage", "wifinina")
	require.Equal(t, []string{"coverage", "fuzz_wifinina", "fuzz_wifinina.gocovpath", "fuzz_wifinina_seed_corpus.zip"}, files(t, out))
	binary := filepath.Join(out, "fuzz_wifinina")
	script, err := os.ReadFile(binary)
	require.NoError(t, err)
	require.Contains(t, string(script), "FUZZ_CORPUS_DIR", "how a target is told there")

	// what infra/base-images/base-builder/compile and infra/base-images/base-runner/coverage do
	root, err := filepath.Abs(module)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Dir(out+root), 0o755))
	require.NoError(t, os.Symlink(root, out+root))
	profile := filepath.Join(t.TempDir(), "fuzz_wifinina.profdata")
	t.Setenv("FUZZ_CORPUS_DIR", unpack(t, binary+"_seed_corpus.zip")+"/")
	status, said := runBinary(t, out, binary, "-test.coverprofile", profile)
	require.Zero(t, status, said)
	paths, err := os.ReadFile(binary + ".gocovpath")
	require.NoError(t, err)
	for line := range strings.Lines(string(paths)) {
		require.NoError(t, exec.Command("sed", append([]string{"-i"}, append(strings.Fields(line), profile)...)...).Run())
	}
	require.NoError(t, exec.Command("sed", "-i", "s=/="+out+"/=", profile).Run())

	text, err := os.ReadFile(profile)
	require.NoError(t, err)
	require.Contains(t, string(text), "/wifinina/wifinina.go:")
	blocks, covered := bytes.Count(text, []byte("\n")), bytes.Count(text, []byte(" 1\n"))
	require.Greater(t, 2*covered, blocks, "the reproducers cover more than half")
	html := filepath.Join(t.TempDir(), "index.html")
	said2, err := exec.Command("go", "tool", "cover", "-html="+profile, "-o", html).CombinedOutput()
	require.NoError(t, err, "%s", said2)
}
