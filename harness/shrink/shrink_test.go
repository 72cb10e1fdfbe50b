package shrink

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/prog"
)

// find is the index of the first call from index i on to op for which ok holds, or -1. Nil: any.
func find(p *prog.Prog, i int, op string, ok func(c *prog.Call) bool) int {
	for ; i >= 0 && i < len(p.Calls); i++ {
		if c := &p.Calls[i]; p.Spec.Ops[c.Op].Name == op && (ok == nil || ok(c)) {
			return i
		}
	}
	return -1
}

// bugs are what is planted, which programs show it, and the smallest of those.
var bugs = []struct {
	name  string
	plant string // calls, in this order; then steps
	fails func(p *prog.Prog) bool
	want  string
}{
	{
		"a listener is closed by a later task than the one that accepts",
		"x0 = listen(8080); b: x1 = accept(x0); d: close(x0)",
		func(p *prog.Prog) bool {
			for i := range p.Calls {
				accept := find(p, i, "accept", nil)
				if accept < 0 {
					return false
				}
				at := &p.Calls[accept]
				if find(p, accept, "close", func(c *prog.Call) bool { return c.Args[0] == at.Args[0] && c.Task > at.Task }) > 0 {
					return true
				}
			}
			return false
		},
		"s0 = listen(1); c0 = accept(s0); a: close(s0)",
	},
	{
		"a peer dials the port that is listened on, a high one",
		"connect(cafe); x0 = listen(54321); p2: dial(54321)",
		func(p *prog.Prog) bool {
			for i := range p.Calls {
				listen := find(p, i, "listen", func(c *prog.Call) bool { return c.Args[0] >= 1024 })
				if find(p, listen, "dial", func(c *prog.Call) bool { return c.Args[0] == p.Calls[listen].Args[0] }) > 0 {
					return true
				}
			}
			return false
		},
		"s0 = listen(1024); p1: dial(1024)",
	},
	{
		"a reply goes wrong in a recv, after connect",
		"connect(locked); x0 = listen(8080); x1 = accept(x0); d: recv(x1, 700) (fault: bus@99=0xfe)",
		func(p *prog.Prog) bool {
			recv := func(c *prog.Call) bool {
				return c.Fault != nil && c.Fault.Kind == 0 && c.Fault.Nth >= 3 && c.Fault.Value >= 0x80 && c.Args[1] >= 17
			}
			connect := find(p, 0, "connect", func(c *prog.Call) bool { return c.Args[0] != 1 })
			return find(p, connect, "recv", recv) > 0
		},
		"connect(home); s0 = listen(1); c0 = accept(s0); recv(c0, 17) (fault: bus@3=0x80)",
	},
	{
		"disconnect cuts into a long sleep of a task that was preempted late",
		"c: sleep(1h); d: disconnect()| c 4321; d done",
		func(p *prog.Prog) bool {
			for _, s := range p.Schedule {
				sleeps := func(c *prog.Call) bool { return c.Task == s.Task && c.Args[0] >= int64(90*time.Second) }
				ends := func(c *prog.Call) bool { return c.Task > s.Task && s.Task != prog.Main }
				if s.N >= 7 && find(p, find(p, 0, "sleep", sleeps), "disconnect", ends) > 0 {
					return true
				}
			}
			return false
		},
		"a: sleep(1m30s); b: disconnect()| a 7",
	},
}

// haystack is a generated program of about 40 calls with the lines of plant strewn into it.
func haystack(t *testing.T, spec *prog.Spec, r *rand.Rand, plant string) *prog.Prog {
	p := &prog.Prog{}
	for len(p.Calls) < 32 {
		p = prog.Generate(r, spec)
	}
	hay, _, _ := strings.Cut(p.String(), "-- schedule --")
	lines := strings.Split(strings.TrimSpace(hay), "\n")
	needles, schedule, _ := strings.Cut(plant, "| ")
	at := 0
	for _, needle := range strings.Split(needles, "; ") {
		at += r.Intn(len(lines) - at + 1)
		lines = append(lines[:at:at], append([]string{needle}, lines[at:]...)...)
		at++
	}
	text := strings.Join(lines, "; ")
	if schedule != "" {
		text += "| " + schedule
	}
	return parse(t, spec, text)
}

func TestShrinkFindsTheNeedle(t *testing.T) {
	const haystacks, maxRuns = 20, 200
	spec := toySpec(t)
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			r := rand.New(rand.NewSource(1))
			most := 0
			for range haystacks {
				p := haystack(t, spec, r, bug.plant)
				require.True(t, bug.fails(p), line(p))
				got := Shrink(p, maxRuns, bug.fails)
				require.Equal(t, bug.want, line(got.Prog), "from: %s", line(p))
				require.True(t, got.Minimal)
				requireMinimal(t, got.Prog, bug.fails)
				most = max(most, got.Runs)
			}
			t.Logf("at most %d runs from %d haystacks", most, haystacks)
		})
	}
}

