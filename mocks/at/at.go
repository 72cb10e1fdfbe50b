// Package at is what modules with an AT command set on a serial line have in common: how a command is written, and in which order a module
// does things. It stands below the modules (mocks/espat, mocks/combo), of whose commands it knows nothing.
//
// The hard word is command under way: a module works on one at a time. Some wait for what happens outside; what else happens while it holds the
// line is told after what the command itself says.
package at

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/uart"
)

// Kind is what is done with a command.
type Kind uint8

// The kinds of commands.
const (
	Test    Kind = iota // AT+X=?
	Query               // AT+X?
	Set                 // AT+X=...
	Execute             // AT+X
	NumKinds
)

// Parse splits a command line into name, kind and, for Set, parameters.
func Parse(line string) (name string, k Kind, params string) {
	for i := 2; i < len(line); i++ {
		switch name, rest := line[:i], line[i+1:]; {
		case line[i] == '?':
			return name, Query, ""
		case line[i] == '=' && rest == "?":
			return name, Test, ""
		case line[i] == '=':
			return name, Set, rest
		}
	}
	return line, Execute, ""
}

// Core is the order of things in a module, which embeds it. Its methods may be called by any task, also from within the module's own calls.
type Core struct {
	w       *sim.World
	line    *uart.Line
	events  func() // tells what has changed outside
	receive func() // and what has arrived
	idle    func() // a command under way has ended

	run             int           // generation of the firmware, so that an old run's timers do nothing
	until           time.Duration // a command is being worked on until then
	pending         func() bool   // reports whether the command under way is done; nil: there is none that waits
	looking, missed bool          // Look is under way; something has changed meanwhile
	out             []byte
}

// Init prepares a Core.
func (c *Core) Init(w *sim.World, line *uart.Line, events, receive, idle func()) {
	c.w, c.line, c.events, c.receive, c.idle = w, line, events, receive, idle
}

// Forget ends the firmware's run: the command under way, and what it has put off.
func (c *Core) Forget() {
	c.run++
	c.until, c.pending = 0, nil
}

// After calls f later, unless the firmware has been restarted by then.
func (c *Core) After(d time.Duration, f func()) {
	run := c.run
	c.w.After(d, 0, func(time.Time) {
		if run == c.run {
			f()
		}
	})
}

// Work says that a command takes until then.
func (c *Core) Work(until time.Duration) { c.until = until }

// Until is when the last command's work ends.
func (c *Core) Until() time.Duration { return c.until }

// Waits says that the command under way waits for something.
func (c *Core) Waits() bool { return c.pending != nil }

// Busy says that the module works on a command.
func (c *Core) Busy() bool { return c.pending != nil || c.w.Now() < c.until }

// Say sends a message.
func (c *Core) Say(texts ...string) { c.line.Send(c.join(texts)) }

// SayAt sends it at a time.
func (c *Core) SayAt(at time.Duration, texts ...string) { c.line.SendAt(at, c.join(texts)) }

// SayData sends a message with bytes in it, between a head of some texts and a tail.
func (c *Core) SayData(p []byte, tail string, head ...string) {
	c.out = append(append(c.join(head), p...), tail...)
	c.line.Send(c.out)
}

func (c *Core) join(texts []string) []byte {
	c.out = c.out[:0]
	for _, t := range texts {
		c.out = append(c.out, t...)
	}
	return c.out
}

// Look brings the module up to what has changed outside.
func (c *Core) Look() {
	if c.missed = true; c.looking {
		return
	}
	c.looking = true
	for c.missed {
		c.missed = false
		c.events()
		c.poll()
		c.receive()
	}
	c.looking = false
}

// poll ends the command under way if it is done.
func (c *Core) poll() {
	if c.pending != nil && c.pending() {
		c.pending = nil
		c.idle()
	}
}

// Wait keeps the command under way until done reports true, which also answers it. done is asked at every Look; the caller sees to one after
// each of the times that matter.
func (c *Core) Wait(done func() bool) {
	c.pending = done
	c.idle()
	c.missed = true
}

// Hold keeps Look from doing anything while f runs: what f causes outside comes after what it says. It reports whether to look then.
func (c *Core) Hold(f func()) (look bool) {
	was := c.looking
	c.looking = true
	f()
	c.looking = was
	return c.missed && !was
}
