package combo

import (
	"strings"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/at"
)

// Receive is the module's end of the line: what it does with bytes depends on its mode. It is part of uart.Module.
func (m *Module) Receive(p []byte) {
	for len(p) > 0 {
		switch m.core.Mode() {
		case at.ModeBoot:
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

// turnDown is the answer to a command that comes while another is under way. The wording is that of users' logs; the guide has "cmd is
// running..." (Aithinker_combo-AT.rst).
func (m *Module) turnDown() { m.core.Say("\r\n[Busy]Cmd running\r\n") }

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
		m.reply = reply{}
		m.unknown(line, c)
		return
	}
	if m.spoilt(c) {
		return
	}
	m.w.Emit(trace.Bus, c.name, int64(kind), -1, 0)
	r := &request{m: m, c: c, args: args}
	m.core.Hold(func() { c.run[kind](r) })
	if r.wrong > 0 {
		m.w.Emit(trace.Frame, "wrong parameters", int64(kind), 0, 0)
		r.fail(r.wrong)
	}
}

// outOfStep is what the oracles know a line by that the board cannot have meant as a command.
const outOfStep = "no start byte"

// violation says how a command breaks the protocol, "" if it does not.
func violation(line string, c *command, kind at.Kind) string {
	switch {
	case len(line) < 2 || line[:2] != "AT":
		return outOfStep
	case len(line) > MaxCommand:
		return "longer than a command may be"
	case c == nil || c.run[kind] == nil:
		return "unknown command"
	}
	return ""
}

// unknown is the answer to what is no command (users' logs: "Unknown cmd:" and the line), or not in this form.
func (m *Module) unknown(line string, c *command) {
	switch {
	case len(line) > MaxCommand:
		m.answer("\r\nERROR\r\n")
	case c == nil:
		m.answer("\r\nUnknown cmd:" + line + "\r\n\r\nERROR\r\n")
	default:
		m.fail(c, codeForm)
	}
}

// The error codes (guide, error_code_.rst).
const (
	codeForm      = 2 // the command has no such form
	codeCount     = 3 // the number of parameters is wrong
	codeParameter = 4
	codeGeneral   = 63
	codeNoWiFi    = 64
	codeWiFiMode  = 65
	codeNoJoin    = 66
	codeNoDHCP    = 67
	codeNoAP      = 69
	codeNoLink    = 74
	codeCountry   = 75
	codeNoSocket  = 96
	codeNoConnect = 97
	codeDNS       = 98
	codeStatus    = 99
	codeType      = 100
	codeSend      = 101
	codeReceive   = 102
	codeBind      = 104
	codePing      = 106
)

func (m *Module) ok() { m.answer("\r\nOK\r\n") }

// fail is how a command fails: a line with its code (users' logs: "+SOCKET:97", then "ERROR"; at_device_aiwb2: "+PING:106").
func (m *Module) fail(c *command, code int) {
	m.answer("\r\n+" + strings.TrimPrefix(c.name[len("AT"):], "+") + ":" + itoa(code) + "\r\n\r\nERROR\r\n")
}

// report answers with lines and OK.
func (m *Module) report(lines ...string) {
	text := "\r\n"
	for _, l := range lines {
		text += l + "\r\n"
	}
	m.answer(text + "\r\nOK\r\n")
}

// answer sends an answer, after the time that handling the command takes.
func (m *Module) answer(text string) {
	if m.reply.mute {
		return
	}
	d := HandleTime + m.reply.slow
	m.core.Work(max(m.core.Until(), m.w.Now()+d))
	if m.reply.slow > 0 {
		m.held = text
		m.core.After(d, m.release)
		return
	}
	m.core.SayAt(m.w.Now()+d, text)
}

// release sends the answer that was held back, unless it was sent before its time.
func (m *Module) release() {
	if m.held != "" {
		m.core.Say(m.held)
		m.held = ""
	}
}

// split separates parameters at commas. Double quotes keep a parameter together and fall away, a backslash takes the next byte as it is
// (guide, command-set/index.rst).
func split(kind at.Kind, params string) (args []string) {
	if kind != at.Set {
		return nil
	}
	if !strings.ContainsAny(params, `"\\`) {
		return strings.Split(params, ",")
	}
	var arg []byte
	quoted := false
	for i := 0; i < len(params); i++ {
		b := params[i]
		switch {
		case b == '\\' && i+1 < len(params):
			i++
			arg = append(arg, params[i])
		case b == '"':
			quoted = !quoted
		case b == ',' && !quoted:
			args, arg = append(args, string(arg)), nil
		default:
			arg = append(arg, b)
		}
	}
	return append(args, string(arg))
}
