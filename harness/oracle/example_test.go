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
