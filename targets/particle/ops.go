package particle

import (
	"errors"
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/wiced"
	"github.com/linkflap/linkflap/targets/outside"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

type (
	op   = harness.Op[*Device]
	call = *harness.Call[*Device]
)

// Kinds of handles: the application's objects. A handle's value is the call that made it, so an object can be used, and stopped, as often as
// the program likes: what has become of its socket is the firmware's business.
const (
	server = "s"
	client = "c"
)

// What ops return when the API says no.
var (
	errNothing = errors.New("nothing")
	errRefused = errors.New("false")
	errBooted  = errors.New("the board is on")
	errTorn    = errors.New("a part of the stream may be missing")
)

func ok(b bool) error {
	if !b {
		return errRefused
	}
	return nil
}

// count is a result of the API that is negative if it failed.
func count(n int) (int64, error) {
	if n < 0 {
		return 0, fmt.Errorf("result %d", n)
	}
	return int64(n), nil
}

// Arguments.
var (
	mode   = prog.Arg{Name: "mode", Kind: prog.Enum, Optional: true, Choices: []string{"manual", "semi", "auto"}} // in the order of deviceos.Mode
	thread = prog.Arg{Name: "thread", Kind: prog.Enum, Optional: true, Choices: []string{"on", "off"}}
	host   = prog.Arg{Name: "host", Kind: prog.Enum, Choices: append(append([]string{}, air.Hosts...), air.Peers...)}
	state  = prog.Arg{Name: "state", Kind: prog.Enum, Choices: []string{"off", "on"}}
	wait   = prog.Arg{
		Name: "wait", Kind: prog.Dur, Min: 0, Max: int64(30 * time.Second), Optional: true, Default: int64(time.Second),
		Nice: outside.Durations(time.Second, 0, 5*time.Second),
	}
)

func ref(kinds ...string) prog.Arg { return prog.Arg{Name: "handle", Kind: prog.Ref, Of: kinds} }

// bootOp switches the board on, with one of these releases.
func bootOp(releases []deviceos.Variant) op {
	name := prog.Arg{Name: "release", Kind: prog.Enum}
	for _, v := range releases {
		name.Choices = append(name.Choices, v.Name)
	}
	return op{Op: device("boot", "", name, mode, thread), Do: boot}
}

// ops are the other operations of the application.
var ops = []op{
	{Op: device("server", server, outside.Port), Do: booted(newServer)},
	{Op: device("available", client, ref(server), wait), Do: booted(available), Deadline: availableTime},
	{Op: device("stop", "", ref(server, client)), Do: atOnce(stop)},
	{Op: device("off", ""), Do: atOnce(func(c call) (int64, error) { c.Dev.WiFi.Off(); return 0, nil })},
	{Op: device("on", ""), Do: atOnce(func(c call) (int64, error) { c.Dev.WiFi.On(); return 0, nil })},
	{Op: device("connect", ""), Do: atOnce(func(c call) (int64, error) { c.Dev.WiFi.Connect(true); return 0, nil })},
	{Op: device("disconnect", ""), Do: atOnce(func(c call) (int64, error) { c.Dev.WiFi.Disconnect(); return 0, nil })},
	{Op: device("ready", ""), Do: atOnce(func(c call) (int64, error) { return 0, ok(c.Dev.WiFi.Ready()) })},
	{Op: device("begin", "", ref(server)), Do: atOnce(func(c call) (int64, error) { return 0, ok(c.Dev.servers[c.Handle(0)].Begin()) })},
	{Op: device("copy", client, ref(client)), Do: atOnce(copyClient)},
	{Op: device("connected", "", ref(client)), Do: atOnce(func(c call) (int64, error) { return 0, ok(c.Dev.clients[c.Handle(0)].Connected()) })},
	{Op: device("send", "", ref(client), outside.Count), Do: atOnce(send)},
	{Op: device("recv", "", ref(client), outside.Count), Do: atOnce(recv)},
	{Op: device("dial", client, host), Do: atOnce(dial)},
	{Op: device("cloud", "", state), Do: atOnce(cloud)},
	{Op: device("process", ""), Do: atOnce(func(c call) (int64, error) { c.Dev.Particle.Process(); return 0, nil })},
	{Op: device("delay", "", outside.Pause), Do: booted(func(c call) (int64, error) { c.Dev.delay(c.Dur(0)); return 0, nil })},
}

func device(name, result string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: prog.Device, Args: args, Result: result}
}

// booter is the call of a program that may say what is booted: the first, if the main task makes it. Only then is it certain to be made before
// all others.
func booter(p *prog.Prog) (args []int64) {
	if len(p.Calls) > 0 && p.Calls[0].Task == prog.Main && p.Calls[0].Op == 0 {
		return p.Calls[0].Args
	}
	return nil
}

// release is the index of the release that a program runs on: the first, if it does not say.
func release(p *prog.Prog) int {
	if args := booter(p); args != nil {
		return int(args[0])
	}
	return 0
}

// boot boots the board, if it is the program's first call.
func boot(c call) (int64, error) {
	if c.ID != 0 || c.Task != prog.Main {
		return 0, errBooted
	}
	return 0, c.Dev.boot(deviceos.Config{
		Variant: c.Dev.releases[c.Int(0)], Mode: deviceos.Mode(c.Int(1)), Threaded: c.Word(2) == "on",
	})
}

