// Package particle tests device-os on the Photon: a TCP server that crashes when Wi-Fi goes, and then does not come back. The firmware is a
// model (deviceos) with the bugs of five generations of releases, and without those that each has fixed.
//
// The hard word is release: the first call of a program says which one it runs on, and a violation says so, too.
package particle

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/wiced"
	"github.com/linkflap/linkflap/targets/outside"
	"github.com/linkflap/linkflap/targets/particle/apps"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// Target is the board.
var Target = on("particle", deviceos.Variants)

// on is the board with a choice of releases; a program that does not boot it gets the first.
func on(name string, releases []deviceos.Variant) harness.Target[*Device] {
	return harness.Target[*Device]{
		Name:     name,
		Firmware: "github.com/linkflap/linkflap/targets/particle/deviceos",
		Model:    true,
		Ops:      slices.Concat([]op{bootOp(releases)}, ops, outside.Ops(func(d *Device) *air.Air { return d.Air }), apps.Ops((*Device).testBed)),
		Oracles:  oracles(),
		Start:    func(w *sim.World) (*Device, error) { return start(w, releases), nil },
		Heal:     (*Device).heal,
		Probe:    probe,
		Close:    (*Device).destroy,
		Down:     (*Device).down,
		State:    (*Device).state,
		Variant:  func(p *prog.Prog) string { return releases[release(p)].Name },
	}
}

// oracles are all but leak: that one takes whatever is allocated when the handles are closed for the application's, and the system keeps
// the cloud's connection then; and it takes the threads that a booting board starts for what some call has started and forgotten.
func oracles() []oracle.Oracle {
	return slices.DeleteFunc(slices.Clone(oracle.All), func(o oracle.Oracle) bool { return o.Name == "leak" })
}

// Device is the board, with the application's objects.
type Device struct {
	*deviceos.Device // nil before it is booted
	Air              *air.Air

	w        *sim.World
	bed      apps.Bed
	releases []deviceos.Variant
	threaded bool
	app      shim.Mutex // the application's own: wiring's classes have no locks, so its threads take turns
	servers  [prog.MaxCalls]*deviceos.TCPServer
	ports    [prog.MaxCalls]uint16 // of servers
	served   int                   // number of the last connection there was when a server gave a client
	clients  [prog.MaxCalls]*deviceos.TCPClient
	streams  outside.Streams
	origin   [prog.MaxCalls]int  // of a copy: the handle whose stream it goes on with
	copied   [prog.MaxCalls]bool // by origin
	torn     [prog.MaxCalls]bool // by origin
}

func start(w *sim.World, releases []deviceos.Variant) *Device {
	d := &Device{w: w, Air: air.New(w), releases: releases}
	d.bed = apps.Bed{
		Router: apps.NewRouter(w, d.Air, ssid),
		Boot:   func() *deviceos.Device { d.bootIfOff(); return d.Device },
		Lock:   &d.app,
	}
	return d
}

// testBed is what the ops of whole programs need.
func (d *Device) testBed() *apps.Bed { return &d.bed }

func (d *Device) heal() {
	d.bed.Heal()
	d.Air.Heal()
}

// errOffline says that the board did not get an address.
var errOffline = errors.New("no network")

// The network that the board knows.
const (
	ssid     = "home"
	password = "password1"
)

const (
	readyTime = 60 * time.Second       // for the network to become ready
	pollTime  = 100 * time.Millisecond // of an application's loop; chosen
)

// boot switches the board on and returns when its application has network.
func (d *Device) boot(cfg deviceos.Config) error {
	cfg.SSID, cfg.Password = ssid, password
	d.threaded = cfg.Threaded
	d.Device = deviceos.New(d.w, d.Air, cfg)
	d.Start()
	return d.online()
}

// online follows the vendor's procedure: switch Wi-Fi on, connect, wait until it is ready.
func (d *Device) online() error {
	if d.WiFi.Ready() {
		return nil
	}
	d.WiFi.On()
	d.WiFi.Connect(true)
	for end := d.w.Now() + readyTime; !d.WiFi.Ready(); d.Delay(pollTime) {
		if d.w.Now() >= end {
			return errOffline
		}
	}
	return nil
}

