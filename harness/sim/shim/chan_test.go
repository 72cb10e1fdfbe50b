package shim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestChannels(t *testing.T) {
	playAll(t, []scene{
		{"the receiver waits for the sender", "got 1 true", func(say func(...any)) {
			ch := make(chan int)
			together(
				func() { v, ok := shim.Recv2(ch); say("got", v, ok) },
				func() { shim.Sleep(time.Second); shim.SendTo(ch)(1) })
		}},
		{"the sender waits for the receiver", "got 1, sent", func(say func(...any)) {
			ch := make(chan int)
			together(
				func() { shim.SendTo(ch)(1); shim.Sleep(time.Second); say("sent") },
				func() { shim.Sleep(time.Second); say("got", shim.Recv(ch)) })
		}},
		{"a buffer takes what fits, in order", "2 in, got 1, got 2, got 3", func(say func(...any)) {
			ch := make(chan int, 2)
			together(
				func() {
					shim.SendTo(ch)(1)
					shim.SendTo(ch)(2)
					say(len(ch), "in")
					shim.SendTo(ch)(3)
				},
				func() {
					shim.Sleep(time.Second)
					for range 3 {
						say("got", shim.Recv(ch))
					}
				})
		}},
		{"an empty buffer makes the receiver wait", "got 1", func(say func(...any)) {
			ch := make(chan int, 1)
			together(
				func() { say("got", shim.Recv(ch)) },
				func() { shim.Sleep(time.Second); shim.SendTo(ch)(1) })
		}},
	})
}

func TestCloseAndRange(t *testing.T) {
	playAll(t, []scene{
		{"close wakes every receiver", "0 false, 0 false", func(say func(...any)) {
			ch := make(chan int)
			recv := func() { v, ok := shim.Recv2(ch); say(v, ok) }
			together(recv, recv, func() { shim.Sleep(time.Second); shim.Close(ch) })
		}},
		{"what is in the buffer survives close", "1 true, 0 false", func(say func(...any)) {
			ch := make(chan int, 1)
			shim.SendTo(ch)(1)
			shim.Close(ch)
			for range 2 {
				v, ok := shim.Recv2(ch)
				say(v, ok)
			}
		}},
		{"closing twice, or nil, panics", "close of closed channel, close of nil channel", func(say func(...any)) {
			ch := make(chan int)
			shim.Close(ch)
			say(panicOf(func() { shim.Close(ch) }))
			say(panicOf(func() { shim.Close[int](nil) }))
		}},
		{"a value converts to the channel's type", "got 7", func(say func(...any)) {
			ch := make(chan any, 1)
			shim.SendTo(ch)(7)
			say("got", shim.Recv(ch))
		}},
		{"a nil error arrives as nil", "true", func(say func(...any)) {
			ch := make(chan error, 1)
			shim.SendTo(ch)(nil)
			c := shim.OnRecv(ch)
			shim.Select(false, c)
			say(c.Get() == nil)
		}},
	})
}

