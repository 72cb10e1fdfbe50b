package espat

import (
	"slices"
	"strconv"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/at"
)

// Receive is the module's end of the line: what it does with bytes depends on its mode. It is part of uart.Module.
func (m *Module) Receive(p []byte) {
	for len(p) > 0 {
		switch m.core.Mode() {
		case at.ModeBoot:
			return
		case at.ModePassthrough:
			m.pass(p)
			return
		case at.ModeData:
			p = m.take(p)
		default:
			var line []byte
			if line, p = m.core.Line(p); len(line) > 0 {
				m.run(string(line))
			}
		}
	}
}

// run carries out a command line, unless it comes while another is under way.
func (m *Module) run(line string) {
	if m.core.Busy() {
		m.turnDown()
		return
	}
	m.core.Work(m.w.Now() + HandleTime)
	name, kind, params := at.Parse(line)
	c, args := lookup(name), split(kind, params)
	if name := violation(line, c, kind); name != "" {
		m.w.Emit(trace.Frame, name, int64(kind), 0, 0)
		m.fail()
		return
	}
	if _, ok := m.w.Fault("error"); ok {
		m.fail()
		return
	}
	if _, ok := m.w.Fault("busy"); ok {
		m.turnDown()
		return
	}
	m.w.Emit(trace.Bus, c.name, int64(kind), -1, 0)
	r := &request{m: m, args: args}
	m.core.Hold(func() { c.run[kind](r) })
	if r.wrong {
		m.w.Emit(trace.Frame, "wrong parameters", int64(kind), 0, 0)
		m.fail()
	}
}

// turnDown says that the system cannot accept new input (index.rst, "AT Messages").
func (m *Module) turnDown() { m.core.Say("\r\nbusy p...\r\n") }

// outOfStep is what the oracles know a line by that the board cannot have meant as a command.
const outOfStep = "no start byte"

// violation says how a command breaks the protocol, "" if it does not. The answer to all of them is ERROR.
func violation(line string, c *command, kind at.Kind) string {
	switch {
	case len(line) < 2 || line[:2] != "AT":
		return outOfStep
	case len(line) > maxCommand:
		return "longer than 256 bytes"
	case c == nil || c.run[kind] == nil:
		return "unknown command"
	}
	return ""
}

// The answers that most commands have (index.rst, "AT Messages").
func (m *Module) ok()   { m.answer("\r\nOK\r\n") }
func (m *Module) fail() { m.answer("\r\nERROR\r\n") }

// answer sends an answer, after the time that handling a command takes.
func (m *Module) answer(text string) {
	m.core.SayAt(m.w.Now()+HandleTime, text)
}

// split separates parameters at commas. A string keeps its opening quote, so that it can be told from a number, and loses the closing
// one; a backslash takes the next byte as it is.
func split(kind at.Kind, params string) (args []string) {
	if kind != at.Set {
		return nil
	}
	var arg []byte
	quoted := false
	for i := 0; i < len(params); i++ {
		b := params[i]
		switch {
		case b == '\\' && i+1 < len(params):
			i++
			arg = append(arg, params[i])
		case b == '"' && !quoted && len(arg) == 0:
			quoted = true
			arg = append(arg, b)
		case b == '"' && quoted:
			quoted = false
		case b == ',' && !quoted:
			args, arg = append(args, string(arg)), nil
		default:
			arg = append(arg, b)
		}
	}
	return append(args, string(arg))
}

// request is a set command's parameters being read.
type request struct {
	m     *Module
	args  []string
	next  int
	wrong bool // a parameter is missing, or is not what it must be
}

// more says that there are parameters left.
func (r *request) more() bool { return r.next < len(r.args) }

// text is the next parameter, a string. One that is omitted is empty.
func (r *request) text() string {
	s, ok := r.arg()
	if !ok {
		return ""
	}
	if s[0] != '"' {
		r.wrong = true
		return ""
	}
	return s[1:]
}

// number is the next parameter, a number from low to high; one that is omitted is def.
func (r *request) number(low, high, def int) int {
	s, ok := r.arg()
	if !ok {
		return def
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < low || n > high {
		r.wrong = true
	}
	return n
}

// need says that the next n parameters cannot be omitted.
func (r *request) need(n int) {
	rest := r.args[r.next:]
	r.wrong = r.wrong || len(rest) < n || slices.Contains(rest[:n], "")
}

func (r *request) arg() (string, bool) {
	if !r.more() {
		return "", false
	}
	s := r.args[r.next]
	r.next++
	return s, s != ""
}
