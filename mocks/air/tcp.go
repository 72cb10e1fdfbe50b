package air

import "github.com/linkflap/linkflap/harness/trace"

// path reports whether packets of this connection pass now: those sent to an address that the board no longer has do not.
func (c *Conn) path() bool {
	return c.a.path() && !c.silent && c.from == c.a.station.ip
}

// over reports that nobody will ask for this connection again.
func (c *Conn) over() bool {
	return c.board.gone && (c.state != Open || c.far.gone || c.far.err != nil)
}

// pump moves whatever can move, in both directions, and lets the remote host react.
func (c *Conn) pump() {
	if c.state != Open {
		return
	}
	moved := false
	for c.move(&c.board, &c.far) || c.move(&c.far, &c.board) || c.host.react(c) {
		c.q.WakeAll(c.a.w)
		moved = true
	}
	c.a.tell()
	if moved {
		c.a.change()
	}
}

// move carries what src has to send to dst and reports whether anything changed.
func (c *Conn) move(src, dst *end) bool {
	if src.err != nil || src.snd.len() == 0 && (!src.fin || dst.eof) {
		c.acknowledged(src)
		return false
	}
	if !c.path() {
		c.stalled(src)
		return false
	}
	c.acknowledged(src)
	if src.snd.len() == 0 {
		return c.finish(dst)
	}
	if dst.gone || dst.err != nil {
		c.passes(dst, trace.PSH|trace.ACK, src.snd.front(min(src.snd.len(), MSS)))
		c.resetBy(src)
		return true
	}
	n := min(src.snd.len(), dst.window-dst.rcv.len())
	if n <= 0 {
		return false
	}
	c.passes(dst, trace.PSH|trace.ACK, src.snd.front(n))
	c.arrive(dst, src.snd.front(n))
	src.snd.skip(n)
	src.refill()
	return true
}

// refill gives a blocking write the room that the send buffer now has.
func (e *end) refill() {
	if n := min(e.blocked.len(), SndBuf-e.snd.len()); n > 0 {
		shift(&e.snd, &e.blocked, n)
	}
}

// stalled starts the time after which the board stops sending; remote hosts are more patient than any run.
func (c *Conn) stalled(src *end) {
	if src == &c.board && c.retry.at == never {
		c.retry.at = c.a.w.Now() + c.a.giveUp
		c.a.wait(c.retry.at)
	}
}

func (c *Conn) acknowledged(src *end) {
	if src == &c.board {
		c.retry.at = never
	}
}

func (c *Conn) arrive(dst *end, p []byte) {
	dst.rcv.write(p)
	if dst == &c.board {
		c.a.rx++
		return
	}
	c.seen.add(c, p)
}

// finish is the FIN arriving at dst.
func (c *Conn) finish(dst *end) bool {
	dst.eof = true
	c.passes(dst, trace.FIN|trace.ACK, nil)
	if dst == &c.board {
		c.a.rx++
		c.emit("fin")
	} else {
		c.emit("end")
	}
	return true
}

// resetBy is a RST arriving at e: the other end does not know the connection.
func (c *Conn) resetBy(e *end) {
	e.err = ErrReset
	c.passes(e, trace.RST|trace.ACK, nil)
	e.snd.clear()
	e.blocked.clear()
	if e == &c.board {
		c.a.rx++
	}
	c.emit("rst")
}

// abort closes e with a RST, which reaches the other end only if the path is up.
func (c *Conn) abort(e, other *end) {
	e.gone = true
	e.snd.clear()
	e.blocked.clear()
	if c.path() {
		c.resetBy(other)
	} else {
		c.emit("rst")
	}
	c.q.WakeAll(c.a.w)
	c.a.tell()
}

// stream follows what a remote host receives on one connection.
type stream struct {
	n   int64 // bytes received
	tag byte  // of the first byte: whose they should all be
	bad bool  // a mismatch was reported
}

// add checks the bytes that follow and reports them: whose they are, and the first that is not its sender's next.
func (s *stream) add(c *Conn, p []byte) {
	if s.n == 0 {
		s.tag = p[0]
	}
	if i := Check(p, s.tag, s.n); i >= 0 && !s.bad {
		s.bad = true
		off := s.n + int64(i)
		want := patternAt(s.tag, off)
		c.a.w.Emit(trace.Data, "peer.bad", int64(c.Num), int64(want)<<8|int64(p[i]), off)
	}
	s.n += int64(len(p))
	c.a.w.Emit(trace.Data, "peer", int64(c.Num), int64(s.tag), s.n)
}
