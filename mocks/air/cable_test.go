package air_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// board is the address that the tests give the board.
var board = air.IP{10, 0, 0, 2}

// plugged is a board on a cable, with an address.
func (w *world) plugged() *world {
	w.a.Plug("home", 0)
	w.a.SetAddress(board)
	w.events()
	return w
}

// linked reports whether the link is up.
func (w *world) linked() bool {
	_, ok := w.a.AP()
	return ok
}

func TestPlug(t *testing.T) {
	in(t, func(w *world) {
		w.a.Plug("home", air.LinkTime)
		w.False(w.linked(), "the two ends negotiate")
		w.w.Sleep(air.LinkTime)
		w.True(w.linked(), "no passphrase is asked for")
		_, ok := w.a.Address()
		w.False(ok, "nobody leases addresses on a cable")
		w.a.SetAddress(board)
		w.True(w.a.Reaches(air.Gateway))
		w.a.SetAddress(air.IP{})
		w.False(w.a.Reaches(air.Gateway), "without an address")

		w.plugged()
		w.True(w.linked(), "a link that is up may stay so")
		w.a.Plug("nowhere", 0)
		w.w.Sleep(time.Minute)
		w.False(w.linked(), "there is no such switch")
	})
}

// A cable that is pulled is noticed at once, and comes back by itself.
func TestCablePulled(t *testing.T) {
	tr := in(t, func(w *world) {
		w.plugged()
		c := w.open("echo", air.EchoPort)
		w.a.Down("cafe")
		w.True(w.linked())
		w.a.Down("home")
		w.False(w.linked())
		n, err := c.Write([]byte{1, 2})
		w.NoError(err)
		w.Equal(2, n)
		w.w.Sleep(time.Minute)
		w.False(w.linked())

		w.a.Up("home")
		w.w.Sleep(air.LinkTime - 1)
		w.False(w.linked(), "they negotiate")
		w.w.Sleep(1)
		w.True(w.linked())
		w.Equal(2, c.Avail(), "what was held has passed")

		w.a.Deauth("home")
		w.False(w.linked())
		w.w.Sleep(air.LinkTime)
		w.True(w.linked(), "a link that drops comes back")

		w.a.Deauth("home")
		w.a.Down("home")
		w.w.Sleep(time.Minute)
		w.False(w.linked(), "nobody negotiates with a switch that is down")
	})
	require.Equal(t, []string{
		"associated", "disconnected", "associated", "disconnected", "associated", "disconnected", "disconnected",
	}, names(tr, trace.Link))
}

// The patience of a chip's stack is the chip's.
func TestRetry(t *testing.T) {
	in(t, func(w *world) {
		w.plugged()
		w.a.Retry([]time.Duration{time.Second, 2 * time.Second})
		start := w.w.Now()
		w.ErrorIs(w.dial("gone", 80).Err(), air.ErrTimeout)
		w.Equal(3*time.Second, w.w.Now()-start)

		c := w.open("echo", air.EchoPort)
		w.a.Uplink(false)
		_, err := c.Write([]byte{1, 2})
		w.NoError(err)
		w.w.Sleep(3*time.Second - 1)
		w.NoError(c.Err())
		w.w.Sleep(1)
		w.ErrorIs(c.Err(), air.ErrAborted)
	})
}

func TestSetWindow(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		c.SetWindow(5)
		w.NoError(p.Send(8))
		w.Equal(5, c.Avail())
		c.SetWindow(6)
		w.Equal(6, c.Avail(), "the window opens")
		buf := make([]byte, 8)
		n, _ := c.Read(buf)
		w.Equal(6, n)
		w.Equal(2, c.Avail())
	})
}

func TestUnacknowledged(t *testing.T) {
	in(t, func(w *world) {
		c := w.joined().open("echo", air.EchoPort)
		w.NoError(c.WriteAll(make([]byte, 8)))
		w.Zero(c.Unacknowledged())
		w.a.Uplink(false)
		w.NoError(c.WriteAll(make([]byte, 2*air.SndBuf)))
		w.Equal(2*air.SndBuf, c.Unacknowledged())
	})
}

func TestForget(t *testing.T) {
	tr := in(t, func(w *world) {
		c, p := w.accepted()
		c.Forget()
		w.w.Sleep(time.Minute)
		w.ErrorIs(p.Send(2), air.ErrReset, "the peer is told only when it sends")
	})
	require.Equal(t, []string{"accept", "lost", "rst"}, names(tr, trace.Conn))

	tr = in(t, func(w *world) {
		c, p := w.accepted()
		w.NoError(p.Close())
		c.Forget()
		w.w.Sleep(time.Minute)
		w.a.Heal()
	})
	require.Equal(t, []string{"accept", "fin", "lost"}, names(tr, trace.Conn), "the FIN does not come twice")
}
