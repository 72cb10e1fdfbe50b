package apps

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// ends counts the ways in which connections ended.
func ends(tr *trace.Trace) (fins, rsts int) {
	for _, e := range tr.Events {
		if e.Kind == trace.Conn && e.Name == "fin" {
			fins++
		}
		if e.Kind == trace.Conn && e.Name == "rst" {
			rsts++
		}
	}
	return fins, rsts
}

// The app on the telephone hangs up with a RST, telnet with a FIN: what the reporter of A saw with Wireshark.
func TestTheTwoClientsHangUp(t *testing.T) {
	phone := Phone
	phone.Times = 20
	for _, c := range []struct {
		client     Talk
		fins, rsts int
		fast       bool
	}{{phone, 0, 1, true}, {Telnet, 1, 0, false}} {
		var took time.Duration
		tr := atDesk(t, "v4", "communication", func(l *lab) {
			l.w.Sleep(powerOn)
			start := l.w.Now()
			require.Equal(l, Counters{Success: c.client.Times}, l.served(c.client))
			took = l.w.Now() - start
			l.w.Sleep(time.Second)
		})
		fins, rsts := ends(tr)
		require.Equal(t, []int{c.fins, c.rsts}, []int{fins, rsts})
		require.Equal(t, c.fast, took/time.Duration(c.client.Times) < time.Second, "%v for %d requests", took, c.client.Times)
	}
}

// What lets the stress test count what. All requests go to port 80.
func TestCounters(t *testing.T) {
	for _, c := range []struct {
		name, program string
		before        func(l *lab)
		want          Counters
	}{
		{"an answer", "web", func(*lab) {}, Counters{Success: 1}},
		{"no network", "web", func(l *lab) { l.router.Power(false) }, Counters{RequestTimeouts: 1}},
		{"connected, but late", "web", func(l *lab) {
			l.router.Cable(false)
			l.w.Go("repair", func() { l.w.Sleep(12 * time.Second); l.router.Cable(true) })
		}, Counters{RequestTimeouts: 1}},
		{"nobody listens there", "telnet", func(*lab) {}, Counters{RequestConnErr: 1}},
		{"the server is busy with somebody who says nothing", "web", func(l *lab) {
			require.NoError(l, l.air.Peer("p2").Dial(80))
			l.w.Sleep(time.Second)
		}, Counters{RequestOtherException: 1}},
		{"the cable is pulled before the request", "web", func(l *lab) {
			l.w.Go("cable", func() { l.w.Sleep(air.RTT - time.Millisecond); l.router.Cable(false) })
		}, Counters{RequestOtherException: 1}},
		{"the cable is pulled between the answer and the server's close", "web", func(l *lab) {
			l.w.Go("cable", func() { l.w.Sleep(air.RTT); l.router.Cable(false) })
		}, Counters{RequestConnErr: 1}},
	} {
		atDesk(t, "v4", c.program, func(l *lab) {
			l.w.Sleep(powerOn)
			c.before(l)
			var tally Tally
			HTTP.Session(l.w, l.air.Peer("p1"), Find("web"), &tally)
			require.Equal(l, c.want, tally.Counters, c.name)
		})
	}
}

// The stress test asks once a second, as posted, and nothing fails as long as nobody pulls a cable: "under normal conditions it works fine and
// doesn't fail any web requests".
func TestStressUnderNormalConditions(t *testing.T) {
	for _, program := range []string{"web", "web5"} {
		atDesk(t, "v0", program, func(l *lab) {
			l.w.Sleep(powerOn)
			var tally Tally
			l.w.Go("client", func() { Use(l.w, HTTP, l.air.Peer("p1"), l.program, &tally) })
			l.w.Go("monitor", func() { Monitor{time.Second}.Watch(l.Photon, &tally) })
			l.w.Sleep(10 * minute)
			require.Equal(l, Counters{Success: tally.Success}, tally.Counters)
			require.Greater(l, tally.Success, 540, "got requests in ten minutes, want one in a second and what it takes")
		})
	}
}

// While the board is in reset its serial port is gone; while the LED shows an SOS it is still there.
func TestMonitor(t *testing.T) {
	atDesk(t, "v4", "web5", func(l *lab) {
		var tally Tally
		l.w.Go("monitor", func() { Monitor{time.Second}.Watch(l.Photon, &tally) })
		l.w.Sleep(powerOn)
		require.Equal(l, Counters{}, tally.Counters)
		l.plug(false)
		l.w.Sleep(3500 * time.Millisecond)
		require.Equal(l, Counters{SerialExceptions: 4}, tally.Counters, "one read and three attempts")
		l.plug(true)
		l.w.Sleep(time.Second)
		require.Equal(l, Counters{SerialExceptions: 4, ReopenedSerialPorts: 1}, tally.Counters)
	})
}

// A board that panics shows its SOS, forgets everything, and serves again.
func TestPhotonStartsAgain(t *testing.T) {
	atDesk(t, "v4", "telnet", func(l *lab) {
		var tally Tally
		l.w.Go("monitor", func() { Monitor{time.Second}.Watch(l.Photon, &tally) })
		l.w.Sleep(powerOn)
		require.Equal(l, Counters{Success: Telnet.Times}, l.served(Telnet))
		require.Zero(l, l.Resets())
		l.w.Go("leak", func() {
			for { // each takes memory that nobody frees
				l.NewTCPClient()
			}
		})
		l.w.Sleep(time.Second)
		require.Equal(l, 1, l.Panics[deviceos.PanicOutOfHeap])
		require.True(l, l.serial, "the port is there while the LED shows the SOS")
		require.Equal(l, Counters{RequestTimeouts: 1}, l.served(Telnet), "interrupts are off")
		l.w.Sleep(powerOn)
		require.Equal(l, 1, tally.ReopenedSerialPorts)
		require.Equal(l, Counters{Success: Telnet.Times}, l.served(Telnet))
		require.Equal(l, 1, l.Resets())
	})
}