// booted is an op of a board that is on: a program that does not boot it gets the first release.
func booted(do func(c call) (int64, error)) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		c.Dev.bootIfOff()
		return do(c)
	}
}

func (d *Device) bootIfOff() {
	d.do(func() {
		if d.Device == nil {
			_ = d.boot(deviceos.Config{Variant: d.releases[0], Threaded: true})
		}
	})
}

// atOnce is an op during which the application's other threads wait.
func atOnce(do func(c call) (int64, error)) func(c call) (int64, error) {
	return booted(func(c call) (n int64, err error) {
		c.Dev.do(func() { n, err = do(c) })
		return n, err
	})
}

// newServer makes a server and lets it begin. One that cannot is an object all the same: its available() begins.
func newServer(c call) (int64, error) {
	d := c.Dev
	d.do(func() {
		d.servers[c.ID], d.ports[c.ID] = d.NewTCPServer(uint16(c.Int(0))), uint16(c.Int(0))
		d.servers[c.ID].Begin()
	})
	return int64(c.ID), nil
}

// availableTime is how long a client that has connected may wait at a server that is asked for it.
const availableTime = time.Minute

// available polls until there is a client, or for as long as it is to wait; if a client has connected, as long as that client has to. A
// server that does not listen is asked once: it begins then, if it can, and the next call may find somebody.
func available(c call) (int64, error) {
	d, h := c.Dev, c.Handle(0)
	s := d.servers[h]
	listening := true
	look := func() bool {
		listening = s.Listening()
		t := s.Available()
		if !t.Status() {
			t.Destroy()
			return !listening
		}
		d.clients[c.ID], d.origin[c.ID], d.served = t, c.ID, d.latest(0)
		return true
	}
	owed := func() bool { return d.latest(d.ports[h]) > d.served }
	err := d.poll(c.Dur(1), look)
	if err != nil && owed() {
		err = d.poll(availableTime+pollTime, func() bool { return look() || !owed() })
	}
	if err == nil && d.clients[c.ID] == nil {
		err = errNothing
	}
	return int64(c.ID), err
}

// latest is the number of the last connection that a peer has made to port, or to any if that is 0, and that is not over; 0 if there is none.
func (d *Device) latest(port uint16) (num int) {
	over := map[int64]bool{}
	events := d.w.Trace.Events
	for i := len(events) - 1; i >= 0; i-- {
		switch e := &events[i]; {
		case e.Kind != trace.Conn:
		case e.Name != "accept":
			over[e.A] = over[e.A] || e.Name != oracle.ConnEnd
		case port == 0 || e.B == int64(port) && !over[e.A]:
			return int(e.A)
		}
	}
	return 0
}

func dial(c call) (int64, error) {
	d, t := c.Dev, c.Dev.NewTCPClient()
	ip, _ := d.Air.HostIP(c.Word(0))
	port := uint16(air.EchoPort)
	if d.Air.Peer(c.Word(0)) != nil {
		port = outside.PeerPort
	}
	if !t.Connect(ip, port) {
		t.Destroy()
		return 0, errRefused
	}
	d.clients[c.ID], d.origin[c.ID] = t, c.ID
	return int64(c.ID), nil
}

func copyClient(c call) (int64, error) {
	d, h := c.Dev, c.HandleID(0)
	d.clients[c.ID] = d.clients[h].Copy()
	d.origin[c.ID] = d.origin[h]
	d.copied[d.origin[h]] = true
	return int64(c.ID), nil
}

func stop(c call) (int64, error) {
	if h := c.Handle(0); c.HandleKind(0) == server {
		c.Dev.servers[h].Stop()
	} else {
		c.Dev.clients[h].Stop()
	}
	return 0, nil
}

// send sends n bytes of the stream that the object and its copies have in common. If a part of it found no room, nobody says how much went
// through, and an application cannot go on with the stream.
func send(c call) (int64, error) {
	d, h := c.Dev, c.Dev.origin[c.HandleID(0)]
	if d.torn[h] {
		return 0, errTorn
	}
	n := d.clients[c.Handle(0)].Write(d.streams.Next(h, c.Int(1)))
	if n > 0 {
		d.streams.Sent(c.World, h, n)
	}
	d.torn[h] = n == -int(wiced.Timeout)
	return count(n)
}

// recv reads up to n bytes. Copies that read by turns split the stream between their buffers, so of them it is not followed.
func recv(c call) (int64, error) {
	d, h := c.Dev, c.Dev.origin[c.HandleID(0)]
	buf := make([]byte, c.Int(1))
	n := max(d.clients[c.Handle(0)].Read(buf), 0) // -1: there is nothing
	if n > 0 && !d.copied[h] {
		d.streams.Received(c.World, h, buf[:n])
	}
	return int64(n), nil
}

func cloud(c call) (int64, error) {
	if c.Int(0) == 1 {
		c.Dev.Particle.Connect()
	} else {
		c.Dev.Particle.Disconnect()
	}
	return 0, nil
}
