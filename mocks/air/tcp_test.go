package air_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// dial opens a connection to a host and waits until that is decided.
func (w *world) dial(name string, port uint16) *air.Conn {
	ip, _ := w.a.HostIP(name)
	c := w.a.Dial(ip, port)
	for c.State() == air.Opening {
		w.w.Sleep(time.Millisecond)
	}
	return c
}

// open is dial that must work.
func (w *world) open(name string, port uint16) *air.Conn {
	c := w.dial(name, port)
	w.Equal(air.Open, c.State())
	return c
}

// accepted is a connection from peer p1 that the board has accepted.
func (w *world) accepted() (*air.Conn, *air.Peer) {
	w.joined()
	l, err := w.a.Listen(80, 1)
	w.NoError(err)
	p := w.a.Peer("p1")
	w.NoError(p.Dial(80))
	c := l.Accept()
	w.NotNil(c)
	return c, p
}

func TestDial(t *testing.T) {
	for _, c := range []struct {
		host  string
		port  uint16
		want  error
		takes time.Duration
	}{
		{"echo", 7, nil, air.RTT},
		{"echo", 8, air.ErrRefused, air.RTT},
		{"sink", 1234, nil, air.RTT},
		{"closed", 7, air.ErrRefused, air.RTT},
		{"gone", 7, air.ErrTimeout, 18500 * time.Millisecond},
		{"p1", 7, air.ErrRefused, air.RTT},
	} {
		in(t, func(w *world) {
			w.joined()
			start := w.w.Now()
			conn := w.dial(c.host, c.port)
			w.Equal(c.want, conn.Err(), "%s:%d", c.host, c.port)
			w.Equal(c.takes, w.w.Now()-start, "%s:%d", c.host, c.port)
		})
	}
	in(t, func(w *world) { w.Equal(air.ErrUnreachable, w.dial("echo", 7).Err(), "without a link") })
}

func TestDialIsTriedAgain(t *testing.T) {
	in(t, func(w *world) {
		w.joined()
		w.a.Uplink(false)
		ip, _ := w.a.HostIP("echo")
		c := w.a.Dial(ip, 7)
		w.w.Sleep(4 * time.Second)
		w.a.Uplink(true)
		w.w.Sleep(2 * time.Second)
		w.Equal(air.Opening, c.State(), "the SYN comes every 3 s")
		w.w.Sleep(air.RTT)
		w.Equal(air.Open, c.State())
	})
}

func TestEcho(t *testing.T) {
	tr := in(t, func(w *world) {
		c := w.joined().open("echo", 7)
		out, got := make([]byte, 3000), make([]byte, 4000)
		air.Fill(out, 0x42, 0)
		n, err := c.Write(out)
		w.NoError(err)
		w.Equal(3000, n)
		w.Equal(3000, c.Avail())
		b, err := c.Peek()
		w.NoError(err)
		w.Equal(byte(0x42), b)
		n, err = c.Read(got)
		w.NoError(err)
		w.Equal(out, got[:n])
		_, err = c.Read(got)
		w.ErrorIs(err, air.ErrWouldBlock)
		c.Close()
	})
	require.Equal(t, []string{"open", "closed", "end", "fin"}, names(tr, trace.Conn))
	require.Equal(t, []string{"peer"}, names(tr, trace.Data))
}

// What the remote hosts receive is checked against its sender's pattern, and the first mismatch reported once.
func TestBadBytes(t *testing.T) {
	tr := in(t, func(w *world) {
		c := w.joined().open("sink", 9)
		out := make([]byte, 10)
		air.Fill(out, 0x42, 0)
		out[4] = 0x43
		_, _ = c.Write(out)
		_, _ = c.Write(out)
	})
	for _, e := range tr.Events {
		if e.Name == "peer.bad" {
			require.Equal(t, []int64{1, 0x4243, 4}, []int64{e.A, e.B, e.C})
		}
	}
	require.Equal(t, []string{"peer.bad", "peer", "peer"}, names(tr, trace.Data))
}

func TestWindow(t *testing.T) {
	in(t, func(w *world) {
		c := w.joined().open("sink", 9)
		n, err := c.Write(make([]byte, 20_000))
		w.NoError(err)
		w.Equal(air.SndBuf, n)
		n, _ = c.Write(make([]byte, 20_000))
		w.Equal(air.Window, n, "the first have moved to the other side")
		_, err = c.Write([]byte{1})
		w.ErrorIs(err, air.ErrWouldBlock)
		w.w.Sleep(time.Hour / 2)
		w.NoError(c.Err(), "a closed window is not a dead peer")
		w.a.Heal()
		n, err = c.Write([]byte{1})
		w.NoError(err)
		w.Equal(1, n)
	})
}

func TestBlockingWrite(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.NoError(c.WriteAll(make([]byte, air.SndBuf+air.Window+500)))
		w.Equal(500, c.Unwritten())
		w.NoError(p.Read(499))
		w.Equal(1, c.Unwritten())
		w.NoError(p.Read(1))
		w.Zero(c.Unwritten())
	})
}

func TestPeerSends(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.ErrorIs(p.Send(20_000), air.ErrTimeout, "window and buffer are full")
		got := make([]byte, 20_000)
		n, err := c.Read(got)
		w.NoError(err)
		w.Equal(air.Window, n)
		w.Equal(-1, air.Check(got[:n], air.RemoteTag(p.Conn()), 0))
		n, _ = c.Read(got)
		w.Equal(-1, air.Check(got[:n], air.RemoteTag(p.Conn()), air.Window))
	})
}

