package netdev

import (
	"net/netip"
	"time"

	"tinygo.org/x/drivers/netdev"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

type (
	op   = harness.Op[*Device]
	call = *harness.Call[*Device]
)

// Arguments that several ops take.
var (
	network  = prog.Arg{Name: "network", Kind: prog.Enum, Choices: networkNames()}
	host     = prog.Arg{Name: "host", Kind: prog.Enum, Choices: remotes}
	port     = prog.Arg{Name: "port", Kind: prog.Int, Min: minPort, Max: maxPort, Nice: []int64{80, 81, 7}}
	count    = prog.Arg{Name: "n", Kind: prog.Int, Min: 1, Max: 20000, Nice: []int64{16, 2, 100, 1436, 1500, 3000, 6000, 12000}}
	duration = prog.Arg{Name: "d", Kind: prog.Dur, Min: 0, Max: int64(150 * time.Second), Nice: durations(time.Second, 100*time.Millisecond,
		10*time.Millisecond, 2*time.Second, 5*time.Second, 7*time.Second, 15*time.Second, 30*time.Second, 2*time.Minute)}
	timeout = prog.Arg{
		Name: "timeout", Kind: prog.Dur, Min: 0, Max: int64(time.Minute), Optional: true,
		Nice: durations(0, time.Second, 200*time.Millisecond, 5*time.Second),
	}
	watchdog = prog.Arg{
		Name: "watchdog", Kind: prog.Dur, Min: 0, Max: int64(time.Minute), Optional: true,
		Nice: durations(0, time.Second, 2*time.Second, 5*time.Millisecond, 100*time.Millisecond, 10*time.Second),
	}
	retries = prog.Arg{Name: "retries", Kind: prog.Int, Min: 0, Max: 5, Optional: true, Default: 1, Nice: []int64{1, 2, 3, 0}}
	mode    = prog.Arg{Name: "mode", Kind: prog.Enum, Optional: true, Choices: []string{"station", "ap"}}
	hello   = prog.Arg{Name: "hello", Kind: prog.Int, Min: 0, Max: 1500, Optional: true, Nice: []int64{16, 100}}
	ap      = prog.Arg{Name: "ap", Kind: prog.Enum, Choices: air.APs}
)

func durations(ds ...time.Duration) (ns []int64) {
	for _, d := range ds {
		ns = append(ns, int64(d))
	}
	return ns
}

func handle(kinds ...string) prog.Arg { return prog.Arg{Name: "handle", Kind: prog.Ref, Of: kinds} }

// connectDeadline is for five attempts at ten seconds each, on a chip that makes the driver wait ten seconds for every command.
const connectDeadline = 9 * time.Minute

// Ops are the operations; the first brings the device up.
var Ops = []op{
	{Op: device("connect", "", network, watchdog, retries, mode), Do: connect, Deadline: connectDeadline, MayBlock: forEver},
	{Op: device("disconnect", ""), Do: func(c call) (int64, error) { c.Dev.NetDisconnect(); return 0, nil }},
	{Op: device("notify", "", prog.Arg{Name: "callback", Kind: prog.Enum, Choices: []string{"none", "count", "addr"}}), Do: notify},
	{Op: device("addr", ""), Do: func(c call) (int64, error) { return address(c.Dev.Addr()) }},
	{Op: device("mac", ""), Do: mac},
	{Op: device("resolve", "", host), Do: func(c call) (int64, error) { return address(c.Dev.GetHostByName(c.Word(0))) }},
	{Op: device("listen", listener, port), Do: func(c call) (int64, error) { return c.Dev.listen(uint16(c.Int(0))) }},
	{Op: device("accept", connection, handle(listener)), Do: accept, MayBlock: func([]int64) bool { return true }},
	{Op: device("dial", connection, host), Do: func(c call) (int64, error) { return dial(c, netdev.IPPROTO_TCP) }},
	{Op: device("tls", connection, host), Do: func(c call) (int64, error) { return dial(c, netdev.IPPROTO_TLS) }},
	{Op: device("udp", datagrams, port), Do: udp},
	{Op: device("aim", "", handle(datagrams), host), Do: aim},
	{Op: device("send", "", handle(connection, datagrams), count, timeout), Do: send},
	{Op: device("recv", "", handle(connection, datagrams), count, timeout), Do: recv, MayBlock: func(args []int64) bool { return args[2] == 0 }},
	{Op: device("close", "", handle(listener, connection, datagrams)), Do: closeHandle, Closes: true},
	{Op: device("sleep", "", duration), Do: sleep},

	{Op: other(prog.Peer, "dial", port, hello), Do: byPeer(peerDial)},
	{Op: other(prog.Peer, "listen"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Listen(peerPort) })},
	{Op: other(prog.Peer, "send", count), Do: byPeer(func(p *air.Peer, c call) error { return p.Send(even(c.Int(0))) })},
	{Op: other(prog.Peer, "read", count), Do: byPeer(func(p *air.Peer, c call) error { return p.Read(c.Int(0)) })},
	{Op: other(prog.Peer, "close"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Close() })},
	{Op: other(prog.Peer, "reset"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Reset() })},
	{Op: other(prog.Peer, "vanish"), Do: byPeer(func(p *air.Peer, _ call) error { return p.Vanish() })},
	{Op: other(prog.Peer, "sleep", duration), Do: sleep},

	{Op: other(prog.Air, "down", ap), Do: inAir(func(a *air.Air, c call) { a.Down(c.Word(0)) })},
	{Op: other(prog.Air, "up", ap), Do: inAir(func(a *air.Air, c call) { a.Up(c.Word(0)) })},
	{Op: other(prog.Air, "deauth", ap), Do: inAir(func(a *air.Air, c call) { a.Deauth(c.Word(0)) })},
	{
		Op: other(prog.Air, "uplink", prog.Arg{Name: "state", Kind: prog.Enum, Choices: []string{"off", "on"}}),
		Do: inAir(func(a *air.Air, c call) { a.Uplink(c.Int(0) == 1) }),
	},
	{
		Op: other(prog.Air, "dhcp", ap, prog.Arg{Name: "mode", Kind: prog.Enum, Choices: []string{"off", "on", "move"}}),
		Do: inAir(func(a *air.Air, c call) { a.DHCP(c.Word(0), air.Mode(c.Int(1))) }),
	},
	{Op: other(prog.Air, "sleep", duration), Do: sleep},
}

