package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/ask"
)

type scoreCmd struct {
	Targets  []string `arg:"" help:"Targets to compare, such as wifinina."`
	Dir      string   `short:"C" default:"." type:"existingdir" help:"A directory of the module with the targets' tests."`
	Programs int      `default:"5000" help:"How many generated programs to run on each."`
	Seed     int64    `default:"1" help:"Of the programs."`
	Out      string   `short:"o" help:"File to write the table into, between the marks <!-- score --> and <!-- /score -->; standard output if not given." placeholder:"FILE"`
	Check    bool     `help:"Write nothing; fail if the file has another table."`
}

func (c *scoreCmd) Run(ctx context.Context, to streams) error {
	rows, err := c.play(ctx)
	if err != nil {
		return err
	}
	table := scoreTable(rows, c.Programs)
	if c.Out == "" {
		_, err := fmt.Fprint(to.out, table)
		return err
	}
	_, err = section{c.Out, "score", "linkflap score " + strings.Join(c.Targets, " ") + " -o " + filepath.Base(c.Out)}.put(table, c.Check)
	return err
}

// scoreRow is what the programs did to one target.
type scoreRow struct {
	target string
	*ask.Summary
}

// play runs one set of programs on every target: of the ops that all of them have.
func (c *scoreCmd) play(ctx context.Context) (rows []scoreRow, err error) {
	var common []ask.Op
	for i, target := range c.Targets {
		a, err := ask.Ask(ctx, c.Dir, ask.Question{Do: ask.Ops, Target: target})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			common = a.Ops
		}
		common = slices.DeleteFunc(common, func(op ask.Op) bool { return !slices.Contains(a.Ops, op) })
	}
	for _, target := range c.Targets {
		a, err := ask.Ask(ctx, c.Dir, ask.Question{Do: ask.Score, Target: target, Ops: common, Runs: c.Programs, Seed: c.Seed})
		if err != nil {
			return nil, err
		}
		rows = append(rows, scoreRow{target, a.Score})
		if first := rows[0]; a.Score.Programs != first.Programs {
			return nil, fmt.Errorf("got other programs for %s than for %s: ops of one name differ in their arguments or order", target, first.target)
		}
	}
	return rows, nil
}

// scoreTable is the board in Markdown: how many distinct bugs of each kind the programs showed, and how well each driver came back.
func scoreTable(rows []scoreRow, programs int) string {
	var oracles []string
	for _, r := range rows {
		for sig := range r.Signatures {
			oracles = append(oracles, oracleOf(sig))
		}
	}
	slices.Sort(oracles)
	oracles = slices.Compact(oracles)
	var b strings.Builder
	head := append(append([]string{"driver"}, oracles...), "all", "recovers", "median", "longest")
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(head, " | "), " --- |"+strings.Repeat(" ---: |", len(head)-1))
	for _, r := range rows {
		count := map[string]int{}
		for sig := range r.Signatures {
			count[oracleOf(sig)]++
		}
		cells := []string{r.target}
		for _, o := range oracles {
			cells = append(cells, fmt.Sprint(count[o]))
		}
		cells = append(cells, fmt.Sprint(len(r.Signatures)), fmt.Sprintf("%.1f%%", 100*float64(r.Recovered)/float64(programs)),
			r.Median.Round(time.Millisecond).String(), r.Longest.Round(time.Millisecond).String())
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

// oracleOf is the oracle of a signature.
func oracleOf(signature string) string {
	name, _, _ := strings.Cut(signature, ":")
	return name
}
