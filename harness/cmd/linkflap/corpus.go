package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/hunt"
)

type corpusCmd struct {
	List   listCmd   `cmd:"" help:"List the reproducers: calls, explained or not, verdict, file."`
	Add    addCmd    `cmd:"" help:"Make a reproducer of an input of go test -fuzz: shrink it and put it into the corpus."`
	Min    minCmd    `cmd:"" help:"Drop the engine's inputs, and the unexplained reproducers without violation, that add no new state."`
	Export exportCmd `cmd:"" help:"Write reproducers, or other programs, as inputs of libFuzzer or of Go's engine."`
	Import importCmd `cmd:"" help:"Make inputs of Go's engine, or reproducers, of inputs of libFuzzer or of Go's engine."`
	Audit  auditCmd  `cmd:"" help:"Say which reproducers are stale: target gone, op gone, another version, not explained."`
	Track  trackCmd  `cmd:"" help:"Write the track record into README.md, between its two marks."`
}

// inModule is a subcommand about a module's corpus.
type inModule struct {
	Dir string `short:"C" default:"." type:"existingdir" help:"A directory of the module."`
}

// root is the folder of the module's go.mod.
func (m *inModule) root() (string, error) {
	start, err := filepath.Abs(m.Dir)
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod found: run linkflap in the module of your tests")
		}
	}
}

// heads are those of all entries, with paths relative to the module's root. Files that are no entries are errors, and do not hide the others.
func (m *inModule) heads() (root string, heads []corpus.Head, err error) {
	if root, err = m.root(); err != nil {
		return "", nil, err
	}
	heads, errs := corpus.Skim(filepath.Join(root, "corpus"))
	for i := range heads {
		if rel, err := filepath.Rel(root, heads[i].Path); err == nil {
			heads[i].Path = filepath.ToSlash(rel)
		}
	}
	return root, heads, errors.Join(errs...)
}

type listCmd struct {
	inModule
	Target string `arg:"" optional:"" help:"Only those of this target."`
}

func (c *listCmd) Run(to streams) error {
	_, heads, err := c.heads()
	last := ""
	for i := range heads {
		h := &heads[i]
		if c.Target != "" && h.Target != c.Target {
			continue
		}
		if h.Target != last {
			last = h.Target
			fmt.Fprintf(to.out, "\n%s: %s\n\n", last, tell(heads, last))
		}
		state := "explained  "
		switch {
		case !h.Shrunk():
			state = "not shrunk "
		case !h.Explained():
			state = "unexplained"
		}
		fmt.Fprintf(to.out, "%4d calls  %s  %s\n             %s\n", h.Calls, state, h.Want, h.Path)
	}
	switch {
	case last == "" && c.Target != "":
		err = errors.Join(err, fmt.Errorf("found no reproducers of target %q in corpus/", c.Target))
	case last == "" && err == nil:
		err = errors.New("found no reproducers in corpus/: run linkflap hunt")
	}
	return err
}

// tell counts a target's entries.
func tell(heads []corpus.Head, target string) string {
	clean, open := 0, 0
	bugs := map[string]bool{}
	for i := range heads {
		h := &heads[i]
		switch {
		case h.Target != target:
			continue
		case h.Want == corpus.OK:
			clean++
		default:
			bugs[h.Want] = true
		}
		if !h.Explained() {
			open++
		}
	}
	text := fmt.Sprintf("%d known bugs", len(bugs))
	if clean > 0 {
		text += fmt.Sprintf(", %d programs that must stay without violation", clean)
	}
	if open > 0 {
		text += fmt.Sprintf(", %d reproducers not explained", open)
	}
	return text
}

type addCmd struct {
	inModule
	File string `arg:"" type:"existingfile" help:"What broke a fuzz function, in testdata/fuzz/FuzzX/, or was interesting, in the cache's IMPORT/PATH/FuzzX/."`
}

func (c *addCmd) Run(ctx context.Context, to streams) error {
	file, err := filepath.Abs(c.File)
	if err != nil {
		return err
	}
	dir, fuzz, err := c.function(ctx, file)
	if err != nil {
		return err
	}
	a, err := ask.Through(question(ctx, dir, fuzz), "", ask.Question{Do: ask.Add, File: file})
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "%s\n    %s\n\n%d calls after %d runs; written to %s\n", program(a.Document), a.Document.Verdict, len(a.Document.Ops), a.Runs, a.File)
	return nil
}

