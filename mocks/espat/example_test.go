package espat_test

import (
	"fmt"
	"machine"
	"strings"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/espat"
	"github.com/linkflap/linkflap/mocks/uart"
)

// The dialogue with the module, as one would have it at a terminal: > is what the board sends, what else arrives the module said. It joins,
// opens a connection to a host that echoes, sends, and gets the bytes back as a message that nobody asked for.
func Example() {
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		espat.New(w, air.New(w), uart.Config{Buffer: 1024}).Attach(machine.UART1)
		w.Spawn("board", 0, func(*sim.Task) {
			for _, out := range []string{
				"ATE0\r\n",
				"AT+CWJAP=\"home\",\"password1\"\r\n",
				"AT+CIPSTART=\"TCP\",\"10.0.0.21\",7\r\n",
				"AT+CIPSEND=5\r\n",
				"hello",
				"AT+CIPCLOSE\r\n",
			} {
				fmt.Println("> " + strings.TrimSpace(out))
				_, _ = machine.UART1.Write([]byte(out))
				w.Sleep(5 * time.Second)
				said := make([]byte, machine.UART1.Buffered())
				_, _ = machine.UART1.Read(said)
				for line := range strings.SplitSeq(string(said), "\r\n") {
					if line != "" {
						fmt.Println(line)
					}
				}
			}
		})
		w.Await(time.Hour, 0)
	})
	// Output:
	// > ATE0
	// ATE0
	// OK
	// > AT+CWJAP="home","password1"
	// WIFI CONNECTED
	// WIFI GOT IP
	// OK
	// > AT+CIPSTART="TCP","10.0.0.21",7
	// CONNECT
	// OK
	// > AT+CIPSEND=5
	// OK
	// >
	// > hello
	// Recv 5 bytes
	// SEND OK
	// +IPD,5:hello
	// > AT+CIPCLOSE
	// CLOSED
	// OK
}
