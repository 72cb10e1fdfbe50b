package oracle

import (
	"fmt"
	"slices"

	"github.com/linkflap/linkflap/harness/trace"
)

// The names of Data events. A stream's byte at offset i is its tag if i is even, so every second byte says whose it is.
const (
	DataSent    = "sent"     // a send op succeeded: A handle, B offset in its stream, C count
	DataDenied  = "denied"   // a send op failed, and not for want of time: A handle, B offset in its stream, C count
	DataGot     = "got"      // a recv op got bytes: A handle, B tag, C bytes in sequence so far
	DataGotBad  = "got.bad"  // ... that break the stream: A handle, B want<<8|got, C offset
	DataForeign = "foreign"  // a recv op got a datagram with bytes that nobody sent: A handle, B the first two of them, C where
	DataPeer    = "peer"     // a remote got bytes: A connection, B tag, C bytes in sequence so far
	DataPeerBad = "peer.bad" // ... that break the stream: A connection, B want<<8|got, C offset
)

// The names of Conn and Link events that mean something to an oracle.
const (
	ConnOpen  = "open" // the board has opened a connection
	ConnEnd   = "end"  // the end of the board's stream has reached the remote host, after all its bytes
	ConnFin   = "fin"  // the end of the remote host's stream has reached the board, after all its bytes
	ConnReset = "rst"  // a connection was reset
	ConnLost  = "lost" // a connection was lost with the link
	LinkDown  = "disconnected"
)

// Tags of streams: the board's by handle, remote ones by connection. None is ASCII: commands of a text protocol that get among a stream's
// bytes are nobody's.
const (
	TagBoard  = 0xC0
	TagRemote = 0x80
	tagBits   = 0x3F
)

// handleOf is the handle that sends with this tag, -1 if none does.
func handleOf(tag int64) int {
	if tag&^tagBits != TagBoard {
		return -1
	}
	return int(tag & tagBits)
}

// stales reports bytes sent or received on a handle that was closed before, and bytes that reach a connection of another handle.
func stales(r *Run) (vs []Violation) {
	for i := range r.calls {
		c := &r.calls[i]
		if !c.moves() || !c.ok() || c.value <= 0 {
			continue
		}
		if x := r.closeOf(c.handle); x != nil && x.over(c.from) && !r.borrowed(c.handle, c.to, nil) {
			vs = append(vs, Violation{Where: c.op + " succeeds after close", At: c.start, Task: c.task})
		}
	}
	return append(append(vs, r.touches(0)...), r.crossed()...)
}

// crossed reports bytes of one handle on a connection that carries another's.
func (r *Run) crossed() (vs []Violation) {
	conn := map[int64]int64{} // by tag
	for i := range r.Events {
		e := &r.Events[i]
		switch {
		case r.damages(e, i):
			return vs
		case e.Kind != trace.Data:
			continue
		}
		switch e.Name {
		case DataPeer:
			if first, ok := conn[e.B]; ok && first != e.A && r.sender(e.B, i) {
				vs = append(vs, r.cross(i, e.B, e.B))
			}
			conn[e.B] = e.A
		case DataPeerBad:
			got, mine := e.B&0xFF, e.B>>8
			if e.C%2 == 0 && got != mine && r.sender(got, i) && r.sender(mine, i) {
				vs = append(vs, r.cross(i, got, mine))
			}
		}
	}
	return vs
}

// damages says that event i is a fault that strikes in a send: any byte may then arrive, and look like another handle's.
func (r *Run) damages(e *trace.Event, i int) bool {
	if e.Kind != trace.Fault || e.C != 0 {
		return false
	}
	c := r.callAt(e.Task, i)
	return c != nil && c.op == "send"
}

// sender says that a tag is that of a handle which had sent by event i, and which is not borrowed. A byte that is no tag may look like one
// after a gap of odd length.
func (r *Run) sender(tag int64, i int) bool {
	h := handleOf(tag)
	sends := func(c call) bool {
		return c.moves() && c.op == "send" && c.handle == h && c.from < i && c.status != trace.Skipped && c.status != trace.Unsupported
	}
	return slices.ContainsFunc(r.calls, sends) && !r.borrowed(h, i, nil)
}

// cross is the violation of two streams meeting at event i. If one of them is from before the device was taken down, it is to blame,
// whichever came first.
func (r *Run) cross(i int, tags ...int64) Violation {
	e := &r.Events[i]
	where := "send reaches another connection"
	if slices.ContainsFunc(tags, func(tag int64) bool { return r.downSince(handleOf(tag), i) }) {
		where = "send on a handle from before disconnect reaches another connection"
	}
	return Violation{Where: where, At: e.At, Task: e.Task, Detail: fmt.Sprintf("connection %d", e.A)}
}

// downSince says that the device was taken down between the return of handle h's call and event i.
func (r *Run) downSince(h, i int) bool {
	for k := range r.calls {
		if c := &r.calls[k]; c.index >= 0 && c.op == "disconnect" && c.ok() && c.from > r.calls[h].from && c.from < i {
			return true
		}
	}
	return false
}

