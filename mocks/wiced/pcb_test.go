package wiced_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// lwIP 1.4 tcp_alloc. community.particle.io thread 37860: the fifth client made the first be disconnected, the sixth the second; the cloud
// had a connection, too.
func TestTheOldestConnectionIsKilled(t *testing.T) {
	on(t, wiced.Config{PCBs: 5, KillOldest: true}, func(b *board) {
		s := b.up().serving(80)
		for range 5 {
			b.guest(80)
		}
		state := func() (broken []int) {
			for slot := range 7 {
				if b.s.TCPLastError(b.at(s, slot)) == wiced.Aborted {
					broken = append(broken, slot)
				}
			}
			return broken
		}
		b.Empty(state(), "five can be")
		b.guest(80)
		b.Equal([]int{0}, state())
		b.Equal(wiced.NotConnected, b.s.TCPDisconnect(b.at(s, 0)))
		b.guest(80)
		b.Equal([]int{0, 1}, state())
		b.ok(b.s.TCPCreate(&wiced.Socket{}))
		b.Equal([]int{0, 1, 2}, state(), "the board's own socket needs a pcb, too")
		b.ok(b.start(b.server("other"), 81))
		b.Equal([]int{0, 1, 2, 3}, state(), "so does a server, for a moment")
	})
}

// lwIP 1.4 tcp_kill_prio: oldest is from which nothing has arrived for longest.
func TestTheIdleConnectionIsKilled(t *testing.T) {
	on(t, wiced.Config{PCBs: 2, KillOldest: true}, func(b *board) {
		s := b.up().serving(80)
		talker := b.dial("p2", 80)
		b.w.Sleep(time.Second)
		b.guest(80)
		b.NoError(talker.Send(1))
		b.w.Sleep(time.Second)
		b.guest(80)
		b.ok(b.s.TCPLastError(b.at(s, 0)))
		b.Equal(wiced.Aborted, b.s.TCPLastError(b.at(s, 1)))
	})
}

// device-os v0.7.0, user/tests/app/tcp_server: a connection too many is not established until another closes; the limit, and that of
// pull request 1350.
func TestConnectionsAreRefused(t *testing.T) {
	for _, limit := range []int{5, 10} {
		tr := on(t, wiced.Config{PCBs: limit}, func(b *board) {
			s := b.up().serving(80)
			for range limit {
				b.guest(80)
			}
			b.Equal(wiced.SocketCreateFail, b.s.TCPCreate(&wiced.Socket{}))
			b.Equal(wiced.SocketCreateFail, b.start(b.server("other"), 81))
			b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrTimeout, "not answered")
			b.later(func() { b.ok(b.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: s})) })
			b.w.Sleep(2 * time.Second)
			b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrTimeout, "the peer has vanished: its FIN does not come")
			b.NoError(b.a.Peer("p2").Dial(80), "lwIP has given up waiting")
			b.rest()
			b.ok(b.s.TCPLastError(b.at(s, 0)))
		})
		require.Len(t, conns(tr, "accept"), limit+1)
	}
}

func conns(tr *trace.Trace, name string) (found []trace.Event) {
	for _, e := range tr.Events {
		if e.Kind == trace.Conn && e.Name == name {
			found = append(found, e)
		}
	}
	return found
}

// A connection that both have closed needs no pcb; one that waits for the other side's FIN does, for TCP_FIN_WAIT_TIMEOUT, or for ever if
// the TCP timer has died (device-os pull request 1492).
func TestClosedConnectionsKeepTheirPCBs(t *testing.T) {
	for _, dies := range []bool{false, true} {
		on(t, wiced.Config{PCBs: 1, TimerDies: dies}, func(b *board) {
			b.up()
			p := b.a.Peer("p1")
			b.NoError(p.Listen(9))
			sock := b.client("echo", 7)
			b.Equal(wiced.SocketCreateFail, b.s.TCPCreate(&wiced.Socket{}))
			b.ok(b.s.TCPDelete(sock))
			sock = b.client("p1", 9)
			b.ok(b.s.TCPDelete(sock))
			b.Equal(wiced.SocketCreateFail, b.s.TCPCreate(sock), "p1 has not closed")
			b.w.Sleep(wiced.FinWait)
			b.ok(b.s.TCPCreate(sock))

			b.ok(b.s.TCPDelete(sock))
			b.ok(b.s.ConnectivityDeinit())
			b.NoError(p.Close())
			sock = b.up().client("p1", 9)
			b.ok(b.s.TCPDelete(sock))
			b.w.Sleep(time.Hour)
			if !dies {
				b.ok(b.s.TCPCreate(sock))
				return
			}
			b.Equal(wiced.SocketCreateFail, b.s.TCPCreate(sock))
			b.NoError(p.Close())
			b.ok(b.s.TCPCreate(sock), "p1 has closed")
		})
	}
}