func TestSelects(t *testing.T) {
	playAll(t, []scene{
		{"nothing ready: the default", "-1", func(say func(...any)) {
			say(shim.Select(true, shim.OnRecv(make(chan int)), shim.OnSend(make(chan int))(1), shim.OnRecv[int](nil)))
		}},
		{"the ready case, not the default", "1 5 true", func(say func(...any)) {
			ch := make(chan int, 1)
			shim.SendTo(ch)(5)
			c := shim.OnRecv(ch)
			i := shim.Select(true, shim.OnRecv(make(chan int)), c)
			v, ok := c.Get2()
			say(i, v, ok)
		}},
		{"a send that fits", "0 5", func(say func(...any)) {
			ch := make(chan int, 1)
			i := shim.Select(true, shim.OnSend(ch)(5))
			say(i, shim.Recv(ch))
		}},
		{"a closed channel is ready", "0 0 false", func(say func(...any)) {
			ch := make(chan int)
			shim.Close(ch)
			c := shim.OnRecv(ch)
			i := shim.Select(false, c)
			v, ok := c.Get2()
			say(i, v, ok)
		}},
		{"waits for the first that gets ready", "1 5", func(say func(...any)) {
			a, b := make(chan int), make(chan int)
			together(
				func() {
					c := shim.OnRecv(b)
					i := shim.Select(false, shim.OnRecv(a), c)
					say(i, c.Get())
				},
				func() { shim.Sleep(time.Second); shim.SendTo(b)(5) })
		}},
		{"waits for room", "0, 1 2", func(say func(...any)) {
			ch := make(chan int, 1)
			shim.SendTo(ch)(1)
			together(
				func() { say(shim.Select(false, shim.OnSend(ch)(2))); shim.Sleep(time.Second) },
				func() {
					shim.Sleep(time.Second)
					first := shim.Recv(ch)
					shim.Sleep(time.Second)
					say(first, shim.Recv(ch))
				})
		}},
		{"two selects meet on an unbuffered channel", "sent 1, got 5 from 0", func(say func(...any)) {
			ch, other, third := make(chan int), make(chan int), make(chan int)
			together(
				func() { i := shim.Select(false, shim.OnRecv(third), shim.OnSend(ch)(5)); say("sent", i) },
				func() {
					shim.Sleep(time.Second)
					c := shim.OnRecv(ch)
					i := shim.Select(false, c, shim.OnSend(other)(1), shim.OnRecv[int](nil))
					shim.Sleep(time.Second)
					say("got", c.Get(), "from", i)
				})
		}},
		{"a task does not meet itself", "default", func(say func(...any)) {
			ch := make(chan int)
			if shim.Select(true, shim.OnSend(ch)(1), shim.OnRecv(ch)) == -1 {
				say("default")
			}
		}},
	})
}

// Go chooses at random among cases that are ready; a run must not.
func TestSelectTakesTheFirstReadyCase(t *testing.T) {
	a, b := make(chan int, 9), make(chan int, 9)
	var said words
	world(t, sim.Config{}, func(*sim.World) {
		for range 9 {
			shim.SendTo(b)(0)
		}
		for range 4 {
			said.say(shim.Select(false, shim.OnRecv(a), shim.OnSend(a)(0), shim.OnRecv(b)))
		}
	})
	require.Equal(t, "1, 0, 1, 0", said.String())
}

func TestWhoWaitsForNilOrNothingWaitsForEver(t *testing.T) {
	for name, block := range map[string]func(){
		"recv from nil":      func() { shim.Recv[int](nil) },
		"send to nil":        func() { shim.SendTo[int](nil)(1) },
		"select of nil ones": func() { shim.Select(false, shim.OnRecv[int](nil), shim.OnSend[int](nil)(1)) },
		"select {}":          shim.Forever,
	} {
		out, tr := world(t, sim.Config{}, func(*sim.World) { block() }, func(*sim.World) { block() })
		require.Equal(t, sim.Quiescent, out, name)
		for _, e := range tr.Events {
			if e.Kind == trace.Stuck {
				require.EqualValues(t, trace.OnChan, e.A, name)
				require.EqualValues(t, -1, e.B, "%s: no other task has to do with it", name)
			}
		}
	}
}

// The race detector forbids this test outside of a world.
func TestCloseWakesAndPanicsWhoSends(t *testing.T) {
	for name, send := range map[string]func(ch chan int){
		"send":   func(ch chan int) { shim.SendTo(ch)(1) },
		"select": func(ch chan int) { shim.Select(false, shim.OnSend(ch)(1), shim.OnRecv[int](nil)) },
	} {
		ch := make(chan int)
		var got any
		world(t, sim.Config{},
			func(*sim.World) { got = panicOf(func() { send(ch) }) },
			func(w *sim.World) { w.Sleep(time.Second); shim.Close(ch) })
		require.ErrorContains(t, got.(error), "send on closed channel", name)
	}
}
