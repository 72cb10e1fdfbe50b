package wiced_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/wiced"
)

const joinTime = air.ScanTime + air.AuthTime

// device-os v0.6.0, wlan_hal.cpp wlan_connect_finalize: joining and DHCP are synchronous.
func TestJoinAndLease(t *testing.T) {
	on(t, young, func(b *board) {
		b.ok(b.s.ConnectivityInit())
		b.takes(joinTime, func() { b.ok(b.s.InterfaceUp("home", "password1")) })
		b.True(b.s.Joined())
		_, leased := b.s.Address()
		b.False(leased, "joined, no address yet")
		b.takes(air.DHCPTime, func() { b.ok(b.s.NetworkUp()) })
		ip, leased := b.s.Address()
		b.True(leased)
		b.Equal(air.IP{10, 0, 0, 2}, ip)
		b.takes(0, func() { b.ok(b.s.InterfaceUp("home", "password1")) })
		b.takes(0, func() { b.ok(b.s.NetworkUp()) })
		b.ok(b.s.NetworkDown())
		b.False(b.s.Joined())
		_, leased = b.s.Address()
		b.False(leased)
	})
}

func TestJoinFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		want  wiced.Result
		takes time.Duration
		pass  string
		do    func(b *board)
	}{
		{"a wrong passphrase", wiced.Error, joinTime, "wrong", func(*board) {}},
		{"no such network", wiced.Error, air.ScanTime, "password1", func(b *board) { b.a.Down("home") }},
		{"cancelled", wiced.Aborted, time.Second, "password1", func(b *board) { b.later(b.s.CancelJoin) }},
		{"the network is taken down", wiced.Aborted, time.Second, "password1", func(b *board) { b.later(func() { b.ok(b.s.NetworkDown()) }) }},
		{"the radio is switched off", wiced.NotUp, time.Second, "password1", func(b *board) { b.later(func() { b.ok(b.s.ConnectivityDeinit()) }) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			on(t, young, func(b *board) {
				b.ok(b.s.ConnectivityInit())
				c.do(b)
				b.takes(c.takes, func() { b.Equal(c.want, b.s.InterfaceUp("home", c.pass)) })
				b.False(b.s.Joined())
				b.w.Sleep(time.Minute)
				b.False(b.s.Joined(), "nobody asked for another attempt")
				b.a.Heal()
				b.up()
			})
		})
	}
}

// later makes another task of the firmware do something in a second.
func (b *board) later(f func()) {
	b.w.Go("later", func() {
		b.w.Sleep(time.Second)
		f()
	})
}

func TestLeaseFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		want  wiced.Result
		takes time.Duration
		do    func(b *board)
	}{
		{"no answer", wiced.Timeout, wiced.DHCPLimit, func(*board) {}},
		{"cancelled", wiced.Aborted, time.Second, func(b *board) { b.later(b.s.CancelJoin) }},
		{"the link is lost", wiced.NotUp, time.Second, func(b *board) { b.later(func() { b.a.Deauth("home") }) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			on(t, young, func(b *board) {
				b.ok(b.s.ConnectivityInit())
				b.a.DHCP("home", air.DHCPOff)
				b.ok(b.s.InterfaceUp("home", "password1"))
				c.do(b)
				b.takes(c.takes, func() { b.Equal(c.want, b.s.NetworkUp()) })
				b.a.Heal()
				b.ok(b.s.NetworkDown())
				b.up()
			})
		})
	}
}

// device-os v0.6.0, wlan_hal.cpp wlan_activate: up and down are reported, on the worker; commit 245fc46c3: the stack joins again by itself,
// and its DHCP is asynchronous.
func TestLostLink(t *testing.T) {
	on(t, young, func(b *board) {
		b.up()
		note := func(what string) func() { return func() { b.told = append(b.told, what) } }
		b.ok(b.s.RegisterLink(note("up"), note("down")))
		b.a.Down("home")
		b.w.Sleep(air.BeaconLoss - 100*ms)
		b.Empty(b.told, "the beacons have not been missing for long enough")
		b.True(b.s.Joined())
		b.w.Sleep(time.Second)
		b.Equal([]string{"down"}, b.told, "nobody had to look")
		b.False(b.s.Joined())
		b.w.Sleep(time.Minute)
		b.Equal([]string{"down"}, b.told, "attempts that fail are not reported")
		b.a.Up("home")
		b.w.Sleep(wiced.RejoinGap + joinTime + air.ScanTime)
		b.Equal([]string{"down", "up"}, b.told)
		b.w.Sleep(air.DHCPTime)
		_, leased := b.s.Address()
		b.True(leased, "nobody called NetworkUp")
	})
}

// The caller of InterfaceUp and NetworkDown knows already (chosen).
func TestLinkCallbacksStayQuiet(t *testing.T) {
	on(t, young, func(b *board) {
		note := func() { b.told = append(b.told, "called") }
		b.ok(b.s.ConnectivityInit())
		b.ok(b.s.RegisterLink(note, note))
		b.up()
		b.ok(b.s.NetworkDown())
		b.a.Down("home")
		b.Equal(wiced.Error, b.s.InterfaceUp("home", "password1"))
		b.w.Sleep(time.Minute)
		b.Empty(b.told)
		b.False(b.s.Joined())
	})
}

