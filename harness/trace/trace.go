// Package trace is what a run leaves behind: every event in order, with its virtual time, and a running hash over all of them. It stands
// between the run (sim, mocks) that writes it and everything that judges or shows a run (oracle, harness) and only reads it.
//
// The hard word is hash: two runs of one program are the same run exactly when their hashes are equal, so everything that could differ
// goes into an event, and nothing that may differ between machines (addresses, wall-clock times, goroutine numbers) does.
package trace

import "time"

// Kind says what an event reports; the meaning of Name, A, B and C depends on it.
type Kind uint8

// The kinds of events. A handle is the index of the call that returned it, -1 for none.
const (
	Phase  Kind = iota // the run enters phase Name
	Spawn              // task A begins; Name is its name
	Exit               // the task ends by itself
	Call               // call A begins: Name its op, B the handle it uses, C its deadline in ms (0: may block for ever)
	Return             // call A returns: Name the error or "", B its value (fd, count), C a Status
	Block              // the task starts waiting: Name for what, A the task that holds it or -1
	Stuck              // the task is unwound at the end of the run: Name the firmware function it was in, A a Wait, B who it waits for, C its call
	Panic              // the task panicked: Name the firmware function, A the call
	Spin               // the task used up its loop or transfer budget: Name the firmware function, A the call
	Limit              // the run, not the firmware, ran into limit Name
	Fault              // fault Name fired: A the passage, B its value, C 1 if it keeps to the protocol
	Take               // ledger Name: entry A was taken; B its generation, C who asked
	Free               // ledger Name: entry A was released; B its generation, C who asked
	Misuse             // ledger Name: entry A, which is free, was released again; B its last generation
	Link               // the link changed: Name how, A the new state
	Reset              // a chip was reset: Name which, A the cause
	Frame              // the firmware broke the wire protocol: Name how, A the opcode, B 1 if not the framing but a value is wrong
	Bus                // a bus command: Name, A opcode, B socket or -1, C result
	Data               // bytes arrived: Name at whom; see Stream and the mocks
	Conn               // a connection changed: Name how, A its number, B local port, C remote port
	Log                // the firmware printed; Name is the format
	Race               // the race detector reported: Name the firmware functions
	Touch              // a block of memory was used after it was freed: Name by whom and what; A its address, B its generation, C 1 if freed again
	Bite               // a watchdog reset the board: Name which, A the reset reason, B the milliseconds since it was fed
	Light              // an LED changed: Name colour and pattern, A the pattern's period in milliseconds
	Wake               // the task goes on after it waited for a lock
	numKinds
)

// kindNames are for people; they are not stored anywhere.
var kindNames = [numKinds]string{
	"phase", "spawn", "exit", "call", "return", "block", "stuck", "panic", "spin", "limit", "fault", "take", "free", "misuse", "link",
	"reset", "frame", "bus", "data", "conn", "log", "race", "touch", "bite", "light", "wake",
}

// String is the kind's lower-case name.
func (k Kind) String() string {
	if k < numKinds {
		return kindNames[k]
	}
	return "unknown"
}

// Status is how a call ended, in C of a Return event.
type Status int64

// The ways a call ends.
const (
	OK          Status = iota
	Failed             // it returned an error
	Unsupported        // the device does not offer this op
	Skipped            // a handle that it needs was never bound
)

// Wait is what a stuck task was waiting for, in A of a Stuck event.
type Wait int64

// What a task waits for.
const (
	OnNothing Wait = iota // it could run
	OnSleep               // a time
	OnLock                // a lock; the holder is known
	OnChan                // a channel; the holder is the task that last received from it, or sent to it
	OnQueue               // something in the mocks, such as a peer waiting for bytes
	OnResult              // a handle that another call should return
)

// Event is one thing that happened.
type Event struct {
	At      time.Duration // virtual time since the run began
	Task    int           // index in Trace.Tasks
	Kind    Kind
	Name    string
	A, B, C int64
}

// MaxEvents is how many events a trace keeps; the hash covers those beyond it too.
const MaxEvents = 1 << 16

// Trace is one run's events. The zero value is an empty trace, ready to use.
type Trace struct {
	Events  []Event
	Tasks   []string       // names by index
	Dropped int            // events beyond MaxEvents: hashed, not kept
	Details map[int]string // text for people by event index: rendered logs, panic values; not part of the hash
	Packets []Packet       // for people too
	Script  []Line         // for people too
	hash    uint64
}

// Add appends e.
func (t *Trace) Add(e Event) {
	h := t.hash
	h = mix(h, uint64(e.At))
	h = mix(h, uint64(e.Kind+1)<<32|uint64(uint32(e.Task)))
	h = mixString(h, e.Name)
	h = mix(h, uint64(e.A))
	h = mix(h, uint64(e.B))
	t.hash = mix(h, uint64(e.C))
	if len(t.Events) == MaxEvents {
		t.Dropped++
		return
	}
	t.Events = append(t.Events, e)
}

// Detail keeps text for people about the event added last.
func (t *Trace) Detail(text string) {
	if t.Dropped > 0 || len(t.Events) == 0 {
		return
	}
	if t.Details == nil {
		t.Details = map[int]string{}
	}
	t.Details[len(t.Events)-1] = text
}

// Hash identifies the run: equal hashes, equal runs.
func (t *Trace) Hash() uint64 { return mix(t.hash, uint64(len(t.Tasks))) }

// Reset empties t and keeps its memory.
func (t *Trace) Reset() {
	clear(t.Events) // lets go of the names
	clear(t.Packets)
	clear(t.Script)
	*t = Trace{Events: t.Events[:0], Tasks: t.Tasks[:0], Packets: t.Packets[:0], Script: t.Script[:0]}
}

const prime = 0x9E3779B97F4A7C15

// mixString takes eight bytes at a time, and the length.
func mixString(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for len(s) >= 8 {
		h = mix(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
		s = s[8:]
	}
	var v uint64
	for i := range len(s) {
		v |= uint64(s[i]) << (8 * i)
	}
	return mix(h, v)
}

func mix(h, v uint64) uint64 {
	h = (h ^ v) * prime
	return h ^ h>>29
}
