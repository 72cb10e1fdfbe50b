package hunt

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
	"syscall"
	"time"

	"github.com/linkflap/linkflap/harness/instrument"
)

// Package is one that may have fuzz targets of linkflap: its tests import the harness.
type Package struct {
	ImportPath   string
	Dir          string
	Module       struct{ Dir string }
	TestImports  []string
	XTestImports []string
}

// harnessPath is what the tests of a target import.
const harnessPath = "github.com/linkflap/linkflap/harness"

// Packages lists, of the packages that the patterns name in dir's module, those with targets. The error says what to type.
func Packages(ctx context.Context, dir string, patterns []string) ([]Package, error) {
	out, err := goTool(ctx, dir, "", append([]string{"list", "-json=ImportPath,Dir,Module,TestImports,XTestImports", "--"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	var found []Package
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p Package
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if slices.Contains(p.TestImports, harnessPath) || slices.Contains(p.XTestImports, harnessPath) {
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("found no package in %s whose tests import %s", strings.Join(patterns, " "), harnessPath)
	}
	return found, nil
}

// goTool runs the go tool in dir, with its temporary files in tmp if there is one. The error is what it printed.
func goTool(ctx context.Context, dir, tmp string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	tie(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = endWithin
	cmd.Dir = dir
	if tmp != "" {
		cmd.Env = append(os.Environ(), "GOTMPDIR="+tmp)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && stderr.Len() > 0:
		return nil, errors.New(strings.TrimSpace(stderr.String()))
	}
	return out, err
}

// instrumented says what to type if the module's list of firmware and the instrumented copy do not go together. A module without a list has
// no copy.
func instrumented(ctx context.Context, module string) error {
	if _, err := os.Stat(filepath.Join(module, "instrument.txt")); err != nil {
		return nil
	}
	return instrument.Run(ctx, instrument.Config{Dir: module, Check: true})
}

// build makes the test binary of a package, with the engine's instrumentation, and returns the names of its fuzz targets.
func build(ctx context.Context, p *Package, binary string) ([]string, error) {
	watch, err := p.Watch(ctx)
	if err != nil {
		return nil, err
	}
	args := slices.Concat([]string{"test", "-c", "-o", binary}, watch, []string{p.ImportPath})
	if _, err := goTool(ctx, p.Dir, filepath.Dir(binary), args...); err != nil {
		if full := syscall.ENOSPC; strings.Contains(err.Error(), full.Error()) {
			return nil, fmt.Errorf("cannot write to %s: %w", filepath.Dir(filepath.Dir(binary)), full)
		}
		return nil, fmt.Errorf("%s does not build:\n%w", p.ImportPath, err)
	}
	if _, err := os.Stat(binary); err != nil {
		return nil, nil // it has no test files for this platform
	}
	cmd := exec.CommandContext(ctx, binary, "-test.list", "^Fuzz")
	cmd.Dir = p.Dir
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s cannot list its fuzz targets: %w", p.ImportPath, err)
	}
	return strings.Fields(string(out)), nil
}

// scratchPrefix is how the folders for what a hunt needs as long as it lasts begin.
const scratchPrefix = "linkflap-hunt-"

// makeScratch makes such a folder, and removes those of hunts that were killed. The folder is locked until the process ends, however it ends.
func makeScratch() (dir string, err error) {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), scratchPrefix+"*"))
	for _, o := range old {
		if unlocked(o) {
			_ = os.RemoveAll(o)
		}
	}
	tmp, err := os.MkdirTemp("", ".linkflap-*")
	if err != nil {
		return "", err
	}
	if err := lock(tmp); err != nil {
		return "", err
	}
	dir = filepath.Join(os.TempDir(), scratchPrefix+strings.TrimPrefix(filepath.Base(tmp), ".linkflap-"))
	return dir, os.Rename(tmp, dir) // it has its name once it is locked
}

// writable says in one clear line that nothing can be written in dir, or in the folder that is to get it. It tries.
func writable(dir string) error {
	for {
		info, err := os.Stat(dir)
		if err == nil && !info.IsDir() {
			return fmt.Errorf("cannot write to %s: it is a file, want a folder", dir)
		}
		if err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err == nil {
		_, err = f.Write(make([]byte, 1<<16)) // as much as the largest reproducer
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return fmt.Errorf("cannot write to %s: %w", dir, cause(err))
	}
	return nil
}

// cause is the system's word for err.
func cause(err error) error {
	for next := err; next != nil; next = errors.Unwrap(next) {
		err = next
		if many, ok := next.(interface{ Unwrap() []error }); ok {
			return cause(many.Unwrap()[0])
		}
	}
	return err
}

// sweep removes what writers that were killed left half-written among the reproducers. Those of now are younger.
func sweep(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, ".tmp-*"))
	for _, f := range left {
		if info, err := os.Stat(f); err == nil && time.Since(info.ModTime()) > time.Minute {
			_ = os.Remove(f)
		}
	}
}
