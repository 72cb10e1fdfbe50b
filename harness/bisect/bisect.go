// Package bisect replays one reproducer on many releases of its firmware. It stands beside the pipeline, and drives all of it anew for every
// release: in a scratch copy of the tests' module it asks for the release, instruments it, and asks the target what happens.
//
// The hard word is release: a version of the firmware's module that its proxy has. A proxy may list only what somebody has fetched through
// it, so minor releases that its list leaves out are asked for one by one.
package bisect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/instrument"
)

// Config is what to replay, and on what.
type Config struct {
	Dir      string       // of the module with the target's tests
	Question ask.Question // for each release
	Package  string       // import path of the firmware
	From, To string       // the first and the last release; "" for the oldest that is listed, and for the one that Dir's go.mod asks for
}

// Result is what one release makes of the reproducer.
type Result struct {
	Version string
	Verdict string // "" if there is none
	Err     error  // why not, in one line
}

// Run calls each with the result of every release, oldest first.
func Run(ctx context.Context, cfg Config, each func(Result)) error {
	s, err := newScratch(ctx, cfg)
	if err != nil {
		return err
	}
	defer s.remove()
	versions, err := s.releases(ctx, cfg.From, cfg.To)
	if err != nil {
		return err
	}
	for _, v := range versions {
		verdict, err := s.replay(ctx, v, cfg.Question)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		each(Result{Version: v, Verdict: verdict, Err: err})
	}
	return nil
}

// scratch is a copy of the tests' module, in which releases of the firmware take turns.
type scratch struct {
	dir      string
	pkg      string // the firmware
	firmware string // module that it is in
	version  string // that the original asks for
}

func newScratch(ctx context.Context, cfg Config) (*scratch, error) {
	root, err := goRun(ctx, cfg.Dir, "list", "-m", "-f", "{{.Dir}}")
	if err != nil {
		return nil, err
	}
	found, err := goRun(ctx, root, "list", "-f", "{{with .Module}}{{.Path}} {{.Version}}{{end}}", cfg.Package)
	if err != nil {
		return nil, err
	}
	path, version, ok := strings.Cut(found, " ")
	if !ok || version == "" {
		return nil, fmt.Errorf("got %s in module %q, want a firmware package in a module that has releases", cfg.Package, path)
	}
	tmp, err := os.MkdirTemp("", "linkflap-bisect-")
	if err != nil {
		return nil, err
	}
	s := &scratch{dir: filepath.Join(tmp, "module"), pkg: cfg.Package, firmware: path, version: version}
	if err := s.fill(root); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

func (s *scratch) remove() { _ = os.RemoveAll(filepath.Dir(s.dir)) }

// fill copies the module from root. Its own instrumented copies stay behind, and only the firmware in question is asked for: the other
// packages of instrument.txt need not be in every release.
func (s *scratch) fill(root string) error {
	if err := os.CopyFS(s.dir, source{os.DirFS(root)}); err != nil {
		return err
	}
	if err := s.absolute(root); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "instrument.txt"), []byte(s.pkg+"\n"), 0o666)
}

// replay asks what version makes of the reproducer.
func (s *scratch) replay(ctx context.Context, version string, q ask.Question) (verdict string, err error) {
	if _, err := goRun(ctx, s.dir, "get", s.pkg+"@"+version); err != nil {
		return "", err
	}
	if err := instrument.Run(ctx, instrument.Config{Dir: s.dir}); err != nil {
		return "", firstLine(err)
	}
	a, err := ask.Ask(ctx, s.dir, q)
	if err != nil {
		return "", firstLine(err)
	}
	return a.Document.Verdict, nil
}

// releases are those from one to another, in order.
func (s *scratch) releases(ctx context.Context, from, to string) ([]string, error) {
	out, err := goRun(ctx, s.dir, "list", "-m", "-versions", "-f", `{{join .Versions "\n"}}`, s.firmware)
	if err != nil {
		return nil, err
	}
	listed := strings.Fields(out)
	if to == "" {
		to = s.version
	}
	if from == "" {
		from = slices.MinFunc(append(listed, to), semver.Compare)
	}
	for _, v := range []string{from, to} {
		if !semver.IsValid(v) || module.Check(s.firmware, v) != nil {
			return nil, fmt.Errorf("got %q, want a release of %s such as %s", v, s.firmware, s.version)
		}
	}
	if semver.Compare(from, to) > 0 {
		return nil, fmt.Errorf("got releases from %s to %s, want the older one first", from, to)
	}
	for _, v := range append(minors(from, to), from, to) {
		if _, err := goRun(ctx, s.dir, "list", "-m", s.firmware+"@"+v); err == nil {
			listed = append(listed, v)
		} else if v == from || v == to {
			return nil, fmt.Errorf("got %s, want a release of %s: %w", v, s.firmware, err)
		}
	}
	semver.Sort(listed)
	return slices.DeleteFunc(slices.Compact(listed), func(v string) bool {
		return semver.Compare(v, from) < 0 || semver.Compare(v, to) > 0
	}), nil
}

// minors are the minor releases between two of the same major one.
func minors(from, to string) (versions []string) {
	var major, first, last int
	if _, err := fmt.Sscanf(semver.MajorMinor(from), "v%d.%d", &major, &first); err != nil || semver.Major(from) != semver.Major(to) {
		return nil
	}
	if _, err := fmt.Sscanf(semver.MajorMinor(to), "v%d.%d", &major, &last); err != nil {
		return nil
	}
	for minor := first + 1; minor < last; minor++ {
		versions = append(versions, fmt.Sprintf("v%d.%d.0", major, minor))
	}
	return versions
}

// goRun runs the go command without a workspace and returns what it prints.
func goRun(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && stderr.Len() > 0 {
		err = firstLine(errors.New(stderr.String()))
	}
	return strings.TrimSpace(string(out)), err
}

// firstLine is the first line of an error that says something: not a heading, and not what the go command fetches.
func firstLine(err error) error {
	for line := range strings.SplitSeq(err.Error(), "\n") {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go: downloading") {
			return errors.New(strings.TrimSuffix(line, "; to add it:"))
		}
	}
	return err
}