// function tells the package's folder and the fuzz function by the path of an input.
func (c *addCmd) function(ctx context.Context, file string) (dir, fuzz string, err error) {
	folder := filepath.Dir(file)
	fuzz = filepath.Base(folder)
	if above, ok := strings.CutSuffix(filepath.Dir(folder), filepath.Join(string(filepath.Separator), "testdata", "fuzz")); ok {
		return above, fuzz, nil
	}
	pkgs, err := hunt.Packages(ctx, c.Dir, []string{"./..."})
	for i := range pkgs {
		if strings.HasSuffix(filepath.ToSlash(filepath.Dir(folder)), "/"+pkgs[i].ImportPath) {
			return pkgs[i].Dir, fuzz, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%s: cannot tell whose input it is: want it in testdata/fuzz/FuzzX or in IMPORT/PATH/FuzzX", c.File)
	}
	return "", "", err
}

// question is the command that asks the target of a fuzz function.
func question(ctx context.Context, dir, fuzz string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^"+fuzz+"$/^seed#0$", "-count", "1", ".")
	cmd.Dir, cmd.Env = dir, os.Environ()
	return cmd
}

type minCmd struct {
	inModule
	Packages []string `arg:"" optional:"" help:"Packages with targets; ./... if none are given."`
	Cache    string   `placeholder:"DIR" help:"Where the engine keeps its inputs; if not given, where go test -fuzz does."`
	DryRun   bool     `short:"n" help:"Delete nothing."`
}

// Help is what the help says besides.
func (c *minCmd) Help() string {
	return `Every start of the engine runs all the inputs that it once found interesting. This keeps, the smallest first, those that pass through a
state or show a violation that nothing smaller and no reproducer does, and deletes the others. The engine looks at code coverage, too; what is
lost of that it finds again.

Of the corpus, only reproducers that nobody explained and that show no violation are deleted by the same rule. Known bugs always stay.`
}

func (c *minCmd) Run(ctx context.Context, to streams) error {
	if len(c.Packages) == 0 {
		c.Packages = []string{"./..."}
	}
	pkgs, err := hunt.Packages(ctx, c.Dir, c.Packages)
	if err != nil {
		return err
	}
	cache, err := cacheFolder(ctx, c.Cache)
	if err != nil {
		return err
	}
	for i := range pkgs {
		names, err := fuzzFunctions(ctx, &pkgs[i])
		if err != nil {
			return err
		}
		for _, name := range names {
			dir := filepath.Join(cache, filepath.FromSlash(pkgs[i].ImportPath), name)
			if err := c.min(ctx, to, pkgs[i].Dir, name, dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// cacheFolder is where the engine keeps its inputs: the folder given, or the engine's own choice.
func cacheFolder(ctx context.Context, given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	out, err := exec.CommandContext(ctx, "go", "env", "GOCACHE").Output()
	return filepath.Join(strings.TrimSpace(string(out)), "fuzz"), err
}

func fuzzFunctions(ctx context.Context, p *hunt.Package) ([]string, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-list", "^Fuzz", ".")
	cmd.Dir = p.Dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, errors.New(strings.TrimSpace(string(out)))
	}
	return slices.DeleteFunc(strings.Fields(string(out)), func(w string) bool { return !strings.HasPrefix(w, "Fuzz") }), nil
}

// min drops inputs of one fuzz function.
func (c *minCmd) min(ctx context.Context, to streams, dir, fuzz, inputs string) error {
	a, err := ask.Through(question(ctx, dir, fuzz), "", ask.Question{Do: ask.Min, File: inputs})
	if errors.Is(err, ask.ErrSilent) {
		return nil // it was skipped
	}
	if err != nil {
		return err
	}
	verb := "dropped"
	if c.DryRun {
		verb = "would drop"
	}
	fmt.Fprintf(to.out, "%s: kept %d, %s %d; %d states\n", fuzz, a.Kept, verb, len(a.Drop), a.States)
	for _, file := range a.Drop {
		if filepath.Dir(file) != inputs {
			fmt.Fprintf(to.out, "    %s\n", file)
		}
		if c.DryRun {
			continue
		}
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

type auditCmd struct{ inModule }

func (c *auditCmd) Run(ctx context.Context, to streams) error {
	_, heads, err := c.heads()
	if heads == nil && err != nil {
		return err
	}
	pkgs, err := hunt.Packages(ctx, c.Dir, []string{"./..."})
	if err != nil {
		return err
	}
	var stale []string
	there := map[string]bool{}
	for i := range pkgs {
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^TestCorpus$", "-count", "1", ".")
		cmd.Dir, cmd.Env = pkgs[i].Dir, os.Environ()
		a, err := ask.Through(cmd, "", ask.Question{Do: ask.Audit})
		if errors.Is(err, ask.ErrSilent) {
			continue // it has no TestCorpus
		}
		if err != nil {
			return err
		}
		there[a.Target] = true
		stale = append(stale, a.Stale...)
	}
	for i := range heads {
		if folder := filepath.Base(filepath.Dir(heads[i].Path)); !there[folder] {
			stale = append(stale, fmt.Sprintf("%s is in the folder of a target that no TestCorpus is for", heads[i].Path))
		}
	}
	slices.Sort(stale)
	for _, line := range stale {
		fmt.Fprintln(to.out, line)
	}
	if len(stale) > 0 {
		return fmt.Errorf("%d reproducers of %d want a look", countFiles(stale), len(heads))
	}
	fmt.Fprintf(to.out, "%d reproducers, all of them current and explained\n", len(heads))
	return nil
}

// countFiles counts the files that lines begin with.
func countFiles(lines []string) int {
	files := map[string]bool{}
	for _, l := range lines {
		file, _, _ := strings.Cut(l, " ")
		file, _, _ = strings.Cut(file, ":")
		files[file] = true
	}
	return len(files)
}

type trackCmd struct {
	inModule
	Check bool `help:"Change nothing; fail if the README is not current."`
}

func (c *trackCmd) Run(to streams) error {
	root, heads, err := c.heads()
	if err != nil {
		return err
	}
	changed, err := section{filepath.Join(root, "README.md"), "track-record", "linkflap corpus track"}.put(trackRecord(heads), c.Check)
	switch {
	case err != nil:
		return err
	case changed:
		fmt.Fprintf(to.out, "README.md: wrote the track record\n")
	default:
		fmt.Fprintf(to.out, "README.md: the track record is current\n")
	}
	return nil
}
