package esp

import "slices"

// Handler is an event handler function. Its address tells one from another, as in C.
type Handler struct {
	Name string
	Func func(arg any, e Event)
}

// handler is one registration.
type handler struct {
	*Handler
	arg          any
	at           place
	serial       int64 // in the ledger; 0: ESP-IDF's own
	unregistered bool  // and gone, or waiting to be
}

// place is what a registration is found by.
type place struct {
	base Base
	id   int32
	h    *Handler
}

// The tree of handlers (esp_event_private.h). A node of one kind is followed by another of its kind only where the order of registrations
// could not be kept otherwise.
type (
	loopNode struct {
		handlers []*handler // of any event
		bases    []*baseNode
	}
	baseNode struct {
		base     Base
		handlers []*handler // of any id
		ids      []*idNode
	}
	idNode struct {
		id       int32
		handlers []*handler
	}
)

// EventHandlerRegister is esp_event_handler_register. Registering a function again for the same event overwrites its argument, but see
// IDF.RegisterOverwrites. It returns ErrInvalidState without a default loop, ErrInvalidArg for no function, and for one id of any base.
func (c *Chip) EventHandlerRegister(base Base, id int32, h *Handler, arg any) Err {
	return c.call("esp_event_handler_register", func() Err {
		e, added := c.register(place{base, id, h}, arg)
		if added != nil {
			added.serial = c.take("esp.handler")
		}
		return e
	})
}

// register returns the new entry, nil if there is none.
func (c *Chip) register(p place, arg any) (Err, *handler) {
	switch {
	case p.h == nil || p.base == AnyBase && p.id != AnyID:
		return ErrInvalidArg, nil
	case c.loop == nil:
		return ErrInvalidState, nil
	}
	l := c.loop
	l.mu.lock()
	defer l.mu.unlock()
	if l.deleted {
		return ErrInvalidState, nil
	}
	list := l.list(p)
	if i := slices.IndexFunc(*list, func(o *handler) bool { return o.Handler == p.h }); i >= 0 && c.cfg.IDF.RegisterOverwrites {
		(*list)[i].arg = arg
		c.w.Log("handler already registered, overwriting")
		return OK, nil
	}
	n := &handler{Handler: p.h, arg: arg, at: p}
	*list = append(*list, n)
	return OK, n
}

// list is where a registration goes (esp_event.c esp_event_handler_register_with_internal, loop_node_add_handler, base_node_add_handler).
func (l *loop) list(p place) *[]*handler {
	any := p.base == AnyBase
	n := last(l.nodes)
	if n == nil || any && len(n.bases) > 0 {
		n = &loopNode{}
		l.nodes = append(l.nodes, n)
	}
	if any {
		return &n.handlers
	}
	b := n.find(p.base)
	if end := last(n.bases); b == nil || p.id == AnyID && (len(b.ids) > 0 || end.base != p.base && len(end.ids) > 0) {
		b = &baseNode{base: p.base}
		n.bases = append(n.bases, b)
	}
	if p.id == AnyID {
		return &b.handlers
	}
	for _, i := range b.ids {
		if i.id == p.id {
			return &i.handlers
		}
	}
	i := &idNode{id: p.id}
	b.ids = append(b.ids, i)
	return &i.handlers
}

// find is the last node of a base.
func (n *loopNode) find(base Base) (found *baseNode) {
	for _, b := range n.bases {
		if b.base == base {
			found = b
		}
	}
	return found
}

func last[T any](s []*T) *T {
	if len(s) == 0 {
		return nil
	}
	return s[len(s)-1]
}

// EventHandlerUnregister is esp_event_handler_unregister. It returns ErrInvalidState without a default loop, ErrNotFound if nothing is
// registered so. While a handler runs it waits; what becomes of the entry then, IDF.UnregisterQueues says.
func (c *Chip) EventHandlerUnregister(base Base, id int32, h *Handler) Err {
	return c.call("esp_event_handler_unregister", func() Err {
		e := c.unregister(place{base, id, h})
		if serial := c.removed[place{base, id, h}]; e == ErrNotFound && serial > 0 {
			c.misuse("esp.handler", serial)
		}
		return e
	})
}

func (c *Chip) unregister(p place) Err {
	l := c.loop
	if l == nil {
		return ErrInvalidState
	}
	busy := l.mu.holder != nil
	l.mu.lock()
	defer l.mu.unlock()
	if l.deleted {
		return ErrInvalidState
	}
	e := l.lookup(p)
	switch {
	case e == nil:
		return ErrNotFound
	case !busy || !c.cfg.IDF.UnregisterQueues:
		l.remove(e)
		return OK
	case e.unregistered:
		return OK
	}
	e.unregistered = true
	return l.post(Event{Base: cleanup, Data: e}, Forever)
}

// each calls f for every entry, in the order in which their handlers would be called, until f says no.
func (l *loop) each(f func(h *handler) bool) {
	all := func(hs []*handler) bool { return !slices.ContainsFunc(hs, func(h *handler) bool { return !f(h) }) }
	for _, n := range l.nodes {
		if !all(n.handlers) {
			return
		}
		for _, b := range n.bases {
			if !all(b.handlers) {
				return
			}
			for _, i := range b.ids {
				if !all(i.handlers) {
					return
				}
			}
		}
	}
}

func (l *loop) lookup(p place) (found *handler) {
	l.each(func(h *handler) bool {
		if h.at == p {
			found = h
		}
		return found == nil
	})
	return found
}

func (l *loop) registered() (n int) {
	l.each(func(*handler) bool { n++; return true })
	return n
}

// remove takes an entry out of its node, and the nodes that are empty then (esp_event.c loop_remove_handler).
func (l *loop) remove(e *handler) {
	l.c.forget(e)
	gone := func(h *handler) bool { return h == e }
	for _, n := range l.nodes {
		n.handlers = slices.DeleteFunc(n.handlers, gone)
		for _, b := range n.bases {
			b.handlers = slices.DeleteFunc(b.handlers, gone)
			for _, i := range b.ids {
				i.handlers = slices.DeleteFunc(i.handlers, gone)
			}
			b.ids = slices.DeleteFunc(b.ids, func(i *idNode) bool { return len(i.handlers) == 0 })
		}
		n.bases = slices.DeleteFunc(n.bases, func(b *baseNode) bool { return len(b.handlers)+len(b.ids) == 0 })
	}
	l.nodes = slices.DeleteFunc(l.nodes, func(n *loopNode) bool { return len(n.handlers)+len(n.bases) == 0 })
}

// forget is the end of an entry.
func (c *Chip) forget(e *handler) {
	e.unregistered = true
	if e.serial > 0 {
		c.free("esp.handler", e.serial)
		c.removed[e.at] = e.serial
	}
}

// dispatch calls the handlers of an event. Those that are registered meanwhile have to wait for the next.
func (l *loop) dispatch(e Event) {
	if e.Base == cleanup {
		l.remove(e.Data.(*handler))
		return
	}
	var due []*handler
	l.each(func(h *handler) bool {
		if h.at.base == AnyBase || h.at.base == e.Base && (h.at.id == AnyID || h.at.id == e.ID) {
			due = append(due, h)
		}
		return true
	})
	for _, h := range due {
		if !h.unregistered {
			h.Func(h.arg, e)
		}
	}
}
