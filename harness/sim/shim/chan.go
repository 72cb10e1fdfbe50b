package shim

import (
	"reflect"
	"unsafe"

	"github.com/linkflap/linkflap/harness/sim"
)

// Within a run no channel operation blocks for real. The buffer of a buffered channel is the real one; what an unbuffered channel hands
// over goes from the waiting task's case to the other's, and the real channel only says who it is and whether it is closed.

// key identifies a channel.
func key[C any](ch C) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&ch)) }

// identity is the part of a case that other tasks look at while it waits. It is not generic: generic code is compiled into the firmware's
// package, where the race detector would see the look.
type identity struct{ channel unsafe.Pointer }

// Key identifies the channel; the nil channel, where nobody ever meets, has none.
func (id *identity) Key() any {
	if id.channel == nil {
		return nil
	}
	return id.channel
}

// Case is one case of a select.
type Case interface {
	sim.Waiter
	// try does the operation if it is possible now.
	try(w *sim.World) bool
	real() reflect.SelectCase
	set(v reflect.Value, ok bool)
}

// RecvCase is the case of a receive.
type RecvCase[T any] struct {
	identity
	ch  <-chan T
	val T
	ok  bool
}

// OnRecv is the case that receives from ch.
func OnRecv[T any](ch <-chan T) *RecvCase[T] {
	return &RecvCase[T]{identity: identity{key(ch)}, ch: ch}
}

// Get is what was received.
func (c *RecvCase[T]) Get() T { return c.val }

// Get2 is what was received, and whether it was sent.
func (c *RecvCase[T]) Get2() (T, bool) { return c.val, c.ok }

func (c *RecvCase[T]) try(w *sim.World) bool {
	if c.ch == nil {
		return false
	}
	select {
	case c.val, c.ok = <-c.ch:
		w.WakeCases(c.Key()) // there is room now
		return true
	default:
	}
	return cap(c.ch) == 0 && w.Offer(c.Key(), c.meet)
}

// meet takes the value of a sender that waits.
func (c *RecvCase[T]) meet(o sim.Waiter) bool {
	s, ok := o.(*sendCase[T])
	if ok {
		c.val, c.ok = s.val, true
	}
	return ok
}

func (c *RecvCase[T]) real() reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c.ch)}
}

func (c *RecvCase[T]) set(v reflect.Value, ok bool) {
	c.ok = ok
	reflect.ValueOf(&c.val).Elem().Set(v)
}

type sendCase[T any] struct {
	identity
	ch  chan<- T
	val T
}

// OnSend is the case that sends on ch what its result is called with.
func OnSend[T any](ch chan<- T) func(T) Case {
	return func(v T) Case { return &sendCase[T]{identity{key(ch)}, ch, v} }
}

func (c *sendCase[T]) try(w *sim.World) bool {
	if c.ch == nil {
		return false
	}
	select {
	case c.ch <- c.val: // panics if closed, as it should
		w.WakeCases(c.Key())
		return true
	default:
	}
	return cap(c.ch) == 0 && w.Offer(c.Key(), c.meet)
}

// meet gives the value to a receiver that waits.
func (c *sendCase[T]) meet(o sim.Waiter) bool {
	r, ok := o.(*RecvCase[T])
	if ok {
		r.val, r.ok = c.val, true
		order(r)
	}
	return ok
}

func (c *sendCase[T]) real() reflect.SelectCase {
	return reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(c.ch), Send: reflect.ValueOf(&c.val).Elem()}
}

func (c *sendCase[T]) set(reflect.Value, bool) {}

// Select is the select statement: the index of the first case that can go on, in the order of the source, or -1 for the default.
func Select(hasDefault bool, cases ...Case) int {
	t := sim.Current()
	if t == nil {
		return realSelect(hasDefault, cases)
	}
	t.World().Point("select")
	for {
		for i, c := range cases {
			order(c)
			if c.try(t.World()) {
				order(c)
				return i
			}
		}
		if hasDefault {
			return -1
		}
		if i := sim.Select(t, cases); i >= 0 {
			order(cases[i])
			return i
		}
	}
}

// order tells the race detector that operations on c's channel order its users, both ways.
func order(c sim.Waiter) {
	k, _ := c.Key().(unsafe.Pointer)
	sim.RaceAcquire(k)
	sim.RaceRelease(k)
}

func realSelect(hasDefault bool, cases []Case) int {
	rs := make([]reflect.SelectCase, len(cases), len(cases)+1)
	for i, c := range cases {
		rs[i] = c.real()
	}
	if hasDefault {
		rs = append(rs, reflect.SelectCase{Dir: reflect.SelectDefault})
	}
	i, v, ok := reflect.Select(rs)
	if i == len(cases) {
		return -1
	}
	cases[i].set(v, ok)
	return i
}

// SendTo is the statement ch <- v, as SendTo(ch)(v): v converts to the channel's element type as it does in the statement.
func SendTo[T any](ch chan<- T) func(T) {
	return func(v T) {
		if sim.Current() == nil {
			ch <- v
			return
		}
		Select(false, &sendCase[T]{identity{key(ch)}, ch, v})
	}
}

// Recv is the expression <-ch.
func Recv[T any](ch <-chan T) T {
	v, _ := Recv2(ch)
	return v
}

// Recv2 is the expression <-ch with two results.
func Recv2[T any](ch <-chan T) (T, bool) {
	if sim.Current() == nil {
		v, ok := <-ch
		return v, ok
	}
	c := OnRecv(ch)
	Select(false, c)
	return c.Get2()
}

// Close is the builtin close.
func Close[T any](ch chan<- T) {
	t := sim.Current()
	if t != nil && t.Killed() {
		return
	}
	sim.RaceRelease(key(ch))
	close(ch)
	if t != nil {
		t.World().WakeCases(any(key(ch)))
		t.World().Point("close")
	}
}
