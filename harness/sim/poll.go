package sim

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Poll is a place that a task polls: it looks, finds nothing, and sleeps before it looks again. Looks in vain need not be run, which makes
// an idle device cost nothing; the place says when there may be something to find. The zero value is ready to use.
//
// It is only for tasks that do nothing but look: a loop that counts its looks would count too few. Nor do looks that are left out wait for
// locks that others hold meanwhile.
type Poll struct{ _ byte }

// nap is a sleep that goes on until a look is worth its while.
type nap struct {
	at     *Poll         // looked at last, in vain
	looked time.Duration // when
	due    time.Duration // when there may be something to find; negative: nobody knows
	start  time.Duration // of the sleep
	period time.Duration // between looks
}

// until is the first look at time at or after.
func (n *nap) until(at time.Duration) time.Duration {
	looks := max(1, (at-n.start+n.period-1)/n.period)
	return n.start + looks*n.period
}

// Vain notes that the running task has looked at p and found nothing, and will find nothing before due, or, if that is negative, before Due
// is called. If it sleeps at once, it sleeps over the looks that would be in vain, too.
func (p *Poll) Vain(w *World, due time.Duration) {
	if w.cur != nil {
		w.cur.nap = nap{at: p, looked: w.now, due: due}
	}
}

// Due says that from time at on there may be something to find at p.
func (p *Poll) Due(w *World, at time.Duration) {
	for _, t := range w.tasks {
		if n := &t.nap; t.state == waiting && t.on == n && n.at == p {
			if look := n.until(at); !t.timed || look < t.deadline {
				t.timed, t.deadline = true, look
			}
		}
	}
}

// drowses says that t, which is to sleep, has just looked somewhere in vain.
func (t *Task) drowses() bool { return t.nap.at != nil && t.nap.looked == t.w.now }

// sleepOver sleeps for d, and over every look in vain that follows.
func (t *Task) sleepOver(d time.Duration) {
	n := &t.nap
	n.start, n.period = t.w.now, d
	if n.due >= 0 {
		t.timed, t.deadline = true, n.until(n.due)
	}
	t.block(trace.OnSleep, n, nil)
	n.at = nil
}
