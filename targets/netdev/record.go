package netdev

import (
	"fmt"
	"machine"
	"net"
	"net/netip"
	"time"

	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// Record writes a script of what is done with the device, from which a test can be made that needs no chip: the calls, as Go, and what the
// driver does on the wires meanwhile. It is to be called last in a target's start, with the driver's import path and the expression that makes
// it. If texts for people are not wanted it does nothing.
func (d *Device) Record(w *sim.World, firmware, expr string) {
	if !w.Verbose() {
		return
	}
	r := &recorder{Driver: d.Driver, w: w}
	for _, path := range []string{"machine", "net/netip", "tinygo.org/x/drivers/netlink", firmware} {
		w.Trace.Write(w.Now(), trace.Imports, path)
	}
	w.Trace.Write(w.Now(), trace.Makes, expr)
	r.flush = machine.Record(func(step string) { w.Trace.Write(r.at, trace.Wire, step) })
	d.Driver, d.recorder = r, r
}

// Bare is the driver itself, for ops that only it has.
func (d *Device) Bare() Driver {
	if d.recorder != nil {
		return d.recorder.Driver
	}
	return d.Driver
}

// Recorded makes a call that the script is to have as a statement of that format, in which the driver is "dev".
func (d *Device) Recorded(call func(), format string, args ...any) {
	if d.recorder == nil {
		call()
		return
	}
	d.recorder.call(fmt.Sprintf(format, args...), call)
}

// recorder is a driver whose calls are written into the trace's script. Steps on the wires are late by one, so they are flushed before.
type recorder struct {
	Driver
	w     *sim.World
	flush func()
	at    time.Duration
	depth int // calls under way: those that a callback makes are part of the one that calls it
}

func (r *recorder) call(statement string, call func()) {
	if r.depth++; r.depth > 1 {
		call()
		r.depth--
		return
	}
	r.flush()
	r.at = r.w.Now()
	r.w.Trace.Write(r.at, trace.Calls, statement)
	defer r.flush() // also if the call panics, or is cut off
	call()
	r.flush()
	r.w.Trace.Write(r.w.Now(), trace.Returns, "")
	r.depth--
}

func (r *recorder) NetConnect(p *netlink.ConnectParams) (err error) {
	r.call(fmt.Sprintf("_ = dev.NetConnect(&netlink.ConnectParams{Ssid: %q, Passphrase: %q, WatchdogTimeout: %d, Retries: %d, ConnectMode: %d})",
		p.Ssid, p.Passphrase, p.WatchdogTimeout, p.Retries, p.ConnectMode), func() { err = r.Driver.NetConnect(p) })
	return err
}

func (r *recorder) NetDisconnect() { r.call("dev.NetDisconnect()", r.Driver.NetDisconnect) }

func (r *recorder) Addr() (ip netip.Addr, err error) {
	r.call("_, _ = dev.Addr()", func() { ip, err = r.Driver.Addr() })
	return ip, err
}

func (r *recorder) GetHardwareAddr() (mac net.HardwareAddr, err error) {
	r.call("_, _ = dev.GetHardwareAddr()", func() { mac, err = r.Driver.GetHardwareAddr() })
	return mac, err
}

func (r *recorder) GetHostByName(name string) (ip netip.Addr, err error) {
	r.call(fmt.Sprintf("_, _ = dev.GetHostByName(%q)", name), func() { ip, err = r.Driver.GetHostByName(name) })
	return ip, err
}

func (r *recorder) Socket(domain, stype, protocol int) (fd int, err error) {
	r.call(fmt.Sprintf("_, _ = dev.Socket(%d, %d, %d)", domain, stype, protocol), func() { fd, err = r.Driver.Socket(domain, stype, protocol) })
	return fd, err
}

func (r *recorder) Bind(fd int, ip netip.AddrPort) (err error) {
	r.call(fmt.Sprintf("_ = dev.Bind(%d, netip.MustParseAddrPort(%q))", fd, ip), func() { err = r.Driver.Bind(fd, ip) })
	return err
}

func (r *recorder) Connect(fd int, host string, ip netip.AddrPort) (err error) {
	r.call(fmt.Sprintf("_ = dev.Connect(%d, %q, netip.MustParseAddrPort(%q))", fd, host, ip), func() { err = r.Driver.Connect(fd, host, ip) })
	return err
}

func (r *recorder) Listen(fd, backlog int) (err error) {
	r.call(fmt.Sprintf("_ = dev.Listen(%d, %d)", fd, backlog), func() { err = r.Driver.Listen(fd, backlog) })
	return err
}

func (r *recorder) Accept(fd int) (c int, from netip.AddrPort, err error) {
	r.call(fmt.Sprintf("_, _, _ = dev.Accept(%d)", fd), func() { c, from, err = r.Driver.Accept(fd) })
	return c, from, err
}

func (r *recorder) Send(fd int, buf []byte, flags int, deadline time.Time) (n int, err error) {
	r.call(fmt.Sprintf("_, _ = dev.Send(%d, []byte(%q), %d, %s)", fd, buf, flags, r.deadline(deadline)), func() {
		n, err = r.Driver.Send(fd, buf, flags, deadline)
	})
	return n, err
}

func (r *recorder) Recv(fd int, buf []byte, flags int, deadline time.Time) (n int, err error) {
	r.call(fmt.Sprintf("_, _ = dev.Recv(%d, make([]byte, %d), %d, %s)", fd, len(buf), flags, r.deadline(deadline)), func() {
		n, err = r.Driver.Recv(fd, buf, flags, deadline)
	})
	return n, err
}

func (r *recorder) Close(fd int) (err error) {
	r.call(fmt.Sprintf("_ = dev.Close(%d)", fd), func() { err = r.Driver.Close(fd) })
	return err
}

// deadline is a point in time, as Go.
func (r *recorder) deadline(t time.Time) string {
	if t.IsZero() {
		return "time.Time{}"
	}
	return fmt.Sprintf("time.Now().Add(%d)", t.Sub(r.w.Time()))
}
