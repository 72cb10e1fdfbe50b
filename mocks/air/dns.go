package air

import (
	"net/netip"
	"time"
)

// Query is a question to DNS.
type Query struct {
	a     *Air
	name  string
	ip    IP
	found bool
	retry retry
}

// Resolve asks for the address of a name, or reads one that is written out; it does not wait. Without an address of its own the board
// cannot ask, and the answer is no at once.
func (a *Air) Resolve(name string) *Query {
	a.settle()
	q := &Query{a: a, name: name, retry: retry{at: never, gaps: dnsTimes}}
	if ip, err := netip.ParseAddr(name); err == nil && ip.Is4() {
		q.ip, q.found = ip.As4(), true
		return q
	}
	q.ip, q.found = a.HostIP(name)
	if !a.station.addressed {
		q.found = false
		return q
	}
	q.step(a.w.Now())
	a.queries = append(a.queries, q)
	a.wait(q.retry.at)
	return q
}

// Answer is the address; done says whether there is an answer yet, found whether it is an address.
func (q *Query) Answer() (ip IP, found, done bool) {
	q.a.settle()
	return q.ip, q.found, q.retry.at == never
}

// step is a try, its answer or the surrender, due at time at.
func (q *Query) step(at time.Duration) {
	r := &q.retry
	if r.ok && q.a.path() {
		q.capture(at, true)
		q.end()
		q.a.rx++
		return
	}
	r.ok = false
	switch {
	case q.a.path():
		q.capture(at, false)
		r.answered(at)
	case !r.sent(at):
		q.found = false
		q.end()
	default:
		q.capture(at, false)
	}
}

func (q *Query) end() {
	q.retry.at = never
	for i, o := range q.a.queries {
		if o == q {
			q.a.queries = append(q.a.queries[:i], q.a.queries[i+1:]...)
			return
		}
	}
}
