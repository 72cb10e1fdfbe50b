package prog

import (
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeep(t *testing.T) {
	tests := []struct{ why, drop, want string }{
		{"nothing changes", "", example},
		{
			"what needs the listener goes with it, and the steps of a, b and d",
			"listen",
			"connect(home, watchdog=2s)\np1: dial(80)\nair: down(home)\nu0 = udp()\nc: close(u0) (fault: noack@1)\np3: close()\nsleep(999ms)\n",
		},
		{
			"references and names move up",
			"connect dial down recv splice sleep disconnect",
			"s0 = listen(80)\na: c0 = accept(s0)\nb: close(s0)\nu0 = udp()\nc: close(u0) (fault: noack@1)\np3: close()\n" +
				"d: c1 = accept(s0)\n-- schedule --\na 17\nb block\na done\nd 65535\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			p := parse(t, testSpec(), example)
			drop := strings.Fields(tt.drop)
			q := p.Keep(func(call int) bool { return !slices.Contains(drop, p.op(call).Name) })
			assert.Equal(t, tt.want, q.String())
			assert.Equal(t, example, p.String(), "the original stays")
		})
	}
}

// Order drops what would use a result before it is there, and renumbers the rest.
func TestOrder(t *testing.T) {
	p, err := Parse(testSpec(), "test", 1, "connect(home)\ns0 = listen(80)\na: c0 = accept(s0)\nclose(s0)\n")
	require.NoError(t, err)
	require.Equal(t, p.String(), p.Order([]int{0, 1, 2, 3}).String())
	require.Equal(t, "connect(home)\ns0 = listen(80)\nclose(s0)\na: c0 = accept(s0)\n", p.Order([]int{0, 1, 3, 2}).String())
	require.Equal(t, "connect(home)\ns0 = listen(80)\n", p.Order([]int{3, 2, 0, 1}).String())
}

func TestKeepIsValidAndLess(t *testing.T) {
	generated(t, func(p *Prog, r *rand.Rand) {
		asked := 0
		q := p.Keep(func(call int) bool {
			require.Equal(t, asked, call)
			asked++
			return r.Intn(4) > 0
		})
		require.Len(t, p.Calls, asked)
		checkRoundTrips(t, q)
		require.True(t, Equal(p, q) || Less(q, p), "%s\nis not less than\n%s", q, p)
	})
}

func TestCloneSharesNothing(t *testing.T) {
	p := parse(t, testSpec(), example)
	q := p.Clone()
	require.Equal(t, p, q)
	q.Calls[1].Args[0]++
	q.Calls[6].Fault.Nth++
	q.Schedule[0].N++
	assert.Equal(t, example, p.String())
}

// Each line is simpler than the next.
func TestLess(t *testing.T) {
	ladder := []string{
		"",
		"udp()",
		"sleep(10ms)",
		"sleep(1s)",
		"connect(home, retries=0)",
		"connect(cafe, retries=5)",
		"connect(home, retries=0, watchdog=1ms)",
		"sleep(1s)\n-- schedule --\nmain done",
		"sleep(1s)\n-- schedule --\nmain block",
		"sleep(1s)\n-- schedule --\nmain 4",
		"sleep(1s)\n-- schedule --\nmain 5",
		"sleep(1s) (fault: bus@1=0x2)",
		"sleep(1s) (fault: bus@2=0x1)",
		"sleep(1s) (fault: bus@2=0x2)",
		"sleep(1s) (fault: noack@1)",
		"udp()\nudp()",
		"a: udp()\na: udp()",
		"udp()\na: udp()",
		"udp() (fault: noack@1)\nudp()",
	}
	spec := testSpec()
	for i, low := range ladder {
		for j, high := range ladder {
			assert.Equal(t, i < j, Less(parse(t, spec, low), parse(t, spec, high)), "%q against %q", low, high)
		}
	}
}

func TestLessIsStrict(t *testing.T) {
	spec := testSpec()
	r := rand.New(rand.NewSource(7))
	for range 2000 {
		p := Generate(r, spec)
		q := p.Clone()
		i := r.Intn(len(q.Calls))
		if args := q.Calls[i].Args; len(args) > 0 {
			args[r.Intn(len(args))]++
		}
		require.Equal(t, !Equal(p, q), Less(p, q) != Less(q, p), "%s\nagainst\n%s", p, q)
	}
	assert.False(t, Equal(&Prog{Spec: spec}, &Prog{Spec: testSpec()}), "programs over two specs are never equal")
}

func TestExtend(t *testing.T) {
	spec := testSpec()
	r := rand.New(rand.NewSource(9))
	grown := 0
	for range 300 {
		p := Generate(r, spec)
		q := Extend(r, p, 8)
		require.NoError(t, q.Validate())
		require.LessOrEqual(t, len(q.Calls), min(len(p.Calls)+8, MaxCalls))
		require.Zero(t, compareCalls(p, &Prog{Spec: spec, Calls: q.Calls[:len(p.Calls)]}), "its own calls stay")
		require.Equal(t, p.Schedule, q.Schedule)
		for _, c := range q.Calls[len(p.Calls):] {
			require.Nil(t, c.Fault)
			if p.tasks() == 1<<Main {
				require.Equal(t, Main, c.Task)
			} else {
				require.NotEqual(t, Main, c.Task)
			}
		}
		grown += len(q.Calls) - len(p.Calls)
	}
	require.Greater(t, grown, 1000)
}