// byPeer is an op of the peer that its task is named after.
func byPeer(do func(p *air.Peer, c call) error) func(c call) (int64, error) {
	return func(c call) (int64, error) { return 0, do(c.Dev.Air.Peer(c.Task.String()), c) }
}

// peerDial connects and, like a client with a request, may send at once.
func peerDial(p *air.Peer, c call) error {
	if err := p.Dial(uint16(c.Int(0))); err != nil || c.Int(1) == 0 {
		return err
	}
	return p.Send(even(c.Int(1)))
}

// even rounds n up, so that the tags of the stream stay where they are.
func even(n int) int { return (n + 1) &^ 1 }

// inAir is an op of the air.
func inAir(do func(a *air.Air, c call)) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		do(c.Dev.Air, c)
		return 0, nil
	}
}

func device(name, result string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: prog.Device, Args: args, Result: result}
}

func other(class prog.Class, name string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: class, Args: args}
}

// forEver: netlink.ConnectParams, "Zero means infinite retries".
func forEver(args []int64) bool { return args[2] == 0 }

func connect(c call) (int64, error) {
	n := networks[c.Int(0)]
	return 0, c.Dev.NetConnect(&netlink.ConnectParams{
		Ssid: n.ssid, Passphrase: n.passphrase, WatchdogTimeout: c.Dur(1), Retries: c.Int(2), ConnectMode: netlink.ConnectMode(c.Int(3)),
	})
}

// notify registers a callback: one that does nothing, or one that asks for the address, as an application would that prints it.
func notify(c call) (int64, error) {
	d := c.Dev
	callbacks := map[string]func(netlink.Event){
		"none":  nil,
		"count": func(netlink.Event) {},
		"addr":  func(netlink.Event) { _, _ = d.Addr() },
	}
	d.NetNotify(callbacks[c.Word(0)])
	return 0, nil
}