// deliveries reports streams with a gap, a repetition or foreign bytes, and, where no connection was lost or reset, counted bytes that are
// missing when the end of the stream arrives; datagrams that nobody sent; and sends that deny what arrived. It is silent if a fault fired,
// two tasks used one handle at once, or a handle was used in another's place.
func deliveries(r *Run) (vs []Violation) {
	if r.faulted || r.shared() || r.improper() || len(stales(r)) > 0 {
		return nil
	}
	vs = append(r.foreign(), r.denied()...)
	unsure, carries, lost := r.unsure(), r.carries(), map[int]bool{}
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Data {
			continue
		}
		h, known := int(e.A), true
		where := "recv gets bytes out of sequence"
		switch e.Name {
		case DataGotBad:
			known = !lost[h] // else it may be the echo of what was lost
		case DataPeerBad:
			h, known = carries[e.A]
			lost[h] = known
			where = "send loses bytes"
		default:
			continue
		}
		if known && !unsure[h] {
			vs = append(vs, Violation{Where: where, At: e.At, Task: e.Task, Detail: gap(e)})
		}
	}
	if len(vs) > 0 || r.suffered() {
		return vs
	}
	return r.missing(carries, unsure)
}

// foreign reports datagrams that hold what nobody sent.
func (r *Run) foreign() (vs []Violation) {
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.Data && e.Name == DataForeign {
			detail := fmt.Sprintf("got %#04x at offset %d", e.B, e.C)
			vs = append(vs, Violation{Where: "recv gets a datagram that nobody sent", At: e.At, Task: e.Task, Detail: detail})
		}
	}
	return vs
}

// denied reports a send that failed, and not for want of time, although everything had arrived and its connection was well: who sends it
// again then, sends it twice. Of a connection that had trouble nobody can tell.
func (r *Run) denied() (vs []Violation) {
	at := map[int]*trace.Event{} // by handle, what has arrived
	broken := map[int64]bool{}   // connections
	for i := range r.Events {
		e := &r.Events[i]
		switch {
		case e.Kind == trace.Link && e.Name == LinkDown:
			return vs
		case e.Kind == trace.Conn && (e.Name == ConnReset || e.Name == ConnLost):
			broken[e.A] = true
		case e.Kind == trace.Data && e.Name == DataPeer:
			at[handleOf(e.B)] = e
		case e.Kind == trace.Data && e.Name == DataDenied:
			h := int(e.A)
			if got := at[h]; got == nil || got.C < e.B+e.C || broken[got.A] || r.spoilt(h, i) {
				continue
			}
			detail := fmt.Sprintf("got an error for %d bytes that have arrived", e.C)
			vs = append(vs, Violation{Where: "send fails, but its bytes arrive", At: e.At, Task: e.Task, Detail: detail})
		}
	}
	return vs
}

// spoilt says that by event i a call had set out to close handle h, or a send on it had failed: what has arrived may be of that one.
func (r *Run) spoilt(h, i int) bool {
	x := r.ending(h)
	failed := func(c call) bool { return c.moves() && c.op == "send" && c.handle == h && c.over(i) && !c.ok() }
	return x != nil && x.from < i || slices.ContainsFunc(r.calls, failed)
}

// carries is the handle that sends on each connection.
func (r *Run) carries() map[int64]int {
	handles := map[int64]int{}
	for i := range r.Events {
		if e := &r.Events[i]; e.Kind == trace.Data && e.Name == DataPeer && handleOf(e.B) >= 0 {
			handles[e.A] = handleOf(e.B)
		}
	}
	return handles
}

// unsure are the handles on which a send or recv failed: how much of it went through, and so what an echo of it is, no contract says.
func (r *Run) unsure() map[int]bool {
	some := map[int]bool{}
	for i := range r.calls {
		if c := &r.calls[i]; c.moves() && !c.ok() {
			some[c.handle] = true
		}
	}
	return some
}

// missing reports handles of which fewer bytes than send counted had arrived when the end of their stream did.
func (r *Run) missing(carries map[int64]int, unsure map[int]bool) (vs []Violation) {
	sent, seen := map[int]int64{}, map[int]int64{}
	for i := range r.Events {
		e := &r.Events[i]
		h, known := carries[e.A]
		switch {
		case e.Kind == trace.Data && e.Name == DataSent:
			sent[int(e.A)] += e.C
		case e.Kind == trace.Data && e.Name == DataPeer && known:
			seen[h] = max(seen[h], e.C)
		case e.Kind == trace.Conn && e.Name == ConnEnd && known && !unsure[h] && sent[h] > seen[h]:
			vs = append(vs, Violation{
				Where: "send loses bytes", At: e.At, Task: e.Task, Detail: fmt.Sprintf("got %d at the peer, want %d", seen[h], sent[h]),
			})
		}
	}
	return vs
}

func gap(e *trace.Event) string {
	return fmt.Sprintf("got %#02x at offset %d, want %#02x", e.B&0xFF, e.C, e.B>>8)
}

// suffered says that the link or a connection had trouble of its own before every handle was closed.
func (r *Run) suffered() bool {
	end := len(r.Events)
	if r.closed >= 0 {
		end = r.closed
	}
	return slices.ContainsFunc(r.Events[:end], func(e trace.Event) bool {
		return e.Kind == trace.Conn && (e.Name == ConnReset || e.Name == ConnLost) || e.Kind == trace.Link && e.Name == LinkDown
	})
}

// shared says that two tasks sent, or received, on one handle at once: the order of their bytes is nobody's promise.
func (r *Run) shared() bool {
	for i := range r.calls {
		for k := range r.calls[:i] {
			a, b := &r.calls[i], &r.calls[k]
			if a.moves() && a.op == b.op && a.handle == b.handle && a.task != b.task && a.overlaps(b) {
				return true
			}
		}
	}
	return false
}

// moves says that c was to move bytes on a handle.
func (c *call) moves() bool {
	return c.index >= 0 && c.handle >= 0 && (c.op == "send" || c.op == "recv")
}
