package rtl8720_test

import (
	"fmt"
	"machine"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/rtl8720"
	"github.com/linkflap/linkflap/mocks/uart"
)

// A call of rpc_system_ack, which gives back the byte that it gets. A frame is length and CRC-16, then a message: type (0 a call, 2 a reply),
// method, service and version, one byte each, a sequence number of four, and the parameters. Without the right CRC
// nothing comes back.
func Example() {
	const enable = machine.Pin(1)
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		line := uart.Config{Baud: 614_400, Buffer: 8192}
		rtl8720.New(w, air.New(w), line).Attach(machine.UART1, enable)
		call := func(frame string) []byte {
			_, _ = machine.UART1.Write([]byte(frame))
			w.Sleep(10 * time.Millisecond)
			said := make([]byte, machine.UART1.Buffered())
			_, _ = machine.UART1.Read(said)
			return said
		}
		w.Spawn("board", 0, func(*sim.Task) {
			enable.High()
			w.Sleep(rtl8720.BootTime)
			fmt.Printf("% x\n", call("\x09\x00\x10\x0c"+"\x00\x02\x01\x01"+"\x05\x00\x00\x00"+"\xa5"))
			wrong := "\x11\x0c"
			fmt.Println(len(call("\x09\x00"+wrong+"\x00\x02\x01\x01"+"\x05\x00\x00\x00"+"\xa5")), "bytes")
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 09 00 77 ca 02 02 01 01 05 00 00 00 a5
	// 0 bytes
}
