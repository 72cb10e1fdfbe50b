package hunt_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// root is the folder of this module.
var root = sync.OnceValue(func() string {
	dir, err := filepath.Abs("../..")
	if err != nil {
		panic(err)
	}
	return dir
})

// tool is the command, built once.
var tool string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "linkflap-tool-")
	if err != nil {
		panic(err)
	}
	tool = filepath.Join(dir, "linkflap")
	if out, err := exec.Command("go", "build", "-o", tool, "../cmd/linkflap").CombinedOutput(); err != nil {
		panic(string(out))
	}
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// toy is the module of testdata/toy, copied, with all that a hunt in it leaves.
type toy struct {
	dir   string // of the module
	tmp   string // for temporary files
	cache string // for the engine's inputs
	env   []string
}

func newToy(t *testing.T) *toy {
	t.Helper()
	if testing.Short() {
		t.Skip("a hunt takes its time")
	}
	base := t.TempDir()
	y := &toy{dir: filepath.Join(base, "toy"), tmp: filepath.Join(base, "tmp"), cache: filepath.Join(base, "cache")}
	require.NoError(t, os.CopyFS(y.dir, os.DirFS("testdata/toy")))
	require.NoError(t, os.Mkdir(y.tmp, 0o755))
	mod, err := os.ReadFile(filepath.Join(root(), "go.mod"))
	require.NoError(t, err)
	text := regexp.MustCompile(`(?s)\ntool \(.*?\n\)`).ReplaceAllString(string(mod), "")
	text = strings.Replace(text, "module github.com/linkflap/linkflap", "module example.com/toy", 1)
	text = strings.Replace(text, "=> ./mocks/machine", "=> "+root()+"/mocks/machine", 1)
	text += "\nrequire github.com/linkflap/linkflap v0.0.0\n\nreplace github.com/linkflap/linkflap => " + root() + "\n"
	y.write(t, "go.mod", text)
	sum, err := os.ReadFile(filepath.Join(root(), "go.sum"))
	require.NoError(t, err)
	y.write(t, "go.sum", string(sum))
	y.env = append(os.Environ(), "TMPDIR="+y.tmp, "GOFLAGS=-mod=mod", "GOWORK=off")
	return y
}

func (y *toy) write(t *testing.T, name, text string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(y.dir, name), []byte(text), 0o644))
}

// hunt is a hunt in the toy, not yet begun, and what it prints.
func (y *toy) hunt(args ...string) (*exec.Cmd, *bytes.Buffer) {
	var out bytes.Buffer
	cmd := exec.Command(tool, append([]string{"hunt", "--cache", y.cache}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = y.dir, y.env, &out, &out
	return cmd, &out
}

// run is a hunt from begin to end.
func (y *toy) run(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	cmd, text := y.hunt(args...)
	return exit(t, cmd.Run()), text.String()
}

func exit(t *testing.T, err error) int {
	t.Helper()
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode()
	}
	require.NoError(t, err)
	return 0
}

// processes are those that have something to do with the toy.
func (y *toy) processes() (all []string) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && bytes.Contains(text, []byte(filepath.Dir(y.dir))) {
			all = append(all, filepath.Base(filepath.Dir(f))+" "+string(bytes.ReplaceAll(text, []byte{0}, []byte{' '})))
		}
	}
	return all
}

// isAlone waits until no process of the toy is left. Compilers that the go tool had started end what they are at.
func (y *toy) isAlone(t *testing.T, within time.Duration) {
	t.Helper()
	compiler := func(p string) bool { return strings.Contains(p, "/pkg/tool/") || strings.Contains(p, " go test -c ") }
	for _, c := range []struct {
		within time.Duration
		but    func(string) bool
	}{{within, compiler}, {within + 2*time.Minute, func(string) bool { return false }}} {
		var left []string
		for end := time.Now().Add(c.within); ; time.Sleep(50 * time.Millisecond) {
			if left = slices.DeleteFunc(y.processes(), c.but); len(left) == 0 || time.Now().After(end) {
				break
			}
		}
		require.Empty(t, left, "after %v", c.within)
	}
}

// entries are the toy's reproducers, as text by file name.
func (y *toy) entries(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	files, err := filepath.Glob(filepath.Join(y.dir, "corpus", "*", "*.txt"))
	require.NoError(t, err)
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		rel, err := filepath.Rel(y.dir, f)
		require.NoError(t, err)
		all[rel] = string(text)
	}
	return all
}
