package uart_test

import (
	"io"
	"machine"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/uart"
)

// byteTime is ten bits at 10,000 baud: a round number.
const (
	baud     = 10_000
	byteTime = time.Millisecond
)

// board is a board with a line to a module that does what the test says.
type board struct {
	*require.Assertions
	w      *sim.World
	l      *uart.Line
	task   *sim.Task
	port   *machine.UART
	heard  string // what the module has received
	resets int
	onByte func(p []byte) // called by Receive; nil: nothing
}

func (b *board) Receive(p []byte) {
	b.heard += string(p)
	if b.onByte != nil {
		b.onByte(p)
	}
}

func (b *board) Reset() { b.resets++ }

// onBoard runs f as a task on a board with a fresh line, and returns what happened.
func onBoard(t *testing.T, f func(b *board)) *trace.Trace {
	t.Helper()
	machine.Reset()
	defer machine.Reset()
	out := sim.Running
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		b := &board{Assertions: require.New(t), w: w, port: machine.UART1}
		b.l = uart.New(w, uart.Config{Baud: baud}, b)
		b.l.Attach(b.port)
		w.Spawn("board", 0, func(task *sim.Task) {
			b.task = task
			f(b)
		})
		out = w.Await(time.Hour, 0)
	})
	require.Equal(t, sim.Settled, out, "the task did not end")
	return tr
}

// read is everything that has arrived.
func (b *board) read() string {
	buf := make([]byte, b.port.Buffered())
	n, _ := b.port.Read(buf)
	b.Equal(len(buf), n)
	return string(buf)
}

// later reads after a time.
func (b *board) later(d time.Duration) string {
	b.w.Sleep(d)
	return b.read()
}

func (b *board) write(text string) {
	n, err := b.port.Write([]byte(text))
	b.NoError(err)
	b.Equal(len(text), n)
}

// A start bit, eight data bits and a stop bit: a byte takes ten bits' time, in both directions.
func TestBaudRate(t *testing.T) {
	onBoard(t, func(b *board) {
		b.Equal(byteTime, b.l.ByteTime())
		b.write("hello")
		b.Equal(5*byteTime, b.w.Now(), "the last byte has left when Write returns")
		b.Equal("hello", b.heard)

		b.l.Send([]byte("abc"))
		b.Equal(b.w.Now()+3*byteTime, b.l.Free())
		b.Empty(b.later(byteTime - 1))
		b.Equal("a", b.later(1), "a byte is there when its last bit is")
		b.Equal("b", b.later(byteTime+byteTime/2))
		b.Equal("c", b.later(time.Second))
	})
}

func TestDefaults(t *testing.T) {
	onBoard(t, func(b *board) {
		l := uart.New(b.w, uart.Config{}, b)
		b.Equal(10*time.Second/uart.DefaultBaud, l.ByteTime())
	})
}

func TestMessagesFollowEachOther(t *testing.T) {
	onBoard(t, func(b *board) {
		p := []byte("ab")
		b.l.Send(p)
		p[0] = 'x'
		b.l.Send([]byte("cd"))
		b.l.SendAt(b.w.Now()+10*byteTime, []byte("ef"))
		b.l.SendAt(b.w.Now(), []byte("g"))
		b.Equal("abcd", b.later(9*byteTime), "what is sent is copied, and goes out in order")
		b.Equal("ef", b.later(3*byteTime), "a message can be sent for later")
		b.Equal("g", b.later(byteTime), "and nothing overtakes it")
	})
}

// Two tasks that write at once: one after the other, each as a whole.
func TestWritesDoNotMix(t *testing.T) {
	onBoard(t, func(b *board) {
		var other time.Duration
		b.w.Go("other", func() {
			b.write("BBBB")
			other = b.w.Now()
		})
		b.write("aaaa")
		board := b.w.Now()
		b.w.Sleep(time.Second)
		b.Contains([]string{"aaaaBBBB", "BBBBaaaa"}, b.heard)
		b.ElementsMatch([]time.Duration{4 * byteTime, 8 * byteTime}, []time.Duration{board, other}, "the second one waits for the wire")
	})
}

// With echo, what waits for the wire comes back only once it is on it.
func TestEchoOfWritesThatWait(t *testing.T) {
	onBoard(t, func(b *board) {
		b.l.Echo(true)
		b.w.Go("other", func() { b.write("BBBB") })
		b.write("aaaa")
		b.Len(b.read(), 4)
		b.Empty(b.later(byteTime - 1))
		b.Len(b.later(1), 1)
		b.Len(b.later(time.Second), 3)
	})
}

