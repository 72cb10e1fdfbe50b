package outside

import (
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// Streams follows what a device sends and receives, by handle, and tells the oracles. The zero value is ready to use.
type Streams struct {
	sent [prog.MaxCalls]int64
	got  [prog.MaxCalls]stream
}

// stream is what a handle has received.
type stream struct {
	tag byte
	n   int64
	bad bool
}

// Even rounds n up, so that the tags of a stream stay where they are.
func Even(n int) int { return (n + 1) &^ 1 }

// Next is the next n bytes, rounded up to even, of handle h's stream.
func (s *Streams) Next(h, n int) []byte {
	buf := make([]byte, Even(n))
	air.Fill(buf, oracle.TagBoard|byte(h), s.sent[h])
	return buf
}

// Sent notes that n bytes of handle h's stream were taken.
func (s *Streams) Sent(w *sim.World, h, n int) {
	w.Emit(trace.Data, oracle.DataSent, int64(h), s.sent[h], int64(n))
	s.sent[h] += int64(n)
}

// Denied notes that handle h's next n bytes were not taken, as its device says.
func (s *Streams) Denied(w *sim.World, h, n int) {
	w.Emit(trace.Data, oracle.DataDenied, int64(h), s.sent[h], int64(n))
}

// Datagram checks that p, which a handle has received, is made of what a board's handle sent: of any two neighbouring bytes one is then a
// tag, also where a datagram came in parts, or with another.
func (s *Streams) Datagram(w *sim.World, h int, p []byte) {
	for i := 1; i < len(p); i++ {
		if !tag(p[i-1]) && !tag(p[i]) {
			w.Emit(trace.Data, oracle.DataForeign, int64(h), int64(p[i-1])<<8|int64(p[i]), int64(i-1))
			return
		}
	}
}

// tag says that b may be the tag of a board's handle.
func tag(b byte) bool { return b&oracle.TagBoard == oracle.TagBoard }

// Received checks that p, which is not empty, goes on with what handle h has received.
func (s *Streams) Received(w *sim.World, h int, p []byte) {
	g := &s.got[h]
	if g.n == 0 {
		g.tag = p[0]
	}
	if i := air.Check(p, g.tag, g.n); i >= 0 && !g.bad {
		var want [1]byte
		off := g.n + int64(i)
		air.Fill(want[:], g.tag, off)
		w.Emit(trace.Data, oracle.DataGotBad, int64(h), int64(want[0])<<8|int64(p[i]), off)
		g.bad = true
	}
	g.n += int64(len(p))
	w.Emit(trace.Data, oracle.DataGot, int64(h), int64(g.tag), g.n)
}
