package atomvm

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
)

// outcome is what became of a program.
type outcome struct {
	*harness.Result
	errs []string        // by call: its error, "" if it succeeded, "-" if it did not return
	ends []time.Duration // by call
}

// run runs a program; R in it is the release.
func run(t *testing.T, release, text string) outcome {
	t.Helper()
	tg := Target
	p, err := prog.Parse(tg.Spec(), "test", 1, strings.ReplaceAll(strings.TrimLeft(text, "\n"), "(R", "("+release))
	require.NoError(t, err)
	o := outcome{Result: tg.Run(t, p, true)}
	for range p.Calls {
		o.errs, o.ends = append(o.errs, "-"), append(o.ends, 0)
	}
	for _, e := range o.Trace.Events {
		if e.Kind == trace.Return && int(e.A) < len(o.errs) {
			o.errs[e.A], o.ends[e.A] = e.Name, e.At
		}
	}
	return o
}

// bugs are the signatures without the release, and without the one that every release has: nothing frees ClientData.
func (o outcome) bugs() (list []string) {
	for _, v := range o.Violations {
		where, _, _ := strings.Cut(v.Signature(), " on "+variant(o.Prog))
		if where != "leak: ClientData taken by network_port is left after close" {
			list = append(list, where)
		}
	}
	return list
}

// detail is what the first violation says besides its signature.
func (o outcome) detail() string {
	if len(o.Violations) == 0 {
		return ""
	}
	return o.Violations[0].Detail
}

// The aborts that the second start may end in.
const (
	duplicate = "assert failed: esp_netif_create_default_wifi_sta wifi_default.c (netif)"
	noLoop    = "ESP_ERROR_CHECK failed: esp_err_t 0x103 (ESP_ERR_INVALID_STATE)"
)

// left is what stays of a network that was stopped only by name.
var left = []string{"leak: esp.netif taken by network_port is left after close", "leak: esp.handler taken by network_port is left after close"}

// github.com/atomvm/AtomVM issue 1449's own program: connect, stop, connect. That 0.6.4 aborts, too, is inferred: its stop leaves the
// interface, and the next start asserts.
func TestStartStopStart(t *testing.T) {
	for release, want := range map[string]struct {
		abort string
		bugs  []string
	}{
		"A0":             {duplicate, []string{"panic: driver.createSTA"}},
		"A1":             {noLoop, []string{"panic: driver.createSTA"}},
		"A2":             {},
		"keep-loop":      {"", left[1:]},
		"unregister-all": {noLoop, []string{"panic: driver.createSTA"}},
	} {
		o := run(t, release, `
v0 = boot(R)
wait_for_sta(home)
stop()
wait_for_sta(home)
`)
		require.Equal(t, want.bugs, o.bugs(), release)
		if want.abort != "" {
			require.Contains(t, o.detail(), want.abort, release)
			require.Equal(t, []string{"", "", "", "-"}, o.errs, release)
			continue
		}
		require.Equal(t, []string{"", "", "", ""}, o.errs, "%s: a clean second connection", release)
	}
}

// Issue 643: up to 0.6.4 stop ends the server only; Wi-Fi goes on, with its interface and handlers.
func TestStopStopsWiFi(t *testing.T) {
	for _, r := range []string{"A0", "A1", "A2", "keep-loop", "unregister-all"} {
		o := run(t, r, `
v0 = boot(R)
wait_for_sta(home)
stop()
sleep(1s)
`)
		gone := false // from the access point, before the program ends
		for _, e := range o.Trace.Events {
			gone = gone || e.Kind == trace.Link && e.Name == "disconnected" && e.At < o.ends[3]
		}
		require.Equal(t, r != "A0", gone, r)
		if r == "A0" {
			require.Subset(t, o.bugs(), left)
		}
	}
}

// Without a server there is nobody to stop the port: gen_server:stop/1 finds no process, and the network can be started as if for the
// first time.
func TestStopWithoutStart(t *testing.T) {
	for _, r := range []string{"A0", "A1", "A2", "keep-loop", "unregister-all"} {
		o := run(t, r, `
v0 = boot(R)
stop()
wait_for_sta(home)
`)
		require.Equal(t, []string{"", "{error, undefined}", ""}, o.errs, r)
	}
}

