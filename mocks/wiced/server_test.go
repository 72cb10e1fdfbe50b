package wiced_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

func TestServe(t *testing.T) {
	tr := on(t, young, func(b *board) {
		used := b.h.InUse()
		s := b.up().serving(80)
		p := b.dial("p1", 80)
		b.NoError(p.Send(5))
		got, r := b.receive(b.at(s, 0), time.Second)
		b.ok(r)
		b.Len(got, 5)
		ip, _, r := b.s.TCPPeer(b.at(s, 0))
		b.ok(r)
		b.Equal(b.host("p1"), ip)
		b.ok(b.s.TCPSend(b.at(s, 0), []byte{1, 2}, 0))
		b.NoError(p.Read(2))
		b.ok(b.s.TCPDisconnect(b.at(s, 0)))
		b.ok(b.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: s}))
		b.Equal(wiced.NotConnected, b.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: s}), "the slot is free")
		b.ok(b.s.ServerStop(s))
		b.h.Free(s, "test")
		b.Equal(used, b.h.InUse())
	})
	require.Empty(t, touches(tr))
	require.Equal(t, count(tr, trace.Take), count(tr, trace.Free))
}

// device-os v0.6.0, socket_hal.cpp: the three callbacks come from the worker thread, later than what they tell of, in its order.
func TestCallbacksAreLateAndInOrder(t *testing.T) {
	tr := on(t, young, func(b *board) {
		s := b.server("s")
		b.up().ok(b.start(s, 80))
		p := b.a.Peer("p1")
		b.NoError(p.Dial(80))
		b.NoError(p.Send(5))
		b.NoError(p.Send(5))
		b.rest()
		b.Equal([]string{"s connected 0", "s received 0"}, b.told)
		b.NoError(p.Send(5))
		b.NoError(p.Close())
		b.rest()
		b.Equal([]string{"s connected 0", "s received 0", "s received 0", "s disconnected 0"}, b.told)
	})
	var conn, worker, tcpip int
	for i, e := range tr.Events {
		switch {
		case e.Kind == trace.Conn && e.Name == "accept":
			conn = i
		case e.Kind == trace.Spawn && e.Name == "networking worker":
			worker = int(e.A)
		case e.Kind == trace.Spawn && e.Name == "tcpip thread":
			tcpip = int(e.A)
		case e.Kind == trace.Take && e.Name == "netconn" && conn != 0:
			require.Equal(t, tcpip, e.Task, "lwIP's own thread made it")
		}
	}
	require.NotZero(t, conn)
	require.NotEqual(t, tcpip, worker)
}

// While one callback lasts the next has to wait, and what it tells of may be gone by then.
func TestCallbacksComeAfterTheServerWasStopped(t *testing.T) {
	on(t, young, func(b *board) {
		s := b.server("s")
		b.up()
		b.ok(b.s.ServerStart(s, 80, wiced.AcceptSlots, wiced.Callbacks{
			Connected: func(wiced.AcceptSocket) { b.w.Sleep(time.Second) },
			Disconnected: func(a wiced.AcceptSocket) {
				b.told = append(b.told, "disconnected")
				b.Equal(s, a.Server)
			},
		}))
		p := b.dial("p1", 80)
		b.NoError(p.Close())
		b.rest()
		b.ok(b.s.ServerStop(s))
		b.Empty(b.told)
		b.w.Sleep(time.Second)
		b.Equal([]string{"disconnected"}, b.told)
		b.Equal(wiced.NotConnected, b.s.ServerAccept(wiced.AcceptSocket{Server: s}), "it listens no more")
	})
}

// A broken connection is told of once, however it broke; one that the HAL has closed itself is not told of.
func TestDisconnectedIsToldOnce(t *testing.T) {
	for name, breaks := range map[string]func(b *board, p *air.Peer, s heap.Pointer){
		"FIN":   func(b *board, p *air.Peer, _ heap.Pointer) { b.NoError(p.Close()) },
		"RST":   func(b *board, p *air.Peer, _ heap.Pointer) { b.NoError(p.Reset()) },
		"abort": func(b *board, _ *air.Peer, _ heap.Pointer) { b.ok(b.s.NetworkDown()) },
	} {
		on(t, young, func(b *board) {
			s := b.server("s")
			b.up().ok(b.start(s, 80))
			p := b.dial("p1", 80)
			b.rest()
			b.ok(b.s.ServerAccept(wiced.AcceptSocket{Server: s}))
			breaks(b, p, s)
			b.w.Sleep(time.Minute)
			b.Equal([]string{"s connected 0", "s disconnected 0"}, b.told, name)
		})
	}
	on(t, young, func(b *board) {
		s := b.server("s")
		b.up().ok(b.start(s, 80))
		p := b.dial("p1", 80)
		b.rest()
		b.ok(b.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: s}))
		b.NoError(p.Close())
		b.w.Sleep(time.Minute)
		b.Equal([]string{"s connected 0"}, b.told)
	})
}

