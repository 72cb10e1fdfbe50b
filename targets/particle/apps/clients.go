package apps

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
)

// Tally is what a client notes.
type Tally struct {
	Counters
	Served func()      // called after each request that was answered; nil: nothing is
	Over   func() bool // says that the client is to let go of his peer as it is, somebody else needs it; nil: he need not
}

func (t *Tally) over() bool { return t.Over != nil && t.Over() }

// served notes a request that was answered.
func (t *Tally) served() {
	t.Success++
	if t.Served != nil {
		t.Served()
	}
}

// failed notes one that was not: in late if it took too long, else as an error of the connection.
func (t *Tally) failed(err error, late *int) {
	if errors.Is(err, air.ErrTimeout) {
		*late++
	} else {
		t.RequestConnErr++
	}
}

// Client is somebody who uses what a program serves. The peer and its task are his alone.
type Client interface {
	// Session is one use of the program: it dials, and hangs up in the end.
	Session(w *sim.World, p *air.Peer, at *Program, t *Tally)
	// Rest is the time until the next.
	Rest() time.Duration
}

// Use lets a client use a program for ever.
func Use(w *sim.World, c Client, p *air.Peer, at *Program, t *Tally) {
	for {
		c.Session(w, p, at, t)
		w.Sleep(c.Rest())
	}
}

// Talk is a client that stays connected for several requests. Of report A there are two: the app on the telephone brings the board down, and
// telnet does not.
type Talk struct {
	Every time.Duration // after an answer
	Times int           // requests in a session
	Abort bool          // it hangs up with a RST, not with a FIN
	Pause time.Duration // between two sessions
}

// The two, in durations that are chosen: the post calls the app's requests "too fast", as a question.
var (
	// Phone asks fast, for a minute, until its user puts it away.
	Phone = Talk{Every: 100 * time.Millisecond, Times: 500, Abort: true, Pause: 5 * time.Second}
	// Telnet is a person who types a line now and then, and quits.
	Telnet = Talk{Every: 7 * time.Second, Times: 3, Pause: 5 * time.Second}
)

// Rest is the pause.
func (c Talk) Rest() time.Duration { return c.Pause }

// Session is from dialling to hanging up.
func (c Talk) Session(w *sim.World, p *air.Peer, at *Program, t *Tally) {
	if err := p.Dial(at.Port); err != nil {
		t.failed(err, &t.RequestTimeouts)
		return
	}
	for i := 0; i < c.Times && !t.over(); i++ {
		if err := ask(p, at); err != nil {
			t.failed(err, &t.RequestOtherException)
			break
		}
		t.served()
		w.Sleep(c.Every)
	}
	switch {
	case t.over():
	case c.Abort:
		_ = p.Reset()
	default:
		_ = p.Close()
	}
}

// ask is one request and its answer.
func ask(p *air.Peer, at *Program) error {
	if err := p.Send(at.Ask); err != nil {
		return err
	}
	return p.Read(at.Answer)
}
