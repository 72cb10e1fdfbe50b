package air

import (
	"errors"
	"io"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// What can go wrong with a connection. io.EOF is the end of what the other side sent.
var (
	ErrRefused     = errors.New("connection refused")
	ErrTimeout     = errors.New("timed out")
	ErrReset       = errors.New("connection reset by peer")
	ErrAborted     = errors.New("connection aborted: nobody acknowledges")
	ErrUnreachable = errors.New("network unreachable")
	ErrClosed      = errors.New("connection closed")
	ErrWouldBlock  = errors.New("would block")
	ErrInUse       = errors.New("address in use")
	ErrNoConn      = errors.New("no connection")
)

// State is where a connection stands, as the board's stack sees it.
type State uint8

// The states of a connection.
const (
	Opening State = iota // SYN sent
	Open
	Failed // never opened; Err says why
)

// Conn is a TCP connection between the board and a remote host. The exported methods are the board's end.
type Conn struct {
	Num        int // unique in the run
	LocalPort  uint16
	RemotePort uint16
	RemoteIP   IP

	a      *Air
	from   IP // the board's address when it was opened
	state  State
	host   *host
	board  end
	far    end
	silent bool  // the peer vanished: no packet passes any more
	retry  retry // while Opening the SYN; while Open, when the board gives up sending
	seen   stream
	sent   int64     // bytes that the remote host has sent
	q      sim.Queue // where the peer waits
}

// end is one end of a connection.
type end struct {
	snd     fifo // taken from the application, not yet at the other end
	blocked fifo // a blocking write's bytes that do not fit into snd yet
	rcv     fifo // arrived, not yet read
	window  int  // the most that rcv may hold
	fin     bool // sends no more after snd
	eof     bool // the other end's FIN has arrived
	gone    bool // closed by the application, or forgotten: arriving bytes are answered with RST
	err     error
}

// firstEphemeral is where lwIP's local ports begin (TCP_LOCAL_PORT_RANGE_START).
const firstEphemeral = 0xc000

func (a *Air) ephemeral() uint16 {
	a.port = max(a.port+1, firstEphemeral)
	return a.port
}

func (a *Air) newConn(h *host, local, remote uint16) *Conn {
	a.opened++
	c := &Conn{Num: a.opened, LocalPort: local, RemotePort: remote, a: a, from: a.station.ip, host: h}
	c.board.window, c.far.window = Window, Window
	c.retry.at = never
	a.conns = append(a.conns, c)
	return c
}

func (c *Conn) emit(what string) {
	c.a.w.Emit(trace.Conn, what, int64(c.Num), int64(c.LocalPort), int64(c.RemotePort))
}

// Dial starts to open a connection from the board to a remote host; it does not wait.
func (a *Air) Dial(ip IP, port uint16) *Conn {
	a.settle()
	c := a.newConn(a.hostAt(ip), a.ephemeral(), port)
	c.RemoteIP = ip
	if !a.station.addressed {
		c.fail(ErrUnreachable)
		return c
	}
	c.retry.gaps = a.syn
	c.step(a.w.Now())
	a.wait(c.retry.at)
	return c
}

// step is the SYN, its answer or the surrender, due at time at.
func (c *Conn) step(at time.Duration) {
	r := &c.retry
	if c.state == Open {
		c.board.err, r.at = ErrAborted, never
		c.emit("lost")
		return
	}
	if r.ok && c.path() {
		r.at = never
		c.answered(at)
		return
	}
	r.ok = false
	switch {
	case c.path() && c.host.hears(c.RemotePort):
		c.sends(at, trace.SYN, nil)
		r.answered(at)
	case !r.sent(at):
		c.fail(ErrTimeout)
	default:
		c.sends(at, trace.SYN, nil)
	}
}

// answered is the remote host's answer to the SYN arriving.
func (c *Conn) answered(at time.Duration) {
	c.a.rx++
	if !c.host.accepts(c.RemotePort) {
		c.gets(at, trace.RST|trace.ACK, nil)
		c.fail(ErrRefused)
		return
	}
	c.state = Open
	c.gets(at, trace.SYN|trace.ACK, nil)
	c.sends(at, trace.ACK, nil)
	c.emit("open")
	c.host.opened(c)
	c.pump()
}

func (c *Conn) fail(err error) {
	c.state, c.board.err, c.retry.at = Failed, err, never
}

// State is where the connection stands now.
func (c *Conn) State() State {
	c.a.settle()
	return c.state
}

// Err is why the connection failed or broke, nil if it did neither.
func (c *Conn) Err() error {
	c.a.settle()
	return c.board.err
}

// Write takes as many bytes of p as the send buffer has room for. It returns ErrWouldBlock if there is none.
func (c *Conn) Write(p []byte) (int, error) {
	c.a.settle()
	if err := c.writable(); err != nil {
		return 0, err
	}
	n := min(len(p), SndBuf-c.board.snd.len())
	if n <= 0 && len(p) > 0 {
		return 0, ErrWouldBlock
	}
	c.board.snd.write(p[:n])
	c.pump()
	return n, nil
}

// WriteAll takes all of p; the caller is blocked until Unwritten says 0 or Err an error.
func (c *Conn) WriteAll(p []byte) error {
	c.a.settle()
	if err := c.writable(); err != nil {
		return err
	}
	c.board.blocked.write(p)
	c.board.refill()
	c.pump()
	return nil
}

// Unwritten is how many bytes of WriteAll have no room in the send buffer yet.
func (c *Conn) Unwritten() int {
	c.a.settle()
	return c.board.blocked.len()
}

func (c *Conn) writable() error {
	switch {
	case c.board.err != nil:
		return c.board.err
	case c.state != Open:
		return ErrNoConn
	case c.board.fin:
		return ErrClosed
	}
	return nil
}

// Avail is how many bytes have arrived and are not read.
func (c *Conn) Avail() int {
	c.a.settle()
	return c.board.rcv.len()
}

// Read moves what has arrived into p. It never waits: ErrWouldBlock says that nothing has arrived, io.EOF that nothing will. A connection
// that was reset fails at once, even if bytes had arrived before (lwIP netconn_recv_data: fatal errors come first).
func (c *Conn) Read(p []byte) (int, error) {
	if err := c.readable(); err != nil {
		return 0, err
	}
	n := c.board.rcv.read(p)
	c.pump()
	return n, nil
}

// Peek is Read of one byte that stays where it is.
func (c *Conn) Peek() (byte, error) {
	if err := c.readable(); err != nil {
		return 0, err
	}
	return c.board.rcv.front(1)[0], nil
}

func (c *Conn) readable() error {
	c.a.settle()
	switch {
	case c.board.err != nil:
		return c.board.err
	case c.state != Open:
		return ErrNoConn
	case c.board.rcv.len() > 0:
		return nil
	case c.board.eof:
		return io.EOF
	}
	return ErrWouldBlock
}

// Close ends the board's use of the connection: FIN after what is still to be sent, or RST if bytes that arrived were never read (lwIP
// tcp_close). A connection that is still opening is given up.
func (c *Conn) Close() {
	c.a.settle()
	switch {
	case c.state != Open:
		c.board.gone = true
		c.fail(ErrClosed)
	case c.board.gone:
	case c.board.rcv.len() > 0 && c.board.err == nil:
		c.abort(&c.board, &c.far)
	default:
		c.board.gone, c.board.fin = true, c.board.err == nil
		c.board.blocked.clear()
		c.emit("closed")
		c.pump()
	}
}

// forget is the board's stack losing its memory: it sends nothing more, and answers what arrives with RST.
func (c *Conn) forget() {
	if c.state == Open && !c.board.gone {
		c.emit("lost")
	}
	c.board = end{gone: true, rcv: c.board.rcv}
	c.board.rcv.clear()
	c.retry.at = never
	if c.state != Open {
		c.fail(ErrClosed)
	}
}
