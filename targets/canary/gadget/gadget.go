// Package gadget is a model of a network driver: small, but with the locks, sleeps, polls, tasks and slot tables that real ones have. It is
// the firmware under test of the canary, written against the shim by hand, so that what the oracles say about it is known beforehand.
//
// The hard word is plant: a Bug that New puts into the driver. Without one the driver keeps every contract that the oracles check.
package gadget

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/harness/sim/shim"
)

// What can go wrong. ErrClosed also says that the device was disconnected, or that the chip gave up the socket's slot.
var (
	ErrClosed  = errors.New("socket closed")
	ErrTimeout = errors.New("timed out")
	ErrDead    = errors.New("the chip does not answer")
	ErrGarbled = errors.New("garbled reply")
	ErrRefused = errors.New("connection refused")
	ErrDown    = errors.New("no link")
	ErrFull    = errors.New("no free slot")
	ErrReset   = errors.New("connection lost")

	errNothing = errors.New("nothing yet")
)

// Bus is the wire to the radio chip.
type Bus interface {
	Write(frame []byte)    // sends a command
	Ready() bool           // the reply is there
	Read(reply []byte) int // takes the reply
	Reset()                // pulls the reset pin: the chip forgets everything
}

// Watchdog is the board's.
type Watchdog interface {
	Start() // from now on it resets the board unless it is fed in time
	Feed()
	Stop()
}

// The driver's times.
const (
	busyTime    = time.Millisecond       // the chip needs for a command
	replyTime   = time.Second            // after which it is taken for dead
	pollTime    = 250 * time.Millisecond // between two looks at a socket
	settleTime  = 100 * time.Millisecond // a new connection needs before its first use
	keepTime    = 2 * time.Second        // between two looks at the link
	sendTime    = 5 * time.Second        // after which a send that makes no progress fails
	resolveTime = 5 * time.Second        // after which a name has no answer
)

// Driver drives one chip. Its methods may be called by several tasks at once.
type Driver struct {
	bus Bus
	dog Watchdog // runs while the driver is up; the keeper feeds it
	bug Bug

	mu     shim.Mutex // guards everything below, and the bus from a command to its reply
	up     bool
	dead   bool // a reply never came; nothing is asked of the chip until it is reset
	linked bool // as the keeper saw it last
	stop   chan struct{}
	fds    []*socket
	next   int               // where the search for a free descriptor begins
	owner  [NumSlots]*socket // by slot, nil if the driver has not taken it
	sends  int               // chunks so far, for a debugger to look at
	buf    [headerSize + maxPayload + 2]byte
	reply  [replySize + maxPayload]byte
}

// New makes a driver with a planted bug, or None.
func New(bus Bus, dog Watchdog, bug Bug) *Driver {
	return &Driver{bus: bus, dog: dog, bug: bug, fds: make([]*socket, firstFDs)}
}

// Connect joins the network and starts the keeper. A chip taken for dead is reset first. Connecting again does nothing else.
func (d *Driver) Connect() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead && d.bug != StaysDead {
		d.bus.Reset()
		d.owner, d.dead = [NumSlots]*socket{}, false
	}
	if _, err := d.exchange(command{op: Join}); err != nil {
		return err
	}
	if !d.up || d.bug == SecondKeeper {
		stop := make(chan struct{})
		d.stop = stop
		d.dog.Start()
		shim.Go("keeper", func() { d.keep(stop) })
	}
	d.up = true
	return nil
}

// Disconnect stops the keeper, releases every slot and leaves the network. Sockets stay to be closed, but work no more.
func (d *Driver) Disconnect() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.up {
		return
	}
	d.up = false
	d.dog.Stop()
	for slot, s := range d.owner {
		if s != nil {
			_ = d.release(byte(slot))
		}
	}
	_, _ = d.exchange(command{op: Leave})
	if d.bug == HandOverLocked {
		shim.SendTo(d.stop)(struct{}{})
		return
	}
	shim.Close(d.stop)
}

// keep looks at the link and feeds the watchdog every now and then, until stop.
func (d *Driver) keep(stop <-chan struct{}) {
	tick := shim.NewTicker(keepTime)
	defer tick.Stop()
	for shim.Select(false, shim.OnRecv(stop), shim.OnRecv(tick.C)) != 0 {
		shim.Loop()
		d.mu.Lock()
		_, err := d.exchange(command{op: Ping})
		d.linked = err == nil
		d.mu.Unlock()
		if err == nil || d.bug != Starved {
			d.dog.Feed()
		}
	}
}

// Resolve asks the network for an address.
func (d *Driver) Resolve() (ip [4]byte, err error) {
	if _, err = d.ask(command{op: Resolve}); err != nil {
		return ip, err
	}
	for waited := time.Duration(0); waited < resolveTime || d.bug == PatientResolve; waited += pollTime {
		shim.Loop()
		answer, err := d.ask(command{op: Answer, want: len(ip)})
		if err != errNothing || d.bug == HastyResolve {
			copy(ip[:], answer)
			return ip, err
		}
		shim.Sleep(pollTime)
	}
	return ip, ErrTimeout
}
