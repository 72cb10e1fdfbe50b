package canary

import (
	"flag"
	"iter"
	"math/rand"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/libfuzzer"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/shrink"
	"github.com/linkflap/linkflap/harness/tally"
	"github.com/linkflap/linkflap/targets/canary/gadget"
)

const (
	seed         = 4
	plantTries   = 3000 // generated programs for each plant
	shrinkBudget = 3000
)

// plants says which oracle must catch each planted bug, as what, and the smallest program that shows it.
var plants = []struct {
	bug       gadget.Bug
	signature string
	program   string
	inProgram bool // the probe shows the bug by itself; ask for a program that shows it before
}{
	{bug: gadget.TrustedLength, signature: "panic: gadget.exchange", program: `
connect() (fault: garble@1=0xff)
`},
	{bug: gadget.NoTimeout, signature: "spin: gadget.wait", program: `
connect() (fault: lost@1)
`},
	{
		bug: gadget.HandOverLocked, inProgram: true,
		signature: "deadlock: disconnect in gadget.Disconnect waits for a channel operation of keeper, which waits for a lock held by disconnect",
		program: `
connect()
sleep(2s)
disconnect()
`,
	},
	{bug: gadget.PatientResolve, signature: "hang: resolve in gadget.Resolve", program: `
resolve()
`},
	{bug: gadget.Starved, signature: "watchdog: the board watchdog bites", program: `
connect()
a: sleep(8s)
air: down()
`},
	{bug: gadget.UncheckedSend, signature: "stale: send succeeds after close", program: `
connect()
c0 = dial(echo)
close(c0)
c1 = dial(echo)
send(c0, 1)
`},
	{bug: gadget.ReleasedTwice, signature: "double-free: close releases a socket twice", program: `
connect()
s0 = listen(80)
disconnect()
`},
	{bug: gadget.LengthOverflow, signature: "protocol: send sends a frame with a wrong length", program: `
connect()
c0 = dial(echo)
send(c0, 255)
`},
	{bug: gadget.ShortWrite, signature: "delivery: send loses bytes", program: `
connect()
c0 = dial(echo)
send(c0, 129)
`},
	{bug: gadget.DeniedSend, signature: "delivery: send fails, but its bytes arrive", program: `
connect()
c0 = dial(echo)
send(c0, 255)
`},
	{bug: gadget.CloseUnseen, signature: "close-unblocks: accept on a handle from listen outlives close", program: `
s0 = listen(80)
c0 = accept(s0)
`},
	{bug: gadget.HastyResolve, signature: "refusal: resolve fails on a device that has just connected", program: `
connect()
resolve()
`},
	{bug: gadget.StaysDead, signature: "recovery: connect fails after the faults stopped", program: `
connect() (fault: lost@1)
`},
	{bug: gadget.RefusedKept, signature: "leak: socket taken by dial is left after close", program: `
connect()
c0 = dial(closed)
`},
	{bug: gadget.SecondKeeper, signature: "leak: task keeper is left after disconnect", program: `
connect()
connect()
`},
}

// generate yields n generated programs, the same ones every time.
func generate(n int) iter.Seq[*prog.Prog] {
	return func(yield func(*prog.Prog) bool) {
		spec := Target.Spec()
		r := rand.New(rand.NewSource(seed))
		for range n {
			if p := prog.Generate(r, spec); len(p.Calls) > 0 && !yield(p) {
				return
			}
		}
	}
}

// Generated programs seldom let bytes pass, the peer close and the driver ask again, so this plant has a program of its own.
func TestARecvThatDoesNotSeeThePeersClose(t *testing.T) {
	const text = `connect()
s0 = listen(80)
p1: dial(80)
p1: send(16)
p1: close()
a: c0 = accept(s0)
a: recv(c0, 16)
a: recv(c0, 16)
`
	for bug, want := range map[gadget.Bug]string{"": "ok", gadget.EndUnseen: "close-unblocks: recv on a handle from accept outlives the peer's close"} {
		tg := Planted(bug)
		p, err := prog.Parse(tg.Spec(), "x", 1, text)
		require.NoError(t, err)
		require.Equal(t, want, tg.Run(t, p, false).Verdict())
	}
}

