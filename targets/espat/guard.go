package espat

import (
	"unsafe"

	"tinygo.org/x/drivers/espat"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/targets/netdev"
)

// kind is what a method belongs to; that decides what may be called while it runs.
type kind int

const (
	device kind = iota // netdev.Netdever: "multiple goroutines may invoke methods on a Netdever simultaneously"
	link               // netlink.Netlinker, which says nothing of goroutines
	own                // neither: the driver's own methods, of which nothing is said either
	numKinds
)

// kindOf is the kind of the methods behind an op of netdev.Ops.
func kindOf(op string) kind {
	if op == "connect" || op == "disconnect" {
		return link
	}
	return device
}

// apart says that an application must not make calls of two kinds at once. Who connects again while others use their sockets may: to recover
// a connection that is down is what ConnectParams.WatchdogTimeout is about.
func apart(a, b kind) bool { return a == own || b == own || a == link && b == link }

// driver is the driver under test with what its documents ask of an application. What an application has to keep apart it also has to
// synchronise, so the race detector is told that it did.
type driver struct {
	*espat.Device
	connected bool // NetConnect has returned once
	calls     [numKinds]int
}

// NetConnect is the driver's.
func (d *driver) NetConnect(params *netlink.ConnectParams) error {
	defer func() {
		if !d.connected {
			d.connected = true
			sim.RaceRelease(unsafe.Pointer(&d.connected))
		}
	}()
	return d.Device.NetConnect(params)
}

// NetDisconnect is the driver's, if there is anything to disconnect: the probe, which starts over, cannot know.
func (d *driver) NetDisconnect() {
	if d.connected {
		d.Device.NetDisconnect()
	}
}

// enter begins a call, and reports false if it is not to be made now.
func (d *driver) enter(k kind) bool {
	for other := range numKinds {
		if apart(k, other) && d.calls[other] > 0 {
			return false
		}
	}
	for other := range numKinds {
		if apart(k, other) {
			sim.RaceAcquire(unsafe.Pointer(&d.calls[other]))
		}
	}
	sim.RaceAcquire(unsafe.Pointer(&d.connected))
	d.calls[k]++
	return true
}

func (d *driver) leave(k kind) {
	d.calls[k]--
	sim.RaceRelease(unsafe.Pointer(&d.calls[k]))
}

// guarded lets an op be made only where the documents allow it: the drivers' README-net.md, "Using net Package", requires NetConnect before
// anything else. Elsewhere it says that it is not supported.
func guarded(op harness.Op[*netdev.Device], k kind) harness.Op[*netdev.Device] {
	if op.Class != prog.Device || op.Name == "sleep" {
		return op
	}
	do := op.Do
	op.Do = func(c call) (int64, error) {
		d := c.Dev.Bare().(*driver)
		if !d.connected && op.Name != "connect" || !d.enter(k) {
			return 0, harness.ErrUnsupported
		}
		defer d.leave(k)
		n, err := do(c)
		if op.Name == "notify" {
			err = harness.ErrUnsupported // NetNotify can only print that it is
		}
		return n, err
	}
	return op
}
