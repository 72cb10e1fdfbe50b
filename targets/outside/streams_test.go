package outside

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

func TestDatagram(t *testing.T) {
	var s Streams
	ours := s.Next(5, 12)
	for _, c := range []struct {
		reason string
		got    []byte
		want   []int64 // B and C of the event, if there is one
	}{
		{"whole", ours, nil},
		{"the rest of one that came in parts", ours[3:], nil},
		{"the rest of one, and the next", append(ours[3:], ours...), nil},
		{"a single byte says nothing", []byte{10}, nil},
		{"behind what a chip puts before it", append([]byte{10, 0, 0, 21, 0, 7, 0, 12}, ours...), []int64{0x0a00, 0}},
		{"from somewhere in its middle on", append(ours[:4:4], 1, 2, 3), []int64{0x0101, 3}},
		{"a byte is missing", append(ours[:2:2], ours[3:]...), []int64{0x0001, 1}},
		{"a remote's stream", []byte{0x81, 0, 0x81, 1}, []int64{0x8100, 0}},
	} {
		tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
			w.Spawn("main", 0, func(*sim.Task) { s.Datagram(w, 5, c.got) })
			w.Await(time.Minute, 0)
		})
		var got []int64
		for _, e := range tr.Events {
			if e.Kind == trace.Data {
				require.Equal(t, oracle.DataForeign, e.Name)
				got = append(got, e.B, e.C)
			}
		}
		require.Equal(t, c.want, got, c.reason)
	}
}
