package uart_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/uart"
)

// A task that looks every 10 ms sees the same at the same times, whether its looks in vain are run or left out; and the faults of the call
// that waits for it strike there.
func TestServed(t *testing.T) {
	run := func(served bool, f sim.Fault) (got string, at []time.Duration) {
		sim.Run(t, sim.Config{}, func(w *sim.World) {
			l := uart.New(w, uart.Config{Baud: baud, Served: served}, nil)
			w.Spawn("call", 0, func(self *sim.Task) {
				self.Call = 0
				self.Arm(f)
				w.Go("reader", func() {
					for {
						for l.Buffered() > 0 {
							var b [1]byte
							l.Read(b[:])
							got += string(b[:])
							at = append(at, w.Now())
						}
						w.Sleep(10 * time.Millisecond)
					}
				})
				w.Sleep(3 * time.Millisecond)
				l.Send([]byte("ab"))
				l.SendAt(w.Now()+time.Second, []byte("cd"))
				w.Sleep(time.Minute)
			})
			w.Await(time.Hour, 0)
		})
		return got, at
	}
	all, when := run(false, sim.Fault{})
	require.Equal(t, "abcd", all)
	some, then := run(true, sim.Fault{})
	require.Equal(t, all, some)
	require.Equal(t, when, then)
	spoilt, _ := run(true, sim.Fault{Name: "lost", Nth: 3})
	require.Equal(t, "abd", spoilt)
}

// A full receive buffer is over when the board reads it out: with a pause in what arrives, at the latest.
func TestOverrunEnds(t *testing.T) {
	onBoard(t, func(b *board) {
		b.task.Arm(sim.Fault{Name: "overrun", Nth: 2, Value: 100})
		b.l.Send([]byte("abc"))
		b.Equal("a", b.later(time.Second))
		b.l.Send([]byte("def"))
		b.Equal("def", b.later(time.Second))
	})
}

func TestHeal(t *testing.T) {
	onBoard(t, func(b *board) {
		b.l.SendAt(b.w.Now()+time.Hour, []byte("ab"))
		b.l.SendAt(b.w.Now()+2*time.Hour, []byte("cd"))
		b.Empty(b.later(time.Second))
		b.l.Heal()
		b.Equal("abcd", b.later(4*byteTime), "what is late comes now")
		b.l.Send([]byte("e"))
		b.l.Heal()
		b.Equal("e", b.later(byteTime), "and what is not keeps its time")
	})
}
