// Package oracle judges a run by what it left behind: rules over the trace, each citing the contract that it checks. It stands between the
// run and the shrinker, and never looks at the firmware, the mocks or the scheduler themselves.
//
// The hard word is signature: oracle, op and firmware function, and nothing else (no line, address, count or message), so that one bug has
// one signature from run to run and from version to version. Where the contract is silent, an oracle is silent.
package oracle

import (
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Violation is one broken contract.
type Violation struct {
	Oracle string
	Where  string        // ops and firmware functions only
	At     time.Duration // virtual time
	Task   int           // index in the trace's tasks
	Detail string        // for people; not part of the signature
}

// Signature identifies the bug: two violations with equal signatures are taken to be one bug.
func (v Violation) Signature() string { return v.Oracle + ": " + v.Where }

// Oracle is one rule.
type Oracle struct {
	Name     string
	Contract string // what firmware promises, and where that is written
	check    func(r *Run) []Violation
}

// All is every oracle, the most certain first.
var All = []Oracle{
	{"panic", "Go: firmware does not panic, whatever the radio answers; on a board there is nobody to recover", panics},
	{"spin", "a loop or a bus exchange that nothing else can influence ends", spins},
	{"deadlock", "netdev.Netdever: multiple goroutines may invoke methods simultaneously; only accept and recv may wait without limit", deadlocks},
	{"hang", "a call that may not block returns within its virtual deadline, at the latest once the faults have stopped", hangs},
	{"watchdog", "the task that feeds a watchdog does so within its period, whatever the network does", bites},
	{"stale", "close(2): a closed descriptor is invalid; what is sent on a descriptor reaches its own connection or nobody; freed memory is not used", stales},
	{"double-free", "a chip's socket is released once, by the descriptor that owns it; memory is freed once", doubleFrees},
	{"protocol", "a command frame holds what its header announces (the chip's public protocol)", frames},
	{"delivery", "socket(2), SOCK_STREAM: sequenced, reliable byte streams; a count returned by send has been accepted, and a datagram is what was sent", deliveries},
	{"close-unblocks", "net.Listener and net.Conn, Close: any blocked Accept, Read or Write operations will be unblocked and return errors; " +
		"recv(2): it returns 0 when the peer has performed an orderly shutdown", closeUnblocks},
	{"refusal", "netlink.Netlinker, GetHardwareAddr: \"returns device MAC address\"; a device that has just connected, with nothing wrong, can be asked", refusals},
	{"recovery", "netlink.Netlinker: after NetDisconnect, NetConnect connects the device to a network that is there", recoveries},
	{"leak", "close(2) releases the resources of a descriptor; NetDisconnect ends what NetConnect started", leaks},
	{"race", "the Go memory model: firmware's own locks order its accesses", races},
}

// Call is what an oracle must know of an op besides its name; the trace has the rest.
type Call struct {
	Closes bool // it ends the handle that it uses
	Makes  bool // it returns a handle
	Ups    bool // it brings the device up
	Asks   bool // it asks for what the device has as soon as it is up
}

// Check returns the violations of a run, by oracle in the order of the table and within one oracle by time. Calls has an entry for each call
// index in the trace; calls beyond it are the harness's own (probe and teardown).
func Check(oracles []Oracle, t *trace.Trace, calls []Call) []Violation {
	if len(t.Events) == 0 {
		return nil
	}
	r := index(t, calls)
	var all []Violation
	for _, o := range oracles {
		for _, v := range o.check(r) {
			v.Oracle = o.Name
			if !slices.ContainsFunc(all, func(w Violation) bool { return w.Oracle == v.Oracle && w.Where == v.Where }) {
				all = append(all, v)
			}
		}
	}
	return all
}

// Named returns the oracles with these names.
func Named(names ...string) (some []Oracle) {
	for _, o := range All {
		if slices.Contains(names, o.Name) {
			some = append(some, o)
		}
	}
	return some
}
