package hunt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/tally"
)

const (
	maxUnshrunk  = 1024 // reproducers that wait to be shrunk; more are left to the next hunt
	shrinkWithin = 2 * time.Minute
	maxOutput    = 1 << 16 // bytes kept of what a process prints
)

// fuzz is one slice: it runs the native engine and interrupts it at the slice's end. Go's own -fuzztime is not used: the engine may call its
// end a failure. The error is one that concerns all targets.
func (h *hunt) fuzz(ctx context.Context, t *target, slice time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, slice)
	defer cancel()
	cmd := exec.CommandContext(ctx, t.binary,
		"-test.run=^$", "-test.fuzz=^"+t.name+"$", "-test.fuzzminimizetime=0x",
		"-test.fuzzcachedir="+filepath.Join(h.cfg.Cache, filepath.FromSlash(t.pkg.ImportPath)),
		"-test.parallel="+strconv.Itoa(h.procs))
	h.confine(cmd, t)
	cmd.Env = append(cmd.Env, tally.Env+"="+t.notes, tally.GoOn+"=1", tally.Seed+"="+strconv.FormatInt(h.cfg.Seed, 10), "GOMAXPROCS="+strconv.Itoa(h.procs))
	var out tail
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	killRest(cmd)
	asked := ctx.Err() != nil
	h.sliceOver(t)
	return h.judge(t, err, asked, out.String())
}

// confine sets what every process of a target has: its folder, where its temporary files go, and how it ends.
func (h *hunt) confine(cmd *exec.Cmd, t *target) {
	tie(cmd)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = endWithin
	cmd.Dir = t.pkg.Dir
	cmd.Env = append(os.Environ(), "PWD="+t.pkg.Dir, "TMPDIR="+h.scratch)
}

// sliceOver adds up the slice.
func (h *hunt) sliceOver(t *target) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.collect(t)
	_ = os.RemoveAll(t.notes)
	t.notes = ""
	t.took += t.slice
	t.before.Add(&t.now)
	h.view.Sliced(t.status())
}

// collect reads the tallies of the slice under way. What is new is passed on.
func (h *hunt) collect(t *target) {
	sum, _ := tally.Collect(t.notes)
	t.slice = time.Since(t.began)
	var states tally.States
	states.Add(t.before.States)
	states.Add(sum.States)
	gained := states.Count() - t.before.States.Count()
	if gained > t.gained || len(sum.New) > len(t.now.New) {
		t.lastNew = t.took + t.slice
	}
	t.gained, t.now = gained, sum
	for sig, file := range sum.New {
		h.found(Finding{Fuzz: t.name, Signature: sig, File: file, target: t})
	}
	if sum.Dir != "" && !t.swept {
		t.swept = true
		sweep(sum.Dir)
		h.leftovers(t, sum.Dir)
	}
}

// found passes a reproducer on to be shown and shrunk, once.
func (h *hunt) found(f Finding) {
	if h.reported[f.File] {
		return
	}
	h.reported[f.File] = true
	if !f.Earlier {
		h.new = append(h.new, f)
		h.view.Found(f)
	}
	select {
	case h.unshrunk <- f:
	default:
	}
}

// leftovers finds what hunts that were killed had not shrunk yet.
func (h *hunt) leftovers(t *target, dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, "*.txt"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(text), "\n"+corpus.Unshrunk+"\n") {
			_, want, _ := strings.Cut(string(text), "\n-- want --\n")
			h.found(Finding{Fuzz: t.name, Signature: strings.TrimSpace(want), File: f, Earlier: true, target: t})
		}
	}
}

// died is where the engine says which input brought its process down.
var died = regexp.MustCompile(`Failing input written to (\S+)`)

// judge says what a process that ended was up to. It is no failure to be interrupted, or to skip.
func (h *hunt) judge(t *target, err error, asked bool, out string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	input := died.FindStringSubmatch(out)
	switch {
	case asked && input == nil:
		return nil
	case err == nil: // it was skipped
		t.off = true
		return nil
	}
	for _, dir := range []string{t.before.Dir, h.cfg.Cache, h.scratch} {
		if err := writable(dir); dir != "" && err != nil {
			return err
		}
	}
	if full := syscall.ENOSPC.Error(); strings.Contains(out, full) { // and now there is some again
		return errors.New(strings.TrimSpace(lineWith(out, full)))
	}
	t.off = true
	h.troubles++
	why := cmp.Or(plain(out), err.Error())
	if input != nil {
		why += "\nthe input is kept in " + filepath.Join(t.pkg.Dir, input[1])
	}
	h.view.Trouble(fmt.Errorf("%s cannot be fuzzed any further:\n%s", t.name, why))
	return nil
}

func lineWith(text, part string) string {
	for line := range strings.SplitSeq(text, "\n") {
		if strings.Contains(line, part) {
			return line
		}
	}
	return ""
}

// chatter is what the engine and package testing print whatever happens.
var chatter = regexp.MustCompile(`(?m)^\s*(fuzz: elapsed: .*|warning: starting with empty corpus|--- FAIL: .*|FAIL|To re-run:|go test -run=.*|Failing input written to .*)\n`)

// plain is what a process printed, without chatter.
func plain(out string) string { return strings.TrimSpace(chatter.ReplaceAllString(out+"\n", "")) }

// shrinkAll shrinks what was found, one after the other, until there is no more to come or ctx is done.
func (h *hunt) shrinkAll(ctx context.Context) {
	runtime.LockOSThread() // see tie
	defer runtime.UnlockOSThread()
	for f := range h.unshrunk {
		if ctx.Err() == nil {
			h.shrink(ctx, &f)
		} else {
			f.Err = errors.New("the hunt ended before")
		}
		h.mu.Lock()
		for i := range h.new {
			if h.new[i].File == f.File {
				h.new[i] = f
			}
		}
		h.view.Shrunk(f)
		h.mu.Unlock()
	}
}

// shrink makes a reproducer as small as it gets, in its file.
func (h *hunt) shrink(ctx context.Context, f *Finding) {
	ctx, cancel := context.WithTimeout(ctx, shrinkWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, f.target.binary, "-test.run=^"+f.Fuzz+"$/^seed#0$")
	h.confine(cmd, f.target)
	a, err := ask.Through(cmd, h.scratch, ask.Question{Do: ask.Shrink, File: f.File})
	switch {
	case ctx.Err() != nil:
		f.Err = fmt.Errorf("it took more than %v, or the hunt ended before", shrinkWithin)
	case err != nil:
		f.Err = err
	default:
		f.Document, f.Err = a.Document, corpus.Replace(f.File, a.Shrunk)
	}
}

// tail keeps the end of what is written to it.
type tail struct{ text []byte }

func (o *tail) Write(p []byte) (int, error) {
	o.text = append(o.text, p...)
	if len(o.text) > 2*maxOutput {
		o.text = append(o.text[:0], o.text[len(o.text)-maxOutput:]...)
	}
	return len(p), nil
}

func (o *tail) String() string { return string(o.text) }
