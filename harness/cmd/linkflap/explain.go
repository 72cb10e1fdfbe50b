package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/report"
)

type explainCmd struct {
	reproducer
	Runs int `default:"200" help:"How many random continuations of each prefix to run."`
}

func (c *explainCmd) Run(ctx context.Context, to streams) error {
	a, err := c.ask(ctx, ask.Explain, max(c.Runs, 1))
	if err != nil {
		return err
	}
	show(to.out, a.Document)
	chart(to.out, a.Document, a.Risks)
	return nil
}

// almost is the share of continuations that must fail for there to be no return.
const almost = 0.9

// noReturn is the shortest prefix from which on almost all continuations fail, -1 if even the whole program leaves a way out.
func noReturn(risks []ask.Risk) int {
	n := len(risks)
	for n > 0 && float64(risks[n-1].Failed) >= almost*float64(risks[n-1].Tried) {
		n--
	}
	if n == len(risks) {
		return -1
	}
	return n
}

// chart shows for every prefix how many of its random continuations end in the violation.
func chart(w io.Writer, d *report.Document, risks []ask.Risk) {
	width := len("(nothing yet)")
	for _, op := range d.Ops {
		width = max(width, len(op.Text))
	}
	fmt.Fprintf(w, "\nof %d random continuations of the program up to and with each call, so many end in the same violation:\n\n", risks[0].Tried)
	last := noReturn(risks)
	for n, r := range risks {
		text, mark := "(nothing yet)", ""
		if n > 0 {
			text = d.Ops[n-1].Text
		}
		if n == last {
			mark = "  <- point of no return"
		}
		fmt.Fprintf(w, "    %-*s  %-20s %3d%%%s\n", width, text, strings.Repeat("#", 20*r.Failed/r.Tried), 100*r.Failed/r.Tried, mark)
	}
	if last < 0 {
		fmt.Fprintf(w, "\nthere is no point of no return: what happens after the last call decides\n")
	}
}