// lwIP 1.4 netif_set_ipaddr: connections of the old address are aborted, listeners take the new one. A server that nobody stopped still
// completes handshakes.
func TestListenersSurviveAnAddressChange(t *testing.T) {
	for _, mode := range []air.Mode{air.DHCPOn, air.DHCPMove} {
		on(t, old, func(b *board) {
			s := b.server("zombie")
			b.up().ok(b.start(s, 80))
			sock := b.client("echo", 7)
			b.dial("p1", 80)
			b.rest()
			b.ok(b.s.ServerAccept(wiced.AcceptSocket{Server: s}))
			b.ok(b.s.NetworkDown())
			b.a.DHCP("home", mode)
			b.up()
			b.Equal(wiced.Aborted, b.s.TCPLastError(sock))
			b.Equal(wiced.Aborted, b.s.TCPLastError(b.at(s, 0)))
			b.dial("p2", 80)
			b.rest()
			b.Equal([]string{"zombie connected 0", "zombie disconnected 0", "zombie connected 1"}, b.told)
			b.Equal(wiced.AddressInUse, b.start(b.server("next"), 80))
			b.ok(b.s.ServerStop(s))
			b.ok(b.start(b.server("next"), 80))
		})
	}
}

// Without a change nothing is aborted: the address stays the interface's while the link is lost.
func TestConnectionsSurviveALostLink(t *testing.T) {
	for _, mode := range []air.Mode{air.DHCPOn, air.DHCPMove} {
		on(t, young, func(b *board) {
			sock := b.up().client("echo", 7)
			b.a.DHCP("home", mode)
			b.a.Deauth("home")
			b.w.Sleep(time.Minute)
			b.True(b.s.Joined())
			if mode == air.DHCPMove {
				b.Equal(wiced.Aborted, b.s.TCPLastError(sock))
				return
			}
			b.ok(b.s.TCPSend(sock, []byte{1}, 0))
			_, r := b.receive(sock, time.Second)
			b.ok(r)
		})
	}
}

// SO_REUSE: a port on which only connections are left can be listened on.
func TestPortOfConnectionsIsFree(t *testing.T) {
	on(t, young, func(b *board) {
		s := b.up().serving(80)
		b.guest(80)
		b.ok(b.s.ServerStop(s))
		b.ok(b.start(s, 80))
		b.Equal(wiced.AddressInUse, b.s.TCPBind(b.client("echo", 7), 80))
	})
}

// Connections that nobody accepted are broken when their server stops, and their memory is free.
func TestStopBreaksWhatWaits(t *testing.T) {
	on(t, young, func(b *board) {
		b.up()
		used := b.h.InUse()
		s := b.server("s")
		b.ok(b.s.ServerStart(s, 80, 1, wiced.Callbacks{}))
		p1, p2 := b.dial("p1", 80), b.dial("p2", 80)
		b.rest()
		b.ok(b.s.ServerStop(s))
		b.rest()
		b.Error(p1.Read(1))
		b.ErrorIs(p2.Read(1), air.ErrReset, "nobody was told of it")
		b.h.Free(s, "test")
		b.Equal(used, b.h.InUse())
	})
}

