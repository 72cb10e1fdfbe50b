package particle

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
)

// cable is the report "Active TCPServer / Client appears to crash Photon": a client was served, and some time later the Ethernet cable of the
// access point is pulled.
const cable = `
boot(%s, mode=auto)
s0 = server(80)
p1: dial(80, hello=16)
p1: sleep(2s)
p1: close()
a: c0 = available(s0)
a: recv(c0, 16)
a: delay(3s)
a: stop(c0)
air: sleep(5s)
air: uplink(off)
a: delay(2m)
`

func parse(t testing.TB, text string) *prog.Prog {
	t.Helper()
	p, err := prog.Parse(Target.Spec(), t.Name(), 1, text)
	require.NoError(t, err)
	return p
}

// lights are the LED's signals from a time on.
func lights(res *harness.Result, from time.Duration) (names []string) {
	for i := range res.Trace.Events {
		if e := &res.Trace.Events[i]; e.Kind == trace.Light && e.At >= from {
			names = append(names, fmt.Sprintf("%s %d", e.Name, e.A))
		}
	}
	return names
}

// Whether the freed memory has been taken by then decides whether it is a hard fault: "around 1 case in 3".
//
// "Continues to breath cyan for around 15 seconds, flashes cyan for around 20 seconds, flashes red indicating that the Photon is rebooting."
func TestThePulledCable(t *testing.T) {
	res := Target.Run(t, parse(t, fmt.Sprintf(cable, "v0")), true)
	require.True(t, res.Has("panic: tcp_server_t::close on v0"), "got %v", res.Violations)
	pulled := 7 * time.Second
	require.Equal(t, []string{"green breathe 4000", "cyan blink 200", "red SOS 10400"}, lights(res, pulled))
	var at []time.Duration
	for i := range res.Trace.Events {
		if e := &res.Trace.Events[i]; e.Kind == trace.Light && e.At >= pulled {
			at = append(at, e.At-pulled)
		}
		if e := &res.Trace.Events[i]; e.Kind == trace.Link && e.Name == "disconnected" {
			require.Fail(t, "the link stays")
		}
	}
	require.InDelta(t, 15, at[1].Seconds(), 5, "breathes cyan, and then the cloud counts as lost")
	require.InDelta(t, 15, (at[2] - at[1]).Seconds(), 10, "flashes cyan, and then the WLAN is reset")

	for _, fixed := range []string{"v1", "v2", "v3", "v4"} {
		res := Target.Run(t, parse(t, fmt.Sprintf(cable, fixed)), true)
		require.NotContains(t, fmt.Sprint(res.Violations), "panic", fixed)
		require.Contains(t, lights(res, pulled), "white breathe 4000", "the WLAN is reset, without harm")
	}
}

func TestRelease(t *testing.T) {
	for _, c := range []struct{ program, release string }{
		{"ready()", "v0"},
		{"boot(v3)", "v3"},
		{"ready()\nboot(v3)", "v0"},
		{"a: boot(v3)", "v0"},
		{"boot(v2)\nboot(v3)", "v2"},
	} {
		p := parse(t, c.program+"\n")
		require.Equal(t, c.release, Target.Variant(p), c.program)
		require.Empty(t, Target.Run(t, p, false).Violations, c.program)
	}
}

// Modes and threads make a difference, and none to what works.
func TestEveryModeServes(t *testing.T) {
	for _, mode := range []string{"manual", "semi", "auto"} {
		for _, thread := range []string{"on", "off"} {
			p := parse(t, fmt.Sprintf(`
boot(v4, mode=%s, thread=%s)
s0 = server(80)
cloud(on)
process()
p1: dial(80, hello=16)
a: c0 = available(s0)
a: delay(2s)
a: recv(c0, 16)
a: send(c0, 100)
a: off()
a: delay(2s)
a: on()
a: connect()
a: delay(5s)
a: ready()
a: begin(s0)
a: stop(s0)
`, mode, thread)[1:])
			res := Target.Run(t, p, false)
			require.Empty(t, res.Violations, p)
			for i := range p.Calls {
				require.Contains(t, returned(res.Trace), i, "call %d of\n%s", i, p)
			}
		}
	}
}
