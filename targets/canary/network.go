package canary

import (
	"errors"
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// What a peer may meet.
var (
	errRefused = errors.New("connection refused")
	errTimeout = errors.New("timed out")
	errNoConn  = errors.New("no connection")
)

const (
	rtt       = 2 * time.Millisecond
	synTime   = 5 * time.Second // after which a peer's dial gives up
	sendQueue = 256             // bytes that the chip keeps for a connection
	recvQueue = 512             // bytes that the chip keeps for its driver
	window    = 1024            // bytes that a peer takes without reading
	backlog   = 2
)

// network is what is beyond the chip: the link, an echo host, and peers.
type network struct {
	w     *sim.World
	up    bool
	eager bool // peers read by themselves
	conns []*conn
	peers map[string]*peer
}

func newNetwork(w *sim.World) *network {
	n := &network{w: w, up: true, peers: map[string]*peer{}}
	for _, name := range air.Peers {
		n.peers[name] = &peer{n: n}
	}
	return n
}

// conn is a connection between the chip and a remote host: the echo host if peer is nil.
type conn struct {
	n      *network
	num    int
	peer   *peer
	in     []byte // arrived at the chip
	eof    bool   // the peer sends no more
	out    []byte // taken from the driver, not yet at the remote host
	fin    bool   // the driver sends no more
	ended  bool   // which the remote host has seen
	unread int    // bytes that the peer has not read
	sent   int64  // bytes that the peer has sent
	seen   int64  // bytes that the remote host has got
	tag    byte   // of the first of them
	bad    bool   // they broke the pattern
	dead   bool   // reset, or lost with the link
	silent bool   // the peer vanished: nothing passes any more
}

func (n *network) open(p *peer) *conn {
	c := &conn{n: n, num: len(n.conns) + 1, peer: p}
	n.conns = append(n.conns, c)
	c.emit("open")
	return c
}

func (c *conn) emit(what string) { c.n.w.Emit(trace.Conn, what, int64(c.num), 0, 0) }

// pump moves what can move from the board to the remote host.
func (c *conn) pump() {
	if c.dead || c.silent {
		return
	}
	if k := min(len(c.out), c.room()); k > 0 {
		c.arrive(c.out[:k])
		c.out = c.out[:copy(c.out, c.out[k:])]
	}
	if c.fin && len(c.out) == 0 && !c.ended {
		c.ended = true
		c.emit(oracle.ConnEnd)
	}
}

// room is how much the remote host takes now.
func (c *conn) room() int {
	switch {
	case c.fin || c.peer != nil && c.n.eager:
		return sendQueue
	case c.peer != nil:
		return window - c.unread
	}
	return recvQueue - len(c.in)
}

// arrive is bytes reaching the remote host, which checks them.
func (c *conn) arrive(p []byte) {
	if c.seen == 0 {
		c.tag = p[0]
	}
	if i := air.Check(p, c.tag, c.seen); i >= 0 && !c.bad {
		c.bad = true
		c.n.w.Emit(trace.Data, oracle.DataPeerBad, int64(c.num), mismatch(c.tag, c.seen+int64(i), p[i]), c.seen+int64(i))
	}
	c.seen += int64(len(p))
	c.n.w.Emit(trace.Data, oracle.DataPeer, int64(c.num), int64(c.tag), c.seen)
	switch {
	case c.peer != nil:
		c.unread += len(p)
	case !c.fin:
		c.in = append(c.in, p...)
	}
}

// mismatch is B of a Data event: what should be at this offset, and what is.
func mismatch(tag byte, off int64, got byte) int64 {
	var want [1]byte
	air.Fill(want[:], tag, off)
	return int64(want[0])<<8 | int64(got)
}

// cut ends a connection for both sides.
func (c *conn) cut(how string) {
	if !c.dead {
		c.dead = true
		c.emit(how)
	}
}

// flip takes the link down or up.
func (n *network) flip(up bool) {
	if n.up == up {
		return
	}
	n.up = up
	if up {
		n.w.Emit(trace.Link, "connected", 0, 0, 0)
		return
	}
	n.w.Emit(trace.Link, oracle.LinkDown, 0, 0, 0)
	n.lose()
}

// lose ends every connection.
func (n *network) lose() {
	for _, c := range n.conns {
		if !c.ended {
			c.cut(oracle.ConnLost)
		}
	}
}

// heal ends all trouble: the link is up and stays so, peers read.
func (n *network) heal() {
	n.flip(true)
	n.eager = true
	for _, c := range n.conns {
		c.pump()
	}
}

// peer is a remote host that acts by the calls of its own task, on its latest connection.
type peer struct {
	n   *network
	cur *conn
}

// dial connects to a port of the chip.
func (p *peer) dial(c *chip, port uint16) error {
	if p.cur != nil {
		_ = p.close()
	}
	p.n.w.Sleep(rtt)
	if !c.online() {
		p.n.w.Sleep(synTime)
		return errTimeout
	}
	l := c.listener(port)
	if l == nil {
		return errRefused
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(c *conn) bool { return c.dead })
	if len(l.waiting) == backlog {
		p.n.w.Sleep(synTime)
		return errTimeout
	}
	p.cur = p.n.open(p)
	l.waiting = append(l.waiting, p.cur)
	return nil
}

// live is the current connection, or the error that there is none.
func (p *peer) live() (*conn, error) {
	if p.cur == nil || p.cur.dead || p.cur.silent || p.cur.eof {
		return nil, errNoConn
	}
	return p.cur, nil
}

func (p *peer) send(n int) error {
	c, err := p.live()
	if err != nil {
		return err
	}
	buf := make([]byte, n)
	air.Fill(buf, air.RemoteTag(c.num), c.sent)
	c.sent += int64(n)
	c.in = append(c.in, buf...)
	return nil
}

func (p *peer) read(n int) error {
	c, err := p.live()
	if err != nil {
		return err
	}
	c.unread -= min(n, c.unread)
	c.pump()
	return nil
}

func (p *peer) close() error {
	c, err := p.live()
	if err != nil {
		return err
	}
	c.eof = true
	c.emit(oracle.ConnFin)
	return nil
}

func (p *peer) reset() error {
	c, err := p.live()
	if err != nil {
		return err
	}
	c.cut(oracle.ConnReset)
	return nil
}

func (p *peer) vanish() error {
	c, err := p.live()
	if err != nil {
		return err
	}
	c.silent = true
	return nil
}
