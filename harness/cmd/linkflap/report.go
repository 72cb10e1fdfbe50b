package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/report"
)

type reportCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Reproducers, or runs written with --json; with --index, folders of reproducers."`
	Dir   string   `short:"C" default:"." type:"existingdir" help:"A directory of the module with the target's tests."`
	Out   string   `short:"o" help:"Where to write it; - is the terminal." placeholder:"FILE"`
	Pcap  bool     `xor:"form" help:"What was in the air, for Wireshark."`
	SARIF bool     `name:"sarif" xor:"form" help:"The violations, for code scanning; of any number of reproducers."`
	JUnit bool     `name:"junit" xor:"form" help:"Tests that passed or failed, for CI systems; of any number of reproducers."`
	Issue bool     `xor:"form" help:"Markdown for the tracker of the driver's project."`
	Index bool     `xor:"form" help:"A page for whole folders of reproducers, corpus if none is named, with links to the reports that are beside it."`
	Go    bool     `xor:"form" help:"A regression test for the driver's own repository."`
	JSON  bool     `name:"json" xor:"form" help:"The run itself, for this command to read again."`
}

// form is something that a report can be.
type form struct {
	chosen bool
	out    string                                        // where it goes unless told otherwise
	write  func(w io.Writer, d *report.Document) error   // of one run
	all    func(w io.Writer, d []*report.Document) error // of any number
}

// form is what the flags ask for.
func (c *reportCmd) form() form {
	for _, f := range []form{
		{chosen: c.Pcap, out: "report.pcap", write: report.Pcap},
		{chosen: c.SARIF, out: "-", all: report.SARIF},
		{chosen: c.JUnit, out: "-", all: report.JUnit},
		{chosen: c.Issue, out: "-", write: report.Issue},
		{chosen: c.Go, out: "-", write: report.GoTest},
		{chosen: c.JSON, out: "-", write: func(w io.Writer, d *report.Document) error { return d.Write(w) }},
	} {
		if f.chosen {
			return f
		}
	}
	return form{out: "report.html", write: report.HTML}
}

func (c *reportCmd) Run(ctx context.Context, to streams) error {
	if c.Index {
		return c.index(to)
	}
	f := c.form()
	if len(c.Files) == 0 {
		return errors.New("got no reproducer, want one: linkflap report FILE")
	}
	if f.all == nil && len(c.Files) > 1 {
		return fmt.Errorf("got %d reproducers, want one for this form", len(c.Files))
	}
	var docs []*report.Document
	for _, file := range c.Files {
		d, err := c.read(ctx, file)
		if err != nil {
			return err
		}
		docs = append(docs, d)
	}
	var text bytes.Buffer
	var err error
	if f.all != nil {
		err = f.all(&text, docs)
	} else {
		err = f.write(&text, docs[0])
	}
	if err != nil {
		return err
	}
	return c.put(to, f.out, text.String())
}

// put writes text where it belongs.
func (c *reportCmd) put(to streams, out, text string) error {
	if c.Out != "" {
		out = c.Out
	}
	if out == "-" {
		_, err := io.WriteString(to.out, text)
		return err
	}
	if err := writeWhole(out, text); err != nil {
		return err
	}
	fmt.Fprintf(to.out, "written to %s\n", out)
	return nil
}

// read is the run of a reproducer, or the run in a file of --json.
func (c *reportCmd) read(ctx context.Context, file string) (*report.Document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		d, err := report.Read(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		return d, nil
	}
	r := reproducer{File: file, Dir: c.Dir}
	a, err := r.ask(ctx, ask.Replay, 0)
	if err != nil {
		return nil, err
	}
	return a.Document, nil
}
