// Command linkflap finds lifecycle bugs in embedded network code. Each subcommand is one struct with a Run method.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/alecthomas/kong"
)

// cli lists the subcommands.
type cli struct {
	Instrument instrumentCmd `cmd:"" help:"Copy and rewrite the firmware packages listed in instrument.txt, and write go.work."`
	Hunt       huntCmd       `cmd:"" help:"Fuzz all targets of a module in turn."`
	Replay     replayCmd     `cmd:"" help:"Run a reproducer: print its program, verdict and timeline."`
	Shrink     shrinkCmd     `cmd:"" help:"Make a reproducer as small as it gets."`
	Explain    explainCmd    `cmd:"" help:"Replay, and show from which call on the violation can hardly be avoided."`
	Bisect     bisectCmd     `cmd:"" help:"Replay a reproducer on every release of its firmware."`
	Score      scoreCmd      `cmd:"" help:"Compare targets by what one set of programs does to them."`
	Report     reportCmd     `cmd:"" help:"Make a page of a reproducer's run, or what other tools read."`
	Libfuzzer  libfuzzerCmd  `cmd:"" help:"Build a binary of a target that libFuzzer drives."`
	Corpus     corpusCmd     `cmd:"" help:"Look after the reproducers in corpus/."`
}

// streams is where a subcommand writes.
type streams struct{ out, log io.Writer }

func main() {
	os.Exit(run(os.Args[1:], streams{os.Stdout, os.Stderr}))
}

// run executes one command line and returns its exit status. An error goes to the log, one line each.
func run(args []string, to streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	to = streams{printable{to.out}, printable{to.log}}
	err := execute(ctx, args, to)
	if err == nil {
		return 0
	}
	end := failed{status: 1, why: err}
	errors.As(err, &end)
	if end.why != nil {
		for line := range strings.SplitSeq(strings.TrimSpace(end.why.Error()), "\n") {
			fmt.Fprintln(to.log, "linkflap: "+line)
		}
	}
	return end.status
}

// failed is an error with an exit status of its own, and why: nil if all has been said.
type failed struct {
	status int
	why    error
}

func (f failed) Error() string { return fmt.Sprint(f.why) }

func execute(ctx context.Context, args []string, to streams) error {
	helped := false
	parser, err := kong.New(&cli{}, kong.Name("linkflap"),
		kong.Description("linkflap finds lifecycle bugs in embedded network code."),
		kong.Writers(to.out, to.log), kong.Exit(func(int) { helped = true }), kong.UsageOnError())
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	command, err := parser.Parse(args)
	if helped {
		return nil
	}
	if err != nil {
		err = fmt.Errorf("%w: run linkflap --help", err)
		if args[0] == "hunt" {
			return failed{2, err}
		}
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(to)
}
