package main

import (
	"context"
	"fmt"
	"io"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/linkflap/linkflap/harness/hunt"
)

type huntCmd struct {
	Packages []string      `arg:"" optional:"" help:"Packages with targets, as for the go tool; ./... if none are given."`
	For      time.Duration `default:"10m" help:"How long to fuzz, all targets together. Building and the last shrinking come on top."`
	Jobs     int           `default:"1" help:"How many targets to fuzz side by side. Together they use all cores."`
	Seed     int64         `default:"1" help:"Of the programs that every target begins with: CI gives the commit's hash."`
	Cache    string        `placeholder:"DIR" help:"Where the engine keeps its inputs; if not given, where go test -fuzz does."`
	Dir      string        `short:"C" default:"." type:"existingdir" help:"A directory of the module with the targets' tests."`
}

// Help is what the help says besides.
func (c *huntCmd) Help() string {
	return `Fuzzes all targets of the module in turn, and goes on past what it finds: each new violation is put into corpus/, and then shrunk.
Half of the time is shared out evenly, the other half by how many new states each target's last turn met.

Ctrl-C ends it with a summary. If it is killed, the next hunt shrinks what is left to shrink. With LINKFLAP_NEW=DIR in the environment new
reproducers go there, and the corpus stays as it is.

The exit status is 0 if there is nothing new, 1 if there is, and 2 if something has to be mended first.`
}

func (c *huntCmd) Run(ctx context.Context, to streams) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	if c.For <= 0 || c.Jobs < 1 {
		return failed{2, fmt.Errorf("got --for %v and --jobs %d, want more than none", c.For, c.Jobs)}
	}
	if len(c.Packages) == 0 {
		c.Packages = []string{"./..."}
	}
	cfg := hunt.Config{Dir: c.Dir, Packages: c.Packages, For: c.For, Jobs: c.Jobs, Seed: c.Seed, Cache: c.Cache}
	if c.Cache != "" {
		var err error
		if cfg.Cache, err = filepath.Abs(c.Cache); err != nil {
			return failed{2, err}
		}
	}
	v := &huntView{out: to.out, dir: c.Dir, screen: newScreen(to.out)}
	s, err := hunt.Run(ctx, cfg, v)
	v.screen.clear()
	if s != nil {
		v.summary(s)
	}
	switch {
	case err != nil:
		return failed{2, err}
	case len(s.New) > 0:
		return failed{1, nil}
	case s.Troubles > 0:
		return failed{2, nil}
	}
	return nil
}

// huntView shows a hunt: on a terminal one live line a target, elsewhere a line for each turn.
type huntView struct {
	out    io.Writer
	dir    string
	screen *screen // nil: no terminal
}

func (v *huntView) Say(message string) { v.print("%s\n", message) }

func (v *huntView) Tick(all []hunt.Status) {
	rows := make([]string, len(all))
	for i := range all {
		rows[i] = live(&all[i])
	}
	v.screen.draw(rows)
}

func (v *huntView) Sliced(s hunt.Status) {
	if v.screen == nil {
		fmt.Fprintln(v.out, turn(&s))
	}
}

func (v *huntView) Found(f hunt.Finding) {
	v.print("\nnew violation in %s, to be shrunk: %s\n    %s\n", f.Fuzz, f.Signature, v.relative(f.File))
}

func (v *huntView) Shrunk(f hunt.Finding) {
	file := v.relative(f.File)
	if f.Err != nil {
		v.print("\n%s was not shrunk: %v\nnext: linkflap shrink %s\n", file, f.Err, file)
		return
	}
	d := f.Document
	v.print("\n%s, shrunk to %d calls:\n\n%s\n    %s\n", file, len(d.Ops), program(d), d.Verdict)
	if d.Detail != "" {
		fmt.Fprintf(v.out, "    (%s)\n", d.Detail)
	}
	if d.Contract != "" {
		fmt.Fprintf(v.out, "\nwhat should hold: %s\n", d.Contract)
	}
	fmt.Fprintf(v.out, "next: linkflap replay %s\n\n", file)
}

func (v *huntView) Trouble(err error) { v.print("\n%v\n\n", err) }

// print prints above the live lines.
func (v *huntView) print(format string, args ...any) {
	v.screen.clear()
	fmt.Fprintf(v.out, format, args...)
}

func (v *huntView) relative(path string) string {
	dir, err := filepath.Abs(v.dir)
	if err != nil {
		return path
	}
	if rel, err := filepath.Rel(dir, path); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return path
}

// live is a target in one line of a terminal that may be 80 characters wide.
func live(s *hunt.Status) string {
	mark := " "
	switch {
	case s.Running:
		mark = ">"
	case s.Off:
		mark = "x"
	}
	return fmt.Sprintf("%s %-15s %6.0f/s %6d states %3d new %4d known  last new %s ago", mark, s.Name, s.Rate, s.States, s.New, s.Known, short(s.Quiet))
}

// turn is a target's turn in one line.
func turn(s *hunt.Status) string {
	if s.Programs == 0 {
		return fmt.Sprintf("%-18s ran no program", s.Name)
	}
	return fmt.Sprintf("%-18s %5s at %5.0f/s; in all %9d programs %6d states (%+d) %4d new %4d known  last new %s ago",
		s.Name, short(s.Slice), s.Rate, s.Programs, s.States, s.Gained, s.New, s.Known, short(s.Quiet))
}

// short is a duration in seconds, minutes or hours.
func short(d time.Duration) string {
	d = d.Round(time.Second)
	text := d.String()
	if d >= time.Minute && d%time.Minute == 0 {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

// summary is what a hunt came to.
func (v *huntView) summary(s *hunt.Summary) {
	programs, states, known := 0, 0, 0
	fmt.Fprintln(v.out)
	for i := range s.Targets {
		t := &s.Targets[i]
		programs, states, known = programs+t.Programs, states+t.States, known+t.Known
		fmt.Fprintf(v.out, "  %-18s %7s %9d programs %6.0f/s %6d states %4d new %4d known\n",
			t.Name, short(t.Took), t.Programs, float64(t.Programs)/max(t.Took, time.Millisecond).Seconds(), t.States, t.New, t.Known)
	}
	fmt.Fprintf(v.out, "\nhunted for %s: %d programs, %.0f a second, %d states, %d known violations, %d new\n",
		short(s.Took), programs, float64(programs)/max(s.Took, time.Millisecond).Seconds(), states, known, len(s.New))
	for i := range s.New {
		f := &s.New[i]
		fmt.Fprintf(v.out, "\n    %s\n        linkflap replay %s\n", f.Signature, v.relative(f.File))
	}
}
