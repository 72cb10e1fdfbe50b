package netdev

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"tinygo.org/x/drivers/netdev"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/outside"
)

type (
	op   = harness.Op[*Device]
	call = *harness.Call[*Device]
)

// Arguments that several ops take.
var (
	network = prog.Arg{Name: "network", Kind: prog.Enum, Choices: networkNames()}
	host    = prog.Arg{Name: "host", Kind: prog.Enum, Choices: remotes}
	timeout = prog.Arg{
		Name: "timeout", Kind: prog.Dur, Min: 0, Max: int64(time.Minute), Optional: true,
		Nice: outside.Durations(0, time.Second, 200*time.Millisecond, 5*time.Second),
	}
	watchdog = prog.Arg{
		Name: "watchdog", Kind: prog.Dur, Min: 0, Max: int64(time.Minute), Optional: true,
		Nice: outside.Durations(0, time.Second, 2*time.Second, 5*time.Millisecond, 100*time.Millisecond, 10*time.Second),
	}
	retries = prog.Arg{Name: "retries", Kind: prog.Int, Min: 0, Max: 5, Optional: true, Default: 1, Nice: []int64{1, 2, 3, 0}}
	mode    = prog.Arg{Name: "mode", Kind: prog.Enum, Optional: true, Choices: []string{"station", "ap"}}
)

func handle(kinds ...string) prog.Arg { return prog.Arg{Name: "handle", Kind: prog.Ref, Of: kinds} }

// connectDeadline is for five attempts at ten seconds each, on a chip that makes the driver wait ten seconds for every command.
const connectDeadline = 9 * time.Minute

// Ops are the operations; the first brings the device up.
var Ops = append(supported([]op{
	{Op: device("connect", "", network, watchdog, retries, mode), Do: connect, Deadline: connectDeadline, MayBlock: forEver},
	{Op: device("disconnect", ""), Do: func(c call) (int64, error) { c.Dev.NetDisconnect(); return 0, nil }},
	{Op: device("notify", "", prog.Arg{Name: "callback", Kind: prog.Enum, Choices: []string{"none", "count", "addr"}}), Do: notify},
	{Op: device("addr", ""), Do: func(c call) (int64, error) { return address(c.Dev.Addr()) }},
	{Op: device("mac", ""), Do: mac, Asks: true},
	{Op: device("resolve", "", host), Do: func(c call) (int64, error) { return address(c.Dev.GetHostByName(c.Word(0))) }},
	{Op: device("listen", listener, outside.Port), Do: func(c call) (int64, error) { return c.Dev.listen(uint16(c.Int(0))) }},
	{Op: device("accept", connection, handle(listener)), Do: accept, MayBlock: func([]int64) bool { return true }},
	{Op: device("dial", connection, host), Do: func(c call) (int64, error) { return dial(c, netdev.IPPROTO_TCP) }},
	{Op: device("tls", connection, host), Do: func(c call) (int64, error) { return dial(c, netdev.IPPROTO_TLS) }},
	{Op: device("udp", datagrams, outside.Port), Do: udp},
	{Op: device("aim", "", handle(datagrams), host), Do: aim},
	{Op: device("send", "", handle(connection, datagrams), outside.Count, timeout), Do: send},
	{Op: device("recv", "", handle(connection, datagrams), outside.Count, timeout), Do: recv, MayBlock: func(args []int64) bool { return args[2] == 0 }},
	{Op: device("close", "", handle(listener, connection, datagrams)), Do: closeHandle, Closes: true},
	{Op: device("sleep", "", outside.Pause), Do: outside.Sleep[*Device]},
}), outside.Ops(func(d *Device) *air.Air { return d.Air })...)

func device(name, result string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: prog.Device, Args: args, Result: result}
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
	callbacks := map[string]struct {
		f      func(netlink.Event)
		source string
	}{
		"none":  {nil, "nil"},
		"count": {func(netlink.Event) {}, "func(netlink.Event) {}"},
		"addr":  {func(netlink.Event) { _, _ = d.Addr() }, "func(netlink.Event) { _, _ = dev.Addr() }"},
	}
	cb := callbacks[c.Word(0)]
	d.Recorded(func() { d.NetNotify(cb.f) }, "dev.NetNotify(%s)", cb.source)
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
	name := ""
	if protocol == netdev.IPPROTO_TLS {
		name = c.Word(0)
	}
	return c.Dev.dial(c.Word(0), name, protocol)
}

// dial connects to a remote; name is what TLS is to call it.
func (d *Device) dial(host, name string, protocol int) (int64, error) {
	fd, err := d.Socket(netdev.AF_INET, netdev.SOCK_STREAM, protocol)
	if err != nil {
		return 0, err
	}
	return d.opened(fd, d.Connect(fd, name, d.remote(host)))
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
	buf := d.streams.Next(h, c.Int(1))
	n, err := d.Send(c.Handle(0), buf, 0, deadline(c, 2))
	switch {
	case c.HandleKind(0) != connection:
	case err == nil && n > 0:
		d.streams.Sent(c.World, h, n)
	case err != nil && !late(err):
		d.streams.Denied(c.World, h, len(buf))
	}
	return int64(n), err
}

// late says that an error is a deadline's, in one of the ways in which drivers say so.
func late(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}

func recv(c call) (int64, error) {
	buf := make([]byte, c.Int(1))
	n, err := c.Dev.Recv(c.Handle(0), buf, 0, deadline(c, 2))
	n = fitting(c.World, n, buf)
	switch {
	case n <= 0:
	case c.HandleKind(0) == connection:
		c.Dev.streams.Received(c.World, c.HandleID(0), buf[:n])
	default:
		c.Dev.streams.Datagram(c.World, c.HandleID(0), buf[:n])
	}
	return int64(n), err
}

// fitting is n, which Recv says that it has put into buf. If it says more than fits, who looks at buf[:n] panics (io.Reader: 0 <= n <= len(p)):
// so the trace says, and the run ends.
func fitting(w *sim.World, n int, buf []byte) int {
	if n <= len(buf) {
		return n
	}
	w.Emit(trace.Panic, "", int64(sim.Current().Call), 0, 0)
	w.Trace.Detail(fmt.Sprintf("got %d bytes, want at most %d", n, len(buf)))
	w.Stop()
	return 0
}

func closeHandle(c call) (int64, error) { return 0, c.Dev.Driver.Close(c.Handle(0)) }