// Pull request 1487: the start that follows a stop at once finds the port that is ending, whose mailbox is dropped. On two cores; on one the
// port has ended before the caller runs again. The server then waits for ever for an answer, and stop waits for the server.
func TestQuickStopStart(t *testing.T) {
	const stuck = "deadlock: close in driver.Stop waits for a channel operation of network, which waits for what nobody will give"
	for release, race := range map[string]bool{"A1": true, "A2": false, "keep-loop": true, "unregister-all": true} {
		for _, program := range []string{`
v0 = boot(R, cores=2)
wait_for_sta(home)
stop()
start(sta, home)
`, `
v0 = boot(R, cores=2)
wait_for_sta(home)
a: stop()
b: sleep(10ms)
b: start(sta, home)
`} {
			o := run(t, release, program)
			require.Equal(t, race, o.Has(stuck+" on "+release), "%s:%s", release, program)
			if last := len(o.errs) - 1; race {
				require.Equal(t, "exit timeout", o.errs[last], release)
			}
		}
		o := run(t, release, strings.ReplaceAll(`
v0 = boot(R, cores=2)
wait_for_sta(home)
stop()
sleep(100ms)
start(sta, home)
`, "R", release))
		require.False(t, o.Has(stuck+" on "+release), "%s: with a pause there is no race", release)
	}
}

// Pull request 1487 waits one second for the port. If somebody's slow handler keeps the port from unregistering its own for longer, the race
// is back.
func TestWhatIsLeftOfTheRace(t *testing.T) {
	for work, race := range map[string]bool{"900ms": false, "1100ms": true} {
		o := run(t, "A2", `
v0 = boot(R, cores=2)
e0 = subscribe(app, work=`+work+`)
wait_for_sta(home)
post()
sleep(1ms)
stop()
start(sta, home)
`)
		require.Equal(t, race, o.Verdict() ==
			"deadlock: close in driver.Stop waits for a channel operation of network, which waits for what nobody will give on A2", work)
	}
}

// Issue 1449: the default event loop is shared with other components. After a stop they must still get their events.
func TestOtherUsers(t *testing.T) {
	for release, hurt := range map[string]bool{"A0": false, "A1": true, "A2": false, "keep-loop": false, "unregister-all": true} {
		o := run(t, release, `
v0 = boot(R)
e0 = subscribe(app)
wait_for_sta(home)
post()
expect(e0, timeout=1s)
stop()
sleep(1s)
post()
expect(e0, timeout=1s)
e1 = subscribe(app)
`)
		want := []string{"", "", "", "", "", "", "", "", "", ""}
		if hurt {
			want = []string{"", "", "", "", "", "", "", "ESP_ERR_INVALID_STATE", "no event", "ESP_ERR_INVALID_STATE"}
			require.Contains(t, o.bugs(), "recovery: subscribe fails after the faults stopped", release)
		}
		require.Equal(t, want, o.errs, release)
	}
}

// start_network undoes nothing when it fails. From 0.6.5 on the server, which ends then, stops the port, and that cleans up, or, in 0.6.5,
// deletes the loop. In 0.6.6 start does not tell that it failed, although its documentation says so.
func TestFailedStartThenRetry(t *testing.T) {
	for _, c := range []struct{ release, first, second, abort string }{
		{"A0", "{error, 0x102}", "-", duplicate},
		{"A1", "{error, 0x102}", "-", noLoop},
		{"A2", "", "", ""},
		{"keep-loop", "{error, 0x102}", "", ""},
		{"unregister-all", "{error, 0x102}", "-", noLoop},
	} {
		o := run(t, c.release, `
v0 = boot(R)
start(bad_channel, home)
sleep(1s)
wait_for_sta(home)
`)
		require.Equal(t, []string{"", c.first, "", c.second}, o.errs, c.release)
		require.Contains(t, o.detail(), c.abort, c.release)
		const freed = "double-free: start_network frees a wifi_config_t that start_network freed"
		require.Equal(t, c.release == "A0", o.Has(freed+" on A0"), "pull request 1137: %s", c.release)
	}
}

