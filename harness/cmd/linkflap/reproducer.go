package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/report"
)

// shownEvents is how many lines of the timeline a terminal is given.
const shownEvents = 40

// reproducer is the file that a subcommand is about.
type reproducer struct {
	File   string `arg:"" type:"existingfile" help:"A reproducer, such as corpus/wifinina/....txt."`
	Dir    string `short:"C" default:"." type:"existingdir" help:"A directory of the module with the target's tests."`
	Target string `placeholder:"NAME" help:"The target, if the file does not name it: it is an input of libFuzzer's or of Go's engine."`
}

// question is about the file, for the target that it names. It also says which firmware package that tests, "" if it does not say.
func (r *reproducer) question() (q ask.Question, firmware string, err error) {
	text, err := os.ReadFile(r.File)
	if err != nil {
		return q, "", err
	}
	if q.Target, firmware = targetOf(string(text)); r.Target != "" {
		q.Target = r.Target
	}
	if q.Target == "" {
		return q, "", fmt.Errorf("%s: got no line \"target: name\", want one before the program, or --target", r.File)
	}
	q.File, err = filepath.Abs(r.File)
	return q, firmware, err
}

// ask does something with the file.
func (r *reproducer) ask(ctx context.Context, do ask.Do, runs int) (*ask.Answer, error) {
	q, _, err := r.question()
	if err != nil {
		return nil, err
	}
	q.Do, q.Runs = do, runs
	return ask.Ask(ctx, r.Dir, q)
}

// targetOf is the name in a reproducer's target line and the firmware package behind it, "" for what is not there: target: name (package version).
func targetOf(text string) (name, firmware string) {
	for line := range strings.SplitSeq(text, "\n") {
		if rest, ok := strings.CutPrefix(line, "target: "); ok {
			name, rest, _ = strings.Cut(strings.TrimSpace(rest), " ")
			firmware, _, _ = strings.Cut(strings.Trim(rest, "()"), " ")
			return name, firmware
		}
	}
	return "", ""
}

type replayCmd struct{ reproducer }

func (c *replayCmd) Run(ctx context.Context, to streams) error {
	a, err := c.ask(ctx, ask.Replay, 0)
	if err != nil {
		return err
	}
	show(to.out, a.Document)
	return nil
}

// show prints program, verdict and timeline.
func show(w io.Writer, d *report.Document) {
	fmt.Fprintf(w, "%s\n", program(d))
	fmt.Fprintf(w, "    %s\n", d.Verdict)
	if d.Detail != "" {
		fmt.Fprintf(w, "    (%s)\n", d.Detail)
	}
	for _, other := range d.Others {
		fmt.Fprintf(w, "    also %s\n", other)
	}
	if d.Contract != "" {
		fmt.Fprintf(w, "\nwhat should hold: %s\n", d.Contract)
	}
	fmt.Fprintf(w, "\n%s\ntrace hash %s\n", report.Timeline(d.Trace(), d.At, shownEvents), d.Hash)
}

// program is the program's text, indented.
func program(d *report.Document) string {
	text := strings.TrimRight(d.Program, "\n")
	if d.Schedule != "" {
		text += "\n-- schedule --\n" + strings.TrimRight(d.Schedule, "\n")
	}
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}

type shrinkCmd struct {
	reproducer
	Out string `short:"o" help:"Where to write the smaller one; the file itself if not given." placeholder:"FILE"`
}

func (c *shrinkCmd) Run(ctx context.Context, to streams) error {
	if c.Target != "" && c.Out == "" {
		return errors.New("got --target and no -o, want the name of a reproducer to write")
	}
	a, err := c.ask(ctx, ask.Shrink, 0)
	if err != nil {
		return err
	}
	out := c.Out
	if out == "" {
		out = c.File
	}
	if err := writeWhole(out, a.Shrunk); err != nil {
		return err
	}
	minimal := "1-minimal"
	if !a.Minimal {
		minimal = "not yet minimal: run it again"
	}
	fmt.Fprintf(to.out, "%s\n    %s\n\n%d calls, %s after %d runs; written to %s\n", program(a.Document), a.Document.Verdict, len(a.Document.Ops), minimal, a.Runs, out)
	return nil
}

// writeWhole writes a whole file or none.
func writeWhole(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
