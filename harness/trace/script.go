package trace

import "time"

// LineKind says what a line of a script is.
type LineKind uint8

// The kinds of lines.
const (
	Imports LineKind = iota // an import path that the lines may need
	Makes                   // an expression that makes the device under test
	Calls                   // a statement that calls it, as "dev"
	Returns                 // the last call returned
	Wire                    // what it did with a pin or a bus; see the mocked board
)

// Line is one of a script: what the application called, and what the device did on its wires. Like Details, scripts are for people.
type Line struct {
	At    time.Duration
	Event int // how many events came before it
	Kind  LineKind
	Text  string
}

// MaxScript is how many lines a trace keeps. Chosen: a test that plays more is nobody's to read.
const MaxScript = 1 << 12

// Write appends a line to the script.
func (t *Trace) Write(at time.Duration, k LineKind, text string) {
	if len(t.Script) <= MaxScript { // one more, which says that the script is not whole
		t.Script = append(t.Script, Line{At: at, Event: len(t.Events), Kind: k, Text: text})
	}
}