// do is the application doing something while its other threads wait.
func (d *Device) do(f func()) {
	d.app.Lock()
	defer d.app.Unlock()
	f()
}

// delay lets the application wait. Without SYSTEM_THREAD the system's work is done in it, which nothing else may interrupt.
func (d *Device) delay(t time.Duration) {
	if d.threaded {
		d.Delay(t)
		return
	}
	d.do(func() { d.Delay(t) })
}

// destroy stops an object and lets it go out of scope.
func (d *Device) destroy(kind string, v int64) error {
	d.do(func() {
		if kind == server {
			d.servers[v].Destroy()
			return
		}
		d.clients[v].Stop()
		d.clients[v].Destroy()
	})
	return nil
}

const offTime = 2 * time.Second // for the system thread to switch Wi-Fi off

// down switches Wi-Fi off.
func (d *Device) down() error {
	if d.Device != nil {
		d.WiFi.Off()
		d.delay(offTime)
	}
	return nil
}

func (d *Device) state() uint {
	if d.Device == nil {
		return 0
	}
	return d.State()
}

const (
	probePort  = 80 // and the next ones; programs mostly serve here, too: a server that is lost keeps its port
	probeBytes = 16
	probeTime  = 30 * time.Second // for whatever a loop polls for
)

// probe is what must work again: the application follows the vendor's procedure, starts a server and serves one remote client; and, as the
// vendor's own test wants it (device-os, user/tests/app/tcp_server, NoServerSocketLeakOnNetworkDisconnectTest), as many other servers as
// there can be.
func probe(s *harness.Steps, d *Device) error {
	if d.Device == nil {
		return nil // nobody switched it on
	}
	if _, err := s.Do("connect", func() (int64, error) { return 0, d.online() }); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	var servers []*deviceos.TCPServer
	begin := func() (int64, error) {
		l := d.NewTCPServer(probePort + uint16(len(servers)))
		servers = append(servers, l)
		return int64(len(servers)), d.poll(probeTime, l.Begin)
	}
	if _, err := s.Do("begin", begin); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	c, err := d.serve(s, servers[0])
	for err == nil && len(servers) < wiced.MaxServers {
		_, err = s.Do("begin of another", begin)
	}
	if err != nil {
		return err
	}
	// The servers go first: the other way round old releases use freed memory, which is a program's to find.
	_, err = s.Do("stop", func() (int64, error) {
		for _, l := range servers {
			l.Destroy()
		}
		c.Stop()
		c.Destroy()
		return 0, nil
	})
	return err
}

// serve lets a remote client connect to l and echoes what it sends.
func (d *Device) serve(s *harness.Steps, l *deviceos.TCPServer) (*deviceos.TCPClient, error) {
	c := d.NewTCPClient()
	client := d.Air.Peer("p3")
	if err := client.Dial(probePort); err != nil {
		return c, fmt.Errorf("a client cannot connect: %w", err)
	}
	if err := client.Send(probeBytes); err != nil {
		return c, fmt.Errorf("a client cannot send: %w", err)
	}
	if _, err := s.Do("available", func() (int64, error) {
		return 0, d.poll(probeTime, func() bool { c.Assign(l.Available()); return c.Status() })
	}); err != nil {
		return c, fmt.Errorf("available: %w", err)
	}
	var buf [probeBytes]byte
	if _, err := s.Do("recv", func() (int64, error) {
		return 0, d.poll(probeTime, func() bool { return c.Read(buf[:]) == probeBytes })
	}); err != nil {
		return c, fmt.Errorf("recv: %w", err)
	}
	if _, err := s.Do("send", func() (int64, error) { return count(c.Write(buf[:])) }); err != nil {
		return c, fmt.Errorf("send: %w", err)
	}
	return c, nil
}

// poll asks until it is so, as an application's loop does, for at most limit.
func (d *Device) poll(limit time.Duration, so func() bool) error {
	for end := d.w.Now() + limit; ; d.delay(pollTime) {
		done := false
		d.do(func() { done = so() })
		if done {
			return nil
		}
		if d.w.Now() >= end {
			return errNothing
		}
	}
}
