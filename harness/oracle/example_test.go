package oracle_test

import (
	"fmt"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/trace"
)

// A panic anywhere in a run is a violation; the signature has no place and no time.
func ExampleCheck() {
	t := &trace.Trace{Tasks: []string{"main"}}
	t.Add(trace.Event{Kind: trace.Panic, Name: "modem.Stop", A: -1})
	for _, v := range oracle.Check(oracle.All, t, nil) {
		fmt.Println(v.Signature())
	}
	// Output: panic: modem.Stop
}

// What a call does to handles decides what its result means: after close, a send on the same handle must not send anything.
func ExampleCheck_handle() {
	calls := []oracle.Call{{Makes: true}, {Closes: true}, {}} // c0 = dial(), close(c0), send(c0)
	for _, sent := range []int64{0, 16} {
		t := &trace.Trace{Tasks: []string{"main"}}
		did := func(id int64, op string, handle, result int64) {
			t.Add(trace.Event{Kind: trace.Call, Name: op, A: id, B: handle, C: 1000})
			t.Add(trace.Event{Kind: trace.Return, A: id, B: result})
		}
		did(0, "dial", -1, 7)
		did(1, "close", 0, 0)
		did(2, "send", 0, sent)
		fmt.Println(sent, "bytes sent:", len(oracle.Check(oracle.Named("stale"), t, calls)), "violations")
		for _, v := range oracle.Check(oracle.Named("stale"), t, calls) {
			fmt.Println(v.Signature())
		}
	}
	// Output:
	// 0 bytes sent: 0 violations
	// 16 bytes sent: 1 violations
	// stale: send succeeds after close
}
