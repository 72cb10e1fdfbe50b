package esp

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// Base is an esp_event_base_t: a family of events.
type Base string

// The bases of ESP-IDF. A component may have its own.
const (
	AnyBase   Base = "" // ESP_EVENT_ANY_BASE
	WifiEvent Base = "WIFI_EVENT"
	IPEvent   Base = "IP_EVENT"

	cleanup Base = "cleanup" // esp_event.c esp_event_handler_cleanup
)

// AnyID is ESP_EVENT_ANY_ID.
const AnyID int32 = -1

// Event is what a handler is called with.
type Event struct {
	Base Base
	ID   int32
	Data any
}

// loop is the default event loop (esp_event.c esp_event_loop_instance_t).
type loop struct {
	c       *Chip
	mu      mutex // held while handlers run, and to register and unregister
	posts   []Event
	waiting []Event // of the Wi-Fi driver's task, which waits for room
	task    *sim.Task
	arrived sim.Queue // sys_evt waits for an event
	room    sim.Queue // who posts waits for room
	nodes   []*loopNode
	deleted bool
}

// EventLoopCreateDefault is esp_event_loop_create_default. It returns ErrInvalidState if there is a default loop (esp_event.h). The loop is in
// no ledger: it is made at boot, for good, so that it is left is no leak. Its end is an event, Reset.
func (c *Chip) EventLoopCreateDefault() Err {
	return c.call("esp_event_loop_create_default", func() Err {
		if c.loop != nil {
			return ErrInvalidState
		}
		l := &loop{c: c, mu: mutex{w: c.w}}
		c.loop = l
		c.w.Go("sys_evt", l.run)
		return OK
	})
}

// EventLoopDeleteDefault is esp_event_loop_delete_default: the task goes first, then every handler, whoever registered it; events in the
// queue are dropped. It returns ErrInvalidState if there is no default loop.
func (c *Chip) EventLoopDeleteDefault() Err {
	return c.call("esp_event_loop_delete_default", func() Err {
		l := c.loop
		if l == nil {
			return ErrInvalidState
		}
		l.mu.lock()
		defer l.mu.unlock()
		l.deleted, c.loop = true, nil
		l.each(func(h *handler) bool { c.forget(h); return true })
		l.nodes, l.posts, l.waiting = nil, nil, nil
		c.w.Emit(trace.Reset, "esp.loop", 0, 0, 0)
		l.arrived.WakeAll(c.w)
		l.room.WakeAll(c.w)
		return OK
	})
}

// run is esp_event.c esp_event_loop_run_task.
func (l *loop) run() {
	l.task = sim.Current()
	for {
		for len(l.posts) == 0 && !l.deleted {
			l.arrived.Wait(l.c.w, "an event")
		}
		if l.deleted {
			return
		}
		e := l.next()
		l.mu.lock()
		if !l.deleted {
			l.dispatch(e)
		}
		l.mu.unlock()
	}
}

// next takes the oldest event, which makes room for another.
func (l *loop) next() Event {
	e := l.posts[0]
	l.posts = append(l.posts[:0], l.posts[1:]...)
	if len(l.waiting) > 0 {
		l.posts = append(l.posts, l.waiting[0])
		l.waiting = append(l.waiting[:0], l.waiting[1:]...)
	}
	l.room.WakeAll(l.c.w)
	return e
}

// EventPost is esp_event_post. While the queue is full it waits for at most limit, or Forever, and returns ErrTimeout then; a handler does not
// wait. It returns ErrInvalidState without a default loop, ErrInvalidArg for an event that is any.
func (c *Chip) EventPost(base Base, id int32, data any, limit time.Duration) Err {
	return c.call("esp_event_post", func() Err {
		switch {
		case base == AnyBase || id == AnyID:
			return ErrInvalidArg
		case c.loop == nil:
			return ErrInvalidState
		}
		return c.loop.post(Event{base, id, data}, limit)
	})
}

// post puts e into the queue. That the loop is deleted meanwhile is undefined in ESP-IDF; here the poster learns of it.
func (l *loop) post(e Event, limit time.Duration) Err {
	if sim.Current() == l.task {
		limit = 0
	}
	until := l.c.w.Now() + limit
	for len(l.posts) >= l.c.cfg.QueueSize && !l.deleted {
		switch {
		case limit == Forever:
			l.room.Wait(l.c.w, "room for an event")
		case l.c.w.Now() >= until:
			return ErrTimeout
		default:
			l.room.WaitFor(l.c.w, "room for an event", until-l.c.w.Now())
		}
	}
	if l.deleted {
		return ErrInvalidState
	}
	l.posts = append(l.posts, e)
	l.arrived.WakeAll(l.c.w)
	return OK
}

// send is the Wi-Fi driver's own task posting an event, which it does without limit (components/esp_wifi/esp32/esp_adapter.c
// esp_event_post_wrapper). Without a default loop the event is lost.
func (c *Chip) send(base Base, id int32, data any) {
	l := c.loop
	switch {
	case l == nil:
	case len(l.posts) >= c.cfg.QueueSize || len(l.waiting) > 0:
		l.waiting = append(l.waiting, Event{base, id, data})
	default:
		l.posts = append(l.posts, Event{base, id, data})
		l.arrived.WakeAll(c.w)
	}
}

// mutex is a recursive FreeRTOS mutex. It goes to who has waited longest: priorities, by which the loop's task could keep all others from it,
// are not modelled.
type mutex struct {
	w       *sim.World
	holder  *sim.Task
	depth   int
	waiting []*sim.Task
}

func (m *mutex) lock() {
	t := sim.Current()
	if m.holder != nil && m.holder != t {
		m.waiting = append(m.waiting, t)
		for m.holder != t {
			t.Block(trace.OnLock, m, m.holder)
		}
	}
	m.holder = t
	m.depth++
}

func (m *mutex) unlock() {
	if m.depth--; m.depth > 0 {
		return
	}
	m.holder = nil
	if len(m.waiting) > 0 {
		m.holder = m.waiting[0]
		m.waiting = append(m.waiting[:0], m.waiting[1:]...)
		m.w.Wake(m)
	}
}
