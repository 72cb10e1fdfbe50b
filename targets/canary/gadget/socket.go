package gadget

import (
	"io"
	"time"

	"github.com/linkflap/linkflap/harness/sim/shim"
)

// ErrEnd is the end of what the other side sent.
var ErrEnd = io.EOF

// firstFDs is how many descriptors there are at first. They are given out in turn, and more are made when all are open.
const firstFDs = 4

// socket is what a descriptor stands for. A descriptor that is given out again stands for another socket.
type socket struct {
	slot byte
	open bool // the application has not closed it
}

// alive says that the socket still has its slot. The chip takes slots back by itself and gives them to others. The lock is held.
func (d *Driver) alive(s *socket) bool { return s.open && d.owner[s.slot] == s }

// publish gives a socket the next free descriptor. The lock is held.
func (d *Driver) publish(s *socket) int {
	for i := range d.fds {
		fd := (d.next + i) % len(d.fds)
		if o := d.fds[fd]; o == nil || !o.open {
			d.fds[fd], d.next = s, fd+1
			return fd
		}
	}
	d.fds = append(d.fds, s)
	return len(d.fds) - 1
}

// release gives a slot back to the chip, which may have taken it already. The lock is held.
func (d *Driver) release(slot byte) error {
	d.owner[slot] = nil
	_, err := d.exchange(command{op: Free, slot: slot})
	if err == ErrReset {
		err = nil
	}
	return err
}

// find is the socket that fd stands for now, open or not.
func (d *Driver) find(fd int) *socket {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.fds[fd]
}

// Listen takes connections on port.
func (d *Driver) Listen(port uint16) (fd int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.occupy(command{op: Listen, payload: []byte{byte(port >> 8), byte(port)}, want: 1})
	if err != nil {
		return -1, err
	}
	return d.publish(s), nil
}

// Dial connects to a host.
func (d *Driver) Dial(host byte) (fd int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, err := d.occupy(command{op: Open, payload: []byte{host}, want: 1})
	if err != nil {
		return -1, err
	}
	if _, err = d.exchange(command{op: Opened, slot: s.slot}); err == nil {
		return d.publish(s), nil
	}
	if d.bug != RefusedKept {
		_ = d.release(s.slot)
	}
	return -1, err
}

// occupy makes a socket of the slot that a command takes, without a descriptor yet. The lock is held.
func (d *Driver) occupy(c command) (*socket, error) {
	slot, err := d.exchange(c)
	if err != nil {
		return nil, err
	}
	s := &socket{slot: slot[0], open: true}
	d.owner[s.slot] = s
	return s, nil
}

// Accept waits, as long as it takes, for a connection to the listener fd.
func (d *Driver) Accept(fd int) (int, error) {
	l := d.find(fd)
	for {
		shim.Loop()
		s, err := d.take(l)
		switch err {
		case nil:
			return d.greet(l, s)
		case errNothing:
			shim.Sleep(pollTime)
		default:
			return -1, err
		}
	}
}

func (d *Driver) take(l *socket) (*socket, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.alive(l) {
		if d.bug == CloseUnseen {
			return nil, errNothing
		}
		return nil, ErrClosed
	}
	return d.occupy(command{op: Take, slot: l.slot, want: 1})
}

// greet gives a new connection the time that it needs. A listener that was closed meanwhile has none to give.
func (d *Driver) greet(l, s *socket) (int, error) {
	shim.Sleep(settleTime)
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case !d.alive(s):
		return -1, ErrClosed
	case d.alive(l):
		return d.publish(s), nil
	}
	_ = d.release(s.slot)
	return -1, ErrClosed
}

// Send sends all of p, or fails and says how much the chip took.
func (d *Driver) Send(fd int, p []byte) (n int, err error) {
	s := d.find(fd)
	waited := time.Duration(0)
	for n < len(p) && waited < sendTime {
		shim.Loop()
		k, err := d.write(s, p[n:])
		switch {
		case err == errNothing:
			shim.Sleep(pollTime)
			waited += pollTime
		case err != nil:
			return n, err
		default:
			n, waited = n+k, 0
		}
	}
	switch {
	case n < len(p):
		return n, ErrTimeout
	case d.bug == DeniedSend && n > maxPayload:
		return 0, ErrClosed
	case d.bug == UnlockedCounter:
		d.sends++
	}
	return n, nil
}

// write gives the chip one chunk and returns how much of it the chip took.
func (d *Driver) write(s *socket, p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.alive(s) && d.bug != UncheckedSend {
		return 0, ErrClosed
	}
	size := maxPayload
	if d.bug == LengthOverflow {
		size = maxPayload + 2
	}
	chunk := p[:min(len(p), size)]
	d.sends++
	took, err := d.exchange(command{op: Write, slot: s.slot, payload: chunk, want: 1})
	switch {
	case err != nil:
		return 0, err
	case took[0] == 0:
		return 0, errNothing
	case d.bug == ShortWrite:
		return len(chunk), nil
	}
	return min(int(took[0]), len(chunk)), nil
}

// Recv waits until there are bytes, at most for timeout, or, if that is zero, as long as it takes. ErrEnd says that there will be none.
func (d *Driver) Recv(fd int, p []byte, timeout time.Duration) (int, error) {
	s := d.find(fd)
	for waited := time.Duration(0); timeout == 0 || waited <= timeout; waited += pollTime {
		shim.Loop()
		n, err := d.read(s, p)
		if err != errNothing {
			return n, err
		}
		shim.Sleep(pollTime)
	}
	return 0, ErrTimeout
}

func (d *Driver) read(s *socket, p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.alive(s) {
		return 0, ErrClosed
	}
	if len(p) == 0 {
		return 0, nil
	}
	data, err := d.exchange(command{op: Read, slot: s.slot, payload: []byte{byte(min(len(p), maxPayload))}, want: 1})
	if err == ErrEnd && d.bug == EndUnseen {
		err = errNothing
	}
	return copy(p, data), err
}

// Close closes a descriptor, which may then be given out again.
func (d *Driver) Close(fd int) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.fds[fd]
	if !s.open {
		return ErrClosed
	}
	s.open = false
	if d.owner[s.slot] == s || d.bug == ReleasedTwice {
		return d.release(s.slot)
	}
	return nil
}
