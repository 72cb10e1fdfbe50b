package report_test

import (
	"net/netip"
	"reflect"
	"time"

	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

// document is a run of two tasks, a task of the firmware, a chip and an access point: a fault, a lock that is waited for, a panic.
func document() *report.Document {
	d := &report.Document{
		Tool: "v1", Target: "gadget", Firmware: "example.com/gadget", FirmwareVersion: "v0.1.0", File: "corpus/gadget/panic-gadget.txt",
		Program: "connect(home)\na: send(c0, 1) (fault: short@1)\nair: down(home)\n", Schedule: "a done\n",
		Prose: "It panics.\n\nContract: none.", Verdict: "panic: gadget.send", Contract: "firmware does not panic", Detail: "index out of range",
		At: 3 * time.Second, Task: 2, Others: []string{"leak: a slot"}, Hash: "abc", Tasks: []string{"harness", "main", "a", "gadget.poll", "air"},
		Package: "example.com/targets/gadget",
		Ops: []report.Op{
			{Text: "connect(home)", Task: "main", Op: "connect", Device: true, Handle: -1},
			{Text: "a: send(c0, 1) (fault: short@1)", Task: "a", Op: "send", Device: true, Handle: -1, Fault: "short@1"},
			{Text: "air: down(home)", Task: "air", Op: "down", Handle: -1, Args: []report.Arg{{Name: "ap", Word: "home"}}},
		},
		Details: map[int]string{},
	}
	d.Events = []trace.Event{
		{Kind: trace.Spawn, Name: "main", A: 1},
		{Task: 1, Kind: trace.Call, Name: "connect", A: 0, B: -1},
		{Task: 1, Kind: trace.Reset, Name: "esp8266", A: 3},
		{Task: 1, Kind: trace.Light, Name: "green blink", A: 200},
		{Task: 1, Kind: trace.Bus, Name: "HELLO", B: -1},
		{Task: 1, Kind: trace.Bus, Name: "NAME", B: -1},
		{Task: 1, Kind: trace.Bus, Name: "JOIN", B: -1},
		{Task: 1, Kind: trace.Bus, Name: "LOOK", B: -1},
		{At: time.Second, Task: 1, Kind: trace.Link, Name: "associated"},
		{At: time.Second, Task: 1, Kind: trace.Link, Name: "address"},
		{At: time.Second, Task: 1, Kind: trace.Spawn, Name: "gadget.poll", A: 3},
		{At: time.Second, Task: 1, Kind: trace.Return},
		{At: time.Second, Task: 2, Kind: trace.Call, Name: "send", A: 1, B: -1},
		{At: time.Second, Task: 3, Kind: trace.Block, Name: "lock", A: 2},
		{At: time.Second, Task: 4, Kind: trace.Call, Name: "down", A: 2, B: -1},
		{At: time.Second, Task: 4, Kind: trace.Return, A: 2},
		{At: 3 * time.Second, Task: 2, Kind: trace.Fault, Name: "short", A: 1},
		{At: 3 * time.Second, Task: 2, Kind: trace.Panic, Name: "gadget.send", A: 1},
		{At: 3 * time.Second, Task: 0, Kind: trace.Phase, Name: "heal"},
		{At: 63 * time.Second, Task: 3, Kind: trace.Stuck, Name: "gadget.poll", A: int64(trace.OnLock), B: 2, C: -1},
	}
	d.Details[17] = "index out of range"
	board, host := netip.MustParseAddrPort("10.0.0.2:49152"), netip.MustParseAddrPort("10.0.0.21:7")
	d.Packets = []trace.Packet{
		{At: 2 * time.Second, From: board, To: host, Flags: trace.PSH | trace.ACK, Data: make([]byte, 3001)},
		{At: time.Second, From: board, To: host, Flags: trace.SYN},
		{At: time.Second, From: host, To: board, Flags: trace.SYN | trace.ACK},
		{At: 3 * time.Second, From: board, To: host, Data: []byte("odd")},
	}
	return d
}

// hostile is a text that changes what shows it, if that does not look.
const hostile = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">'\"`\x1b[2J\x1b]0;owned\x07\u009b31m\u202e@all #1\n## x\n```\nx"

// poison puts s into every text that a document can hold.
func poison(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s + v.String())
	case reflect.Pointer:
		poison(v.Elem(), s)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				poison(v.Field(i), s)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), s)
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			v.SetMapIndex(k, reflect.ValueOf(s+v.MapIndex(k).String()))
		}
	}
}

// hostileDocument is a document in which every text is hostile, but for what the renderers decide by.
func hostileDocument() *report.Document {
	d := document()
	poison(reflect.ValueOf(d).Elem(), hostile)
	d.Verdict = "panic: " + hostile
	d.Ops[2].Task = "air"
	return d
}
