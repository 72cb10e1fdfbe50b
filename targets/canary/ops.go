package canary

import (
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/canary/gadget"
)

type (
	op   = harness.Op[*Device]
	call = *harness.Call[*Device]
)

// Kinds of handles.
const (
	listener   = "s"
	connection = "c"
)

// hosts are whom dial can be asked for: one that echoes, one that refuses.
var hosts = []string{"echo", "closed"}

// Arguments that several ops take.
var (
	host    = prog.Arg{Name: "host", Kind: prog.Enum, Choices: hosts}
	port    = prog.Arg{Name: "port", Kind: prog.Int, Min: 80, Max: 82, Nice: []int64{80}}
	count   = prog.Arg{Name: "n", Kind: prog.Int, Min: 0, Max: 2000, Nice: []int64{16, 2, 0, 100, 254, 300, 1100, 2000}}
	timeout = prog.Arg{
		Name: "timeout", Kind: prog.Dur, Min: 0, Max: int64(10 * time.Second), Optional: true,
		Nice: []int64{0, int64(time.Second), int64(100 * time.Millisecond), int64(5 * time.Second)},
	}
	pause = prog.Arg{
		Name: "d", Kind: prog.Dur, Min: 0, Max: int64(30 * time.Second),
		Nice: []int64{int64(time.Second), int64(10 * time.Millisecond), int64(2 * time.Second), int64(100 * time.Millisecond), int64(12 * time.Second)},
	}
)

// faults are the chip's and the network's.
var faults = []prog.FaultSpec{
	{Name: garble, MaxNth: 20, Value: &prog.Arg{Name: "value", Kind: prog.Int, Min: 0, Max: 0xff, Nice: []int64{0xff, 0, 1}, Hex: true}},
	{Name: lost, MaxNth: 20},
	{Name: unanswered, MaxNth: 2},
}

// ops are the operations; the first brings the device up.
var ops = []op{
	{Op: device("connect", ""), Do: func(c call) (int64, error) { return 0, c.Dev.Connect() }},
	{Op: device("disconnect", ""), Do: func(c call) (int64, error) { c.Dev.Disconnect(); return 0, nil }},
	{Op: device("resolve", ""), Do: resolve, Asks: true},
	{Op: device("listen", listener, port), Do: func(c call) (int64, error) { return handle(c.Dev.Listen(uint16(c.Int(0)))) }},
	{Op: device("accept", connection, ref(listener)), Do: accept, MayBlock: func([]int64) bool { return true }},
	{Op: device("dial", connection, host), Do: func(c call) (int64, error) { return handle(c.Dev.Dial(byte(c.Int(0)))) }},
	{Op: device("send", "", ref(connection), count), Do: send},
	{Op: device("recv", "", ref(connection), count, timeout), Do: recv, MayBlock: func(args []int64) bool { return args[2] == 0 }},
	{Op: device("close", "", ref(listener, connection)), Do: func(c call) (int64, error) { return 0, c.Dev.Close(c.Handle(0)) }, Closes: true},
	{Op: device("sleep", "", pause), Do: sleep},

	{Op: other(prog.Peer, "dial", port), Do: byPeer(func(p *peer, c call) error { return p.dial(c.Dev.chip, uint16(c.Int(0))) })},
	{Op: other(prog.Peer, "send", count), Do: byPeer(func(p *peer, c call) error { return p.send(even(c.Int(0))) })},
	{Op: other(prog.Peer, "read", count), Do: byPeer(func(p *peer, c call) error { return p.read(even(c.Int(0))) })},
	{Op: other(prog.Peer, "close"), Do: byPeer(func(p *peer, _ call) error { return p.close() })},
	{Op: other(prog.Peer, "reset"), Do: byPeer(func(p *peer, _ call) error { return p.reset() })},
	{Op: other(prog.Peer, "vanish"), Do: byPeer(func(p *peer, _ call) error { return p.vanish() })},
	{Op: other(prog.Peer, "sleep", pause), Do: sleep},

	{Op: other(prog.Air, "down"), Do: func(c call) (int64, error) { c.Dev.net.flip(false); return 0, nil }},
	{Op: other(prog.Air, "up"), Do: func(c call) (int64, error) { c.Dev.net.flip(true); return 0, nil }},
	{Op: other(prog.Air, "sleep", pause), Do: sleep},
}

func device(name, result string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Args: args, Result: result}
}

func other(class prog.Class, name string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: class, Args: args}
}

func ref(kinds ...string) prog.Arg { return prog.Arg{Name: "handle", Kind: prog.Ref, Of: kinds} }

// byPeer is an op of the peer that its task is named after.
func byPeer(do func(p *peer, c call) error) func(c call) (int64, error) {
	return func(c call) (int64, error) { return 0, do(c.Dev.net.peers[c.Task.String()], c) }
}

// even rounds up: streams keep their tags at even offsets.
func even(n int) int { return (n + 1) &^ 1 }

func resolve(c call) (int64, error) {
	ip, err := c.Dev.Resolve()
	return int64(ip[3]), err
}

func accept(c call) (int64, error) { return handle(c.Dev.Accept(c.Handle(0))) }

func sleep(c call) (int64, error) {
	c.World.Sleep(c.Dur(0))
	return 0, nil
}

// send sends the next bytes of the handle's stream.
func send(c call) (int64, error) {
	d, h := c.Dev, c.HandleID(0)
	buf := make([]byte, even(c.Int(1)))
	air.Fill(buf, oracle.TagBoard|byte(h), d.sent[h])
	n, err := d.Send(c.Handle(0), buf)
	switch {
	case err == nil && n > 0:
		c.World.Emit(trace.Data, oracle.DataSent, int64(h), d.sent[h], int64(n))
		d.sent[h] += int64(n)
	case err != nil && err != gadget.ErrTimeout:
		c.World.Emit(trace.Data, oracle.DataDenied, int64(h), d.sent[h], int64(len(buf)))
	}
	return int64(n), err
}

// stream is what a handle has received.
type stream struct {
	tag byte
	n   int64
	bad bool
}

// recv checks that the bytes go on with the handle's stream.
func recv(c call) (int64, error) {
	buf := make([]byte, c.Int(1))
	n, err := c.Dev.Recv(c.Handle(0), buf, c.Dur(2))
	if n == 0 {
		return 0, err
	}
	h := c.HandleID(0)
	s := &c.Dev.got[h]
	if s.n == 0 {
		s.tag = buf[0]
	}
	if i := air.Check(buf[:n], s.tag, s.n); i >= 0 && !s.bad {
		s.bad = true
		c.World.Emit(trace.Data, oracle.DataGotBad, int64(h), mismatch(s.tag, s.n+int64(i), buf[i]), s.n+int64(i))
	}
	s.n += int64(n)
	c.World.Emit(trace.Data, oracle.DataGot, int64(h), int64(s.tag), s.n)
	return int64(n), err
}
