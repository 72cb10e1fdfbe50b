package deviceos

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// onEach runs f on a board of each release that has network, and checks that nobody touches freed memory.
func onEach(t *testing.T, f func(t *testing.T, d *Device)) {
	for _, v := range Variants {
		t.Run(v.Name, func(t *testing.T) {
			ended := false
			tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
				w.Spawn("test", 0, func(*sim.Task) {
					d := New(w, air.New(w), Config{Variant: v, SSID: "home", Password: "password1"})
					d.Start()
					d.WiFi.On()
					d.WiFi.Connect(false)
					require.True(t, d.WiFi.Ready())
					f(t, d)
					ended = true
				})
				w.Await(time.Hour, 0)
			})
			require.True(t, ended, "the test did not end")
			for i := range tr.Events {
				require.NotContains(t, []trace.Kind{trace.Panic, trace.Touch}, tr.Events[i].Kind, tr.Details[i])
			}
		})
	}
}

// A sock_handle_t is valid if it is below SOCKET_MAX, so that of the numbers that are no addresses only the null pointer is followed.
func TestHandlesThatAreNone(t *testing.T) {
	bufs := [][]byte{make([]byte, 8), nil, make([]byte, 1<<31)}
	onEach(t, func(t *testing.T, d *Device) {
		for _, addr := range []uint32{0xFFFFFFFF, failed(wiced.AddressInUse).Addr, 1 << 31, maxHandle, 0} {
			h := handle{Addr: addr}
			require.Equal(t, addr == 0, valid(h))
			require.Equal(t, -int(wiced.InvalidSocket), d.socketConnect(h, air.IP{192, 168, 1, 1}, 80))
			require.Equal(t, invalid, d.socketAccept(h))
			for _, buf := range bufs {
				require.Equal(t, notOpen, d.socketReceive(h, buf, 0))
				require.Equal(t, notOpen, d.socketSend(h, buf, 0))
			}
			require.False(t, d.socketActive(h))
			require.Zero(t, d.socketPeer(h))
			d.socketClose(h)
			d.socketClose(h)
			d.socketDispose(h)
		}
	})
}

// A server is no connection, and a connection no server.
func TestHandlesOfAnotherKind(t *testing.T) {
	var some [8]byte
	onEach(t, func(t *testing.T, d *Device) {
		s, c := d.socketCreateTCPServer(80), d.socketCreate()
		require.Equal(t, -int(wiced.InvalidSocket), d.socketConnect(s, air.IP{192, 168, 1, 1}, 80))
		require.Equal(t, notOpen, d.socketReceive(s, some[:], 0))
		require.Equal(t, -int(wiced.TCPIPInvalidSocket), d.socketSend(s, some[:], 0))
		require.Zero(t, d.socketPeer(s))
		require.Equal(t, invalid, d.socketAccept(c))
		require.Equal(t, notOpen, d.socketReceive(c, some[:], 0), "not connected yet")
		require.Equal(t, notOpen, d.socketSend(c, some[:], 0))
		d.socketClose(c)
		d.socketClose(s)
		require.Empty(t, d.hal.servers.items)
		require.Empty(t, d.hal.clients.items)
	})
}

// "When wiced_tcp_server_start() reports an error we do not call wiced_tcp_server_stop(), causing an internal tcp server list in WICED to get
// completely filled" (pull request particle-iot/device-os#1492): here because there is no address, which the HAL finds and TCPServer::begin
// would not have tried.
func TestStartsWithoutAnAddress(t *testing.T) {
	onEach(t, func(t *testing.T, d *Device) {
		d.stack.NetworkDown()
		require.Equal(t, wiced.Success, d.stack.InterfaceUp("home", "password1"))
		for i := range wiced.MaxServers + 1 {
			want := wiced.InvalidInterface
			if d.cfg.Variant.LeaksFailed && i == wiced.MaxServers {
				want = wiced.Error
			}
			require.Equal(t, failed(want), d.socketCreateTCPServer(80))
		}
		require.Equal(t, wiced.Success, d.stack.NetworkUp())
		require.Equal(t, !d.cfg.Variant.LeaksFailed, valid(d.socketCreateTCPServer(80)), "there is an address now")
	})
}
