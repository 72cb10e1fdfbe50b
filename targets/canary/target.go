// Package canary tests the oracles: it wires a model driver (gadget) to a toy chip, once clean and once for every planted bug. Each oracle
// must catch its plant, and no oracle may say anything about the clean twin.
//
// The hard word is twin: the same driver without a plant. What the oracles say of the twin is wrong by definition.
package canary

import (
	"fmt"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/watchdog"
	"github.com/linkflap/linkflap/targets/canary/gadget"
)

// Target is the clean twin.
var Target = Planted(gadget.None)

// Planted is the target with a bug planted in its driver.
func Planted(bug gadget.Bug) harness.Target[*Device] {
	name := "canary"
	if bug != gadget.None {
		name += "-" + strings.ReplaceAll(string(bug), " ", "-")
	}
	return harness.Target[*Device]{
		Name: name, Firmware: "github.com/linkflap/linkflap/targets/canary/gadget", Model: true,
		Ops: ops, Faults: faults,
		Start: func(w *sim.World) (*Device, error) { return start(w, bug) },
		Heal:  func(d *Device) { d.net.heal() },
		Probe: probe,
		Close: func(d *Device, _ string, fd int64) error { return d.Close(int(fd)) },
		Down:  func(d *Device) error { d.Disconnect(); return nil },
		State: func(d *Device) uint { return d.chip.state() },
	}
}

// Device is the driver on its chip.
type Device struct {
	*gadget.Driver
	chip *chip
	net  *network
	sent [prog.MaxCalls]int64  // bytes by handle
	got  [prog.MaxCalls]stream // by handle
}

// board is the board's watchdog. Its period is the keeper's two seconds, and the time for which other calls keep the bus from it.
var board = watchdog.HardwareConfig{Config: watchdog.Config{Name: "board"}, Stages: []time.Duration{10 * time.Second}}

func start(w *sim.World, bug gadget.Bug) (*Device, error) {
	n := newNetwork(w)
	c := newChip(w, n)
	dog, err := watchdog.NewHardware(w, board)
	return &Device{Driver: gadget.New(c, dog, bug), chip: c, net: n}, err
}

const (
	probePort    = 4242
	probeBytes   = 16
	probeTimeout = 10 * time.Second
)

// probe is what must work again: disconnect, connect, and serve one remote client.
func probe(s *harness.Steps, d *Device) error {
	l, err := d.reconnect(s)
	if err != nil {
		return err
	}
	client := d.net.peers["p3"]
	if err := client.dial(d.chip, probePort); err != nil {
		return fmt.Errorf("a client cannot connect: %w", err)
	}
	if err := client.send(probeBytes); err != nil {
		return fmt.Errorf("a client cannot send: %w", err)
	}
	c, err := s.Wait("accept", func() (int64, error) { return handle(d.Accept(int(l))) })
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	return d.echo(s, int(c), int(l))
}

// reconnect disconnects, connects and listens.
func (d *Device) reconnect(s *harness.Steps) (l int64, err error) {
	_, _ = s.Do("disconnect", func() (int64, error) { d.Disconnect(); return 0, nil })
	if _, err := s.Do("connect", func() (int64, error) { return 0, d.Connect() }); err != nil {
		return 0, fmt.Errorf("connect: %w", err)
	}
	if l, err = s.Do("listen", func() (int64, error) { return handle(d.Listen(probePort)) }); err != nil {
		return 0, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// echo sends back what connection c gets, and closes it and its listener.
func (d *Device) echo(s *harness.Steps, c, l int) error {
	var buf [probeBytes]byte
	n, err := s.Do("recv", func() (int64, error) { return handle(d.Recv(c, buf[:], probeTimeout)) })
	if err != nil {
		return fmt.Errorf("recv: %w", err)
	}
	if _, err := s.Do("send", func() (int64, error) { return handle(d.Send(c, buf[:n])) }); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	for _, fd := range []int{c, l} {
		if _, err := s.Do("close", func() (int64, error) { return 0, d.Close(fd) }); err != nil {
			return fmt.Errorf("close: %w", err)
		}
	}
	return nil
}

// handle is a call's result as the trace has it.
func handle(n int, err error) (int64, error) { return int64(n), err }
