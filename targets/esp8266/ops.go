package esp8266

import (
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/targets/esp8266/core"
	"github.com/linkflap/linkflap/targets/esp8266/sketch"
)

type (
	op   = harness.Op[*Device]
	call = *harness.Call[*Device]
)

// Arguments.
var (
	version = prog.Arg{Name: "sketch", Kind: prog.Enum, Choices: []string{"none", "one", "two", "wrong"}} // as in sketch.Versions
	wrap    = prog.Arg{
		Name: "wrap", Kind: prog.Dur, Max: int64(4 * time.Minute), Optional: true,
		Nice: durations(10*time.Second, 20*time.Second, time.Minute, 3*time.Minute),
	}
	duration = prog.Arg{
		Name: "d", Kind: prog.Dur, Max: int64(40 * time.Second),
		Nice: durations(time.Second, 2*time.Millisecond, 2*time.Second, 4*time.Second, 10*time.Second, 16*time.Second, 31*time.Second),
	}
	number = prog.Arg{Name: "n", Kind: prog.Int, Min: 1, Max: int64(len(sketch.Cases) - 1), Nice: []int64{1, 2, 3, 4}}
	what   = prog.Arg{Name: "what", Kind: prog.Enum, Choices: []string{"time", "limit", "both"}}
	value  = prog.Arg{Name: "value", Kind: prog.Enum, Choices: []string{"now", "fixed"}}
	often  = prog.Arg{Name: "often", Kind: prog.Enum, Choices: []string{"once", "again"}}
	guard  = prog.Arg{Name: "setup", Kind: prog.Enum, Choices: []string{"guarded", "unguarded"}}
)

func durations(ds ...time.Duration) (ns []int64) {
	for _, d := range ds {
		ns = append(ns, int64(d))
	}
	return ns
}

// ops are what a person can do at the board; the first brings it up. All but the last ones are typed, and the sketch does them.
var ops = []op{
	{Op: named("boot", version, wrap), Do: boot},
	{Op: named("case", number), Do: typed(func(c call) sketch.Command { return sketch.Cases[c.Int(0)] })},
	{Op: named("busy", duration), Do: lasting((*core.Board).Busy)},
	{Op: named("delay", duration), Do: lasting((*core.Board).Delay)},
	{Op: named("feed"), Do: typed(func(call) sketch.Command { return (*sketch.Sketch).Feed })},
	{Op: named("feedFromTicker"), Do: typed(func(call) sketch.Command { return sketch.FeedFromTicker })},
	{Op: named("rogue", what, value, often), Do: typed(rogue)},
	{Op: named("wdtEnable", duration), Do: typed(func(c call) sketch.Command {
		return func(s *sketch.Sketch) { s.WdtEnable(c.Dur(0)) }
	})},
	{Op: named("wdtDisable"), Do: typed(func(call) sketch.Command { return func(s *sketch.Sketch) { s.WdtDisable() } })},
	{Op: named("wdtFeed"), Do: typed(func(call) sketch.Command { return func(s *sketch.Sketch) { s.WdtFeed() } })},
	{Op: named("restart"), Do: typed(func(call) sketch.Command { return func(s *sketch.Sketch) { s.Restart() } })},

	{Op: named("reset"), Do: atTheBoard(func(c call) { c.Dev.board.PressReset() })},
	{Op: named("power"), Do: atTheBoard(func(c call) { c.Dev.board.PowerUp(0) })},
	{Op: named("upload", guard), Do: atTheBoard(func(c call) {
		c.Dev.unguarded = c.Word(0) == "unguarded"
		c.Dev.board.Upload()
	})},
	{Op: named("sleep", duration), Do: func(c call) (int64, error) { c.World.Sleep(c.Dur(0)); return 0, nil }},
}

func named(name string, args ...prog.Arg) prog.Op { return prog.Op{Name: name, Args: args} }

// boot is for main alone, so that a program says which sketch it is about.
func boot(c call) (int64, error) {
	if c.Task != prog.Main {
		return 0, harness.ErrUnsupported
	}
	return 0, c.Dev.boot(c.Int(0), c.Dur(1))
}

// booted is the version that a program boots, as an index in sketch.Versions.
func booted(p *prog.Prog) int {
	for i := range p.Calls {
		if c := &p.Calls[i]; c.Task == prog.Main && p.Spec.Ops[c.Op].Name == "boot" {
			return int(c.Args[0])
		}
	}
	return 0
}

// typed is an op that makes the sketch do something. Its result is the reason of the board's last start.
func typed(command func(c call) sketch.Command) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		err := c.Dev.ask(command(c), 0)
		return int64(c.Dev.board.ResetReason()), err
	}
}

// lasting is an op that makes the sketch do something for as long as its argument says.
func lasting(do func(b *core.Board, d time.Duration)) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		d := c.Dur(0)
		err := c.Dev.ask(func(s *sketch.Sketch) { do(s.Board, d) }, d)
		return int64(c.Dev.board.ResetReason()), err
	}
}

func rogue(c call) sketch.Command {
	return sketch.Rogue{What: c.Word(0), Value: c.Word(1), Again: c.Word(2) == "again"}.Run
}

// atTheBoard is an op of the person's own hands on a board that has power.
func atTheBoard(do func(c call)) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		if c.Dev.board.State() == core.Off {
			return 0, errOff
		}
		do(c)
		return 0, nil
	}
}
