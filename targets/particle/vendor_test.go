package particle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/wiced"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// The vendor's own tests (device-os, user/tests/app/tcp_server/client/tests.js), for the releases that pass them. The vendor's clients run on a
// computer and can be any number; the air has three, so connections of the board's own stand in for the others: the limit is on both together.

// vendorPort is DEFAULT_PORT.
const vendorPort = 1234

// passing are the releases that the vendor's tests hold for; servers of those before do not survive a disconnect.
var passing = []string{"v3", "v4"}

func eachPassing(t *testing.T, f func(b *bench)) {
	for _, name := range passing {
		t.Run(name, func(t *testing.T) { onBench(t, name, f) })
	}
}

func TestEcho(t *testing.T) {
	eachPassing(t, func(b *bench) {
		b.True(b.start(vendorPort))
		b.NoError(b.dial("p1", vendorPort))
		b.NoError(b.echo("p1"))
	})
}

func TestMaxConnections(t *testing.T) {
	eachPassing(t, func(b *bench) {
		b.True(b.start(vendorPort))
		own := b.fill(2)
		b.NoError(b.dial("p1", vendorPort))
		b.NoError(b.dial("p2", vendorPort))
		b.ErrorIs(b.dial("p3", vendorPort), air.ErrTimeout, "extra connection has been established unexpectedly")
		b.NoError(b.echo("p1"))
		b.NoError(b.echo("p2"))
		b.app(func() {
			for _, c := range own {
				b.Equal(2, c.Write([]byte{0x41, 0}))
			}
		})
	})
}

// 0.7.0 had room for five, and refused the sixth.
func TestMaxConnectionsOf070(t *testing.T) {
	onBench(t, "v2", func(b *bench) {
		b.True(b.start(vendorPort))
		b.fill(1)
		b.NoError(b.dial("p1", vendorPort))
		b.ErrorIs(b.dial("p2", vendorPort), air.ErrTimeout)
		b.NoError(b.echo("p1"))
	})
}

// Before, the oldest had to go (community.particle.io, topic 37860).
func TestMaxConnectionsOf060(t *testing.T) {
	onBench(t, "v0", func(b *bench) {
		b.rough = true // a client that is gone before its server is stopped
		b.True(b.start(vendorPort))
		b.NoError(b.dial("p1", vendorPort))
		b.NoError(b.echo("p1"))
		b.w.Sleep(time.Second)
		b.fill(0)
		b.Error(b.echo("p1"), "the sixth connection has made the first be disconnected")
	})
}

func TestExtraConnection(t *testing.T) {
	eachPassing(t, func(b *bench) {
		b.True(b.start(vendorPort))
		b.fill(2)
		b.NoError(b.dial("p1", vendorPort))
		b.NoError(b.dial("p2", vendorPort))
		established := false
		b.w.Go("extra client", func() { established = b.dial("p3", vendorPort) == nil })
		b.w.Sleep(time.Second)
		b.False(established, "extra connection has been established unexpectedly")
		b.NoError(b.a.Peer("p1").Close())
		b.w.Sleep(10 * time.Second)
		b.True(established, "pending extra connection should now succeed")
		b.NoError(b.echo("p3"))
		b.NoError(b.echo("p2"))
	})
}

func TestMaxServers(t *testing.T) {
	eachPassing(t, func(b *bench) {
		for i := range uint16(wiced.MaxServers) {
			b.True(b.start(vendorPort + i))
		}
		b.False(b.start(vendorPort+wiced.MaxServers), "extra server instance has been started unexpectedly")
		for i := range uint16(wiced.MaxServers) {
			b.NoError(b.dial("p1", vendorPort+i))
			b.NoError(b.echo("p1"))
			b.NoError(b.a.Peer("p1").Close())
		}
	})
}

func TestNoServerSocketLeakOnNetworkDisconnect(t *testing.T) {
	eachPassing(t, func(b *bench) {
		for i := range uint16(wiced.MaxServers) {
			b.True(b.start(vendorPort + i))
		}
		b.app(func() { b.d.WiFi.Disconnect() })
		b.w.Sleep(time.Second)
		b.stopAll()
		b.app(func() { b.d.WiFi.Connect(false) })
		for i := range uint16(wiced.MaxServers) {
			b.True(b.start(vendorPort + i))
		}
	})
}

func TestStoppedServerDoesntAffectOtherServers(t *testing.T) {
	eachPassing(t, func(b *bench) {
		check := func(port uint16) {
			b.NoError(b.dial("p1", port))
			b.NoError(b.echo("p1"))
			b.NoError(b.a.Peer("p1").Close())
		}
		b.True(b.start(vendorPort))
		b.True(b.start(vendorPort + 1))
		check(vendorPort)
		check(vendorPort + 1)
		b.stop(vendorPort)
		check(vendorPort + 1)
	})
}

