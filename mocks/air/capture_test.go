package air_test

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// talk joins, asks for a name, opens a connection, has a byte echoed, closes, and sends a datagram.
func talk(t *testing.T, verbose bool) *trace.Trace {
	t.Helper()
	return sim.Run(t, sim.Config{Verbose: verbose}, func(sw *sim.World) {
		w := &world{Assertions: require.New(t), w: sw, a: air.New(sw)}
		sw.Spawn("a", 0, func(*sim.Task) {
			w.joined()
			q := w.a.Resolve("echo")
			sw.Sleep(time.Second)
			ip, _, _ := q.Answer()
			c := w.a.Dial(ip, air.EchoPort)
			sw.Sleep(time.Second)
			_, err := c.Write([]byte{1})
			w.NoError(err)
			_, err = c.Read(make([]byte, 1))
			w.NoError(err)
			c.Close()
			closed, _ := w.a.HostIP("closed")
			w.a.Dial(closed, 80)
			sw.Sleep(time.Second)
			u, err := w.a.OpenUDP(9)
			w.NoError(err)
			w.NoError(u.Send(ip, air.EchoPort, []byte{2}))
			w.ErrorIs(w.a.Peer("p1").Dial(81), air.ErrRefused)
			w.a.Uplink(false)
			w.a.Dial(ip, air.EchoPort)
			w.a.Leave()
			w.a.Dial(ip, air.EchoPort)
		})
		sw.Await(time.Hour, 0)
	})
}

func TestCapture(t *testing.T) {
	quiet, tr := talk(t, false), talk(t, true)
	require.Empty(t, quiet.Packets, "nobody wants to read it")
	require.Equal(t, quiet.Hash(), tr.Hash(), "it is no part of the run")
	const syn, ack, push = trace.SYN, trace.ACK, trace.PSH | trace.ACK
	const board, echo = "10.0.0.2:49152", "10.0.0.21:7"
	addr := netip.MustParseAddrPort
	var got []trace.Packet
	for _, p := range tr.Packets {
		if p.Flags != 0 {
			got = append(got, trace.Packet{From: p.From, To: p.To, Flags: p.Flags, Data: p.Data})
		}
	}
	require.Equal(t, []trace.Packet{
		{From: addr(board), To: addr(echo), Flags: syn},
		{From: addr(echo), To: addr(board), Flags: syn | ack},
		{From: addr(board), To: addr(echo), Flags: ack},
		{From: addr(board), To: addr(echo), Flags: push, Data: []byte{1}},
		{From: addr(echo), To: addr(board), Flags: push, Data: []byte{1}},
	}, got[:5])
	flags := map[trace.Flags]int{}
	for _, p := range got {
		flags[p.Flags]++
	}
	require.Equal(t, 4, flags[syn], "echo, closed, the peer, and echo behind the cut uplink; nothing leaves the board without a link")
	require.GreaterOrEqual(t, flags[trace.RST|ack], 2, "closed, and the board at port 81")
	require.GreaterOrEqual(t, flags[trace.FIN|ack], 1)

	udp := map[uint16]int{} // by the lower port
	for _, p := range tr.Packets {
		if p.Flags == 0 {
			udp[min(p.From.Port(), p.To.Port())]++
		}
	}
	require.Equal(t, map[uint16]int{67: 4, 53: 2, 7: 2}, udp, "DHCP's four messages, a question and its answer, a datagram and its echo")
}
