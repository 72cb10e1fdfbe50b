package main

import (
	"context"
	"fmt"
	"io"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/bisect"
)

type bisectCmd struct {
	reproducer
	From string `help:"The first release; the oldest that the module proxy lists if not given." placeholder:"VERSION"`
	To   string `help:"The last one; that of go.mod if not given." placeholder:"VERSION"`
}

func (c *bisectCmd) Run(ctx context.Context, to streams) error {
	q, firmware, err := c.question()
	if err != nil {
		return err
	}
	if firmware == "" {
		return fmt.Errorf("%s: got a target without a firmware package, want \"target: %s (IMPORT/PATH VERSION)\": a model has no releases", c.File, q.Target)
	}
	q.Do = ask.Replay
	cfg := bisect.Config{Dir: c.Dir, Question: q, Package: firmware, From: c.From, To: c.To}
	return bisect.Run(ctx, cfg, func(r bisect.Result) { row(to.out, r) })
}

// row is the line of one release.
func row(w io.Writer, r bisect.Result) {
	text := r.Verdict
	if r.Err != nil {
		text = "cannot be asked: " + r.Err.Error()
	}
	fmt.Fprintf(w, "%-12s %s\n", r.Version, text)
}
