package instrument

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const firmware = `package fw

import "sync"

var mu sync.Mutex

func Do() { mu.Lock(); defer mu.Unlock() }
`

// user makes somebody's module which requires linkflap, and firmware in a local directory that it lists. files go on top.
func user(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"go.mod": "module example.com/user\n\ngo 1.26.0\n\nrequire (\n\tgithub.com/linkflap/linkflap v0.0.0\n\texample.com/firmware v1.2.3\n)\n\n" +
			"replace (\n\tgithub.com/linkflap/linkflap => " + checkout(t) + "\n\texample.com/firmware => ./vendored\n)\n",
		"instrument.txt":                "example.com/firmware/fw # the driver\n",
		"user.go":                       "package user\n\nimport _ \"example.com/firmware/fw\"\n",
		"vendored/go.mod":               "module example.com/firmware\n\ngo 1.24\n",
		"vendored/fw/fw.go":             firmware,
		"vendored/fw/fw_test.go":        "package fw\n",
		"vendored/fw/fw_never.go":       "//go:build never\n\npackage fw\n",
		"vendored/fw/data.txt":          "data",
		"vendored/plain/plain.go":       "package plain\n\nimport \"sync\"\n\ntype Device struct{ sync.Mutex }\n\nfunc Use(*sync.Mutex) {}\n",
		"vendored/examples/x/x.go":      "package main\n",
		"vendored/nested/go.mod":        "module example.com/nested\n",
		"vendored/fw/testdata/ignored.": "",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		require.NoError(t, writeFile(filepath.Join(dir, name), []byte(text)))
	}
	return dir
}

// instrument runs Run in dir and returns its log.
func instrument(t *testing.T, dir string) string {
	t.Helper()
	var log bytes.Buffer
	require.NoError(t, Run(context.Background(), Config{Dir: dir, Log: &log}))
	return log.String()
}

func check(dir string) error { return Run(context.Background(), Config{Dir: dir, Check: true}) }

func read(t *testing.T, elem ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	require.NoError(t, err)
	return string(data)
}

func TestRunMakesACopyThatPlainGoUses(t *testing.T) {
	dir := user(t, nil)
	require.EqualError(t, check(dir), "instrumented copy is missing: run linkflap instrument")
	require.NoDirExists(t, filepath.Join(dir, "build"), "check changes nothing")

	require.Equal(t, "instrument example.com/firmware/fw local\n", instrument(t, dir))
	require.Contains(t, read(t, dir, "build/example.com/firmware@local/fw/fw.go"), "var mu shim__.Mutex")
	require.Contains(t, read(t, dir, "build/example.com/firmware@local/fw/linkflap_reset.go"), `"example.com/firmware/fw", "local"`)
	require.FileExists(t, filepath.Join(dir, "build/example.com/firmware@local/fw/data.txt"))
	for _, gone := range []string{"fw/fw_test.go", "fw/fw_never.go", "examples", "nested", "fw/testdata"} {
		require.NoFileExists(t, filepath.Join(dir, "build/example.com/firmware@local", gone))
	}
	left, err := filepath.Glob(filepath.Join(dir, "build/.*"))
	require.NoError(t, err)
	require.Empty(t, left, "temporary files")
	require.NoError(t, check(dir))

	deps := goOutput(t, dir, "list", "-deps", "-f", "{{.Dir}}", ".")
	require.Contains(t, deps, filepath.Join(dir, "build/example.com/firmware@local/fw")+"\n", "the go command uses the copy with no flag")
	require.Contains(t, deps, "harness/sim/shim\n")
}

// goOutput runs the go command as a user does.
func goOutput(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, err := (&project{dir: dir}).goRun(context.Background(), "", args...)
	require.NoError(t, err)
	return string(out)
}

func TestRunDoesNothingWhenFresh(t *testing.T) {
	dir := user(t, nil)
	instrument(t, dir)
	stamp := filepath.Join(dir, "build/example.com/firmware@local/mark")
	require.NoError(t, os.WriteFile(stamp, nil, 0o666))
	require.Empty(t, instrument(t, dir))
	require.FileExists(t, stamp, "the copy is the same one")
}

