package instrument

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

const (
	listFile = "instrument.txt"
	buildDir = "build"
)

// A project is a main module with the packages that it wants instrumented.
type project struct {
	dir     string // root of the main module
	path    string // its module path
	goVer   string // what its go.mod says
	env     goEnv
	list    []string  // import paths, sorted
	modules []*module // that hold them, sorted by path
	log     io.Writer
}

// A module holds listed packages.
type module struct {
	Path      string
	Version   string
	Dir       string
	GoMod     string
	GoVersion string
	Main      bool
	Replace   *module

	required string            // version that the main module requires, which go.work replaces
	hash     string            // of the contents, for a module in a local directory
	packages map[string]string // listed import path to directory
}

// goEnv is what go env says: which files of a package are built, and where the module is.
type goEnv struct{ GOOS, GOARCH, GOFLAGS, GOVERSION, GOMOD, GOWORK, CGO_ENABLED string }

// findMain finds the main module that dir is in.
func (p *project) findMain(ctx context.Context) error {
	out, err := p.goRun(ctx, "", "env", "-json", "GOOS", "GOARCH", "GOFLAGS", "GOVERSION", "GOMOD", "GOWORK", "CGO_ENABLED")
	if err != nil {
		return err
	}
	if err := json.Unmarshal(out, &p.env); err != nil {
		return fmt.Errorf("go env: %w", err)
	}
	if p.env.GOMOD == "" || p.env.GOMOD == os.DevNull {
		return errors.New("no go.mod found: run linkflap in the module of your tests")
	}
	p.dir = filepath.Dir(p.env.GOMOD)
	data, err := os.ReadFile(p.env.GOMOD)
	if err != nil {
		return err
	}
	mod, err := modfile.ParseLax(p.env.GOMOD, data, nil)
	if err != nil {
		return err
	}
	if mod.Module == nil || mod.Go == nil {
		return fmt.Errorf("%s: got no module or go line, want both: run go mod tidy", p.env.GOMOD)
	}
	p.path, p.goVer = mod.Module.Mod.Path, mod.Go.Version
	if _, err := os.Stat(filepath.Join(p.dir, "vendor", "modules.txt")); err == nil {
		return fmt.Errorf("%s has a vendor directory, which go.work cannot replace modules in: remove it", p.path)
	}
	return nil
}

// readList reads instrument.txt.
func (p *project) readList(context.Context) error {
	data, err := os.ReadFile(filepath.Join(p.dir, listFile))
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s not found in %s: write it, one import path of a firmware package a line", listFile, p.dir)
	}
	if err != nil {
		return err
	}
	for i, line := range strings.Split(string(data), "\n") {
		line, _, _ = strings.Cut(line, "#")
		switch f := strings.Fields(line); {
		case len(f) > 1 || len(f) == 1 && (strings.ContainsAny(f[0], `@*"\`) || strings.Contains(f[0], "...")):
			return fmt.Errorf("%s:%d: got %q, want one import path", listFile, i+1, strings.TrimSpace(line))
		case len(f) == 1:
			p.list = append(p.list, f[0])
		}
	}
	if len(p.list) == 0 {
		return fmt.Errorf("%s lists no packages: write one import path of a firmware package a line", listFile)
	}
	slices.Sort(p.list)
	p.list = slices.Compact(p.list)
	return nil
}

// resolve finds the module, version and directory of each listed package.
func (p *project) resolve(ctx context.Context) error {
	args := append([]string{"list", "-e", "-find", "-json=ImportPath,Dir,Module,Standard,Error", shimPath}, p.list...)
	out, err := p.goRun(ctx, "off", args...)
	if err != nil {
		return err
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var pkg listed
		if err := dec.Decode(&pkg); err != nil {
			return fmt.Errorf("go list: %w", err)
		}
		if err := p.add(pkg); err != nil {
			return err
		}
	}
	slices.SortFunc(p.modules, func(a, b *module) int { return strings.Compare(a.Path, b.Path) })
	for _, m := range p.modules {
		if m.local() {
			if m.hash, err = m.contents(); err != nil {
				return err
			}
		}
	}
	return nil
}

// listed is what go list says about a package.
type listed struct {
	ImportPath, Dir string
	Standard        bool
	Module          *module
	Error           *struct{ Err string }
}

// add takes in a listed package. It refuses those that it cannot copy.
func (p *project) add(pkg listed) error {
	if pkg.ImportPath == shimPath {
		if pkg.Error != nil {
			return fmt.Errorf("%s does not require linkflap, which instrumented code needs: run go get github.com/linkflap/linkflap", p.path)
		}
		return nil
	}
	switch {
	case pkg.Standard:
		return fmt.Errorf("%s: %s is in the standard library: list firmware packages only", listFile, pkg.ImportPath)
	case pkg.Error != nil:
		return fmt.Errorf("%s: %s: %s", listFile, pkg.ImportPath, oneLine(pkg.Error.Err))
	case pkg.Module == nil || pkg.Dir == "":
		return fmt.Errorf("%s: %s: no module provides it: run go get %[2]s", listFile, pkg.ImportPath)
	case pkg.Module.Main:
		return fmt.Errorf("%s: %s is in the main module, which cannot be replaced: move it into a module of its own", listFile, pkg.ImportPath)
	}
	i := slices.IndexFunc(p.modules, func(m *module) bool { return m.Path == pkg.Module.Path })
	if i < 0 {
		i = len(p.modules)
		p.modules = append(p.modules, pkg.Module.effective())
	}
	p.modules[i].packages[pkg.ImportPath] = pkg.Dir
	return nil
}

// effective is the module after replacement: its contents, under the path and version by which it is required.
func (m *module) effective() *module {
	e := &module{Path: m.Path, Version: m.Version, Dir: m.Dir, GoMod: m.GoMod, GoVersion: m.GoVersion, required: m.Version, packages: map[string]string{}}
	if m.Replace != nil {
		e.Dir, e.Version, e.GoMod, e.GoVersion = m.Replace.Dir, m.Replace.Version, m.Replace.GoMod, m.Replace.GoVersion
	}
	if e.Version == "" {
		e.Version = "local"
	}
	if e.GoVersion == "" {
		e.GoVersion = "1.16"
	}
	return e
}

func (m *module) local() bool { return m.Version == "local" }

// copyName is the directory of the copy, below build/.
func (m *module) copyName() string { return filepath.FromSlash(m.Path) + "@" + m.Version }

// goRun runs the go command in the project's directory with GOWORK=work, or with the user's own if that is "".
func (p *project) goRun(ctx context.Context, work string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = p.dir
	cmd.Env = os.Environ()
	if work != "" {
		cmd.Env = append(cmd.Env, "GOWORK="+work)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if line := oneLine(stderr.String()); line != "" {
			return nil, errors.New(line)
		}
		return nil, fmt.Errorf("go %s: %w", args[0], err)
	}
	return out, nil
}