func TestStoppingServerWithActiveConnections(t *testing.T) {
	eachPassing(t, func(b *bench) {
		b.True(b.start(vendorPort))
		for _, p := range air.Peers {
			b.NoError(b.dial(p, vendorPort))
		}
		b.w.Sleep(settleTime)
		b.stop(vendorPort)
		for _, p := range air.Peers {
			b.Error(b.a.Peer(p).Read(1), "all connections should have been closed by the server")
		}
	})
}

// "Internally, TCPServer holds a reference to last accepted client connection, so here we make another connection to ensure that the TCPClient
// instance representing first connection gets destroyed" (tests.js).
func TestTCPClientClosesOnDestruction(t *testing.T) {
	for _, name := range []string{"v2", "v3", "v4"} {
		t.Run(name, func(t *testing.T) {
			onBench(t, name, func(b *bench) {
				b.True(b.start(vendorPort))
				b.servers[0].careless = true
				b.NoError(b.dial("p1", vendorPort))
				b.w.Sleep(settleTime)
				b.NoError(b.dial("p2", vendorPort))
				b.Error(b.a.Peer("p1").Read(1), "the first connection is closed")
			})
		})
	}
}

func TestStress(t *testing.T) {
	const (
		connections = 500
		mayFail     = 6
	)
	eachPassing(t, func(b *bench) {
		b.True(b.start(vendorPort))
		b.NotEmpty(b.fill(len(air.Peers)))
		left, busy, failed := connections, len(air.Peers), 0
		for k, name := range air.Peers {
			b.w.Go("client "+name, func() {
				for n := uint32(k); left > 0; {
					left--
					n = n*1664525 + 1013904223 // a pause of up to 500 ms
					b.w.Sleep(time.Duration(n>>16%500) * time.Millisecond)
					if b.dial(name, vendorPort) != nil || b.echo(name) != nil {
						failed++
					}
					b.w.Sleep(time.Duration(n>>8%500) * time.Millisecond)
					_ = b.a.Peer(name).Close()
				}
				busy--
			})
		}
		for busy > 0 {
			b.w.Sleep(time.Second)
		}
		b.LessOrEqual(failed, mayFail)
	})
}

// Bad calls give the documented results, and do no harm.
func TestBadCalls(t *testing.T) {
	tooMuch := make([]byte, 1<<31) // no board has so much memory; nobody touches it here either
	for _, v := range deviceos.Variants {
		t.Run(v.Name, func(t *testing.T) {
			onBench(t, v.Name, func(b *bench) {
				b.app(func() {
					badServer(b, tooMuch)
					badClient(b, tooMuch)
				})
				b.True(b.start(vendorPort))
				b.NoError(b.dial("p1", vendorPort))
				b.NoError(b.echo("p1"))
			})
		})
	}
}

func badServer(b *bench, tooMuch []byte) {
	s := b.d.NewTCPServer(vendorPort + 1)
	b.Equal(-1, s.Write([]byte{1}), "before begin")
	s.Stop()
	s.Stop()
	b.True(s.Begin())
	b.True(s.Begin(), "again")
	b.Equal(-1, s.Write([]byte{1}), "nobody was accepted")
	b.Equal(-1, s.Write(nil))
	b.Equal(-1, s.Write(tooMuch))
	s.Stop()
	s.Stop()
	b.Equal(-1, s.Write([]byte{1}), "after stop")
	s.Destroy()
}

func badClient(b *bench, tooMuch []byte) {
	c := b.d.NewTCPClient()
	unconnected := func(why string) {
		b.Equal(-1, c.Write([]byte{1}), why)
		b.Equal(-1, c.Write(nil), why)
		b.Equal(-1, c.Read(make([]byte, 1)), why)
		b.Equal(-1, c.ReadOne(), why)
		b.Equal(-1, c.Peek(), why)
		b.Zero(c.Available(), why)
		b.False(c.Connected(), why)
		b.False(c.Status(), why)
		c.Stop()
		c.Stop()
	}
	unconnected("not connected")
	closed, _ := b.a.HostIP("closed")
	b.False(c.Connect(closed, 7), "refused")
	unconnected("refused")
	sink, _ := b.a.HostIP("sink")
	b.True(c.Connect(sink, 80))
	b.Zero(c.Write(nil))
	b.Equal(-1, c.Read(nil), "nothing has come yet")
	b.Equal(-1, c.Read(tooMuch), "nothing has come yet")
	b.Equal(-int(wiced.Timeout), c.WriteFor(tooMuch, time.Second))
	c.Stop()
	unconnected("stopped")
	c.Destroy()
}

func TestSOSTime(t *testing.T) {
	require.Equal(t, 10400*time.Millisecond, deviceos.SOSTime(deviceos.PanicHardFault))
}
