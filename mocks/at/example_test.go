package at_test

import (
	"fmt"
	"machine"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/at"
	"github.com/linkflap/linkflap/mocks/uart"
)

func ExampleParse() {
	kinds := [at.NumKinds]string{at.Test: "test", at.Query: "query", at.Set: "set", at.Execute: "execute"}
	for _, line := range []string{"AT+CIPMUX=?", "AT+CIPMUX?", "AT+CIPMUX=1,0", "AT+CIPCLOSE"} {
		name, kind, params := at.Parse(line)
		fmt.Printf("%s %s %q\n", name, kinds[kind], params)
	}
	// Output:
	// AT+CIPMUX test ""
	// AT+CIPMUX query ""
	// AT+CIPMUX set "1,0"
	// AT+CIPCLOSE execute ""
}

// gate is a module with one command, AT+OPEN, which waits until somebody outside has opened it.
type gate struct {
	at.Core
	open, told bool
}

func newGate(w *sim.World) *gate {
	g := &gate{}
	line := uart.New(w, uart.Config{}, g)
	line.Attach(machine.UART1)
	g.Init(w, line, g.events, func() {})
	return g
}

// events tells what has changed outside; Look calls it.
func (g *gate) events() {
	if g.open && !g.told {
		g.told = true
		g.Say("+GATE:OPEN\r\n")
	}
}

func (g *gate) Receive(p []byte) {
	line, _ := g.Line(p)
	name, _, _ := at.Parse(string(line))
	switch {
	case g.Busy():
		g.Say("BUSY\r\n")
	case name == "AT+OPEN":
		g.Wait(func() bool {
			if g.open {
				g.Say("OK\r\n")
			}
			return g.open
		})
	}
}

func (g *gate) Reset() { g.Restart(time.Second, func() {}) }

// While a command is under way the module turns others down; what happens outside ends it.
func ExampleCore() {
	t := new(testing.T) // in a test: its own
	defer machine.Reset()
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		g := newGate(w)
		say := func() {
			said := make([]byte, machine.UART1.Buffered())
			_, _ = machine.UART1.Read(said)
			fmt.Printf("%v %q\n", w.Now().Truncate(time.Second), said)
		}
		w.Spawn("board", 0, func(*sim.Task) {
			for range 2 {
				_, _ = machine.UART1.Write([]byte("AT+OPEN\r\n"))
				w.Sleep(time.Second)
				say()
			}
			g.open = true
			g.Look()
			w.Sleep(time.Second)
			say()
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 1s ""
	// 2s "BUSY\r\n"
	// 3s "+GATE:OPEN\r\nOK\r\n"
}
