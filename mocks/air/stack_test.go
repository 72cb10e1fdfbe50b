package air_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// changes makes the world note when the chip is told, and of what the radio has then to say.
func (w *world) changes() *[]air.Event {
	var seen []air.Event
	w.a.OnChange(func() {
		for e, ok := w.a.Event(); ok; e, ok = w.a.Event() {
			seen = append(seen, e)
		}
	})
	return &seen
}

// A chip that is told need not look: what time brings, and what others do, reaches it at its moment.
func TestOnChange(t *testing.T) {
	in(t, func(w *world) {
		seen := w.changes()
		w.a.Join("home", "password1")
		w.w.Sleep(time.Minute)
		w.a.Deauth("home")
		w.a.Join("home", "password1")
		w.w.Sleep(time.Minute)
		w.a.Down("home")
		w.w.Sleep(air.BeaconLoss + time.Second)
		joined := air.ScanTime + air.AuthTime
		w.Equal([]air.Event{
			{At: joined, Kind: air.Associated},
			{At: joined + air.DHCPTime, Kind: air.GotAddress},
			{At: time.Minute, Kind: air.Disconnected, Reason: air.ReasonAuthExpire},
			{At: time.Minute + joined, Kind: air.Associated},
			{At: time.Minute + joined + air.DHCPTime, Kind: air.GotAddress},
			{At: 2*time.Minute + air.BeaconLoss, Kind: air.Disconnected, Reason: air.ReasonBeacons},
		}, *seen)
	})
}

// An attempt that fails, and room in a send buffer, are changes without a packet that brings anything.
func TestOnChangeOfConnections(t *testing.T) {
	in(t, func(w *world) {
		w.joined()
		told := 0
		w.a.OnChange(func() { told++ })
		ip, _ := w.a.HostIP("gone")
		w.a.Dial(ip, 7)
		w.w.Sleep(time.Minute)
		w.NotZero(told)
		c := w.open("sink", 9)
		_, err := c.Write(pattern(air.Window + air.SndBuf))
		w.NoError(err)
		told = 0
		w.w.Sleep(time.Minute)
		w.Zero(told, "nothing happens")
		w.a.Heal()
		w.NotZero(told)
	})
}

func pattern(n int) []byte {
	p := make([]byte, n)
	air.Fill(p, 1, 0)
	return p
}

// A chip that makes room for a connection by breaking another is told of the new one, too.
func TestListenReuse(t *testing.T) {
	in(t, func(w *world) {
		w.joined()
		var last *air.Conn
		told, room := 0, true
		l, err := w.a.ListenReuse(80, func() bool {
			if last != nil && room {
				last.Abort()
			}
			return room
		})
		w.NoError(err)
		_, err = w.a.ListenReuse(80, nil)
		w.ErrorIs(err, air.ErrInUse)
		w.a.OnReceive(func() {
			if c := l.Accept(); c != nil {
				last = c
				told++
			}
		})
		p1, p2 := w.a.Peer("p1"), w.a.Peer("p2")
		w.NoError(p1.Dial(80))
		w.NoError(p2.Dial(80))
		w.Equal(2, told)
		w.ErrorIs(p1.Read(1), air.ErrReset)
		room = false
		w.ErrorIs(p1.Dial(80), air.ErrTimeout, "turned down: not answered")
		w.Equal(2, told)

		l.Close()
		_, err = w.a.Listen(80, 1)
		w.ErrorIs(err, air.ErrInUse, "a connection uses the port")
		_, err = w.a.ListenReuse(80, nil)
		w.NoError(err)
	})
}

func TestAbort(t *testing.T) {
	tr := in(t, func(w *world) {
		c, p := w.accepted()
		c.Abort()
		w.ErrorIs(p.Read(1), air.ErrReset)
		w.ErrorIs(c.Err(), air.ErrClosed)
		c.Abort()

		w.NoError(p.Listen(9))
		c = w.open("p1", 9)
		c.Close()
		w.False(c.Over(), "the peer has not closed")
		c.Abort()
		w.True(c.Over())

		ip, _ := w.a.HostIP("gone")
		c = w.a.Dial(ip, 9)
		c.Abort()
		w.Equal(air.Failed, c.State())
	})
	require.Equal(t, []string{"accept", "rst", "open", "closed", "end", "rst"}, names(tr, trace.Conn))
}

func TestEndedAndOver(t *testing.T) {
	in(t, func(w *world) {
		c, p := w.accepted()
		w.False(c.Ended())
		w.NoError(p.Send(3))
		w.NoError(p.Close())
		w.True(c.Ended(), "though there are bytes to read")
		buf := make([]byte, 3)
		n, err := c.Read(buf)
		w.NoError(err)
		w.Equal(3, n)
		_, err = c.Read(buf)
		w.ErrorIs(err, io.EOF)
		w.False(c.Over(), "the board has not closed")
		c.Close()
		w.True(c.Over())
	})
}
