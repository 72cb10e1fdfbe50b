package main

import (
	"context"

	"github.com/linkflap/linkflap/harness/instrument"
)

type instrumentCmd struct {
	Check bool   `help:"Change nothing; fail if the instrumented copy is missing or stale."`
	Dir   string `short:"C" default:"." type:"existingdir" help:"A directory of the main module."`
}

func (c *instrumentCmd) Run(ctx context.Context, to streams) error {
	return instrument.Run(ctx, instrument.Config{Dir: c.Dir, Check: c.Check, Log: to.log})
}