// TinyGo, src/machine/buffer.go: RingBuffer.Put drops a byte when bufferSize (128) are waiting.
func TestReceiveBufferIsFull(t *testing.T) {
	text := strings.Repeat("0123456789", 20)
	tr := onBoard(t, func(b *board) {
		b.l.Send([]byte(text))
		b.Equal(text[:uart.DefaultBuffer], b.later(time.Second), "the oldest bytes are kept")
		b.Empty(b.later(time.Second))
		b.l.Send([]byte(text[:uart.DefaultBuffer]))
		b.Equal(text[:uart.DefaultBuffer], b.later(time.Second), "there is room again")
	})
	require.Equal(t, int64(200-uart.DefaultBuffer), overruns(tr))

	tr = onBoard(t, func(b *board) {
		b.l.Send([]byte(text))
		got := ""
		for range 2 {
			got += b.later(100 * byteTime)
		}
		b.Equal(text, got, "who reads in time loses nothing")
	})
	require.Zero(t, overruns(tr))
}

// overruns is how many bytes the trace says were lost.
func overruns(tr *trace.Trace) (n int64) {
	for _, e := range tr.Events {
		if e.Kind == trace.Bus && e.Name == "uart.overrun" {
			n += e.C
		}
	}
	return n
}

func TestReadTakesNoMoreThanAsked(t *testing.T) {
	onBoard(t, func(b *board) {
		b.l.Send([]byte("abcdef"))
		b.w.Sleep(time.Second)
		var buf [4]byte
		n, err := b.port.Read(buf[:])
		b.NoError(err)
		b.Equal("abcd", string(buf[:n]))
		b.Equal(2, b.port.Buffered())
		c, err := b.port.ReadByte()
		b.NoError(err)
		b.Equal(byte('e'), c)
	})
}

func TestDrop(t *testing.T) {
	onBoard(t, func(b *board) {
		b.l.Send([]byte("abcd"))
		b.l.Send([]byte("ef"))
		b.w.Sleep(2*byteTime + byteTime/2)
		b.l.Drop()
		b.Equal("ab", b.later(time.Second), "what has arrived stays")
		b.l.Send([]byte("xy"))
		b.l.Send([]byte("z"))
		b.w.Sleep(2 * byteTime)
		b.l.Drop()
		b.Equal("xy", b.later(time.Second))
		b.l.Send([]byte("z"))
		b.Equal("z", b.later(time.Second))
	})
}

func TestEcho(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("a")
		b.Empty(b.read(), "a line begins without")
		b.l.Echo(true)
		b.onByte = func([]byte) { b.l.Send([]byte("!")) }
		b.write("bc")
		b.Equal("bc", b.read(), "each byte comes back as it arrives")
		b.Equal("!", b.later(byteTime), "before any answer")
		b.l.Echo(false)
		b.onByte = nil
		b.write("d")
		b.Empty(b.later(time.Second))
	})
}

// A loop that polls without sleeping takes time on a board: io.ReadFull on a port is one.
func TestSpinning(t *testing.T) {
	onBoard(t, func(b *board) {
		b.onByte = func([]byte) { b.l.SendAt(b.w.Now()+3*time.Second, []byte(strings.Repeat("x", 300))) }
		b.write("?")
		var buf [300]byte
		n, err := io.ReadFull(b.port, buf[:])
		b.NoError(err)
		b.Equal(300, n, "and none is lost meanwhile")
		b.InDelta(b.l.Free(), b.w.Now(), float64(byteTime))
		start := b.w.Now()
		b.w.After(20*time.Second, 0, func(time.Time) { b.l.Send([]byte("y")) })
		for b.port.Buffered() == 0 {
			b.Less(b.w.Now(), start+time.Minute)
		}
		b.Equal(start+20*time.Second+byteTime, b.w.Now(), "a byte is seen when it arrives")
	})
}

// Two tasks that look at the same moment do not spin: neither waits.
func TestLookingIsNotSpinning(t *testing.T) {
	onBoard(t, func(b *board) {
		for range 10 {
			b.Zero(b.port.Buffered())
			b.w.Sleep(time.Millisecond)
		}
		b.Equal(10*time.Millisecond, b.w.Now())
	})
}

// One program, one trace.
func TestDeterminism(t *testing.T) {
	run := func() uint64 {
		return onBoard(t, func(b *board) {
			b.onByte = func(p []byte) { b.l.Send(p) }
			b.w.Go("other", func() { b.write("other") })
			b.task.Arm(sim.Fault{Name: "flipped", Nth: 3, Value: 1})
			b.write("board")
			b.later(time.Second)
		}).Hash()
	}
	want := run()
	for range 10 {
		require.Equal(t, want, run())
	}
}

// BenchmarkMessage is a message of 100 bytes from the module to the board.
func BenchmarkMessage(b *testing.B) {
	const messages = 1000 // of one run, so that starting the world does not count
	sim.Bench(b, func(t *testing.T) {
		for b.Loop() {
			sim.Run(t, sim.Config{}, func(w *sim.World) {
				l := uart.New(w, uart.Config{}, nil)
				w.Spawn("board", 0, func(*sim.Task) {
					var message, buf [100]byte
					for range messages {
						l.Send(message[:])
						w.Sleep(l.Free() - w.Now())
						l.Read(buf[:])
					}
				})
				w.Await(time.Hour, 0)
			})
		}
	})
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*messages), "ns/message")
}
