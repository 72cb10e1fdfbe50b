package oracle

import (
	"fmt"

	"github.com/linkflap/linkflap/harness/trace"
)

// The names of Data events. A stream's byte at offset i is its tag if i is even, so every second byte says whose it is.
const (
	DataSent    = "sent"     // a send op succeeded: A handle, B offset in its stream, C count
	DataGot     = "got"      // a recv op got bytes: A handle, B tag, C bytes in sequence so far
	DataGotBad  = "got.bad"  // ... that break the stream: A handle, B want<<8|got, C offset
	DataPeer    = "peer"     // a remote got bytes: A connection, B tag, C bytes in sequence so far
	DataPeerBad = "peer.bad" // ... that break the stream: A connection, B want<<8|got, C offset
)

// Tags of streams: the board's by handle, remote ones by connection.
const (
	TagBoard  = 0x40
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
		if c.index < 0 || c.handle < 0 || c.closes || !c.ok() || c.value <= 0 || c.op != "send" && c.op != "recv" {
			continue
		}
		if x := r.closeOf(c.handle); x != nil && x.to < c.from && !r.reissued(c.handle, x.from, c.from) {
			vs = append(vs, Violation{Where: c.op + " succeeds after close", At: c.start, Task: c.task})
		}
	}
	return append(vs, r.crossed()...)
}

// reissued says that the descriptor of handle h was given out again between two events: what is done with it then is the program's doing.
func (r *Run) reissued(h, after, before int) bool {
	fd := r.calls[h].value
	for i := range r.calls {
		c := &r.calls[i]
		if i != h && c.ok() && c.value == fd && c.handle < 0 && c.to > after && c.from < before {
			return true
		}
	}
	return false
}

// crossed reports bytes of one handle on a connection that carries another's.
func (r *Run) crossed() (vs []Violation) {
	owner := map[int64]int64{} // connection -> tag
	conn := map[int64]int64{}  // tag -> connection
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Data {
			continue
		}
		switch e.Name {
		case DataPeer:
			if first, ok := conn[e.B]; ok && first != e.A {
				vs = append(vs, r.cross(i, e.B))
			}
			conn[e.B], owner[e.A] = e.A, e.B
		case DataPeerBad:
			if got := e.B & 0xFF; e.C%2 == 0 && handleOf(got) >= 0 && got != owner[e.A] {
				vs = append(vs, r.cross(i, got))
			}
		}
	}
	return vs
}

func (r *Run) cross(i int, tag int64) Violation {
	e := &r.Events[i]
	where := "send reaches another connection"
	if h := handleOf(tag); h >= 0 && r.downSince(h, i) {
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

// deliveries reports streams with a gap, a repetition or foreign bytes, and counted bytes that never arrive. Only what happens on a healthy
// link counts: no fault fired, no connection was lost or reset, and no two tasks send on one handle at once.
func deliveries(r *Run) (vs []Violation) {
	if r.faulted || r.suffered() || len(r.crossed()) > 0 {
		return nil
	}
	sent, seen := map[int]int64{}, map[int]int64{}
	unsure, carries := r.unsure(), map[int64]int{}
	for i := range r.Events {
		e := &r.Events[i]
		if e.Kind != trace.Data {
			continue
		}
		switch e.Name {
		case DataGotBad:
			vs = append(vs, Violation{Where: "recv gets bytes out of sequence", At: e.At, Task: e.Task, Detail: gap(e)})
		case DataPeerBad:
			if h, ok := carries[e.A]; ok && !unsure[h] {
				vs = append(vs, Violation{Where: "send loses bytes", At: e.At, Task: e.Task, Detail: gap(e)})
			}
		case DataSent:
			sent[int(e.A)] += e.C
		case DataPeer:
			if h := handleOf(e.B); h >= 0 {
				seen[h], carries[e.A] = max(seen[h], e.C), h
			}
		}
	}
	if len(vs) == 0 && r.closed >= 0 {
		for h := range unsure {
			delete(sent, h)
		}
		vs = r.missing(sent, seen)
	}
	return vs
}

// unsure are the handles on which a send failed: how much of that arrived, no contract says.
func (r *Run) unsure() map[int]bool {
	some := map[int]bool{}
	for i := range r.calls {
		if c := &r.calls[i]; c.op == "send" && !c.ok() {
			some[c.handle] = true
		}
	}
	return some
}

// missing reports handles of which fewer bytes arrived than send counted, by the time everything else was over.
func (r *Run) missing(sent, seen map[int]int64) (vs []Violation) {
	for h := range r.calls {
		if sent[h] > seen[h] {
			c := &r.calls[h]
			vs = append(vs, Violation{Where: "send loses bytes", At: c.start, Task: c.task, Detail: fmt.Sprintf("got %d at the peer, want %d", seen[h], sent[h])})
		}
	}
	return vs
}

func gap(e *trace.Event) string {
	return fmt.Sprintf("got %#02x at offset %d, want %#02x", e.B&0xFF, e.C, e.B>>8)
}

// suffered says that the link or a connection had trouble of its own before the teardown, or that two tasks sent on one handle at once.
func (r *Run) suffered() bool {
	end := len(r.Events)
	if r.closed >= 0 {
		end = r.closed
	}
	for i := range r.Events[:end] {
		e := &r.Events[i]
		switch e.Kind {
		case trace.Conn:
			if e.Name == "rst" || e.Name == "lost" {
				return true
			}
		case trace.Link:
			if e.Name == "disconnected" {
				return true
			}
		}
	}
	return r.shared()
}

// shared says that sends on one handle overlap.
func (r *Run) shared() bool {
	for i := range r.calls {
		for k := range r.calls[:i] {
			a, b := &r.calls[i], &r.calls[k]
			if a.op == "send" && b.op == "send" && a.handle == b.handle && a.task != b.task && a.from < b.to && b.from < a.to {
				return true
			}
		}
	}
	return false
}
