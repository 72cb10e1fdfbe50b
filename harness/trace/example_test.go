package trace_test

import (
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// A trace is what happened, in order. In a run the world adds the events.
func Example() {
	t := &trace.Trace{Tasks: []string{"main", "a"}}
	t.Add(trace.Event{Task: 0, Kind: trace.Call, Name: "connect", A: 0, B: -1})
	t.Add(trace.Event{Task: 1, Kind: trace.Block, Name: "lock", A: 0})
	t.Add(trace.Event{At: 2 * time.Second, Task: 0, Kind: trace.Return, A: 0, C: int64(trace.OK)})
	for _, e := range t.Events {
		fmt.Println(e.At, t.Tasks[e.Task], e.Kind, e.Name)
	}
	// Output:
	// 0s main call connect
	// 0s a block lock
	// 2s main return
}

// Two runs are the same run if their hashes are. What only people read is no part of them.
func ExampleTrace_Hash() {
	run := func(took time.Duration, printed string) *trace.Trace {
		t := &trace.Trace{}
		t.Add(trace.Event{At: took, Kind: trace.Log, Name: "joined after %v\n"})
		t.Detail(printed)
		return t
	}
	first := run(time.Second, "joined after 1s").Hash()
	fmt.Println(first == run(time.Second, "").Hash())
	fmt.Println(first == run(time.Second+1, "joined after 1s").Hash())
	// Output:
	// true
	// false
}