// NetworkDown and a restart end the attempts to join again, and InterfaceUp takes them over.
func TestRejoinEnds(t *testing.T) {
	for name, ends := range map[string]func(b *board){
		"down":    func(b *board) { b.ok(b.s.NetworkDown()) },
		"off":     func(b *board) { b.ok(b.s.ConnectivityDeinit()) },
		"restart": func(b *board) { b.s.Restart(b.h) },
		"up":      func(b *board) { b.takes(joinTime, func() { b.ok(b.s.InterfaceUp("home", "password1")) }) },
	} {
		tr := on(t, young, func(b *board) {
			b.up()
			b.a.Deauth("home")
			b.rest()
			b.False(b.s.Joined())
			ends(b)
			joined := b.s.Joined()
			b.w.Sleep(time.Minute)
			b.Equal(joined, b.s.Joined(), name)
			b.up()
		})
		associated := 0
		for _, e := range of(tr, trace.Link) {
			if e == "associated" {
				associated++
			}
		}
		require.Equal(t, 2, associated, name)
	}
}

// What the radio said of an attempt that InterfaceUp takes over says nothing of its own.
func TestJoinForgetsTheAttemptBefore(t *testing.T) {
	on(t, young, func(b *board) {
		b.up()
		b.a.Deauth("home")
		b.w.Sleep(wiced.RejoinGap + air.ScanTime + 100*ms)
		b.a.Deauth("home") // the tcpip thread has not run when this returns
		b.ok(b.s.InterfaceUp("home", "password1"))
	})
}

// lwipopts.h and the WICED headers: five subscribers.
func TestLinkSubscribers(t *testing.T) {
	on(t, young, func(b *board) {
		b.ok(b.s.ConnectivityInit())
		for range wiced.MaxSubscribers {
			b.ok(b.s.RegisterLink(nil, nil))
		}
		b.Equal(wiced.Error, b.s.RegisterLink(nil, nil))
		b.ok(b.s.ConnectivityDeinit())
		b.ok(b.s.RegisterLink(nil, nil))
	})
}

// wiced_result.h: WICED_NOTUP; that most calls return it is inferred.
func TestCallsWhileTheInterfaceIsDown(t *testing.T) {
	calls := func(b *board) map[string]wiced.Result {
		sock, udp := &wiced.Socket{}, &wiced.UDPSocket{}
		_, receive := b.s.TCPReceive(sock, 0)
		_, receiveUDP := b.s.UDPReceive(udp, 0)
		_, resolve := b.s.Resolve("10.0.0.21", time.Second)
		return map[string]wiced.Result{
			"create": b.s.TCPCreate(sock), "bind": b.s.TCPBind(sock, 0), "connect": b.s.TCPConnect(sock, b.host("echo"), 7, time.Second),
			"send": b.s.TCPSend(sock, nil, 0), "receive": receive, "start": b.start(b.server("s"), 80), "resolve": resolve,
			"udp create": b.s.UDPCreate(udp, 0), "udp send": b.s.UDPSend(udp, b.host("echo"), 7, nil), "udp receive": receiveUDP,
		}
	}
	on(t, young, func(b *board) {
		for name, r := range calls(b) {
			b.Equal(wiced.NotUp, r, name)
		}
		b.Equal(wiced.NotUp, b.s.InterfaceUp("home", "password1"), "the radio is off")
		b.Equal(wiced.NotUp, b.s.NetworkUp())
		b.Equal(wiced.NotUp, b.s.NetworkDown())
		b.Equal(wiced.NotUp, b.s.ConnectivityDeinit())
		b.up()
		for name, r := range calls(b) {
			b.NotEqual(wiced.NotUp, r, name)
		}
	})
}

// What ends something works while the interface is down (chosen: nothing could be released otherwise).
func TestReleasesWhileTheInterfaceIsDown(t *testing.T) {
	tr := on(t, young, func(b *board) {
		used := b.h.InUse()
		b.up()
		p := b.serving(80)
		b.dial("p1", 80)
		b.rest()
		sock := b.client("echo", 7)
		b.ok(b.s.NetworkDown())
		b.Equal(wiced.NotConnected, b.s.TCPDisconnect(sock), "it was aborted")
		b.ok(b.s.TCPDelete(sock))
		b.ok(b.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: p}))
		b.ok(b.s.ServerStop(p))
		b.h.Free(p, "test")
		b.Equal(used, b.h.InUse())
	})
	require.Empty(t, touches(tr))
}

func TestResolve(t *testing.T) {
	on(t, young, func(b *board) {
		b.up()
		b.takes(air.RTT, func() {
			ip, r := b.s.Resolve("echo", 5*time.Second)
			b.ok(r)
			b.Equal(b.host("echo"), ip)
		})
		_, r := b.s.Resolve("nobody", 5*time.Second)
		b.Equal(wiced.Error, r)
		b.a.Uplink(false)
		b.takes(time.Second, func() {
			_, r = b.s.Resolve("echo", time.Second)
			b.Equal(wiced.Timeout, r)
		})
		b.takes(7*time.Second, func() {
			_, r = b.s.Resolve("echo", time.Minute)
			b.Equal(wiced.Error, r, "lwIP has given up: four tries in 7 s")
		})
	})
}
