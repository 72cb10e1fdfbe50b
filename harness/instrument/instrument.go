// Package instrument puts firmware under the scheduler's control. It copies the module of each listed package into build/,
// rewrites the listed packages in that copy so that their locks, goroutines, channels, sleeps and loops call harness/sim/shim,
// and writes a go.work that replaces the original by the copy. Plain go test, -fuzz, go vet and editors then use the copy.
// It runs before everything else in the pipeline, and only when something changed.
//
// The hard word is stale: a copy is stale when the main module no longer asks for the version that was copied, when the list of
// packages or linkflap itself changed since, or when go.work is not the one that was written with it. go.work names the version
// it replaces, so a stale copy of another version is never used silently.
//
// The list is the file instrument.txt in the root of the main module, which is committed:
//
//	# one import path a line
//	tinygo.org/x/drivers/wifinina
//
// What the rewriting does is type-checked, keeps every line where it was, and is checked once more afterwards. What it cannot
// control it refuses by file and line. Three things it leaves alone, because only the firmware's author knows what they are for:
// calls of packages that are not listed, deadlines of package context, and sync/atomic.
package instrument

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Config says where to work and how.
type Config struct {
	Dir   string    // any directory of the main module; "" is the current one
	Check bool      // change nothing, and fail if the copy is missing or stale
	Log   io.Writer // gets one line for each package that is rewritten; nil for none
}

// Run brings the instrumented copies, go.work and the stamp up to date. It does nothing when they are. The error is one line for
// each thing to mend, and says what to do. After an error go.work and the copies are as they were.
func Run(ctx context.Context, cfg Config) error {
	p, err := newProject(ctx, cfg)
	if err != nil {
		return err
	}
	reason := p.stale()
	if reason == "" {
		return nil
	}
	if cfg.Check {
		return errors.New(reason + ": run linkflap instrument")
	}
	return p.build(ctx)
}

// newProject finds out what is wanted: the main module, the list, and the versions it asks for.
func newProject(ctx context.Context, cfg Config) (*project, error) {
	p := &project{dir: cfg.Dir, log: cfg.Log}
	if p.log == nil {
		p.log = io.Discard
	}
	steps := []func(context.Context) error{p.findMain, p.readList, p.resolve, p.checkForeign}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// build makes the copies in a temporary directory, checks them as a whole, and moves them into place.
func (p *project) build(ctx context.Context) error {
	sources, err := p.load(ctx)
	if err != nil {
		return err
	}
	build := filepath.Join(p.dir, buildDir)
	if err := os.MkdirAll(build, 0o777); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(build, ".instrument-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	if err := p.fill(tmp, sources); err != nil {
		return err
	}
	if err := p.verify(ctx, tmp); err != nil {
		return err
	}
	return p.install(tmp)
}

// fill copies the modules into dir and overwrites the listed packages there with their rewritten form.
func (p *project) fill(dir string, sources []*source) error {
	for _, m := range p.modules {
		if err := copyModule(filepath.Join(dir, m.copyName()), m); err != nil {
			return fmt.Errorf("copy %s: %w", m.Path, err)
		}
	}
	foreign := map[varID]bool{}
	for _, s := range sources {
		for id := range s.changes() {
			foreign[id] = true
		}
	}
	var refused []error
	for _, s := range sources {
		files, err := s.rewrite(foreign)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		if err := p.writePackage(dir, s, files); err != nil {
			return err
		}
		fmt.Fprintf(p.log, "instrument %s %s\n", s.pkg.PkgPath, s.version)
	}
	return errors.Join(refused...)
}