// requireMinimal tries every single step down from p, with code of its own.
func requireMinimal(t *testing.T, p *prog.Prog, fails func(*prog.Prog) bool) {
	for what, c := range stepsDown(p) {
		smaller := c.Validate() == nil && len(c.Calls) > 0 && prog.Less(c, p)
		if smaller && fails(c) {
			t.Fatalf("%s: %s becomes %s", what, line(p), line(c))
		}
	}
}

func stepsDown(p *prog.Prog) map[string]*prog.Prog {
	all := map[string]*prog.Prog{}
	change := func(what string, i int, f func(c *prog.Prog)) {
		c := p.Clone()
		f(c)
		all[fmt.Sprint(what, " ", i)] = c
	}
	for i := range p.Calls {
		all[fmt.Sprint("without call ", i)] = p.Keep(func(k int) bool { return k != i })
		change("without the fault of", i, func(c *prog.Prog) { c.Calls[i].Fault = nil })
		change("one task down, call", i, func(c *prog.Prog) { c.Calls[i].Task-- })
		for j := range p.Calls[i].Args {
			for unit := int64(1); unit <= int64(time.Second); unit *= 1000 {
				change(fmt.Sprint("argument ", j, " less ", unit, " of"), i, func(c *prog.Prog) { c.Calls[i].Args[j] -= unit })
			}
			change(fmt.Sprint("argument ", j, " by default, of"), i, func(c *prog.Prog) { c.Calls[i].Args[j] = p.Spec.Ops[p.Calls[i].Op].Args[j].Default })
		}
		if p.Calls[i].Fault != nil {
			change("an earlier fault of", i, func(c *prog.Prog) { c.Calls[i].Fault.Nth-- })
			change("a lower fault of", i, func(c *prog.Prog) { c.Calls[i].Fault.Value-- })
		}
	}
	for i := range p.Schedule {
		change("without step", i, func(c *prog.Prog) { c.Schedule = append(c.Schedule[:i], c.Schedule[i+1:]...) })
		change("fewer points in step", i, func(c *prog.Prog) { c.Schedule[i].N-- })
		change("until done, step", i, func(c *prog.Prog) { c.Schedule[i].Until, c.Schedule[i].N = prog.Done, 0 })
	}
	return all
}

func TestShrinkNeverAsksAboutWhatItWouldNotTake(t *testing.T) {
	spec := toySpec(t)
	r := rand.New(rand.NewSource(2))
	for range 20 {
		p := prog.Generate(r, spec)
		best, seen := p, map[string]bool{p.String(): true}
		got := Shrink(p, 1000, func(c *prog.Prog) bool {
			require.NoError(t, c.Validate())
			require.NotEmpty(t, c.Calls)
			require.True(t, prog.Less(c, best), "%s is no smaller than %s", line(c), line(best))
			require.False(t, seen[c.String()], "asked twice")
			seen[c.String()] = true
			if r.Intn(3) > 0 { // a predicate without sense
				return false
			}
			best = c
			return true
		})
		require.Same(t, best, got.Prog, "what was accepted last")
		require.Equal(t, len(seen)-1, got.Runs)
	}
}

func TestShrinkStopsWhenItsBudgetIsUsedUp(t *testing.T) {
	spec := toySpec(t)
	bug := bugs[0]
	p := haystack(t, spec, rand.New(rand.NewSource(1)), bug.plant)
	enough := Shrink(p, 1e6, bug.fails).Runs
	for _, budget := range []int{0, 1, 10, enough - 1, enough + 1} {
		runs := 0
		got := Shrink(p, budget, func(c *prog.Prog) bool { runs++; return bug.fails(c) })
		require.Equal(t, min(budget, enough), got.Runs)
		require.Equal(t, runs, got.Runs)
		require.Equal(t, budget > enough, got.Minimal)
		require.True(t, bug.fails(got.Prog), "the best so far still shows the bug")
	}
}

func TestShrinkReturnsWhatItCannotMakeSmaller(t *testing.T) {
	p := parse(t, toySpec(t), "connect(cafe); a: disconnect() (fault: noack@2); b: sleep(2s)| a 7")
	got := Shrink(p, 1e6, func(*prog.Prog) bool { return false })
	require.Same(t, p, got.Prog)
	require.True(t, got.Minimal)

	got = Shrink(p, 1e6, func(*prog.Prog) bool { return true })
	require.Equal(t, "sleep(0s)", line(got.Prog), "never the empty program")
}
