package apps

import (
	"errors"
	"io"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
)

// Counters are the failureCounts of report B's stress test. It counts a request by what requests.get returns or raises, and what happens to the
// serial port by what package serial raises; the names in brackets are the exceptions.
type Counters struct {
	Success               int // an answer
	RequestOtherException int // connected, but no answer in time (ReadTimeout); or reset in the middle of one (ChunkedEncodingError)
	RequestTimeouts       int // not connected in time (ConnectTimeout)
	RequestConnErr        int // refused, reset or closed before an answer, or the rest of one does not come in time (ConnectionError)
	SerialTimeouts        int // always 0: package serial raises SerialTimeoutException when it writes, and the test only reads
	SerialExceptions      int // the port is gone: once for the read, and once for each attempt to open it again (SerialException)
	ReopenedSerialPorts   int // it is back
	Non200StatusCodes     int // always 0: the servers know no other
}

// statusLine is the length of the first line of an answer, the same of both servers.
const statusLine = len("HTTP/1.1 200 OK\r\n")

// Stress is the stress test of report B. Counted is what requests.get sees: an answer is one as soon as its first line has come, and nobody
// compares its length.
type Stress struct {
	Timeout time.Duration // of the connection, and of every wait for bytes after; at most air.PeerLimit
	Pause   time.Duration // between two requests
}

// HTTP is the stress test as posted.
var HTTP = Stress{Timeout: 10 * time.Second, Pause: time.Second}

// Rest is the pause.
func (s Stress) Rest() time.Duration { return s.Pause }

// Session is one request.
func (s Stress) Session(w *sim.World, p *air.Peer, at *Program, t *Tally) {
	switch err := s.within(w, func() error { return p.Dial(at.Port) }); {
	case err != nil:
		t.failed(err, &t.RequestTimeouts)
	case !t.over():
		s.get(w, p, at, t)
	}
	if !t.over() {
		_ = p.Close()
	}
}

// get sends the request and reads the answer.
func (s Stress) get(w *sim.World, p *air.Peer, at *Program, t *Tally) {
	err := p.Send(at.Ask)
	if err == nil {
		err = s.within(w, func() error { return p.Read(statusLine) })
	}
	if err != nil {
		t.failed(err, &t.RequestOtherException)
		return
	}
	rest := at.Answer - statusLine
	if at.Closes {
		rest++ // which does not come, but the end does
	}
	switch err := s.within(w, func() error { return p.Read(rest) }); {
	case err == nil, errors.Is(err, io.EOF):
		t.served()
	case errors.Is(err, air.ErrTimeout):
		t.RequestConnErr++
	default:
		t.RequestOtherException++
	}
}

// within calls f and says ErrTimeout if that took longer than the timeout. A peer is more patient than the stress test, which so learns it late.
func (s Stress) within(w *sim.World, f func() error) error {
	start := w.Now()
	err := f()
	if err == nil && w.Now()-start > s.Timeout {
		return air.ErrTimeout
	}
	return err
}

// Monitor is the stress test's second thread: it reads the board's serial port, and opens it again when it is gone.
type Monitor struct {
	Retry time.Duration // between two attempts; the posted code makes none wait
}

// Watch reads for ever.
func (m Monitor) Watch(p *Photon, t *Tally) {
	p.await(func() bool { return p.serial })
	for {
		p.await(func() bool { return !p.serial })
		for ; !p.serial; p.w.Sleep(m.Retry) {
			t.SerialExceptions++
		}
		t.ReopenedSerialPorts++
	}
}