func address(ip netip.Addr, err error) (int64, error) {
	if err != nil || !ip.Is4() {
		return 0, err
	}
	b := ip.As4()
	return int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3]), nil
}

func mac(c call) (int64, error) {
	hw, err := c.Dev.GetHardwareAddr()
	return int64(len(hw)), err
}

// opened closes fd again if what followed its making failed, as package net does.
func (d *Device) opened(fd int, err error) (int64, error) {
	if err != nil {
		_ = d.Driver.Close(fd)
	}
	return int64(fd), err
}

func (d *Device) listen(port uint16) (int64, error) {
	fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, netdev.IPPROTO_TCP)
	if err != nil {
		return 0, err
	}
	if err := d.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), port)); err != nil {
		return d.opened(fd, err)
	}
	return d.opened(fd, d.Listen(fd, 1))
}

func accept(c call) (int64, error) {
	fd, _, err := c.Dev.Accept(c.Handle(0))
	return int64(fd), err
}

func dial(c call, protocol int) (int64, error) {
	fd, err := c.Dev.Socket(netdev.AF_INET, netdev.SOCK_STREAM, protocol)
	if err != nil {
		return 0, err
	}
	name := ""
	if protocol == netdev.IPPROTO_TLS {
		name = c.Word(0)
	}
	return c.Dev.opened(fd, c.Dev.Connect(fd, name, c.Dev.remote(c.Word(0))))
}

func udp(c call) (int64, error) {
	fd, err := c.Dev.Socket(netdev.AF_INET, netdev.SOCK_DGRAM, netdev.IPPROTO_UDP)
	if err != nil {
		return 0, err
	}
	return c.Dev.opened(fd, c.Dev.Bind(fd, netip.AddrPortFrom(netip.IPv4Unspecified(), uint16(c.Int(0)))))
}

// aim sets where a socket's datagrams go.
func aim(c call) (int64, error) {
	return 0, c.Dev.Connect(c.Handle(0), "", c.Dev.remote(c.Word(1)))
}

func deadline(c call, arg int) time.Time {
	if c.Dur(arg) == 0 {
		return time.Time{}
	}
	return c.Time().Add(c.Dur(arg))
}

// send sends n bytes of the handle's stream.
func send(c call) (int64, error) {
	d, h := c.Dev, c.HandleID(0)
	buf := make([]byte, even(c.Int(1)))
	air.Fill(buf, oracle.TagBoard|byte(h), d.sent[h])
	n, err := d.Send(c.Handle(0), buf, 0, deadline(c, 2))
	if err == nil && n > 0 && c.HandleKind(0) == connection {
		c.World.Emit(trace.Data, oracle.DataSent, int64(h), d.sent[h], int64(n))
		d.sent[h] += int64(n)
	}
	return int64(n), err
}

func recv(c call) (int64, error) {
	buf := make([]byte, c.Int(1))
	n, err := c.Dev.Recv(c.Handle(0), buf, 0, deadline(c, 2))
	if n > 0 && c.HandleKind(0) == connection {
		c.Dev.received(c, buf[:n])
	}
	return int64(n), err
}

// received checks that p goes on with the handle's stream.
func (d *Device) received(c call, p []byte) {
	h := c.HandleID(0)
	s := &d.got[h]
	if s.n == 0 {
		s.tag = p[0]
	}
	if i := air.Check(p, s.tag, s.n); i >= 0 && !s.bad {
		var want [1]byte
		off := s.n + int64(i)
		air.Fill(want[:], s.tag, off)
		c.World.Emit(trace.Data, oracle.DataGotBad, int64(h), int64(want[0])<<8|int64(p[i]), off)
		s.bad = true
	}
	s.n += int64(len(p))
	c.World.Emit(trace.Data, oracle.DataGot, int64(h), int64(s.tag), s.n)
}

func closeHandle(c call) (int64, error) { return 0, c.Dev.Driver.Close(c.Handle(0)) }

func sleep(c call) (int64, error) {
	c.World.Sleep(c.Dur(0))
	return 0, nil
}