// A configuration without station and access point, or of a station without a name, is badarg; one without a passphrase is
// strlen(NULL).
func TestBadConfigurations(t *testing.T) {
	for _, r := range []string{"A0", "A1", "keep-loop", "unregister-all"} {
		for _, bad := range []string{"none", "no_ssid"} {
			o := run(t, r, "v0 = boot(R)\nstart("+bad+", home)\n")
			require.Equal(t, []string{"", "{error, badarg}"}, o.errs, "%s %s", r, bad)
		}
		o := run(t, r, "v0 = boot(R)\nstart(no_psk, home)\n")
		require.Equal(t, "panic: driver.getSTAConfig on "+r, o.Verdict())
		require.Contains(t, o.detail(), "LoadProhibited")
		require.Equal(t, []string{"", ""}, run(t, r, "v0 = boot(R)\nwait_for_sta(cafe)\n").errs, "an empty passphrase is one")
	}
	require.Equal(t, []string{"", ""}, run(t, "A2", "v0 = boot(R)\nstart(none, home)\n").errs, "0.6.6 does not tell")
}

// The access point, and both at once, can be started and stopped like a station.
func TestAccessPoint(t *testing.T) {
	o := run(t, "A2", `
v0 = boot(R)
wait_for_ap()
stop()
start(both, home, sntp=on)
sleep(5s)
restart(ap, home)
wait_for_ap()
restart(sta, cafe)
`)
	require.Equal(t, "{error, {already_started, 6}}", o.errs[6])
	require.Empty(t, o.bugs())
	for i, e := range o.errs {
		require.True(t, e == "" || i == 6, "call %d: %s", i, e)
	}
}

// wait_for_sta gives up at the first disconnect, although the driver goes on trying, and does get there.
func TestTheFirstDisconnectIsTheLast(t *testing.T) {
	for _, r := range []string{"A0", "A1", "A2"} {
		o := run(t, r, `
v0 = boot(R)
a: wait_for_sta(home)
air: down(home)
air: sleep(10s)
air: up(home)
a: sleep(20s)
-- schedule --
air block
`)
		require.Equal(t, "{error, disconnected}", o.errs[1], r)
		last := ""
		for _, e := range o.Trace.Events {
			if e.Kind == trace.Link && e.At < o.ends[5] {
				last = e.Name
			}
		}
		require.Equal(t, "address", last, r)
	}
}

// Inferred from network.erl: what the callbacks of an earlier wait_for_sta have sent stays in the caller's mailbox, and the next one takes it
// for its own. No contract says otherwise, so no oracle reports it.
func TestStaleMessages(t *testing.T) {
	o := run(t, "A2", `
v0 = boot(R)
wait_for_sta(nowhere)
sleep(10s)
stop()
wait_for_sta(home)
sleep(5s)
`)
	require.Equal(t, []string{"", "{error, disconnected}", "", "", "{error, disconnected}", ""}, o.errs)
	require.Less(t, o.ends[4]-o.ends[3], 100*time.Millisecond, "before it can have joined")
	require.Empty(t, o.bugs())
}

// The driver reconnects at once, without limit, whatever the reason: 1.5 s of scanning and joining for every attempt with a wrong passphrase.
// Espressif's guide advises against it; it is no violation.
func TestEndlessReconnect(t *testing.T) {
	for _, r := range []string{"A0", "A1", "A2"} {
		o := run(t, r, `
v0 = boot(R)
start(sta, locked)
sleep(2m)
`)
		attempts := 0
		for _, e := range o.Trace.Events {
			if e.Kind == trace.Bus && e.Name == "esp_wifi_connect" && e.At <= o.ends[2] {
				attempts++
			}
		}
		require.InDelta(t, 120/1.5, attempts, 1, r)
	}
}

// The station of 0.6.6 comes back whatever the access point does.
func TestAccessPointDrops(t *testing.T) {
	o := run(t, "A2", `
v0 = boot(R)
wait_for_sta(home)
air: deauth(home)
air: sleep(5s)
air: down(home)
air: sleep(15s)
air: up(home)
air: dhcp(home, move)
air: sleep(7s)
air: deauth(home)
`)
	require.Empty(t, o.bugs())
	require.Equal(t, "leak: ClientData taken by network_port is left after close on A2", o.Verdict())
}

// Only task main boots, and only once, so that a program has one release.
func TestOneReleaseForEachProgram(t *testing.T) {
	o := run(t, "A1", `
v0 = boot(R)
v1 = boot(A0)
a: v2 = boot(A2)
`)
	require.Equal(t, []string{"", errBooted.Error(), errBooted.Error()}, o.errs)
	require.Equal(t, "A1", variant(o.Prog))
	o = run(t, "", "stop()\n")
	require.Equal(t, []string{errOff.Error()}, o.errs)
	require.Equal(t, "A2", variant(o.Prog))
}
