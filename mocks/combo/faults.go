package combo

import (
	"time"

	"github.com/linkflap/linkflap/mocks/fault"
)

// Faults is everything that the module can be told to do wrong besides what its line can. Lawful are those that the documents allow: they
// bound no answer's time (guide, Aithinker_combo-AT.rst: the host waits until a command has ended), and every failure has an error code
// (guide, error_code_.rst); and the answer to AT+SOCKET is OK and nothing else (guide, AT+SOCKET, response), though its examples have the
// ConID before it.
var Faults = []fault.Kind{
	{Name: "mute", Doc: "the module carries a command out and does not answer", Site: "command"},
	{Name: "error", Doc: "the module answers error code value and does nothing", Site: "command", Lawful: true, HasValue: true, Min: 1, Max: 127, Nice: []int64{63, 33, 32, 99}, Unit: "count"},
	{Name: "busy", Doc: "the module says that it is busy and does nothing", Site: "command"},
	{Name: "slow", Doc: "the module needs value more for a command, and is busy meanwhile", Site: "command", Lawful: true, HasValue: true, Min: 1e6, Max: 60e9, Nice: []int64{2e9, 900e6, 100e6, 1e9, 25e9}, Unit: "ns"},
	{Name: "full", Doc: "there is no memory for a socket: error code 96", Site: "AT+SOCKET", Lawful: true},
	{Name: "noid", Doc: "the answer is OK alone, without the line that says the ConID", Site: "AT+SOCKET that succeeds", Lawful: true},
	{Name: "noprompt", Doc: "the prompt does not come, though the module waits for the bytes", Site: "AT+SOCKETSEND"},
	{Name: "sendfail", Doc: "the module drops what is to be sent: error code 101", Site: "bytes of AT+SOCKETSEND complete", Lawful: true},
	{Name: "length", Doc: "the length that is announced is value more than there is", Site: "SocketDown with data", HasValue: true, Min: 1, Max: 10000, Nice: []int64{1, 2, 10, 2000}, Unit: "count"},
}

// reply is what faults do to the answer of the command under way.
type reply struct {
	mute bool
	slow time.Duration
}

// spoilt notes the faults that concern the answer of a command that is about to be carried out. It reports whether one of them has
// answered already, in the name of command c.
func (m *Module) spoilt(c *command) bool {
	m.reply = reply{}
	if code, ok := m.w.Fault("error"); ok {
		m.fail(c, int(code))
		return true
	}
	if _, ok := m.w.Fault("busy"); ok {
		m.turnDown()
		return true
	}
	_, m.reply.mute = m.w.Fault("mute")
	if d, ok := m.w.Fault("slow"); ok {
		m.reply.slow = time.Duration(d)
	}
	return false
}
