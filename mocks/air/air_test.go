package air_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// world is what a test's task has in hand.
type world struct {
	*require.Assertions
	w *sim.World
	a *air.Air
}

// in runs the tasks in an air of their own, the first of them first, and returns what happened.
func in(t *testing.T, tasks ...func(w *world)) *trace.Trace {
	t.Helper()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(sw *sim.World) {
		w := &world{Assertions: require.New(t), w: sw, a: air.New(sw)}
		for i, f := range tasks {
			sw.Spawn(string(rune('a'+i)), i, func(*sim.Task) { f(w) })
		}
		out = sw.Await(time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "a task did not end")
	return tr
}

// names returns the names of the events of kind k.
func names(tr *trace.Trace, k trace.Kind) (found []string) {
	for _, e := range tr.Events {
		if e.Kind == k {
			found = append(found, e.Name)
		}
	}
	return found
}

// join associates with an access point and waits until that is decided.
func (w *world) join(ssid, pass string) *world {
	w.a.Join(ssid, pass)
	w.w.Sleep(5 * time.Second)
	return w
}

// joined is join with "home", without its events.
func (w *world) joined() *world {
	w.join("home", "password1").events()
	_, ok := w.a.Address()
	w.True(ok)
	return w
}

// events takes the station's events.
func (w *world) events() (got []air.Event) {
	for {
		e, ok := w.a.Event()
		if !ok {
			return got
		}
		got = append(got, e)
	}
}

// reasons are the reasons of the station's disconnections.
func (w *world) reasons() (got []air.Reason) {
	for _, e := range w.events() {
		if e.Kind == air.Disconnected {
			got = append(got, e.Reason)
		}
	}
	return got
}

func TestJoin(t *testing.T) {
	in(t, func(w *world) {
		w.join("home", "password1")
		w.Equal([]air.Event{
			{At: air.ScanTime + air.AuthTime, Kind: air.Associated},
			{At: air.ScanTime + air.AuthTime + air.DHCPTime, Kind: air.GotAddress},
		}, w.events(), "each at its own time, though nobody looked")
		ip, ok := w.a.Address()
		w.True(ok)
		w.Equal(air.IP{10, 0, 0, 2}, ip)
		ap, _ := w.a.AP()
		w.Equal("home", ap.SSID)
		w.Len(w.a.Scan(nil), 2)
		w.a.Leave()
		w.Equal([]air.Reason{air.ReasonLeft}, w.reasons())
		w.a.Leave()
		w.Empty(w.events(), "an idle station has nothing to leave")
	})
}

func TestJoinFails(t *testing.T) {
	for _, c := range []struct {
		ssid, pass string
		want       air.Reason
	}{
		{"nowhere", "", air.ReasonNoAP},
		{"home", "", air.ReasonAuthFail},
		{"home", "password2", air.ReasonAuthFail},
	} {
		in(t, func(w *world) {
			w.Equal([]air.Reason{c.want}, w.join(c.ssid, c.pass).reasons())
			_, ok := w.a.AP()
			w.False(ok)
		})
	}
}

func TestDownAndUp(t *testing.T) {
	in(t, func(w *world) {
		w.a.Down("home")
		w.Equal([]air.Reason{air.ReasonNoAP}, w.join("home", "password1").reasons())
		w.Len(w.a.Scan(nil), 1)
		w.a.Up("home")
		w.joined()
		w.a.Down("cafe")
		w.a.Down("nowhere")
		w.w.Sleep(time.Minute)
		w.Empty(w.events(), "another access point's business")
		w.a.Down("home")
		w.w.Sleep(air.BeaconLoss - 1)
		w.Empty(w.events())
		w.w.Sleep(1)
		w.Equal([]air.Reason{air.ReasonBeacons}, w.reasons())
		w.a.Up("home")
		w.joined()
		w.a.Down("home")
		w.a.Up("home")
		w.Equal([]air.Reason{air.ReasonUnknownSTA}, w.reasons(), "it was not gone for long, but it has forgotten")
	})
}

func TestDeauth(t *testing.T) {
	in(t, func(w *world) {
		w.a.Deauth("home")
		w.joined()
		w.a.Deauth("cafe")
		w.Empty(w.events())
		w.a.Deauth("home")
		w.Equal([]air.Reason{air.ReasonAuthExpire}, w.reasons())
		w.a.Join("home", "password1")
		w.w.Sleep(air.ScanTime + air.AuthTime/2)
		w.a.Deauth("home")
		w.Equal([]air.Reason{air.ReasonAuthExpire}, w.reasons(), "in the middle of joining")
	})
}

func TestDHCP(t *testing.T) {
	in(t, func(w *world) {
		w.a.DHCP("home", air.DHCPOff)
		w.join("home", "password1")
		_, ok := w.a.Address()
		w.False(ok)
		w.a.DHCP("home", air.DHCPOn)
		w.w.Sleep(air.DHCPRetry)
		ip, _ := w.a.Address()
		w.Equal(air.IP{10, 0, 0, 2}, ip)
		w.a.DHCP("home", air.DHCPMove)
		ip, _ = w.a.Address()
		w.Equal(air.IP{10, 0, 0, 2}, ip, "the lease stays")
		w.joined()
		ip, _ = w.a.Address()
		w.Equal(air.IP{10, 0, 0, 3}, ip)
	})
}

func TestStaticAddress(t *testing.T) {
	in(t, func(w *world) {
		w.a.DHCP("home", air.DHCPOff)
		w.a.SetAddress(air.IP{10, 0, 0, 9})
		w.joined()
		w.a.SetAddress(air.IP{10, 0, 0, 10})
		ip, ok := w.a.Address()
		w.True(ok)
		w.Equal(air.IP{10, 0, 0, 10}, ip)
	})
}

func TestResolve(t *testing.T) {
	ask := func(w *world, name string) (ip air.IP, found bool, took time.Duration) {
		start := w.w.Now()
		for q := w.a.Resolve(name); ; w.w.Sleep(time.Millisecond) {
			if ip, found, done := q.Answer(); done {
				return ip, found, w.w.Now() - start
			}
		}
	}
	in(t, func(w *world) {
		_, found, took := ask(w, "echo")
		w.False(found, "without a link")
		w.Zero(took)
		w.joined()
		for _, name := range append(append([]string{}, air.Hosts...), air.Peers...) {
			ip, found, took := ask(w, name)
			want, _ := w.a.HostIP(name)
			w.True(found, name)
			w.Equal(want, ip, name)
			w.Equal(air.RTT, took, name)
		}
		_, found, took = ask(w, "nobody")
		w.False(found)
		w.Equal(air.RTT, took)
		w.a.Uplink(false)
		_, found, took = ask(w, "echo")
		w.False(found)
		w.Equal(7*time.Second, took)
		ip, found, took := ask(w, "1.2.3.4")
		w.True(found)
		w.Zero(took)
		w.Equal(air.IP{1, 2, 3, 4}, ip)
		q := w.a.Resolve("echo")
		w.w.Sleep(1500 * time.Millisecond)
		w.a.Uplink(true)
		w.w.Sleep(500*time.Millisecond + air.RTT)
		_, found, done := q.Answer()
		w.True(found && done, "the third try gets through")
	})
}

func TestReaches(t *testing.T) {
	in(t, func(w *world) {
		echo, _ := w.a.HostIP("echo")
		gone, _ := w.a.HostIP("gone")
		w.False(w.a.Reaches(echo))
		w.joined()
		w.True(w.a.Reaches(echo))
		w.False(w.a.Reaches(gone))
		w.a.Uplink(false)
		w.False(w.a.Reaches(echo))
		w.True(w.a.Reaches(air.Gateway))
	})
}

func TestUDP(t *testing.T) {
	in(t, func(w *world) {
		echo, _ := w.a.HostIP("echo")
		u, err := w.a.OpenUDP(53)
		w.NoError(err)
		_, err = w.a.OpenUDP(53)
		w.ErrorIs(err, air.ErrInUse)
		w.ErrorIs(u.Send(echo, 7, []byte{1}), air.ErrUnreachable)
		w.joined()
		for i := range air.UDPBox + 1 {
			w.NoError(u.Send(echo, 7, []byte{byte(i)}))
		}
		w.NoError(u.Send(echo, 8, []byte{99}))
		for i := range air.UDPBox {
			d, ok := u.Recv()
			w.True(ok)
			w.Equal(air.Datagram{From: echo, Port: 7, Data: []byte{byte(i)}}, d)
		}
		_, ok := u.Recv()
		w.False(ok, "one too many was dropped")
		w.a.Uplink(false)
		w.NoError(u.Send(echo, 7, []byte{1}))
		w.a.Uplink(true)
		_, ok = u.Recv()
		w.False(ok, "nobody sends a datagram again")
		u.Close()
		_, err = w.a.OpenUDP(53)
		w.NoError(err)
	})
}

func TestHeal(t *testing.T) {
	in(t, func(w *world) {
		w.joined()
		for _, ssid := range air.APs {
			w.a.DHCP(ssid, air.DHCPOff)
			w.a.Down(ssid)
		}
		w.a.Uplink(false)
		w.NoError(w.a.Peer("p1").Vanish())
		w.a.Heal()
		w.joined()
		l, err := w.a.Listen(80, 1)
		w.NoError(err)
		w.NoError(w.a.Peer("p1").Dial(80))
		w.NotNil(l.Accept())
	})
}

func TestPattern(t *testing.T) {
	buf := make([]byte, 600)
	air.Fill(buf, 0x41, 3)
	require.Equal(t, []byte{1, 0x41, 2, 0x41, 3}, buf[:5])
	require.Equal(t, -1, air.Check(buf, 0x41, 3))
	require.Equal(t, -1, air.Check(buf[10:], 0x41, 13))
	require.Equal(t, 0, air.Check(buf, 0x41, 5))
	require.Equal(t, 1, air.Check(buf, 0x42, 3))
	buf[77]++
	require.Equal(t, 77, air.Check(buf, 0x41, 3))
	require.Equal(t, byte(0x85), air.RemoteTag(5))
	require.Equal(t, byte(0x81), air.RemoteTag(65))
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return in(t, func(w *world) {
			w.joined()
			l, _ := w.a.Listen(80, 1)
			w.w.Sleep(time.Second)
			c := l.Accept()
			w.NoError(c.WriteAll(make([]byte, 20_000)))
			w.w.Sleep(time.Minute)
		}, func(w *world) {
			w.w.Sleep(5 * time.Second)
			p := w.a.Peer("p1")
			w.NoError(p.Dial(80))
			w.NoError(p.Read(12_000))
			w.NoError(p.Reset())
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}
