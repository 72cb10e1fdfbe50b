package oracle

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// endless reports calls that go on waiting for bytes although the other end has sent its last: the end of a stream is sticky, so whoever
// asks for more learns of it. It is silent where trouble of another kind may have hidden the end, and where it is not certain which
// connection is a handle's.
func (r *Run) endless() (vs []Violation) {
	if r.shared() || r.improper() || r.suffered() || len(stales(r)) > 0 {
		return nil
	}
	handles := r.connections()
	for i := range r.Events {
		e := &r.Events[i]
		if h, ok := handles[e.A]; ok && e.Kind == trace.Conn && e.Name == ConnFin {
			vs = append(vs, r.missedEnd(h, e.At)...)
		}
	}
	return vs
}

// connections is the handle of each connection on which bytes have passed, or which only one call can have opened.
func (r *Run) connections() map[int64]int {
	handles := r.carries()
	for i := range r.Events {
		e := &r.Events[i]
		switch {
		case e.Kind == trace.Data && e.Name == DataGot && e.B&^tagBits == TagRemote:
			handles[e.B&tagBits] = int(e.A)
		case e.Kind == trace.Conn && e.Name == ConnOpen:
			if h := r.opener(i); h >= 0 {
				handles[e.A] = h
			}
		}
	}
	return handles
}

// opener is the handle that the call returns which has opened the connection of event i; -1 if that may have been another call, one that is
// under way as well, or that has failed before and left its attempt behind; or somebody who calls in, once there is a listener: which accept
// takes such a connection, and when, does not show.
func (r *Run) opener(i int) int {
	h := -1
	for k := range r.calls {
		c := &r.calls[k]
		if c.op == "listen" && c.from <= i && (!c.returned() || c.status == trace.OK || c.status == trace.Failed) {
			return -1
		}
		if !c.makes || c.from > i || c.over(i) && c.status != trace.Failed {
			continue
		}
		if h >= 0 || !c.made() {
			return -1
		}
		h = c.index
	}
	return h
}

// missedEnd reports the calls that wait on handle h for longer than they may, when the end of its stream arrived at that time.
func (r *Run) missedEnd(h int, at time.Duration) (vs []Violation) {
	end := r.Events[len(r.Events)-1].At
	for i := range r.calls {
		c := &r.calls[i]
		if c.index < 0 || c.op != "recv" || c.handle != h || !c.mayBlock {
			continue
		}
		limit := max(at, c.start) + unblockTime
		if c.returned() && c.end <= limit || end <= limit || r.locked(c, limit) {
			continue
		}
		if x := r.ending(h); x != nil && x.start <= limit {
			continue // whether it succeeds or not: what h stands for then, no contract says
		}
		vs = append(vs, Violation{Where: c.op + " on a handle from " + r.op(int64(h)) + " outlives the peer's close", At: limit, Task: c.task})
	}
	return vs
}
