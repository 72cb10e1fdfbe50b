package wiced_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// old and young are the stacks of 0.6.x and of 1.0.0.
var (
	old   = wiced.Config{PCBs: 5, KillOldest: true, StopDeafens: true, TimerDies: true}
	young = wiced.Config{PCBs: 10}
)

// ms is what a call may take that does not wait.
const ms = time.Millisecond

// board is a HAL in a nutshell.
type board struct {
	*require.Assertions
	w *sim.World
	a *air.Air
	h *heap.Heap
	s *wiced.Stack

	told []string // callbacks, in order
}

// on runs f as a task of a board with a stack of that release, and returns what happened.
func on(t *testing.T, cfg wiced.Config, f func(b *board)) *trace.Trace {
	t.Helper()
	out := sim.Running
	tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
		b := newBoard(t, w, cfg)
		w.Spawn("app", 0, func(*sim.Task) { f(b) })
		out = w.Await(24*time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "the task did not end")
	return tr
}

func newBoard(t *testing.T, w *sim.World, cfg wiced.Config) *board {
	b := &board{Assertions: require.New(t), w: w, a: air.New(w), h: heap.New(w, 1<<16)}
	b.s = wiced.New(w, b.a, b.h, cfg)
	return b
}

// ok requires success.
func (b *board) ok(r wiced.Result, why ...any) { b.Equal(wiced.Success, r, why...) }

// up joins the network and gets an address.
func (b *board) up() *board {
	b.ok(b.s.ConnectivityInit())
	b.ok(b.s.InterfaceUp("home", "password1"))
	b.ok(b.s.NetworkUp())
	return b
}

// rest lets everything else happen.
func (b *board) rest() { b.w.Sleep(10 * ms) }

// takes requires that f lasts for d.
func (b *board) takes(d time.Duration, f func()) {
	start := b.w.Now()
	f()
	b.InDelta(d, b.w.Now()-start, float64(10*ms))
}

// halServer is the HAL's object: the vendor's struct is not at its beginning.
type halServer struct {
	name string
	wiced.Server
}

const halServerSize = 400

// server makes a server without starting it.
func (b *board) server(name string) heap.Pointer {
	return b.h.Alloc("tcp_server_t", "socket_create_tcp_server", halServerSize, &halServer{name: name})
}

// start starts a server whose callbacks do nothing but note that they were called.
func (b *board) start(p heap.Pointer, port uint16) wiced.Result {
	name := heap.Get[halServer](b.h, p, "start").name
	note := func(what string) func(wiced.AcceptSocket) {
		return func(a wiced.AcceptSocket) { b.told = append(b.told, fmt.Sprintf("%s %s %d", name, what, a.Slot)) }
	}
	return b.s.ServerStart(p, port, wiced.AcceptSlots, wiced.Callbacks{
		Connected: note("connected"), Received: note("received"), Disconnected: note("disconnected"),
	})
}

// serving starts a server that accepts whoever comes.
func (b *board) serving(port uint16) heap.Pointer {
	p := b.server("s")
	b.ok(b.s.ServerStart(p, port, wiced.AcceptSlots, wiced.Callbacks{Connected: func(a wiced.AcceptSocket) { b.ok(b.s.ServerAccept(a)) }}))
	return p
}

func (b *board) at(p heap.Pointer, slot int) *wiced.Socket {
	return b.s.At(wiced.AcceptSocket{Server: p, Slot: slot}, "test")
}

// dial makes a peer connect.
func (b *board) dial(peer string, port uint16) *air.Peer {
	p := b.a.Peer(peer)
	b.NoError(p.Dial(port))
	return p
}

// guest makes a connection from outside that stays as it is: its peer vanishes, and is ready for another.
func (b *board) guest(port uint16) {
	p := b.dial("p1", port)
	b.NoError(p.Vanish())
	b.a.Heal()
	b.w.Sleep(time.Second) // lwIP's ticks are 500 ms
}

// client makes a connection to a host.
func (b *board) client(host string, port uint16) *wiced.Socket {
	sock := &wiced.Socket{}
	b.ok(b.s.TCPCreate(sock))
	b.ok(b.s.TCPConnect(sock, b.host(host), port, 5*time.Second))
	return sock
}

func (b *board) host(name string) air.IP {
	ip, ok := b.a.HostIP(name)
	b.True(ok)
	return ip
}

// receive takes what has arrived and frees the packet.
func (b *board) receive(sock *wiced.Socket, limit time.Duration) ([]byte, wiced.Result) {
	p, r := b.s.TCPReceive(sock, limit)
	if r != wiced.Success {
		b.True(p.Null())
		return nil, r
	}
	data := heap.Get[wiced.Packet](b.h, p, "test").Data
	b.s.PacketDelete(p)
	return data, r
}

// of are the names of a trace's events of a kind.
func of(tr *trace.Trace, k trace.Kind) (names []string) {
	for _, e := range tr.Events {
		if e.Kind == k {
			names = append(names, e.Name)
		}
	}
	return names
}

// touches are the touches of freed memory.
func touches(tr *trace.Trace) []string { return of(tr, trace.Touch) }