func TestEveryOracleHasAPlant(t *testing.T) {
	caught := map[string]bool{"race": true} // TestTheRaceIsCaught
	for _, c := range plants {
		name, _, _ := strings.Cut(c.signature, ":")
		caught[name] = true
	}
	for _, o := range oracle.All {
		require.True(t, caught[o.Name], "oracle %s has no plant", o.Name)
	}
}

func TestEveryOracleCatchesItsPlant(t *testing.T) {
	for _, c := range plants {
		t.Run(string(c.bug), func(t *testing.T) {
			h := hunt{tg: Planted(c.bug), signature: c.signature, inProgram: c.inProgram}
			h.run(t)
			require.NotNil(t, h.first, "got no program of %d that shows %q", plantTries, c.signature)
			small := shrink.Shrink(h.first, shrinkBudget, func(p *prog.Prog) bool { return h.shows(t, p) })
			require.Equal(t, strings.TrimLeft(c.program, "\n"), small.Prog.String())
			h.isMinimal(t, small.Prog)
		})
	}
}

// hunt looks for the program that shows a planted bug.
type hunt struct {
	tg        harness.Target[*Device]
	signature string
	inProgram bool
	first     *prog.Prog
}

// run keeps the first program that shows the bug, and fails if any oracle but the bug's own says anything. With -short it ends with that
// program.
func (h *hunt) run(t *testing.T) {
	own, _, _ := strings.Cut(h.signature, ":")
	for p := range generate(plantTries) {
		res := h.tg.Run(t, p, false)
		for _, v := range res.Violations {
			require.Equal(t, own, v.Oracle, "%s\n%s", v.Signature(), p)
		}
		if h.first == nil && h.seen(res) {
			h.first = p
		}
		if h.first != nil && testing.Short() {
			return
		}
	}
}

func (h *hunt) shows(t *testing.T, p *prog.Prog) bool { return h.seen(h.tg.Run(t, p, false)) }

func (h *hunt) seen(res *harness.Result) bool {
	for _, v := range res.Violations {
		if v.Signature() == h.signature && (!h.inProgram || v.At < healed(res.Trace)) {
			return true
		}
	}
	return false
}

// isMinimal fails if the bug shows without one of the calls, faults or steps.
func (h *hunt) isMinimal(t *testing.T, p *prog.Prog) {
	var smaller []*prog.Prog
	for i := range p.Calls {
		smaller = append(smaller, p.Keep(func(k int) bool { return k != i }))
		if p.Calls[i].Fault != nil {
			c := p.Clone()
			c.Calls[i].Fault = nil
			smaller = append(smaller, c)
		}
	}
	for i := range p.Schedule {
		c := p.Clone()
		c.Schedule = append(c.Schedule[:i], c.Schedule[i+1:]...)
		smaller = append(smaller, c)
	}
	for _, c := range smaller {
		if len(c.Calls) > 0 && c.Validate() == nil {
			require.False(t, h.shows(t, c), "the bug shows without a part of the minimal program:\n%s", c)
		}
	}
}

// newEnv names the folder that takes what fuzzing finds instead of the corpus.
const newEnv = "LINKFLAP_NEW"

// FuzzCanary must find its plant, every time anew: whoever changes the pipeline sees at once whether it still catches something. Nothing
// is kept of it unless somebody asks for it.
func FuzzCanary(f *testing.F) {
	if flag.Lookup("test.fuzz").Value.String() == "" && !libfuzzer.On {
		f.Skip("fails as it should, and so only with -fuzz")
	}
	if os.Getenv(tally.GoOn) != "" {
		f.Skip("a plant is nothing to hunt for")
	}
	if os.Getenv(newEnv) == "" {
		f.Setenv(newEnv, f.TempDir())
	}
	harness.Fuzz(f, Planted(gadget.HandOverLocked))
}
