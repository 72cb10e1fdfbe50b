package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What ClusterFuzz looks for, line by line, and which frames it does not count (github.com/google/clusterfuzz, src/clusterfuzz/stacktraces:
// StackParser.parse in __init__.py, and constants.py).
var (
	panicLine   = regexp.MustCompile(`(?i)^\s*panic: (.*)`)
	timeoutLine = regexp.MustCompile(`ERROR:\s*libFuzzer:\s*timeout`)
	memoryLine  = regexp.MustCompile(`libFuzzer: out-of-memory \(`)
	goFrame     = regexp.MustCompile(`^([\w./()*\\-]+)\([x0-9a-f\s,.{}]*\)$`)
	ignored     = regexp.MustCompile(`^(panic$|runtime\.|main|new|New|free|delete|abort)|assert|logger`)
)

const (
	stateLines = 3
	lineCap    = 80
)

// crashState is what ClusterFuzz makes of what a binary said: the type of the crash, then the lines that make two crashes the same.
func crashState(said string) string {
	kind, state := "", []string(nil)
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		switch m := panicLine.FindStringSubmatch(line); {
		case m != nil && kind != "Timeout":
			kind, state = "ASSERT", []string{m[1]}
		case timeoutLine.MatchString(line):
			kind, state = "Timeout", nil
		case memoryLine.MatchString(line):
			kind, state = "Out-of-memory", nil
		}
		frame := goFrame.FindStringSubmatch(line)
		if kind == "ASSERT" && strings.Contains(said, ".go:") && frame != nil && !ignored.MatchString(frame[1]) && len(state) < stateLines {
			state = append(state, frame[1][strings.LastIndex(frame[1], "/")+1:])
		}
	}
	for i, line := range state {
		state[i] = line[:min(len(line), lineCap)]
	}
	return strings.Join(append([]string{kind}, state...), "\n") + "\n"
}

func TestCrashStateIsReadAsClusterFuzzDoes(t *testing.T) {
	const long = "deadlock: disconnect in gadget.Disconnect waits for a channel operation of keeper, which waits"
	for _, c := range []struct{ name, said, want string }{
		{"nothing", "Done 100 runs\n", "\n"},
		{"a panic of Go's", "panic: oh\n\ngoroutine 1 [running]:\npanic({0x1, 0x2})\nexample.com/toy.Poke(0x5)\n\t/src/toy.go:1 +0x5\n", "ASSERT\noh\ntoy.Poke\n"},
		{"no position, no frames", "panic: oh\n\ngoroutine 1 [running]:\ntoy.Poke(0x5)\n", "ASSERT\noh\n"},
		{"the last panic", "    panic: toy.a\n\npanic: panic: toy.b\n", "ASSERT\npanic: toy.b\n"},
		{"80 characters, two frames", "x.go:1\npanic: " + long + "\na.B(...)\na.(*C).D(...)\na.E(...)\n", "ASSERT\n" + long[:80] + "\na.B\na.(*C).D\n"},
		{"a timeout", "panic: oh\n==1== ERROR: libFuzzer: timeout after 1 seconds\nx.go:1\na.B(...)\n", "Timeout\n"},
	} {
		t.Run(c.name, func(t *testing.T) { require.Equal(t, c.want, crashState(c.said)) })
	}
}
