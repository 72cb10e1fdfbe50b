// Package atomvm tests a model of AtomVM's ESP32 network driver (driver) on mocked ESP-IDF (mocks/esp), in the releases in which it could not
// be stopped (up to 0.6.4), could not be started again (0.6.5), and can (0.6.6), and with each half of the fix alone.
//
// The hard word is user: a component of the same firmware that registers handlers with the default event loop, as the driver does, and must
// go on getting its events whatever becomes of the network.
package atomvm

import (
	"errors"
	"fmt"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/targets/atomvm/beam"
	"github.com/linkflap/linkflap/targets/atomvm/driver"
)

// Target is the driver in all its releases: a program boots the one that it is about.
var Target = harness.Target[*Device]{
	Name: "atomvm", Firmware: "github.com/linkflap/linkflap/targets/atomvm/driver", Model: true,
	Ops:     ops,
	Start:   func(w *sim.World) (*Device, error) { return start(w), nil },
	Heal:    func(d *Device) { d.air.Heal(); d.quick = true },
	Probe:   probe,
	Close:   closeHandle,
	Down:    func(d *Device) error { return d.stop(d.outside("down")) },
	State:   state,
	Variant: variant,
}

// heapSize is the memory that the driver allocates from, in bytes; chosen, far more than a run needs.
const heapSize = 64 << 10

// Device is an ESP32 with AtomVM on it.
type Device struct {
	w     *sim.World
	air   *air.Air
	chip  *esp.Chip
	vm    *beam.VM       // nil until boot
	net   *driver.Driver // nil until boot
	mine  [prog.NumTasks]*beam.Process
	users []*user
	slow  bool // one of them is slow
	quick bool // it is so no more
}

func start(w *sim.World) *Device {
	a := air.New(w)
	d := &Device{w: w, air: a, chip: esp.New(w, a, esp.DefaultConfig)}
	driver.Init(d.chip)
	return d
}

var (
	errBooted = errors.New("booted already, or not by task main")
	errOff    = errors.New("not booted")
)

// newest is the index of the release that runs if a program boots none: the one without a known bug of issue 1449's kind.
const newest = 2

// boot starts the machine with a release of the driver.
func (d *Device) boot(release, cores int) {
	d.vm = beam.New(d.w, cores)
	d.net = driver.New(d.vm, d.chip, heap.New(d.w, heapSize), driver.Releases[release])
}

// variant is the release that a program boots: task main boots first, and nobody else may.
func variant(p *prog.Prog) string {
	for i := range p.Calls {
		if c := &p.Calls[i]; c.Op == 0 && c.Task == prog.Main {
			return driver.Releases[c.Args[0]].Name
		}
	}
	return driver.Releases[newest].Name
}

// outside is a process for somebody who is not a task of the program; nil before boot.
func (d *Device) outside(name string) *beam.Process {
	if d.vm == nil {
		return nil
	}
	return d.vm.Outside(name)
}

// process is the Erlang process that a task of the program is; nil before boot.
func (d *Device) process(t prog.Task) *beam.Process {
	if d.mine[t] == nil {
		d.mine[t] = d.outside(t.String())
	}
	return d.mine[t]
}

// as runs f as process p.
func as(p *beam.Process, f func() (int64, error)) (int64, error) {
	if p == nil {
		return 0, errOff
	}
	p.Enter()
	defer p.Leave()
	return f()
}

// stop is network:stop/0. That there is nothing to stop is no error of the teardown.
func (d *Device) stop(p *beam.Process) error {
	if p == nil {
		return nil
	}
	_, err := as(p, func() (int64, error) { return 0, d.net.Stop(p) })
	if errors.Is(err, beam.ErrUndefined) {
		return nil
	}
	return err
}

// closeHandle closes what boot and subscribe return: the network is stopped, a handler is unregistered.
func closeHandle(d *Device, kind string, v int64) error {
	if kind == machine {
		return d.stop(d.outside("close"))
	}
	return d.user(int(v)).unsubscribe()
}

// probe is what must work: a user of the default event loop gets its events, and the network can be started and gets an address.
func probe(s *harness.Steps, d *Device) error {
	if d.vm == nil {
		d.boot(newest, 1)
	}
	if err := d.served(s); err != nil {
		return err
	}
	p := d.outside("probe")
	_, err := s.Do("wait_for_sta", func() (int64, error) {
		return as(p, func() (int64, error) { return address(d.net.WaitForSTA(p, networks[0].net(), waitTime)) })
	})
	if err != nil {
		return fmt.Errorf("wait_for_sta: %w", err)
	}
	if _, ok := d.air.Address(); !ok {
		return errors.New("the network is up without an address")
	}
	return d.served(s)
}

// served lets a user of the default event loop come, get an event, and go.
func (d *Device) served(s *harness.Steps) error {
	u, err := s.Do("subscribe", func() (int64, error) { return d.subscribe(appBase, 0) })
	if err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	if _, err := s.Do("post", func() (int64, error) { return 0, d.post(0) }); err != nil {
		return fmt.Errorf("post: %w", err)
	}
	if _, err := s.Do("expect", func() (int64, error) { return d.user(int(u)).expect(expectTime) }); err != nil {
		return fmt.Errorf("expect: %w", err)
	}
	_, err = s.Do("unsubscribe", func() (int64, error) { return 0, d.user(int(u)).unsubscribe() })
	return err
}

// state is the device's state for feedback: of the chip, and which of the driver's processes there are.
func state(d *Device) uint {
	n := d.chip.State() * 8
	if d.vm == nil {
		return n
	}
	for i, name := range []string{"network", "network_port"} {
		if d.vm.Whereis(name) != nil {
			n += 1 << i
		}
	}
	return n + 4
}
