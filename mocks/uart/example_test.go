package uart_test

import (
	"bytes"
	"fmt"
	"machine"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/uart"
)

// shouter is a module that sends back in capitals what it is sent.
type shouter struct{ line *uart.Line }

func (s *shouter) Receive(p []byte) { s.line.Send(bytes.ToUpper(p)) }
func (s *shouter) Reset()           {}

// A module hangs on a line, and the line on one of the board's ports. Each byte takes its time, there and back.
func Example() {
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		m := &shouter{}
		m.line = uart.New(w, uart.Config{Baud: 10_000}, m) // ten bits a byte: one millisecond
		m.line.Attach(machine.UART1)
		w.Spawn("board", 0, func(*sim.Task) {
			_, _ = machine.UART1.Write([]byte("hello"))
			fmt.Println(w.Now(), "sent")
			w.Sleep(3 * time.Millisecond)
			fmt.Println(w.Now(), machine.UART1.Buffered(), "bytes are there")
			w.Sleep(2 * time.Millisecond)
			buf := make([]byte, 10)
			n, _ := machine.UART1.Read(buf)
			fmt.Println(w.Now(), string(buf[:n]))
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 5ms sent
	// 8ms 3 bytes are there
	// 10ms HELLO
}

// A fault strikes at the nth byte that passes: the second one of those received arrives with a bit inverted, the third one of those sent
// does not arrive.
func Example_fault() {
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	for _, f := range []sim.Fault{{Name: "flipped", Nth: 2, Value: 0x01}, {Name: "txlost", Nth: 3}} {
		sim.Run(t, sim.Config{}, func(w *sim.World) {
			m := &shouter{}
			m.line = uart.New(w, uart.Config{}, m)
			m.line.Attach(machine.UART1)
			w.Spawn("board", 0, func(task *sim.Task) {
				task.Arm(f)
				_, _ = machine.UART1.Write([]byte("hello"))
				w.Sleep(time.Second)
				buf := make([]byte, 10)
				n, _ := machine.UART1.Read(buf)
				fmt.Println(f.Name, string(buf[:n]))
			})
			w.Await(time.Minute, 0)
		})
	}
	// Output:
	// flipped HDLLO
	// txlost HELO
}
