package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/hunt"
)

// conversion is what export and import have in common.
type conversion struct {
	inModule
	Package string `arg:"" help:"The package with the target."`
	Fuzz    string `placeholder:"FuzzX" help:"The fuzz function, if the package has several."`
}

const formsHelp = `A program has three forms: the text of a reproducer; a file of Go's own engine, with three streams of bytes; and an input of libFuzzer's, with
the three in one buffer (go doc github.com/linkflap/linkflap/harness/prog Join). Which of them a file is, is seen from what is in it. Between all
three the program stays the same, and between the two engines every byte that means something. Prose and verdict are in the text only.`

type exportCmd struct {
	conversion
	From string `arg:"" optional:"" type:"path" help:"A file or a folder with programs; the target's reproducers if not given."`
	Out  string `short:"o" required:"" type:"path" placeholder:"DIR" help:"The folder for the inputs."`
	To   string `default:"libfuzzer" enum:"libfuzzer,go" help:"Whose inputs: libfuzzer or go."`
}

// Help is what the help says besides.
func (c *exportCmd) Help() string { return formsHelp }

func (c *exportCmd) Run(ctx context.Context, to streams) error {
	_, q, err := c.question(ctx)
	if err != nil {
		return err
	}
	q.File, q.Out, q.Form = c.From, c.Out, ask.Form(c.To)
	return c.convert(ctx, to, q)
}

type importCmd struct {
	conversion
	From string `arg:"" type:"path" help:"A file or a folder with programs."`
	Out  string `short:"o" type:"path" placeholder:"DIR" help:"The folder for them; if not given, the engine's own, or the corpus."`
	To   string `default:"go" enum:"go,text" help:"What to make: inputs of Go's engine (go) or reproducers (text)."`
}

// Help is what the help says besides.
func (c *importCmd) Help() string { return formsHelp }

func (c *importCmd) Run(ctx context.Context, to streams) error {
	p, q, err := c.question(ctx)
	if err != nil {
		return err
	}
	q.File, q.Out, q.Form = c.From, c.Out, ask.Form(c.To)
	if q.Out == "" && q.Form == ask.Native {
		cache, err := cacheFolder(ctx, "")
		if err != nil {
			return err
		}
		q.Out = filepath.Join(cache, filepath.FromSlash(p.ImportPath), c.Fuzz)
	}
	return c.convert(ctx, to, q)
}

// question chooses the fuzz function.
func (c *conversion) question(ctx context.Context) (p *hunt.Package, q ask.Question, err error) {
	if p, err = onePackage(ctx, c.Dir, c.Package); err == nil {
		c.Fuzz, err = oneFuzz(ctx, p, c.Fuzz)
	}
	if err == nil {
		c.Dir = p.Dir
	}
	return p, ask.Question{Do: ask.Convert}, err
}

func (c *conversion) convert(ctx context.Context, to streams, q ask.Question) error {
	a, err := ask.Through(question(ctx, c.Dir, c.Fuzz), "", q)
	if err != nil {
		return err
	}
	fmt.Fprintf(to.out, "%s: wrote %d programs to %s\n", c.Fuzz, a.Kept, a.File)
	if len(a.Drop) > 0 {
		fmt.Fprintf(to.out, "%d have no calls, and so no text\n", len(a.Drop))
	}
	return nil
}