func TestFIN(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.NoError(p.Send(3))
		w.NoError(p.Close())
		w.ErrorIs(p.Close(), air.ErrNoConn)
		w.Equal(3, c.Avail())
		_, err := c.Read(make([]byte, 10))
		w.NoError(err)
		_, err = c.Read(make([]byte, 10))
		w.ErrorIs(err, io.EOF)
		_, err = c.Write([]byte{1})
		w.NoError(err)
		w.ErrorIs(c.Err(), air.ErrReset, "nobody reads there any more")
	})
	in(t, func(w *world) {
		c, p := w.accepted()
		_, _ = c.Write([]byte{1, 2})
		c.Close()
		w.NoError(p.Read(2))
		w.ErrorIs(p.Read(1), io.EOF)
		w.ErrorIs(p.Send(1), air.ErrReset)
	})
}

func TestCloseWithUnreadBytes(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.NoError(p.Send(3))
		c.Close()
		w.ErrorIs(p.Read(1), air.ErrReset)
	})
	in(t, func(w *world) {
		c, p := w.accepted()
		_, _ = c.Write([]byte{1})
		w.NoError(p.Close())
		w.ErrorIs(c.Err(), air.ErrReset)
	})
}

func TestReset(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.NoError(p.Send(3))
		w.NoError(p.Reset())
		w.ErrorIs(p.Reset(), air.ErrNoConn)
		w.Equal(3, c.Avail())
		_, err := c.Read(make([]byte, 10))
		w.ErrorIs(err, air.ErrReset)
		_, err = c.Write([]byte{1})
		w.ErrorIs(err, air.ErrReset)
		w.ErrorIs(c.WriteAll([]byte{1}), air.ErrReset)
	})
}

func TestVanish(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.NoError(p.Vanish())
		_, err := c.Write([]byte{1})
		w.NoError(err)
		w.w.Sleep(air.GiveUp - time.Millisecond)
		w.NoError(c.Err())
		w.w.Sleep(time.Millisecond)
		w.ErrorIs(c.Err(), air.ErrAborted)
		w.ErrorIs(p.Dial(80), air.ErrTimeout)
		w.Equal(air.ErrTimeout, w.dial("p1", 80).Err())
		w.a.Heal()
		w.NoError(p.Dial(80))
	})
}

func TestUplinkHoldsBytes(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.a.Uplink(false)
		w.NoError(p.Send(3))
		_, err := c.Write([]byte{1, 2})
		w.NoError(err)
		w.w.Sleep(time.Minute)
		w.Zero(c.Avail())
		w.ErrorIs(p.Read(1), air.ErrTimeout)
		w.a.Uplink(true)
		w.Equal(3, c.Avail())
		w.NoError(p.Read(2))
		w.NoError(c.Err())
	})
}

// A peer that waits is woken by what it waits for.
func TestPeerWaits(t *testing.T) {
	in(t, func(w *world) {
		c := w.joined().open("p1", 7)
		w.w.Sleep(3 * time.Second)
		_, _ = c.Write([]byte{1})
		w.w.Sleep(3 * time.Second)
		c.Close()
	}, func(w *world) {
		p := w.a.Peer("p1")
		w.ErrorIs(p.Read(1), air.ErrNoConn)
		w.NoError(p.Listen(7))
		w.NoError(p.Read(1))
		w.Equal(5*time.Second+air.RTT+3*time.Second, w.w.Now())
		w.ErrorIs(p.Read(1), io.EOF)
		w.Equal(5*time.Second+air.RTT+6*time.Second, w.w.Now())
	})
}

func TestBacklog(t *testing.T) {
	in(t, func(w *world) {
		w.joined()
		p1, p2, p3 := w.a.Peer("p1"), w.a.Peer("p2"), w.a.Peer("p3")
		w.ErrorIs(p1.Dial(80), air.ErrRefused, "nobody listens")
		l, err := w.a.Listen(80, 1)
		w.NoError(err)
		_, err = w.a.Listen(80, 1)
		w.ErrorIs(err, air.ErrInUse)
		w.NoError(p1.Dial(80))
		start := w.w.Now()
		w.ErrorIs(p2.Dial(80), air.ErrTimeout, "the backlog is full")
		w.Equal(air.PeerLimit, w.w.Now()-start)
		w.NotNil(l.Accept())
		w.Nil(l.Accept())
		w.NoError(p2.Dial(80))
		l.Close()
		w.ErrorIs(p2.Read(1), air.ErrReset, "it was never accepted")
		w.ErrorIs(p3.Dial(80), air.ErrRefused)
		_, err = w.a.Listen(80, 1)
		w.ErrorIs(err, air.ErrInUse, "a connection has the port")
	})
}

// A connection does not survive the board's address: what is sent to the old one vanishes.
func TestAddressMoves(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.joined()
		w.NoError(p.Send(1))
		w.Equal(1, c.Avail(), "the same address again")
		w.a.DHCP("home", air.DHCPMove)
		w.joined()
		w.NoError(p.Send(1))
		w.Equal(1, c.Avail())
	})
}

// A board that lost its memory answers what it does not know with RST, once packets reach it again.
func TestPowerOff(t *testing.T) {
	tr := in(t, func(w *world) {
		_, p := w.accepted()
		w.a.PowerOff()
		w.ErrorIs(p.Read(1), air.ErrTimeout, "nobody told it")
		w.NoError(p.Send(1))
		w.joined()
		w.ErrorIs(p.Send(1), air.ErrReset)
		w.ErrorIs(p.Dial(80), air.ErrRefused)
	})
	require.Equal(t, []string{"accept", "lost", "rst"}, names(tr, trace.Conn))
}

func TestNumbersAreUnique(t *testing.T) {
	in(t, func(w *world) {
		w.joined()
		a, b := w.open("echo", 7), w.open("echo", 7)
		w.Equal(1, a.Num)
		w.Equal(2, b.Num)
		w.NotEqual(a.LocalPort, b.LocalPort)
	})
}
