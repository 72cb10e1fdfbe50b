package report_test

import (
	"fmt"
	"time"

	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

func ExampleTimeline() {
	t := &trace.Trace{Tasks: []string{"main"}}
	t.Add(trace.Event{Kind: trace.Call, Name: "connect", A: 0, B: -1})
	t.Add(trace.Event{At: 2500 * time.Millisecond, Kind: trace.Return, A: 0})
	fmt.Print(report.Timeline(t, 0, 10))
	// Output:
	//    0.000000s  main       > connect #0
	//    2.500000s  main       < #0 ok 0
}