// device-os pull request 1492: whatever fails, the table keeps the pointer until the server is stopped. user/tests/app/tcp_server: five.
func TestFailedStartLeavesItsEntry(t *testing.T) {
	for _, c := range []struct {
		name string
		want wiced.Result
		do   func(b *board)
	}{
		{"interface down", wiced.NotUp, func(b *board) { b.ok(b.s.NetworkDown()) }},
		{"no address", wiced.InvalidInterface, func(b *board) {
			b.ok(b.s.NetworkDown())
			b.ok(b.s.InterfaceUp("home", "password1"))
		}},
		{"port in use", wiced.AddressInUse, func(*board) {}},
	} {
		t.Run(c.name, func(t *testing.T) {
			on(t, old, func(b *board) {
				b.up().ok(b.start(b.server("first"), 80))
				c.do(b)
				var failed []heap.Pointer
				for len(failed) < wiced.MaxServers-1 {
					failed = append(failed, b.server("failed"))
					b.Equal(c.want, b.start(failed[len(failed)-1], 80))
				}
				b.up()
				s := b.server("next")
				b.Equal(wiced.Error, b.start(s, 81), "the table is full")
				b.ok(b.s.ServerStop(failed[0]), "the fix: stop what did not start")
				b.ok(b.start(s, 81))
				b.Equal(wiced.Error, b.start(b.server("more"), 82))
			})
		})
	}
}

// user/tests/app/tcp_server: five servers, and no more after as many were stopped.
func TestServers(t *testing.T) {
	tr := on(t, young, func(b *board) {
		b.up()
		for range 3 {
			var servers [wiced.MaxServers]heap.Pointer
			for i := range servers {
				servers[i] = b.server("s")
				b.ok(b.start(servers[i], uint16(80+i)))
			}
			extra := b.server("extra")
			b.Equal(wiced.Error, b.start(extra, 90))
			b.Equal(wiced.Error, b.s.ServerStop(extra), "it was never in the table")
			for _, s := range servers {
				b.ok(b.s.ServerStop(s))
				b.h.Free(s, "test")
			}
			b.h.Free(extra, "test")
		}
	})
	require.Empty(t, touches(tr))
	require.Zero(t, count(tr, trace.Misuse))
}

func TestStoppedTwice(t *testing.T) {
	tr := on(t, young, func(b *board) {
		s := b.server("s")
		b.up().ok(b.start(s, 80))
		b.ok(b.s.ServerStop(s))
		b.Equal(wiced.Error, b.s.ServerStop(s))
	})
	require.Equal(t, []string{"wiced.server"}, of(tr, trace.Misuse))
}

// device-os pull request 1492: a HAL that deletes a server whose start failed leaves a pointer to it in the table. That the tcpip thread
// follows it at each TCP event is inferred.
func TestDanglingServer(t *testing.T) {
	dangle := func(stop bool) *trace.Trace {
		return on(t, old, func(b *board) {
			b.up().serving(80)
			s := b.server("failed")
			b.Equal(wiced.AddressInUse, b.start(s, 80))
			if stop {
				b.ok(b.s.ServerStop(s))
			}
			b.h.Free(s, "socket_create_tcp_server")
			b.rest()
			b.Empty(touches(b.w.Trace), "nothing has happened yet")
			b.dial("p1", 80)
			b.rest()
		})
	}
	require.Equal(t, []string{"tcpip thread uses a tcp_server_t that socket_create_tcp_server freed"}, touches(dangle(false)))
	require.Empty(t, touches(dangle(true)))
}

// Any TCP event will do, an outgoing connection's, too; a UDP datagram will not.
func TestDanglingServerAndAnOutgoingConnection(t *testing.T) {
	on(t, old, func(b *board) {
		s := b.server("failed")
		b.Equal(wiced.NotUp, b.start(s, 80))
		b.h.Free(s, "socket_create_tcp_server")
		udp := &wiced.UDPSocket{}
		b.up().ok(b.s.UDPCreate(udp, 0))
		b.ok(b.s.UDPSend(udp, b.host("echo"), 7, []byte{1}))
		b.rest()
		b.Empty(touches(b.w.Trace))
		b.client("echo", 7)
		b.rest()
		b.Len(touches(b.w.Trace), 1)
	})
}

// Memory that holds something else by now is a hard fault of the tcpip thread.
func TestWildServer(t *testing.T) {
	wild := func(cfg wiced.Config) *trace.Trace {
		return on(t, cfg, func(b *board) {
			s := b.server("failed")
			b.Equal(wiced.NotUp, b.start(s, 80))
			b.h.Free(s, "socket_create_tcp_server")
			b.Equal(s.Addr, b.h.Alloc("text", "test", halServerSize, "something else").Addr)
			b.up().serving(80)
			_ = b.a.Peer("p1").Dial(80)
			b.rest()
			b.Equal(wiced.NotUp, b.s.TCPCreate(&wiced.Socket{}), "the processor has stopped")
			b.ErrorIs(b.a.Peer("p2").Dial(80), air.ErrTimeout)
		})
	}
	cfg, faults := old, []string{}
	cfg.OnFault = func(f heap.HardFault) { faults = append(faults, f.Error()) }
	require.Empty(t, of(wild(cfg), trace.Panic))
	require.Equal(t, []string{"hard fault: tcpip thread finds something else at its pointer"}, faults)
}