// device-os from 0.7.0 on deinitialises the stack when Wi-Fi is switched off; what the HAL then still has points to nothing.
func TestDeinit(t *testing.T) {
	tr := on(t, young, func(b *board) {
		s := b.up().serving(80)
		sock := b.client("echo", 7)
		b.ok(b.s.ConnectivityDeinit())
		b.Equal(wiced.NotUp, b.s.InterfaceUp("home", "password1"))
		b.up()
		b.ErrorIs(b.a.Peer("p1").Dial(80), air.ErrRefused, "the listener is gone")
		b.Empty(touches(b.w.Trace))
		b.s.TCPLastError(sock)
		b.ok(b.s.ServerStop(s))
	})
	require.Equal(t, []string{
		"wiced_last_error uses a netconn that wiced_connectivity_deinit freed",
		"wiced_tcp_server_stop frees a netconn that wiced_connectivity_deinit freed",
	}, touches(tr))
}

// The board starts again: everything is forgotten, nobody is told, and the stack works with new memory.
func TestRestart(t *testing.T) {
	on(t, old, func(b *board) {
		s := b.server("s")
		b.up().ok(b.start(s, 80))
		sock := b.client("echo", 7)
		b.dial("p1", 80)
		b.later(func() {
			b.s.Halt()
			b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrTimeout)
			b.h = heap.New(b.w, 1<<16)
			b.s.Restart(b.h)
		})
		b.takes(time.Second, func() {
			_, r := b.s.TCPReceive(sock, time.Hour)
			b.Equal(wiced.NotUp, r)
		})
		b.w.Sleep(time.Minute)
		b.Equal([]string{"s connected 0"}, b.told)
		b.False(b.s.Joined())
		b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrTimeout)
		b.Equal(wiced.NotUp, b.s.InterfaceUp("home", "password1"))
		for i := range wiced.MaxServers {
			b.up().ok(b.start(b.server(fmt.Sprint("n", i)), uint16(80+i)))
		}
		b.dial("p3", 80)
		b.rest()
		b.Equal([]string{"s connected 0", "n0 connected 0"}, b.told)
	})
}

// A worker that is in a callback when the board starts again calls nothing any more.
func TestRestartDuringACallback(t *testing.T) {
	tr := on(t, young, func(b *board) {
		s := b.server("s")
		b.up().ok(b.s.ServerStart(s, 80, 18, wiced.Callbacks{
			Connected:    func(wiced.AcceptSocket) { b.w.Sleep(time.Hour) },
			Disconnected: func(wiced.AcceptSocket) { b.told = append(b.told, "late") },
		}))
		b.NoError(b.dial("p1", 80).Close())
		b.rest()
		b.h = heap.New(b.w, 1<<16)
		b.s.Restart(b.h)
		b.up().ok(b.start(b.server("n"), 80))
		b.dial("p1", 80)
		b.rest()
		b.Equal([]string{"n connected 0"}, b.told)
		b.w.Sleep(2 * time.Hour)
		b.NoError(b.dial("p1", 80).Close())
		b.rest()
		b.NotContains(b.told, "late")
	})
	require.Equal(t, []string{"networking worker", "app"}, of(tr, trace.Exit), "another has taken its place")
}

// The same run leaves the same trace.
func TestRunsRepeat(t *testing.T) {
	run := func() uint64 {
		return on(t, old, func(b *board) {
			b.up().serving(80)
			for range 7 {
				b.guest(80)
			}
			b.a.Down("home")
			b.w.Sleep(time.Minute)
		}).Hash()
	}
	require.Equal(t, run(), run())
}

// What the feedback sees of the stack.
func TestStates(t *testing.T) {
	seen := map[uint]string{}
	on(t, old, func(b *board) {
		look := func(what string) {
			state := b.s.State()
			b.NotContains(seen, state, what)
			seen[state] = what
		}
		look("off")
		b.ok(b.s.ConnectivityInit())
		look("idle")
		b.ok(b.s.InterfaceUp("home", "password1"))
		look("joined")
		b.ok(b.s.NetworkUp())
		look("leased")
		s := b.server("s")
		b.ok(b.start(s, 80))
		look("a server")
		b.client("echo", 7)
		look("a connection")
		b.ok(b.start(b.server("t"), 81))
		look("two servers")
		b.ok(b.s.ServerStop(s))
		look("one of them, deaf")
	})
}
