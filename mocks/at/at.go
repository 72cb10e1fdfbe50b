// Package at is what modules with an AT command set on a serial line have in common: how a command is written, what the bytes on the line
// are taken for, and in which order a module does things. It stands below the modules (mocks/espat, mocks/combo), of whose commands it knows
// nothing.
//
// The hard word is command under way: a module works on one at a time. Some wait for what happens outside; what else happens while it holds the
// line is told after what the command itself says.
package at

import (
	"bytes"
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

// Mode is what a module takes the bytes that it receives for.
type Mode uint8

// The modes of a module.
const (
	ModeBoot        Mode = iota // nothing: it starts
	ModeCommand                 // commands
	ModeData                    // what is to be sent, as long as a command has announced
	ModePassthrough             // what is to be sent, until the board says otherwise
)

// Core is the order of things in a module, which has one or embeds it. Its methods may be called by any task, also from within the module's
// own calls.
type Core struct {
	w       *sim.World
	line    *uart.Line
	events  func() // tells what has changed outside
	receive func() // and what has arrived

	mode  Mode
	echo  bool
	input []byte // of a command that has not ended
	out   []byte

	run             int           // generation of the firmware, so that an old run's timers do nothing
	until           time.Duration // a command is being worked on until then
	pending         func() bool   // reports whether the command under way is done; nil: there is none that waits
	looking, missed bool          // Look is under way; something has changed meanwhile
	wake            time.Duration // of the next Look that Sending has seen to
}

// Init prepares a Core, in command mode.
func (c *Core) Init(w *sim.World, line *uart.Line, events, receive func()) {
	c.w, c.line, c.events, c.receive, c.mode = w, line, events, receive, ModeCommand
}

// Restart ends the firmware's run: the command under way, and what it has put off. After boot the module is in command mode again, and
// booted is called.
func (c *Core) Restart(boot time.Duration, booted func()) {
	c.run++
	c.until, c.wake, c.pending, c.input = 0, 0, nil, c.input[:0]
	c.Enter(ModeBoot)
	c.After(boot, func() {
		c.Enter(ModeCommand)
		booted()
	})
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

// Mode is what the module takes bytes for now.
func (c *Core) Mode() Mode { return c.mode }

// Enter changes the mode.
func (c *Core) Enter(m Mode) {
	c.mode = m
	c.listen()
}

// Echo sets whether what the board sends comes back. Only commands do, and only those that the module has time for: where the modules'
// documents are silent, chosen.
func (c *Core) Echo(on bool) {
	c.echo = on
	c.listen()
}

func (c *Core) listen() { c.line.Echo(c.echo && c.mode == ModeCommand && !c.Waits()) }

// Line takes bytes of a command, up to the line feed that ends it, and returns the rest. Commands end with CR LF (ESP-AT, index.rst, "AT
// Command Types"; Combo-AT guide, Aithinker_combo-AT.rst); the line is without them, and empty as long as the command has not ended. It
// is valid until the next call.
func (c *Core) Line(p []byte) (line, rest []byte) {
	p, rest, ended := bytes.Cut(p, []byte{'\n'})
	c.input = append(c.input, p...)
	if ended {
		line = bytes.TrimRight(c.input, "\r")
		c.input = c.input[:0]
	}
	return line, rest
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

// Sending reports whether the line is still busy with what was said, and sees to a Look when it no longer is. A module that takes nothing
// from the network meanwhile lets the sender's window fill.
func (c *Core) Sending() bool {
	now, free := c.w.Now(), c.line.Free()
	if free > now && (c.wake <= now || c.wake > free) {
		c.wake = free
		c.After(free-now, c.Look)
	}
	return free > now
}

// Look brings the module up to what has changed outside, unless it starts.
func (c *Core) Look() {
	if c.mode == ModeBoot {
		return
	}
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
		c.listen()
	}
}

// Wait keeps the command under way until done reports true, which also answers it. done is asked at every Look, and there is one after each
// of the times.
func (c *Core) Wait(done func() bool, times ...time.Duration) {
	c.pending = done
	c.listen()
	c.missed = true
	for _, d := range times {
		c.After(d, c.Look)
	}
}

// Hold keeps Look from doing anything until f has run: what f causes outside comes after what it says.
func (c *Core) Hold(f func()) {
	was := c.looking
	c.looking = true
	f()
	if c.looking = was; c.missed && !was {
		c.Look()
	}
}
