package shim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
)

// seconds is how long ago start is.
func seconds(start time.Time) float64 { return shim.Since(start).Seconds() }

func TestTimers(t *testing.T) {
	playAll(t, []scene{
		{"Sleep, Now, Since and Until agree", "2 2 -2", func(say func(...any)) {
			start := shim.Now()
			shim.Sleep(2 * time.Second)
			shim.Sleep(-time.Second)
			say(shim.Now().Sub(start).Seconds(), shim.Since(start).Seconds(), shim.Until(start).Seconds())
		}},
		{"a timer fires once, with the time", "1 1, false", func(say func(...any)) {
			start := shim.Now()
			tm := shim.NewTimer(time.Second)
			at := shim.Recv(tm.C)
			say(seconds(start), at.Sub(start).Seconds())
			say(tm.Stop())
		}},
		{"Stop keeps a timer from firing", "true, false, nothing", func(say func(...any)) {
			tm := shim.NewTimer(time.Second)
			say(tm.Stop())
			say(tm.Stop())
			shim.Sleep(time.Minute)
			if shim.Select(true, shim.OnRecv(tm.C)) == -1 {
				say("nothing")
			}
		}},
		// "t.Stop reports whether the call stops the timer": since Go 1.23 that is so until the time is received, and
		// `if !t.Stop() { <-t.C }` must not block.
		{"Stop and Reset of a timer that fired unseen", "true nothing, true 1", func(say func(...any)) {
			tm := shim.NewTimer(time.Second)
			shim.Sleep(time.Minute)
			stopped := tm.Stop()
			if shim.Select(true, shim.OnRecv(tm.C)) == -1 {
				say(stopped, "nothing")
			}
			tm.Reset(time.Second)
			shim.Sleep(time.Minute)
			start := shim.Now()
			active := tm.Reset(time.Second)
			shim.Recv(tm.C)
			say(active, seconds(start))
		}},
		{"Reset starts again", "true, 3, false, 2", func(say func(...any)) {
			start := shim.Now()
			tm := shim.NewTimer(2 * time.Second)
			shim.Sleep(time.Second)
			say(tm.Reset(2 * time.Second))
			shim.Recv(tm.C)
			say(seconds(start))
			start = shim.Now()
			say(tm.Reset(2 * time.Second))
			shim.Recv(tm.C)
			say(seconds(start))
		}},
	})
}

func TestTickers(t *testing.T) {
	playAll(t, []scene{
		{"a ticker drops what nobody takes", "1, 2, 5.5, 6, 7", func(say func(...any)) {
			start := shim.Now()
			tk := shim.NewTicker(time.Second)
			for i := range 5 {
				shim.Recv(tk.C)
				say(seconds(start))
				if i == 1 {
					shim.Sleep(3500 * time.Millisecond) // the ticks at 3, 4 and 5 s
				}
			}
			tk.Stop()
		}},
		{"a stopped ticker is silent until Reset", "silent, 2", func(say func(...any)) {
			tk := shim.NewTicker(time.Second)
			shim.Sleep(1500 * time.Millisecond)
			tk.Stop()
			shim.Sleep(time.Minute)
			if shim.Select(true, shim.OnRecv(tk.C)) == -1 {
				say("silent")
			}
			start := shim.Now()
			tk.Reset(2 * time.Second)
			shim.Recv(tk.C)
			say(seconds(start))
			tk.Stop()
		}},
		{"Stop of a zero ticker does nothing", "<nil>", func(say func(...any)) { say(panicOf(new(shim.Ticker).Stop)) }},
		{"intervals must be positive", "non-positive interval for NewTicker, non-positive interval for Ticker.Reset, <nil>", func(say func(...any)) {
			say(panicOf(func() { shim.NewTicker(0) }))
			tk := shim.NewTicker(time.Second)
			say(panicOf(func() { tk.Reset(-1) }))
			tk.Stop()
			say(panicOf(func() { shim.Tick(0) }))
		}},
	})
}

func TestAfters(t *testing.T) {
	playAll(t, []scene{
		{"After and Tick", "1, 3", func(say func(...any)) {
			start := shim.Now()
			shim.Recv(shim.After(time.Second))
			say(seconds(start))
			tick := shim.Tick(time.Second)
			shim.Recv(tick)
			shim.Recv(tick)
			say(seconds(start))
		}},
		{"AfterFunc calls, from a task of its own", "called after 1, false", func(say func(...any)) {
			start := shim.Now()
			done := make(chan bool)
			tm := shim.AfterFunc(time.Second, func() { say("called after", seconds(start)); shim.Sleep(time.Second); shim.Close(done) })
			shim.Recv(done)
			say(tm.Stop())
		}},
		{"a stopped AfterFunc does not call until Reset", "true, called after 62", func(say func(...any)) {
			start := shim.Now()
			tm := shim.AfterFunc(time.Second, func() { say("called after", seconds(start)) })
			say(tm.Stop())
			shim.Sleep(time.Minute)
			tm.Reset(2 * time.Second)
			shim.Sleep(3 * time.Second)
		}},
		{"a select with a timeout", "timeout after 2, 0", func(say func(...any)) {
			start := shim.Now()
			ch := make(chan int, 1)
			wait := func() int { return shim.Select(false, shim.OnRecv(ch), shim.OnRecv(shim.After(2*time.Second))) }
			if wait() == 1 {
				say("timeout after", seconds(start))
			}
			shim.SendTo(ch)(1)
			say(wait())
		}},
	})
}

func TestTimersFireInOrderOfTimeThenOfMaking(t *testing.T) {
	var said words
	world(t, sim.Config{}, func(w *sim.World) {
		for i, d := range []time.Duration{3, 1, 2, 1} {
			w.After(d*time.Second, 0, func(time.Time) { said.say(i, "at", w.Now()) })
		}
		w.Sleep(time.Minute)
	})
	require.Equal(t, "1 at 1s, 3 at 1s, 2 at 2s, 0 at 3s", said.String())
}
