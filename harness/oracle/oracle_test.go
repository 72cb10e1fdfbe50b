package oracle_test

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestEveryOracleNamesItsContract(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range oracle.All {
		require.NotEmpty(t, o.Contract, o.Name)
		require.False(t, seen[o.Name], "two oracles are called %s", o.Name)
		seen[o.Name] = true
	}
}

func TestNamedKeepsTheOrderOfAll(t *testing.T) {
	some := oracle.Named("leak", "panic", "no such oracle")
	require.Len(t, some, 2)
	require.Equal(t, "panic", some[0].Name)
}

func TestAnEmptyTraceShowsNothing(t *testing.T) {
	require.Empty(t, oracle.Check(oracle.All, &trace.Trace{}, nil))
}

// everything is a run in which most oracles see something. %d and %s stand for what differs between two runs of one bug.
const everything = `
main: 0 dial
main: take socket 3 1
main: 0 returns 7
main: 1 close 0
main: free socket 3 1
main: 1 returns 0
main: 2 close 0
main: misuse socket 3 1
main: 2 fails
main: frame a_wrong_length 0x44
main: 3 send 0
main: 3 returns 16
main: 4 listen
main: take socket 5 1
main: 4 fails
a: 5 resolve
+4m
harness: phase closed
probe: 6 connect
probe: 6 fails
harness: phase not_recovered
a: stuck gadget.Resolve sleep - 5
`

func TestSignaturesAreNoAccidents(t *testing.T) {
	tr, calls := parse(t, everything)
	// Another slot, generation, descriptor, time and opcode: the same bugs.
	other, _ := parse(t, everything)
	for i := range other.Events {
		e := &other.Events[i]
		switch e.Kind {
		case trace.Take, trace.Free, trace.Misuse:
			e.A, e.B = e.A+1, e.B+4
		case trace.Return:
			e.B += 20
		case trace.Frame:
			e.A = 0x46
		}
		e.At += e.At / 3
	}
	var first, second []string
	number := regexp.MustCompile(`\d`)
	for _, v := range oracle.Check(oracle.All, tr, calls) {
		require.False(t, number.MatchString(v.Signature()), "got a number in signature %q", v.Signature())
		first = append(first, v.Signature())
	}
	for _, v := range oracle.Check(oracle.All, other, calls) {
		second = append(second, v.Signature())
	}
	require.Equal(t, []string{
		"hang: resolve in gadget.Resolve",
		"stale: send succeeds after close",
		"double-free: close releases a socket twice",
		"protocol: main sends a frame with a wrong length",
		"recovery: connect fails after the faults stopped",
		"leak: socket taken by listen is left after close",
	}, first)
	require.Equal(t, first, second)
}
