package combo_test

import (
	"fmt"
	"machine"
	"strings"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/combo"
	"github.com/linkflap/linkflap/mocks/uart"
)

// The dialogue with the module, as one would have it at a terminal: > is what the board sends, what else arrives the module said. It joins,
// opens a connection to a host that echoes, which gets a ConID, sends on it, and gets the bytes back as an event.
func Example() {
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		combo.New(w, air.New(w), uart.Config{Buffer: 1024}).Attach(machine.UART1)
		w.Spawn("board", 0, func(*sim.Task) {
			for _, out := range []string{
				"ATE0\r\n",
				"AT+WJAP=home,password1\r\n",
				"AT+SOCKETRECVCFG=1\r\n",
				"AT+SOCKET=4,10.0.0.21,7\r\n",
				"AT+SOCKETSEND=1,5\r\n",
				"hello",
				"AT+SOCKETDEL=1\r\n",
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
	// > AT+WJAP=home,password1
	// +EVENT:WIFI_CONNECT
	// +EVENT:WIFI_GOT_IP
	// OK
	// > AT+SOCKETRECVCFG=1
	// OK
	// > AT+SOCKET=4,10.0.0.21,7
	// connect success ConID=1
	// OK
	// > AT+SOCKETSEND=1,5
	// >
	// > hello
	// OK
	// +EVENT:SocketDown,1,5,hello
	// > AT+SOCKETDEL=1
	// OK
	// +EVENT:SocketAutoDel,1
}
