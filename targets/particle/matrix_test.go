package particle

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// matrixDir is where the scenarios are kept as reproducers.
const matrixDir = "../../corpus/particle"

// cell is what a scenario shows on one release.
type cell struct {
	want string // without the release
	note string // what is particular about it
	last bool   // the last call succeeds
}

var (
	fine   = cell{want: corpus.OK} // but the last call does not succeed, and should not
	served = cell{want: corpus.OK, last: true}
)

// scenario is one way in which the TCP server of device-os failed, and what each generation of releases makes of it: a row of the vendor's
// catalogue of bugs, as pull requests, commits and tests tell it.
type scenario struct {
	name    string
	prose   string
	program string // %s is what boot is called with first
	cells   [5]cell
}

// freed makes the verdict that user touches a kind of memory that freer has freed.
func freed(user, kind, freer string) string {
	return fmt.Sprintf("stale: %s uses a %s that %s freed", user, kind, freer)
}

var (
	staleClient    = cell{want: freed("tcp_server_t::close", "tcp_server_client_t", "socket_t::dispose"), last: true}
	danglingHandle = cell{want: freed("socket_active_status", "socket_t", "socket_close_all")}
	danglingSocket = cell{want: freed("socket_dispose", "socket_t", "socket_close_all"), last: true}
	otherSocket    = cell{
		want: "stale: socket_dispose uses the socket_t of another, its own was freed by socket_dispose", last: true,
	}
	staleServer = cell{
		want: danglingSocket.want, last: true,
		note: `
B-1 is gone; what is left is B-2: the application's TCPServer has the address of a socket_t that socket_close_all has deleted, and stops in the end.`,
	}
	fullTable   = cell{want: "recovery: begin of another fails after the faults stopped"}
	lostServer  = cell{want: "recovery: begin fails after the faults stopped"}
	walkedTable = cell{
		want: freed("tcpip thread", "tcp_server_t", "socket_create_tcp_server"),
		note: `
That the tcpip thread follows every address in the table at each TCP event is inferred: the debugger showed its crash "not in the calling thread".`,
	}
	deaf = cell{want: "hang: available"}
)

// TestMatrix replays every scenario on every release. With -update it also writes them into the corpus; without, they must be there.
func TestMatrix(t *testing.T) {
	for _, s := range scenarios {
		for i, c := range s.cells {
			name := s.name + "-" + deviceos.Variants[i].Name
			t.Run(name, func(t *testing.T) { s.check(t, deviceos.Variants[i].Name, c) })
		}
	}
}

func (s *scenario) check(t *testing.T, release string, c cell) {
	e := s.entry(t, release, c)
	res := Target.Run(t, e.Prog, true)
	if e.Want == corpus.OK {
		require.Empty(t, res.Violations, e.Prog)
	} else {
		require.True(t, res.Has(e.Want), "got %v, want %s\n%s", res.Violations, e.Want, e.Prog)
	}
	require.Equal(t, c.last, slices.Contains(returned(res.Trace), len(e.Prog.Calls)-1), "the last call's success: %s", e.Prog)
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, corpus.Write(e))
	}
	kept, err := os.ReadFile(e.Path)
	require.NoError(t, err, "run go test ./targets/particle -run TestMatrix -update")
	require.Equal(t, e.String(), string(kept))
}

// returned are the calls that returned without an error.
func returned(tr *trace.Trace) (calls []int) {
	for i := range tr.Events {
		if e := &tr.Events[i]; e.Kind == trace.Return && trace.Status(e.C) == trace.OK {
			calls = append(calls, int(e.A))
		}
	}
	return calls
}

// entry is a cell as a reproducer.
func (s *scenario) entry(t *testing.T, release string, c cell) *corpus.Entry {
	p, err := prog.Parse(Target.Spec(), s.name, 1, strings.TrimLeft(fmt.Sprintf(s.program, release), "\n"))
	require.NoError(t, err)
	e := &corpus.Entry{
		Path:   filepath.Join(matrixDir, fmt.Sprintf("matrix-%s-%s.txt", s.name, release)),
		Prog:   p,
		Want:   c.want,
		Target: Target.Name,
	}
	if c.want != corpus.OK {
		e.Want += " on " + release
	}
	parts := []string{"A scenario of the vendor's catalogue of bugs, written by hand, not found by fuzzing.", strings.TrimSpace(s.prose)}
	if note := strings.TrimSpace(c.note); note != "" {
		parts = append(parts, note)
	}
	e.Prose = strings.Join(parts, "\n\n")
	return e
}

// The releases must differ where the table says so, and nowhere else.
func TestVariantsAreATable(t *testing.T) {
	seen := map[string]bool{}
	for i, v := range deviceos.Variants {
		require.Equal(t, fmt.Sprintf("v%d", i), v.Name)
		v.Name = ""
		require.False(t, seen[fmt.Sprint(v)], "v%d differs from no other", i)
		seen[fmt.Sprint(v)] = true
	}
}
