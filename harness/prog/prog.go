// Package prog is the program: the one input of a run, as a value, as text and as bytes.
//
// It stands first in the pipeline: bytes -> Prog -> run -> Trace. A target describes what may be called in a [Spec];
// [Decode] turns any byte strings into a program over it, [Generate] invents one, [Parse] reads one that a person or
// the shrinker wrote. Everything that a run does is in its Prog: calls, faults and schedule. Nothing random is left.
//
// The hard word is schedule: a list of [Step], each of which gives the turn to one task until it is done, blocks, or
// has passed a number of scheduling points. A step that ends by its number is a preemption: the task could have gone
// on. Most bugs need at most three.
package prog

import "fmt"

// Limits of every program.
const (
	MaxCalls = 64 // calls in a program
	MaxSteps = 8  // steps in a schedule
	MaxArgs  = 4  // arguments of an op
)

// maxPoints is the largest N of a Step.
const maxPoints = 65535

// Prog is a program: calls in text order, and which task runs when. It is valid if Validate returns nil; the
// functions of this package return valid programs and, but for Validate, Clone and Equal, expect them.
type Prog struct {
	Spec     *Spec
	Calls    []Call
	Schedule []Step // empty: tasks run in order of first use and switch only when they block
}

// Call is one call by one task.
type Call struct {
	Task  Task
	Op    int     // index in Spec.Ops
	Args  []int64 // one for each Op.Args; optional ones hold their default
	Fault *Fault  // nil: none
}

// Fault makes something go wrong during one call.
type Fault struct {
	Kind  int   // index in Spec.Faults
	Nth   int   // which occasion during the call, from 1
	Value int64 // 0 if the kind takes none
}

// Step gives the turn to Task until Until.
type Step struct {
	Task  Task // one that makes a call
	Until Until
	N     int // Points: 1 to 65535; else 0
}

// Class says who makes a call.
type Class uint8

// The classes: the firmware under test, a remote peer, and the air (access points, uplink, DHCP).
const (
	Device Class = iota
	Peer
	Air
	numClasses int = iota
)

// String is the class's lower-case name; class(n) for a number that is none.
func (c Class) String() string {
	names := [...]string{"device", "peer", "air"}
	if int(c) < len(names) {
		return names[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// Task is a sequence of calls. Main runs alone and first; then the others run concurrently.
type Task uint8

// The tasks.
const (
	Main Task = iota
	A
	B
	C
	D
	P1
	P2
	P3
	AirTask
	NumTasks int = iota
)

// String returns the name of t in the text form.
func (t Task) String() string {
	if int(t) < NumTasks {
		return taskNames()[t]
	}
	return fmt.Sprintf("task(%d)", uint8(t))
}

// Class returns the class of ops that t may call.
func (t Task) Class() Class {
	switch {
	case t <= D:
		return Device
	case t <= P3:
		return Peer
	}
	return Air
}

func taskNames() [NumTasks]string {
	return [...]string{"main", "a", "b", "c", "d", "p1", "p2", "p3", "air"}
}

// firstTask returns the first task of class c. Those of one class follow each other.
func firstTask(c Class) Task {
	return [...]Task{Device: Main, Peer: P1, Air: AirTask}[c]
}

// Until says what ends a Step.
type Until uint8

// The ends of a step: the task has made all its calls, it cannot go on by itself, or it has passed Step.N scheduling
// points.
const (
	Done Until = iota
	Block
	Points
)

// String is the lower-case name of what ends the step; until(n) for a number that is none.
func (u Until) String() string {
	names := [...]string{"done", "block", "points"}
	if int(u) < len(names) {
		return names[u]
	}
	return fmt.Sprintf("until(%d)", uint8(u))
}

// op returns the op of the call with this index.
func (p *Prog) op(call int) *Op {
	return &p.Spec.Ops[p.Calls[call].Op]
}

// taskSet is a set of tasks, one bit each.
type taskSet uint16

func (s taskSet) has(t Task) bool { return s>>t&1 != 0 }

// tasks returns the tasks that make a call.
func (p *Prog) tasks() taskSet {
	var s taskSet
	for i := range p.Calls {
		s |= 1 << p.Calls[i].Task
	}
	return s
}
