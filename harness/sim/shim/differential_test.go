package shim_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
)

// A random program of locks and channels must give the same results under the shim, with any schedule, as in Go.
//
// It cannot deadlock: it is written as one history, in which a task sends to another, or adds to a sum under one or two locks, and each
// task does its part of that. Every pair of tasks has a channel of its own, and locks are taken in order. In the end all tasks report to
// one more, which does not know in which order.

const tasks = 3

// act is one step of the history: from sends to to, or, if they are the same, adds under the locks.
type act struct{ from, to, value int }

type network struct {
	acts  []act
	room  [tasks][tasks]int // capacity of the channel of each pair
	inbox int               // capacity of the channel to who collects
}

func randomNetwork(r *rand.Rand) (n network) {
	for i := range 1 + r.Intn(12) {
		n.acts = append(n.acts, act{r.Intn(tasks), r.Intn(tasks), i})
	}
	for i := range tasks {
		for j := range tasks {
			n.room[i][j] = r.Intn(3)
		}
	}
	n.inbox = r.Intn(3)
	return n
}

// api is what the network is run with.
type api struct {
	lock, unlock func(i int)
	send         func(ch chan string, s string)
	recv         func(ch chan string) (string, bool)
	merge        func(a, b chan string) (s string, ok bool) // from whichever is ready
	close        func(ch chan string)
	start        func(f func())
	wait         func() // for all that was started
}

func plain() api {
	var m [2]sync.RWMutex
	var g sync.WaitGroup
	return api{
		lock: func(i int) { m[i].Lock() }, unlock: func(i int) { m[i].Unlock() },
		send:  func(ch chan string, s string) { ch <- s },
		recv:  func(ch chan string) (string, bool) { s, ok := <-ch; return s, ok },
		close: func(ch chan string) { close(ch) },
		start: g.Go, wait: g.Wait,
		merge: func(a, b chan string) (s string, ok bool) {
			select {
			case s, ok = <-a:
			case s, ok = <-b:
			}
			return s, ok
		},
	}
}

// shimmed starts its tasks so that a schedule can name them.
func shimmed(w *sim.World) api {
	var m [2]shim.RWMutex
	var g shim.WaitGroup
	started := 0
	return api{
		lock: func(i int) { m[i].Lock() }, unlock: func(i int) { m[i].Unlock() },
		send:  func(ch chan string, s string) { shim.SendTo(ch)(s) },
		recv:  func(ch chan string) (string, bool) { return shim.Recv2(ch) },
		close: func(ch chan string) { shim.Close(ch) },
		start: func(f func()) {
			started++
			g.Add(1)
			w.Spawn("task", started, func(*sim.Task) { defer g.Done(); f() })
		},
		wait: g.Wait,
		merge: func(a, b chan string) (string, bool) {
			x, y := shim.OnRecv(a), shim.OnRecv(b)
			if shim.Select(false, x, y) == 0 {
				return x.Get2()
			}
			return y.Get2()
		},
	}
}

// run returns what every task received, and the sum.
func (n *network) run(a api) string {
	var pipes [tasks][tasks]chan string
	for i := range tasks {
		for j := range tasks {
			pipes[i][j] = make(chan string, n.room[i][j])
		}
	}
	results, done := make(chan string, n.inbox), make(chan string)
	sum := 0
	for me := range tasks {
		a.start(func() {
			for _, x := range n.acts {
				switch {
				case x.from == x.to && x.from == me:
					n.add(a, &sum, x.value)
				case x.from == me:
					a.send(pipes[x.from][x.to], fmt.Sprint(x.value))
				case x.to == me:
					s, ok := a.recv(pipes[x.from][me])
					a.send(results, fmt.Sprint(me, " from ", x.from, ": ", s, ok))
				}
			}
			a.send(results, "")
		})
	}
	all := n.collect(a, results, done)
	a.wait()
	return fmt.Sprint(all, " sum ", sum)
}

func (n *network) add(a api, sum *int, value int) {
	a.lock(0)
	if value%2 == 0 {
		a.lock(1)
		*sum += value
		a.unlock(1)
	} else {
		*sum += value
	}
	a.unlock(0)
}

// collect reads until every task has said that it is done.
func (n *network) collect(a api, results, done chan string) string {
	var all []string
	for left := tasks; left > 0; {
		s, ok := a.merge(done, results)
		if !ok || s == "" {
			left--
			continue
		}
		all = append(all, s)
	}
	a.close(results)
	_, ok := a.recv(results)
	slices.Sort(all)
	return strings.Join(all, ", ") + fmt.Sprint(" then ", ok)
}

func TestRandomProgramsGiveTheResultsOfGo(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	distinct := map[string]bool{}
	for range 300 {
		n := randomNetwork(r)
		want := n.run(plain())
		distinct[want] = true
		for range 4 {
			var got string
			out, _ := world(t, sim.Config{Schedule: randomSchedule(r)}, func(w *sim.World) { got = n.run(shimmed(w)) })
			require.Equal(t, sim.Settled, out, "%+v", n)
			require.Equal(t, want, got, "%+v", n)
		}
	}
	require.Greater(t, len(distinct), 200, "the programs are no fair sample")
}

func randomSchedule(r *rand.Rand) (s []sim.Step) {
	for range r.Intn(8) {
		s = append(s, sim.Step{Task: r.Intn(tasks + 1), Points: 1 + r.Intn(8)})
	}
	return s
}