// Without a fault handler the run ends as if the firmware had panicked.
func TestWildServerWithoutAHandler(t *testing.T) {
	out := sim.Running
	tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
		b := newBoard(t, w, old)
		w.Spawn("app", 0, func(*sim.Task) {
			s := b.server("failed")
			b.Equal(wiced.NotUp, b.start(s, 80))
			b.h.Free(s, "socket_create_tcp_server")
			b.h.Alloc("text", "test", halServerSize, "something else")
			b.up().client("echo", 7)
			b.w.Sleep(time.Hour)
		})
		out = w.Await(24*time.Hour, 0)
	})
	require.Equal(t, sim.Stopped, out)
	require.Equal(t, []string{"tcpip thread"}, of(tr, trace.Panic))
}

// The HAL's pointers into a server, and null ones.
func TestFollowingPointersIntoAServer(t *testing.T) {
	tr := on(t, old, func(b *board) {
		s := b.up().serving(80)
		b.at(s, 17)
		b.ok(b.s.ServerStop(s))
		b.h.Free(s, "socket_dispose")
		b.at(s, 17)
		null := wiced.AcceptSocket{}
		b.True(null.Null())
		b.PanicsWithError("hard fault: test follows a null pointer", func() { b.s.At(null, "test") })
	})
	require.Equal(t, []string{"test uses a tcp_server_t that socket_dispose freed"}, touches(tr))
}

// device-os v0.7.0, user/tests/app/tcp_server StoppedServerDoesntAffectOtherServers, fixed with pull request 1286.
func TestStoppingOneServer(t *testing.T) {
	for _, cfg := range []wiced.Config{old, young} {
		on(t, cfg, func(b *board) {
			b.up()
			x, y := b.server("x"), b.server("y")
			b.ok(b.start(x, 80))
			b.ok(b.start(y, 81))
			before := b.dial("p1", 81)
			b.rest()
			b.ok(b.s.ServerStop(x))
			b.dial("p2", 81)
			b.NoError(before.Send(1))
			b.rest()
			if cfg.StopDeafens {
				b.Equal([]string{"y connected 0"}, b.told, "y is deaf")
			} else {
				b.Equal([]string{"y connected 0", "y connected 1", "y received 0"}, b.told)
			}
			b.told = nil
			b.ok(b.s.ServerStop(y))
			b.ok(b.start(y, 81), "it hears again when it is started again")
			b.dial("p3", 81)
			b.rest()
			b.Equal([]string{"y connected 0"}, b.told)
		})
	}
}

// lwIP 1.4 accept_function: without a netconn, or memory for one, the connection is aborted.
func TestNoNetconnForAGuest(t *testing.T) {
	on(t, wiced.Config{PCBs: 30}, func(b *board) {
		b.up().ok(b.start(b.server("s"), 80))
		sock := &wiced.Socket{}
		for range wiced.MaxNetconns - 1 {
			b.ok(b.s.TCPCreate(sock))
		}
		p := b.dial("p1", 80)
		b.ErrorIs(p.Read(1), air.ErrReset)
		b.Empty(b.told)
		b.ok(b.s.TCPDelete(sock))
		b.ErrorIs(b.dial("p1", 80).Read(1), air.ErrTimeout, "it lasts")
		b.Equal([]string{"s connected 0"}, b.told)
	})
}

// A connection beyond the server's own limit is not told of; a slot that was made free is given out again.
func TestAcceptSlots(t *testing.T) {
	on(t, young, func(b *board) {
		b.up()
		s := b.server("s")
		connected := 0
		b.ok(b.s.ServerStart(s, 80, 2, wiced.Callbacks{Connected: func(a wiced.AcceptSocket) {
			connected++
			b.ok(b.s.ServerAccept(a))
			b.Equal(wiced.Timeout, b.s.ServerAccept(a), "nobody else waits there")
		}}))
		for range 3 {
			b.guest(80)
		}
		b.Equal(2, connected)
		b.ok(b.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: s}))
		b.guest(80)
		b.Equal(3, connected)
		b.ok(b.s.TCPLastError(b.at(s, 0)))
	})
	on(t, wiced.Config{PCBs: 30}, func(b *board) {
		s := b.up().serving(80)
		for range wiced.AcceptSlots {
			_ = b.a.Peer("p1").Dial(80)
			b.NoError(b.a.Peer("p1").Vanish())
			b.a.Heal()
		}
		b.ok(b.s.TCPLastError(b.at(s, wiced.MaxNetconns-2)), "the listening socket has a netconn, too")
		b.Equal(wiced.NotConnected, b.s.TCPLastError(b.at(s, wiced.AcceptSlots-1)))
	})
}
