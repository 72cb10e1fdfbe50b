package report_test

import (
	"fmt"
	"os"
	"time"

	"github.com/linkflap/linkflap/harness/prog"
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

// Every form of a report is written from one Document: the run, and what is known of it besides.
func ExampleNew() {
	spec := &prog.Spec{Ops: []prog.Op{{Name: "start"}, {Name: "stop"}}}
	p, err := prog.Parse(spec, "", 1, "start()\nstop()\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	t := &trace.Trace{Tasks: []string{"main"}}
	t.Add(trace.Event{At: time.Second, Kind: trace.Panic, Name: "modem.Stop", A: 1})
	d := report.New(p, t)
	d.Target, d.Firmware, d.FirmwareVersion = "modem", "example.com/modem", "v1.2.0"
	d.Verdict, d.Contract = "panic: modem.Stop", "firmware does not panic"
	if err := report.JUnit(os.Stdout, []*report.Document{d}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <?xml version="1.0" encoding="UTF-8"?>
	// <testsuites name="linkflap" tests="1" failures="1" errors="0">
	//   <testsuite name="modem" tests="1" failures="1" errors="0">
	//     <testcase name="program 1" classname="modem">
	//       <failure message="panic: modem.Stop" type="panic">modem: panic: modem.Stop&#xA;&#xA;    start()&#xA;    stop()&#xA;&#xA;   1.000000s  main       PANIC in modem.Stop&#xA;</failure>
	//     </testcase>
	//   </testsuite>
	// </testsuites>
}
