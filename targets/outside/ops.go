// Package outside has the operations of what is outside the board, for every target whose device is in the air: peers that call, are called
// and misbehave, access points, the uplink, DHCP. It also follows the tagged streams that devices and peers exchange.
//
// The hard word is outside: nothing here touches the firmware under test, and it cannot tell which firmware that is.
package outside

import (
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/mocks/air"
)

// PeerPort is where peers listen.
const PeerPort = 80

// Arguments that ops of devices take, too.
var (
	Port  = prog.Arg{Name: "port", Kind: prog.Int, Min: 1, Max: 1024, Nice: []int64{80, 81, 7}}
	Count = prog.Arg{Name: "n", Kind: prog.Int, Min: 1, Max: 20000, Nice: []int64{16, 2, 100, 1436, 1500, 3000, 6000, 12000}}
	Pause = prog.Arg{Name: "d", Kind: prog.Dur, Min: 0, Max: int64(150 * time.Second), Nice: Durations(time.Second, 100*time.Millisecond,
		10*time.Millisecond, 2*time.Second, 5*time.Second, 7*time.Second, 15*time.Second, 30*time.Second, 2*time.Minute)}
)

var (
	hello = prog.Arg{Name: "hello", Kind: prog.Int, Min: 0, Max: 1500, Optional: true, Nice: []int64{16, 100}}
	ap    = prog.Arg{Name: "ap", Kind: prog.Enum, Choices: air.APs}
	state = prog.Arg{Name: "state", Kind: prog.Enum, Choices: []string{"off", "on"}}
	mode  = prog.Arg{Name: "mode", Kind: prog.Enum, Choices: []string{"off", "on", "move"}}
)

// Durations are nice values of a Dur.
func Durations(ds ...time.Duration) (ns []int64) {
	for _, d := range ds {
		ns = append(ns, int64(d))
	}
	return ns
}

// Ops are the operations of the peers and of the air that a device is in.
func Ops[D any](of func(D) *air.Air) []harness.Op[D] {
	byPeer := func(do func(p *air.Peer, c *harness.Call[D]) error) func(*harness.Call[D]) (int64, error) {
		return func(c *harness.Call[D]) (int64, error) { return 0, do(of(c.Dev).Peer(c.Task.String()), c) }
	}
	inAir := func(do func(a *air.Air, c *harness.Call[D])) func(*harness.Call[D]) (int64, error) {
		return func(c *harness.Call[D]) (int64, error) {
			do(of(c.Dev), c)
			return 0, nil
		}
	}
	type call = *harness.Call[D]
	return []harness.Op[D]{
		{Op: op(prog.Peer, "dial", Port, hello), Do: byPeer(dial)},
		{Op: op(prog.Peer, "listen"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Listen(PeerPort) })},
		{Op: op(prog.Peer, "send", Count), Do: byPeer(func(p *air.Peer, c call) error { return p.Send(Even(c.Int(0))) })},
		{Op: op(prog.Peer, "read", Count), Do: byPeer(func(p *air.Peer, c call) error { return p.Read(c.Int(0)) })},
		{Op: op(prog.Peer, "close"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Close() })},
		{Op: op(prog.Peer, "reset"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Reset() })},
		{Op: op(prog.Peer, "vanish"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Vanish() })},
		{Op: op(prog.Peer, "sleep", Pause), Do: Sleep[D]},

		{Op: op(prog.Air, "down", ap), Do: inAir(func(a *air.Air, c call) { a.Down(c.Word(0)) })},
		{Op: op(prog.Air, "up", ap), Do: inAir(func(a *air.Air, c call) { a.Up(c.Word(0)) })},
		{Op: op(prog.Air, "deauth", ap), Do: inAir(func(a *air.Air, c call) { a.Deauth(c.Word(0)) })},
		{Op: op(prog.Air, "uplink", state), Do: inAir(func(a *air.Air, c call) { a.Uplink(c.Int(0) == 1) })},
		{Op: op(prog.Air, "dhcp", ap, mode), Do: inAir(func(a *air.Air, c call) { a.DHCP(c.Word(0), air.Mode(c.Int(1))) })},
		{Op: op(prog.Air, "sleep", Pause), Do: Sleep[D]},
	}
}

func op(class prog.Class, name string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: class, Args: args}
}

// dial connects and, like a client with a request, may send at once.
func dial[D any](p *air.Peer, c *harness.Call[D]) error {
	if err := p.Dial(uint16(c.Int(0))); err != nil || c.Int(1) == 0 {
		return err
	}
	return p.Send(Even(c.Int(1)))
}

// Sleep is the op sleep, whose argument is a Pause: time passes.
func Sleep[D any](c *harness.Call[D]) (int64, error) {
	c.World.Sleep(c.Dur(0))
	return 0, nil
}

// State is the station's state, for feedback: a number below 4.
func State(a *air.Air) (state uint) {
	if _, ok := a.AP(); ok {
		state++
	}
	if _, ok := a.Address(); ok {
		state += 2
	}
	return state
}
