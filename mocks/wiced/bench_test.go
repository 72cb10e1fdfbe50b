package wiced_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// BenchmarkEcho is bytes to a host and back.
func BenchmarkEcho(b *testing.B) {
	bench(b, func(d *board) func() {
		sock := d.up().client("echo", 7)
		data := make([]byte, 64)
		return func() {
			d.ok(d.s.TCPSend(sock, data, time.Second))
			_, r := d.receive(sock, time.Second)
			d.ok(r)
		}
	})
}

// BenchmarkAccept is a peer that connects to a server, sends and goes.
func BenchmarkAccept(b *testing.B) {
	bench(b, func(d *board) func() {
		s := d.up().serving(80)
		return func() {
			p := d.dial("p1", 80)
			d.NoError(p.Send(10))
			_, r := d.receive(d.at(s, 0), time.Second)
			d.ok(r)
			d.NoError(p.Close())
			d.ok(d.s.ServerDisconnectSocket(wiced.AcceptSocket{Server: s}))
		}
	})
}

// exchanges are how many one run has, so that starting the world does not count.
const exchanges = 1000

// bench measures runs in which a task does exchanges times what prepare returns.
func bench(b *testing.B, prepare func(d *board) func()) {
	sim.Bench(b, func(t *testing.T) {
		var tr trace.Trace
		for b.Loop() {
			tr.Reset()
			sim.Run(t, sim.Config{Trace: &tr}, func(w *sim.World) {
				d := newBoard(t, w, young)
				w.Spawn("app", 0, func(*sim.Task) {
					f := prepare(d)
					for range exchanges {
						f()
					}
				})
				require.Equal(t, sim.Settled, w.Await(24*time.Hour, 0))
			})
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*exchanges), "ns/exchange")
	})
}
