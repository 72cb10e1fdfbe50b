package air

import (
	"io"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// Peer is a remote host that acts by the calls of its own task. It has one current connection: the one that it dialled or took last.
// Every operation waits in virtual time, at most PeerLimit, and then returns ErrTimeout. What it sends carries RemoteTag of the
// connection's number; what it receives is checked as it arrives (Data events).
type Peer struct {
	Name     string
	a        *Air
	ip       IP
	port     uint16 // on which it listens; 0: it does not
	cur      *Conn
	vanished bool
	q        sim.Queue // waits for a connection
}

// listens reports whether the peer takes connections on port.
func (p *Peer) listens(port uint16) bool { return p.port != 0 && p.port == port }

// busy reports that the current connection still lives, so that a new one has to wait.
func (p *Peer) busy() bool { return p.cur != nil && p.cur.far.err == nil && !p.cur.far.eof }

func (p *Peer) take(c *Conn) {
	p.cur = c
	p.q.WakeAll(p.a.w)
}

// Conn is the number of the current connection, 0 if there is none.
func (p *Peer) Conn() int {
	if p.cur == nil {
		return 0
	}
	return p.cur.Num
}

// Dial connects to a port of the board, at the address that the board has. The current connection, if any, is closed first. It returns
// ErrRefused if the board answers that nobody listens, ErrTimeout if it does not answer: no link, or its backlog is full.
func (p *Peer) Dial(port uint16) error {
	if p.cur != nil {
		_ = p.Close()
	}
	h := p.a.hostAt(p.ip)
	start := p.a.w.Now()
	for _, gap := range peerSynTimes {
		p.a.w.Sleep(gap + RTT/2)
		if p.vanished {
			continue
		}
		c, err := p.a.knock(h, port)
		if err != ErrTimeout {
			p.cur = c
			p.a.w.Sleep(RTT / 2)
			return err
		}
	}
	p.a.w.Sleep(start + PeerLimit - p.a.w.Now())
	return ErrTimeout
}

// Listen takes connections on port from now on, one at a time; while the current one lives, further ones wait. It returns at once; Send and
// Read wait for the connection. Port 0 ends it.
func (p *Peer) Listen(port uint16) error {
	p.a.settle()
	p.port = port
	return nil
}

// Send sends the next n bytes and returns when the last is on its way.
func (p *Peer) Send(n int) error {
	deadline := p.a.w.Now() + PeerLimit
	var buf [256]byte
	for n > 0 {
		c, err := p.await(deadline, func(c *Conn) bool { return c.far.snd.len() < SndBuf })
		if err != nil {
			return err
		}
		if c.far.fin {
			return ErrClosed
		}
		k := min(n, len(buf), SndBuf-c.far.snd.len())
		Fill(buf[:k], RemoteTag(c.Num), c.sent)
		c.far.snd.write(buf[:k])
		c.sent += int64(k)
		n -= k
		c.pump()
		if c.far.err != nil {
			return c.far.err
		}
	}
	return nil
}

// Read reads n bytes. It returns io.EOF if the board closed before.
func (p *Peer) Read(n int) error {
	deadline := p.a.w.Now() + PeerLimit
	for n > 0 {
		c, err := p.await(deadline, func(c *Conn) bool { return c.far.rcv.len() > 0 || c.far.eof })
		if err != nil {
			return err
		}
		k := min(n, c.far.rcv.len())
		if k == 0 {
			return io.EOF
		}
		c.far.rcv.skip(k)
		n -= k
		c.pump()
	}
	return nil
}

// await waits until there is a current connection and ready says yes.
func (p *Peer) await(deadline time.Duration, ready func(*Conn) bool) (*Conn, error) {
	for inTime := true; ; {
		p.a.settle()
		c, q := p.cur, &p.q
		if c != nil {
			q = &c.q
		}
		switch {
		case c == nil && p.port == 0:
			return nil, ErrNoConn
		case c != nil && ready(c):
			return c, nil
		case c != nil && c.far.err != nil:
			return nil, c.far.err
		case !inTime:
			return nil, ErrTimeout
		}
		inTime = q.WaitFor(p.a.w, "the board", deadline-p.a.w.Now())
	}
}

// Close closes the current connection: FIN, or RST if bytes were not read.
func (p *Peer) Close() error {
	p.a.settle()
	c := p.cur
	if c == nil {
		return ErrNoConn
	}
	p.cur = nil
	switch {
	case c.far.err != nil:
		c.far.gone = true
	case c.far.rcv.len() > 0:
		c.abort(&c.far, &c.board)
	default:
		c.far.gone, c.far.fin = true, true
		c.pump()
	}
	return nil
}

// Reset breaks the current connection with a RST.
func (p *Peer) Reset() error {
	p.a.settle()
	c := p.cur
	if c == nil {
		return ErrNoConn
	}
	p.cur = nil
	if c.far.err != nil {
		c.far.gone = true
		return nil
	}
	c.abort(&c.far, &c.board)
	return nil
}

// Vanish makes the peer answer nothing any more: its connection hangs for ever, and new ones are not answered until Heal.
func (p *Peer) Vanish() error {
	p.a.settle()
	p.vanished = true
	if p.cur != nil {
		p.cur.silent = true
		p.cur = nil
	}
	return nil
}