func TestStale(t *testing.T) {
	edit := func(name, old, text string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			had := read(t, dir, name)
			require.Contains(t, had, old)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(had, old, text, 1)), 0o666))
		}
	}
	remove := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(filepath.Join(dir, name))) }
	}
	for _, c := range []struct {
		name, want string
		change     func(t *testing.T, dir string)
	}{
		{"module version", "stale: example.com/firmware is local, copy is v0.36.0", edit("build/linkflap.stamp", "firmware local", "firmware v0.36.0")},
		{"local module", "stale: example.com/firmware has changed in DIR/vendored", edit("vendored/fw/fw.go", "Do()", "Done()")},
		{"list", "stale: instrument.txt has changed", edit("instrument.txt", "example", "example.com/firmware/plain\nexample")},
		{"rules", "stale: linkflap has changed", edit("build/linkflap.stamp", "rules ", "rules 0")},
		{"toolchain", "stale: the go command or its settings have changed", edit("build/linkflap.stamp", "go go", "go go0.")},
		{"new module", "stale: example.com/firmware has no copy yet", edit("build/linkflap.stamp", "module", "nodule")},
		{"stamp", "missing", remove("build/linkflap.stamp")},
		{"copy", "of example.com/firmware is missing", remove("build/example.com")},
		{"go.work", "not in use: go.work is missing", remove("go.work")},
		{"edited go.work", "not in use: go.work was changed", edit("go.work", "use .", "use (\n.\n)")},
		{"go line", "not in use: go.work was changed", edit("go.mod", "go 1.26.0\n", "go 1.26.1\n")},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := user(t, nil)
			instrument(t, dir)
			c.change(t, dir)
			err := check(dir)
			require.ErrorContains(t, err, strings.ReplaceAll(c.want, "DIR", dir)+": run linkflap instrument")
			require.ErrorContains(t, err, "instrumented copy ")
			instrument(t, dir)
			require.NoError(t, check(dir))
		})
	}
}

func TestErrors(t *testing.T) {
	const mod = "module example.com/user\n\ngo 1.26.0\n\nrequire example.com/firmware v1.2.3\n\nreplace example.com/firmware => ./vendored\n"
	for _, c := range []struct{ name, file, text, want string }{
		{"empty list", "instrument.txt", "# nothing\n", "instrument.txt lists no packages: write one import path of a firmware package a line"},
		{"two paths", "instrument.txt", "\na b\n", `instrument.txt:2: got "a b", want one import path`},
		{"pattern", "instrument.txt", "example.com/...\n", `instrument.txt:1: got "example.com/...", want one import path`},
		{"standard library", "instrument.txt", "net\n", "instrument.txt: net is in the standard library: list firmware packages only"},
		{"own package", "instrument.txt", "example.com/user\n", "instrument.txt: example.com/user is in the main module, which cannot be replaced: move it into a module of its own"},
		{"no module", "instrument.txt", "example.org/none\n", "instrument.txt: example.org/none: no required module provides package example.org/none; to add it: go get example.org/none"},
		{"no linkflap", "go.mod", mod, "example.com/user does not require linkflap, which instrumented code needs: run go get github.com/linkflap/linkflap"},
		{"vendor", "vendor/modules.txt", "", "example.com/user has a vendor directory, which go.work cannot replace modules in: remove it"},
		{"foreign go.work", "go.work", "go 1.26.0\n\nuse .\n", "DIR/go.work was not written by linkflap: move it away, then run linkflap instrument"},
		{"type error", "vendored/fw/fw.go", "package fw\n\nvar x int = \"\"\n", `example.com/firmware@local/fw/fw.go:3: cannot use "" (untyped string constant) as int value in variable declaration`},
		{"syntax error", "vendored/fw/fw.go", "package fw\n\nfunc {\n", "example.com/firmware@local/fw/fw.go:3: expected 'IDENT', found '{'"},
		{"refused", "vendored/fw/fw.go", "package fw\n\nimport \"runtime\"\n\nfunc f() { runtime.LockOSThread() }\n", "example.com/firmware@local/fw/fw.go:5: runtime.LockOSThread is not supported: tasks have no threads of their own; leave it out"},
		{"cgo", "vendored/fw/fw.go", "package fw\n\nimport \"C\"\n", `example.com/firmware@local/fw/fw.go:1: import "C" is not supported: exclude the file with a build constraint, or set CGO_ENABLED=0`},
		{"a lock for elsewhere", "vendored/fw/fw.go", "package fw\n\nimport (\n\t\"example.com/firmware/plain\"\n\t\"sync\"\n)\n\nfunc f(m *sync.Mutex) { plain.Use(m) }\n", "a type of sync or time may go to a package that instrument.txt lacks"},
		{"a lock from elsewhere", "vendored/fw/fw.go", "package fw\n\nimport \"example.com/firmware/plain\"\n\nfunc f(d *plain.Device) { d.Lock() }\n", "example.com/firmware@local/fw/fw.go:5: sync.Mutex.Lock is not supported: it belongs to a package that is not rewritten; add that one to instrument.txt"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := user(t, map[string]string{c.file: c.text})
			had := map[string]string{c.file: c.text}
			err := Run(context.Background(), Config{Dir: dir})
			require.ErrorContains(t, err, strings.ReplaceAll(c.want, "DIR", dir))
			require.NotContains(t, err.Error(), "\n")
			require.Equal(t, had[c.file], read(t, dir, c.file))
			require.NoFileExists(t, filepath.Join(dir, "build/linkflap.stamp"))
			if c.file != "go.work" {
				require.NoFileExists(t, filepath.Join(dir, "go.work"))
			}
		})
	}
	t.Run("no list", func(t *testing.T) {
		dir := user(t, nil)
		require.NoError(t, os.Remove(filepath.Join(dir, "instrument.txt")))
		require.EqualError(t, check(dir), "instrument.txt not found in "+dir+": write it, one import path of a firmware package a line")
	})
}

