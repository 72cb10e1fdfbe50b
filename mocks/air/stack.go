package air

import (
	"math"
	"time"
)

// OnChange makes f be called after something that the board can see has changed, though no packet has brought bytes or a connection: a
// station event, an attempt that is given up, room in a send buffer. From then on the air looks at the clock by itself. It is for chips
// that are not polled; f is called as OnReceive's is.
func (a *Air) OnChange(f func()) {
	a.changed = f
	a.arm()
}

// change tells the chip.
func (a *Air) change() {
	if a.changed != nil && !a.settling {
		a.changed()
	}
}

// arm sets the alarm to what happens next by itself.
func (a *Air) arm() {
	if a.changed == nil || a.next == never || a.alarm != nil && a.alarmAt <= a.next {
		return
	}
	if a.alarm != nil {
		a.w.Cancel(a.alarm)
	}
	a.alarmAt = a.next
	a.alarm = a.w.After(a.next-a.w.Now(), 0, func(time.Time) {
		a.alarm = nil
		a.settle()
		a.arm()
	})
}

// ListenReuse is Listen with SO_REUSEADDR, on a port that connections may still use, for a chip with a backlog of its own: admit is asked
// about every SYN, and one that it turns down is not answered.
func (a *Air) ListenReuse(port uint16, admit func() bool) (*Listener, error) {
	a.settle()
	return a.listen(port, &Listener{a: a, backlog: math.MaxInt, admit: admit})
}

// Abort breaks the connection with a RST (lwIP tcp_abort); one that is still opening is given up. Closed or not, it is over.
func (c *Conn) Abort() {
	c.a.settle()
	if c.state != Open || c.board.err != nil || c.over() {
		c.Close()
		return
	}
	c.board.err = ErrClosed
	c.abort(&c.board, &c.far)
}

// Ended reports that the other end's FIN has arrived, though there may be bytes to read before it.
func (c *Conn) Ended() bool {
	c.a.settle()
	return c.board.eof
}

// Over reports that a connection that the board has closed needs no memory of its stack any more: the other end has closed it, too.
func (c *Conn) Over() bool {
	c.a.settle()
	return c.over()
}

// Retry sets how the board's stack repeats what nobody acknowledges, for chips that do it in a way of their own: after each of gaps; with
// the last one's end it gives up. It applies to what begins to wait from now on.
func (a *Air) Retry(gaps []time.Duration) {
	a.syn, a.giveUp = gaps, 0
	for _, gap := range gaps {
		a.giveUp += gap
	}
}

// SetWindow sets how many bytes may arrive and wait to be read, for chips that give each connection a buffer of its own.
func (c *Conn) SetWindow(n int) {
	c.a.settle()
	c.board.window = n
	c.pump()
}

// Unacknowledged is how many bytes that were written have not arrived at the other end.
func (c *Conn) Unacknowledged() int {
	c.a.settle()
	return c.board.snd.len() + c.board.blocked.len()
}

// Forget is the board's stack forgetting the connection without a word: what arrives for it later is answered with RST. A FIN that had
// arrived and was acknowledged does not come again.
func (c *Conn) Forget() {
	c.a.settle()
	eof := c.board.eof
	c.forget()
	c.board.eof = eof
}

// Answers reports whether the other end's stack would answer a packet now.
func (c *Conn) Answers() bool {
	c.a.settle()
	return c.state == Open && c.path()
}
