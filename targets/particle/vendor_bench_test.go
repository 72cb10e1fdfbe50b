package particle

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

const (
	settleTime = 500 * time.Millisecond // "give WICED some time to complete any asynchronous cleanup" (server.cpp)
	loopTime   = 10 * time.Millisecond  // of the test application; chosen
)

// bench is the vendor's test bench: a board with the test application (device-os, user/tests/app/tcp_server/server.cpp, SYSTEM_MODE(MANUAL)), and
// who tells it what to do.
type bench struct {
	*require.Assertions
	w       *sim.World
	a       *air.Air
	d       *deviceos.Device
	servers []*echoServer
	own     []*deviceos.TCPClient // the board's own connections
	todo    []func()
	done    sim.Queue
	rough   bool // the release touches freed memory here
}

// onBench runs f with a board of that release that has network, and checks that it leaves no memory behind and touched none that was freed.
func onBench(t *testing.T, release string, f func(b *bench)) {
	rough := false
	tr := sim.Run(t, sim.Config{Verbose: true, Firmware: Target.Firmware}, func(w *sim.World) {
		b := &bench{Assertions: require.New(t), w: w, a: air.New(w)}
		i := slices.Index(deviceos.VariantNames(), release)
		b.d = deviceos.New(w, b.a, deviceos.Config{Variant: deviceos.Variants[i], SSID: ssid, Password: password})
		w.Go("application", b.run)
		ended := false
		w.Spawn("test", 0, func(*sim.Task) {
			b.app(func() { b.d.WiFi.Connect(false) })
			b.True(b.d.WiFi.Ready())
			before := b.d.FreeMemory()
			f(b)
			b.stopAll()
			b.GreaterOrEqual(b.d.FreeMemory(), before-before/40, "free memory is lower by 2.5 %% or more")
			ended, rough = true, b.rough
		})
		w.Await(2*time.Hour, 0)
		b.True(ended, "the test did not end")
	})
	for i := range tr.Events {
		if e := &tr.Events[i]; e.Kind == trace.Panic || e.Kind == trace.Touch && !rough {
			t.Errorf("%s: %s", e.Name, tr.Details[i])
		}
	}
}

// run is setup() and loop().
func (b *bench) run() {
	b.d.Start()
	b.d.WiFi.On()
	for {
		for _, s := range b.servers {
			s.loop()
		}
		for len(b.todo) > 0 {
			f := b.todo[0]
			b.todo = b.todo[1:]
			f()
			b.done.WakeAll(b.w)
		}
		b.d.Idle()
		b.w.Sleep(loopTime)
	}
}

// app lets the application do f.
func (b *bench) app(f func()) {
	did := false
	b.todo = append(b.todo, func() { f(); did = true })
	for !did {
		b.done.Wait(b.w, "the application")
	}
}

// start starts an EchoServer; it reports whether it listens.
func (b *bench) start(port uint16) (ok bool) {
	b.app(func() {
		s := &echoServer{port: port, server: b.d.NewTCPServer(port), d: b.d}
		if ok = s.server.Begin(); ok {
			b.servers = append(b.servers, s)
		}
	})
	return ok
}

// stop stops the server at port.
func (b *bench) stop(port uint16) {
	b.app(func() {
		i := slices.IndexFunc(b.servers, func(s *echoServer) bool { return s.port == port })
		b.servers[i].stop()
		b.servers = slices.Delete(b.servers, i, i+1)
	})
	b.w.Sleep(settleTime)
}

func (b *bench) stopAll() {
	b.app(func() {
		for _, s := range b.servers {
			s.stop()
		}
		for _, c := range b.own {
			c.Stop()
			c.Destroy()
		}
		b.servers, b.own = nil, nil
	})
	b.w.Sleep(settleTime)
}

// fill makes connections of the board's own until there is room for only so many.
func (b *bench) fill(room int) []*deviceos.TCPClient {
	sink, _ := b.a.HostIP("sink")
	b.app(func() {
		for len(b.own) < b.d.Release().PCBs-room {
			c := b.d.NewTCPClient()
			b.True(c.Connect(sink, 80))
			b.own = append(b.own, c)
		}
	})
	return b.own
}

// dial connects a remote client.
func (b *bench) dial(peer string, port uint16) error { return b.a.Peer(peer).Dial(port) }

// echo sends a message and reads as much.
func (b *bench) echo(peer string) error {
	const size = 100
	if err := b.a.Peer(peer).Send(size); err != nil {
		return err
	}
	return b.a.Peer(peer).Read(size)
}

// echoServer is class EchoServer of server.cpp.
type echoServer struct {
	port     uint16
	d        *deviceos.Device
	server   *deviceos.TCPServer
	clients  []*deviceos.TCPClient
	careless bool // it is class TcpClientClosesOnDestructionTestServer, which keeps no client
}

func (s *echoServer) loop() {
	if s.careless {
		s.server.Available().Destroy()
		return
	}
	s.clients = slices.DeleteFunc(s.clients, func(c *deviceos.TCPClient) bool {
		if c.Connected() {
			return false
		}
		c.Stop()
		c.Destroy()
		return true
	})
	for _, c := range s.clients {
		var buf [128]byte
		for c.Available() > 0 {
			c.Write(buf[:c.Read(buf[:])])
		}
	}
	if c := s.server.Available(); c.Status() {
		s.clients = append(s.clients, c)
	} else {
		c.Destroy()
	}
}

func (s *echoServer) stop() {
	s.server.Destroy()
	for _, c := range s.clients {
		c.Stop()
		c.Destroy()
	}
	s.clients = nil
}