func TestAFailedRunLeavesTheOldCopy(t *testing.T) {
	dir := user(t, nil)
	instrument(t, dir)
	work := read(t, dir, "go.work")
	require.NoError(t, writeFile(filepath.Join(dir, "vendored/fw/fw.go"), []byte("package fw\n\nvar x int = nil\n")))
	require.ErrorContains(t, Run(context.Background(), Config{Dir: dir}), "fw.go:3: ")
	require.Equal(t, work, read(t, dir, "go.work"))
	require.Contains(t, read(t, dir, "build/example.com/firmware@local/fw/fw.go"), "shim__.Mutex")
	require.ErrorContains(t, check(dir), "has changed in", "and it is still stale")
}

func TestListedPackagesKnowOfEachOther(t *testing.T) {
	dir := user(t, map[string]string{
		"instrument.txt":          "example.com/firmware/plain\nexample.com/firmware/fw\n",
		"vendored/plain/plain.go": "package plain\n\nimport \"sync\"\n\nvar Debug int\n\ntype Device struct{ sync.Mutex }\n",
		"vendored/fw/fw.go":       "package fw\n\nimport \"example.com/firmware/plain\"\n\nfunc f(d *plain.Device) { d.Lock(); plain.Debug = 1 }\n",
	})
	instrument(t, dir)
	require.Contains(t, read(t, dir, "build/example.com/firmware@local/plain/linkflap_reset.go"), "linkflapZero(&Debug)")
}

func TestListedPackagesMayBeExamples(t *testing.T) {
	dir := user(t, map[string]string{
		"instrument.txt":             "example.com/firmware/examples/lib\n",
		"vendored/examples/lib/a.go": firmware,
	})
	instrument(t, dir)
	require.Contains(t, read(t, dir, "build/example.com/firmware@local/examples/lib/a.go"), "shim__")
	require.Contains(t, read(t, dir, "build/example.com/firmware@local/fw/fw.go"), "sync.Mutex", "not listed")
}

func TestOldModulesGetTheLanguageThatTheShimNeeds(t *testing.T) {
	for had, want := range map[string]string{"": "go 1.21", "go 1.18": "go 1.21", "go 1.21": "go 1.21", "go 1.22.5": "go 1.22.5", "go 1.24": "go 1.24"} {
		dir := user(t, map[string]string{"vendored/go.mod": "module example.com/firmware\n\n" + had + "\n"})
		instrument(t, dir)
		require.Contains(t, read(t, dir, "build/example.com/firmware@local/go.mod"), want+"\n", "from %q", had)
	}
}

// TestWifinina instruments the real driver for a module of somebody else.
func TestWifinina(t *testing.T) {
	root := checkout(t)
	dir := t.TempDir()
	mod := fmt.Sprintf(`module example.com/user

go 1.26.0

require (
	github.com/linkflap/linkflap v0.0.0
	machine v0.0.0
	tinygo.org/x/drivers v0.37.0
)

require github.com/google/shlex v0.0.0-20191202100458-e7afc7fbc510 // indirect

replace (
	github.com/linkflap/linkflap => %[1]s
	github.com/soypat/lneto => github.com/soypat/lneto v0.3.1
	machine => %[1]s/mocks/machine
)
`, root)
	test := `package user

import (
	"testing"

	"github.com/linkflap/linkflap/harness/sim/shim"
	"tinygo.org/x/drivers/wifinina"
)

func TestInstrumented(t *testing.T) {
	wifinina.New(&wifinina.Config{})
	if v, err := shim.Check("tinygo.org/x/drivers/wifinina"); v != "v0.37.0" || err != nil {
		t.Fatal(v, err)
	}
	shim.Reset()
}
`
	sums := `github.com/google/shlex v0.0.0-20191202100458-e7afc7fbc510 h1:El6M4kTTCOh6aBiKaUGG7oYTSPP8MxqL4YI3kZKwcP4=
github.com/google/shlex v0.0.0-20191202100458-e7afc7fbc510/go.mod h1:pupxD2MaaD3pAXIBCelhxNneeOaAeabZDe5s4K6zSpQ=
tinygo.org/x/drivers v0.37.0 h1:t2YPSYV+lEXwKYGvszHWmkMLLBp1dhcpfzsrcEwwf9Q=
tinygo.org/x/drivers v0.37.0/go.mod h1:hi/x7sI5+PeNoRg/QbS21oxdsT7mcI3amFr+WvZmrzA=
`
	for name, text := range map[string]string{"go.mod": mod, "go.sum": sums, "user_test.go": test, "instrument.txt": "tinygo.org/x/drivers/wifinina\n"} {
		require.NoError(t, writeFile(filepath.Join(dir, name), []byte(text)))
	}
	require.Equal(t, "instrument tinygo.org/x/drivers/wifinina v0.37.0\n", instrument(t, dir))
	require.NoError(t, check(dir))
	require.Contains(t, read(t, dir, "go.work"), "replace tinygo.org/x/drivers v0.37.0 => ./build/tinygo.org/x/drivers@v0.37.0\n")
	require.Contains(t, goOutput(t, dir, "test", "./..."), "ok")
}
