package uart

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// The waits of a task that polls without sleeping. Both are chosen.
const (
	firstSpin = 100 * time.Microsecond
	lastSpin  = 100 * time.Millisecond
)

// spin lets time pass for a task that polls the line in a loop without sleeping: on a board the loop itself takes time. A poll is a spin if
// the task's last one found nothing either, and it did nothing since that takes time.
type spin struct {
	q    sim.Queue
	task *sim.Task
	at   time.Duration // when its last poll ended
	wait time.Duration // of the next spin; it grows, since a task that has waited for long will wait longer
}

// poll notes a poll that found nothing. A spin lasts until the module sends, or until what it sends has arrived as far as the loop could
// leave it in the receive buffer, and no longer than its wait.
func (s *spin) poll(l *Line) {
	task, now := sim.Current(), l.w.Now()
	if s.wait == 0 || task != s.task || now != s.at {
		s.task, s.at, s.wait = task, now, firstSpin
		return
	}
	if at, ok := l.queue.batch(l.size / 2); ok {
		l.w.Sleep(min(at-now, s.wait))
	} else {
		s.q.WaitFor(l.w, "uart", s.wait)
	}
	s.task, s.at, s.wait = task, l.w.Now(), min(2*s.wait, lastSpin)
}
