package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
)

const (
	// loopGap is the time of delay() after which the system loop runs in it (SPARK_LOOP_DELAY_MILLIS).
	loopGap = time.Second
	// passGap is between two passes of the system loop that both did something. Chosen: the system thread waits for up to 100 ms for
	// something in its queue before each. Passes that would do nothing are left out: the thread sleeps until a flag has changed or a
	// time is due.
	passGap = 100 * time.Millisecond
)

// system is what runs the system loop.
type system struct {
	queue   []func()
	wake    sim.Queue
	stale   bool          // something has changed since the last pass
	waited  time.Duration // spark_loop_total_millis: delays since the last pass
	looping bool          // a pass is under way
}

// changed makes the system thread look.
func (d *Device) changed() {
	d.sys.stale = true
	d.sys.wake.WakeAll(d.w)
}

// run is SYSTEM_THREAD_CONTEXT_ASYNC: f runs on the system thread, later; or, without one, here and now.
func (d *Device) run(f func()) {
	if !d.cfg.Threaded {
		f()
		return
	}
	d.sys.queue = append(d.sys.queue, f)
	d.changed()
}

func (d *Device) startSystemThread() {
	life := d.life
	shim.Go("system thread", func() {
		for d.life == life {
			d.systemThread()
		}
	})
}

// systemThread is one turn of the system thread.
func (d *Device) systemThread() {
	defer d.guard(d.enter())
	d.runQueue()
	d.sys.stale = false
	acted := d.pass(true)
	switch until := d.due(); {
	case acted || d.sys.stale:
		d.w.Sleep(passGap)
	case until > 0:
		d.sys.wake.WaitFor(d.w, "something to do", until-d.w.Now())
	default:
		d.sys.wake.Wait(d.w, "something to do")
	}
}

// runQueue runs what the application has asked for.
func (d *Device) runQueue() {
	for len(d.sys.queue) > 0 {
		f := d.sys.queue[0]
		d.sys.queue = d.sys.queue[1:]
		f()
	}
}

// due is when the system loop has something to do next, 0 if it does not know of anything.
func (d *Device) due() (at time.Duration) {
	if n := &d.net; n.started && n.watchFor > 0 {
		at = n.watchSince + n.watchFor + time.Millisecond
	}
	if c := d.cloudDue(); c > 0 && (at == 0 || c < at) {
		at = c
	}
	return at
}

// pass is Spark_Idle_Events: one pass of the system loop. It reports whether it did anything to the network.
func (d *Device) pass(events bool) (acted bool) {
	d.w.Point("system")
	d.sys.waited = 0
	acted = d.manageNetwork()
	d.listenLoop()
	d.manageCloud(events)
	return acted
}

// manageNetwork is manage_network_connection.
func (d *Device) manageNetwork() (acted bool) {
	n := &d.net
	if n.reset || n.sleep || n.bitten(d.w.Now()) {
		if !n.started {
			return false
		}
		sleeping, manual := n.sleep, n.manual
		d.cloudDisconnect(true)
		d.off()
		n.watchFor, n.reset = 0, false
		n.started, n.sleep, n.manual = false, sleeping, manual
		d.cloud.errors = 0
		return true
	}
	there := n.connected
	if d.cfg.Variant.UntilReady {
		there = n.ready()
	}
	if !n.started || d.cloud.wanted && !there {
		was := *n
		d.connect(true)
		return *n != was
	}
	return false
}

// Millis is millis().
func (d *Device) Millis() int64 { return d.w.Now().Milliseconds() }

// Delay is delay(): it returns after t. Without SYSTEM_THREAD the system loop runs in it once for each second of delays, unless the network
// is to stay off (system_task.cpp, system_delay_ms).
func (d *Device) Delay(t time.Duration) {
	defer d.guard(d.enter())
	start, next := d.w.Now(), loopGap
	d.sys.waited += t
	for {
		elapsed := d.w.Now() - start
		switch {
		case elapsed >= t:
			return
		case d.cfg.Threaded || d.net.sleep:
			d.w.Sleep(t - elapsed)
		case elapsed >= next || d.sys.waited >= loopGap:
			next = elapsed + loopGap
			d.idle(false)
		default:
			d.w.Sleep(min(t, next) - elapsed)
		}
	}
}

// Idle is what happens between two calls of loop(): without SYSTEM_THREAD, a pass of the system loop.
func (d *Device) Idle() {
	defer d.guard(d.enter())
	d.idle(d.cfg.Mode != Manual)
}

// idle is Spark_Idle, which does not enter itself.
func (d *Device) idle(events bool) {
	if d.cfg.Threaded || d.sys.looping {
		return
	}
	d.sys.looping = true
	d.pass(events)
	d.sys.looping = false
}
