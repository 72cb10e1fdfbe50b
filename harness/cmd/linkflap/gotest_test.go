package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// scratch is a module of its own, as somebody has who works on a driver.
type scratch struct {
	*testing.T
	dir string
}

// newScratch makes a module with the driver, linkflap and its stand-in for package machine.
func newScratch(t *testing.T) *scratch {
	t.Helper()
	root, err := filepath.Abs(module)
	require.NoError(t, err)
	s := &scratch{t, t.TempDir()}
	s.write("go.mod", `module example.com/scratch

go 1.26.0

require (
	github.com/linkflap/linkflap v0.0.0
	machine v0.0.0
	tinygo.org/x/drivers v0.37.0
)

replace (
	github.com/linkflap/linkflap => `+root+`
	github.com/soypat/lneto => github.com/soypat/lneto v0.3.1
	machine => `+filepath.Join(root, "mocks", "machine")+`
)
`)
	return s
}

func (s *scratch) write(name, text string) {
	s.Helper()
	file := filepath.Join(s.dir, name)
	require.NoError(s.T, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(s.T, os.WriteFile(file, []byte(text), 0o644))
}

// goes runs the go command, in no workspace unless the module has one, and returns what it says and whether it succeeded.
func (s *scratch) goes(flags string, args ...string) (string, bool) {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), "go", args...)
	cmd.Dir, cmd.Env = s.dir, append(os.Environ(), "GOFLAGS="+flags, "GOWORK=")
	out, err := cmd.CombinedOutput()
	return string(out), err == nil
}

// goTest is the test made from a reproducer.
func goTest(t *testing.T, entry string) string {
	t.Helper()
	return invoke(t, "report", "-C", module, "--go", filepath.Join(module, "corpus", entry+".txt"))
}

// The tests fail with the real driver, of which nothing is rewritten, and for the right reason.
func TestGeneratedTestsFailWithTheDriver(t *testing.T) {
	s := newScratch(t)
	reasons := map[string]string{
		"wifinina/deadlock-disconnect-in-wifinina-addr-waits-for-a-lock-held": "panic: deadlock: disconnect in wifinina.Addr waits for a lock held by disconnect: the last call does not return",
		"wifinina/panic-wifinina-getip":                                       "panic: runtime error: slice bounds out of range",
		"wifinina/double-free-close-releases-a-nina-slot-twice":               "_test.go:", // t.Fatal
		"espat/hang-response-in-espat-response":                               "_test.go:",
		"espat/panic-espat-addr":                                              "panic: runtime error: slice bounds out of range",
	}
	folder := strings.NewReplacer("/", "_", "-", "_")
	for entry := range reasons {
		text := goTest(t, entry)
		require.Contains(t, text, "machine.Play(")
		require.NotContains(t, text, "github.com/linkflap/linkflap/", "nothing of linkflap is imported")
		s.write(folder.Replace(entry)+"/x_test.go", text)
	}
	out, ok := s.goes("-mod=mod", "test", "-json", "./...")
	require.False(t, ok, out)
	said := outputs(t, out)
	for entry, reason := range reasons {
		pkg := "example.com/scratch/" + folder.Replace(entry)
		require.Contains(t, said[pkg], reason)
		require.Contains(t, said[pkg], "FAIL\t"+pkg, "it was compiled and run: %s", said[pkg])
	}
}

// outputs is what go test -json says of each package.
func outputs(t *testing.T, text string) map[string]string {
	t.Helper()
	all := map[string]string{}
	dec := json.NewDecoder(strings.NewReader(text[strings.Index(text, "{"):]))
	for dec.More() {
		var e struct{ Package, Output string }
		require.NoError(t, dec.Decode(&e))
		all[e.Package] += e.Output
	}
	return all
}

// A driver that does something else than was recorded is not judged.
func TestGeneratedTestOfAnotherDriver(t *testing.T) {
	s := newScratch(t)
	text := goTest(t, "wifinina/double-free-close-releases-a-nina-slot-twice")
	s.write("x/x_test.go", strings.Replace(text, `Ssid: "nowhere"`, `Ssid: "another"`, 1))
	out, ok := s.goes("-mod=mod", "test", "-v", "./x")
	require.True(t, ok, out)
	require.Contains(t, out, "--- SKIP: TestDoubleFreeCloseReleasesANinaSlotTwice")
	require.Contains(t, out, "was recorded: the bug may be gone")
}

// What takes several tasks is run on linkflap's target, in a module that instruments the driver.
func TestGeneratedTestOnTheTarget(t *testing.T) {
	s := newScratch(t)
	text := goTest(t, "wifinina/deadlock-disconnect-in-wifinina-netdisconnect-waits-for-a")
	require.Contains(t, text, "harness.Replay(")
	s.write("x_test.go", text)
	s.write("instrument.txt", "tinygo.org/x/drivers/wifinina\n")
	s.write(".gitignore", "/build/\n/go.work\n")
	out, ok := s.goes("", "mod", "edit", "-tool=github.com/linkflap/linkflap/harness/cmd/linkflap")
	require.True(t, ok, out)
	out, ok = s.goes("-mod=mod", "mod", "tidy")
	require.True(t, ok, out)
	out, ok = s.goes("", "tool", "linkflap", "instrument")
	require.True(t, ok, out)
	out, ok = s.goes("", "test", ".")
	require.False(t, ok, out)
	require.Contains(t, out, "deadlock: disconnect in wifinina.NetDisconnect waits for a channel operation of wifinina.watchdog")
	require.Contains(t, out, "FAIL\texample.com/scratch", "it was compiled: %s", out)
}
