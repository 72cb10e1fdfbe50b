package trace_test

import (
	"testing"

	"github.com/linkflap/linkflap/harness/trace"
)

func BenchmarkAdd(b *testing.B) {
	var t trace.Trace
	b.ReportAllocs()
	for b.Loop() {
		if len(t.Events) == 1000 {
			t.Reset()
		}
		t.Add(trace.Event{Kind: trace.Bus, Name: "GET_CLIENT_STATE_TCP", A: 0x2f, B: 3, C: 4})
	}
}
