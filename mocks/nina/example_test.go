package nina_test

import (
	"fmt"
	"machine"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/nina"
)

// One command is two transactions on the bus. In the first the host writes the frame: start, opcode, number of parameters, each parameter
// after its length, end, and padding to a multiple of four. In the second it clocks the reply out, which has the opcode with its top bit set.
// Before each the host waits until the chip drives ready low.
func Example() {
	const cs, ready, gpio0, reset = machine.Pin(1), machine.Pin(2), machine.Pin(3), machine.Pin(4)
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		cs.High()
		nina.New(w, air.New(w)).Attach(cs, ready, gpio0, reset, machine.NINA_SPI)
		exchange := func(out []byte) []byte {
			for ready.Get() {
				w.Sleep(100 * time.Microsecond)
			}
			in := make([]byte, len(out))
			cs.Low()
			_ = machine.NINA_SPI.Tx(out, in)
			cs.High()
			return in
		}
		w.Spawn("board", 0, func(*sim.Task) {
			for _, c := range []struct {
				name  string
				frame string
				reply int // how many bytes
			}{
				{"GET_FW_VERSION", "\xe0\x37\x00\xee", 11},
				{"GET_CONN_STATUS", "\xe0\x20\x00\xee", 6},
				{"SET_PASSPHRASE", "\xe0\x11\x02\x04home\x09password1\xee\xff\xff", 6},
				{"GET_CONN_STATUS", "\xe0\x20\x00\xee", 6},
			} {
				exchange([]byte(c.frame))
				fmt.Printf("%-15s > % x\n", c.name, c.frame)
				fmt.Printf("%-15s < % x\n", "", exchange(make([]byte, c.reply)))
				w.Sleep(5 * time.Second)
			}
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// GET_FW_VERSION  > e0 37 00 ee
	//                 < e0 b7 01 06 31 2e 34 2e 38 00 ee
	// GET_CONN_STATUS > e0 20 00 ee
	//                 < e0 a0 01 01 00 ee
	// SET_PASSPHRASE  > e0 11 02 04 68 6f 6d 65 09 70 61 73 73 77 6f 72 64 31 ee ff ff
	//                 < e0 91 01 01 01 ee
	// GET_CONN_STATUS > e0 20 00 ee
	//                 < e0 a0 01 01 03 ee
}
