package w5500_test

import (
	"fmt"
	"machine"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/w5500"
)

// Socket 0 opens a connection. A frame on the bus is an offset of two bytes, a byte that says which block of registers and whether to write
// (section 2.2), and data; the socket's registers are block 1. Each write of Sn_CR is a command; Sn_SR tells what has become of it.
func Example() {
	const cs, intn, rstn = machine.Pin(1), machine.Pin(2), machine.Pin(3)
	const common, socket0, write = 0 << 3, 1 << 3, 1 << 2
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		cs.High()
		w5500.New(w, air.New(w)).Attach(cs, intn, rstn, machine.SPI0)
		frame := func(what string, out ...byte) {
			in := make([]byte, len(out))
			cs.Low()
			_ = machine.SPI0.Tx(out, in)
			cs.High()
			fmt.Printf("%-24s > % x < % x\n", what, out, in[3:])
		}
		w.Spawn("board", 0, func(*sim.Task) {
			frame("VERSIONR", 0x00, 0x39, common, 0)
			frame("GAR = 10.0.0.1", 0x00, 0x01, common|write, 10, 0, 0, 1)
			frame("SUBR = 255.255.255.0", 0x00, 0x05, common|write, 255, 255, 255, 0)
			frame("SIPR = 10.0.0.2", 0x00, 0x0f, common|write, 10, 0, 0, 2)
			frame("S0_MR = TCP", 0x00, 0x00, socket0|write, 0x01)
			frame("S0_PORT = 50000", 0x00, 0x04, socket0|write, 0xc3, 0x50)
			frame("S0_CR = OPEN", 0x00, 0x01, socket0|write, 0x01)
			frame("S0_SR, SOCK_INIT", 0x00, 0x03, socket0, 0)
			frame("S0_DIPR = 10.0.0.21", 0x00, 0x0c, socket0|write, 10, 0, 0, 21)
			frame("S0_DPORT = 7", 0x00, 0x10, socket0|write, 0, 7)
			frame("S0_CR = CONNECT", 0x00, 0x01, socket0|write, 0x04)
			frame("S0_SR, SOCK_SYNSENT", 0x00, 0x03, socket0, 0)
			w.Sleep(time.Second)
			frame("S0_SR, SOCK_ESTABLISHED", 0x00, 0x03, socket0, 0)
			frame("S0_CR = DISCON", 0x00, 0x01, socket0|write, 0x08)
			w.Sleep(time.Second)
			frame("S0_SR, SOCK_CLOSED", 0x00, 0x03, socket0, 0)
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// VERSIONR                 > 00 39 00 00 < 04
	// GAR = 10.0.0.1           > 00 01 04 0a 00 00 01 < 00 00 00 00
	// SUBR = 255.255.255.0     > 00 05 04 ff ff ff 00 < 00 00 00 00
	// SIPR = 10.0.0.2          > 00 0f 04 0a 00 00 02 < 00 00 00 00
	// S0_MR = TCP              > 00 00 0c 01 < 00
	// S0_PORT = 50000          > 00 04 0c c3 50 < 00 00
	// S0_CR = OPEN             > 00 01 0c 01 < 00
	// S0_SR, SOCK_INIT         > 00 03 08 00 < 13
	// S0_DIPR = 10.0.0.21      > 00 0c 0c 0a 00 00 15 < 00 00 00 00
	// S0_DPORT = 7             > 00 10 0c 00 07 < 00 00
	// S0_CR = CONNECT          > 00 01 0c 04 < 00
	// S0_SR, SOCK_SYNSENT      > 00 03 08 00 < 15
	// S0_SR, SOCK_ESTABLISHED  > 00 03 08 00 < 17
	// S0_CR = DISCON           > 00 01 0c 08 < 00
	// S0_SR, SOCK_CLOSED       > 00 03 08 00 < 00
}
