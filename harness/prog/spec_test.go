package prog

import (
	"math"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	ms  = int64(time.Millisecond)
	sec = int64(time.Second)
)

// testSpec has something of everything: each kind of argument, result and fault, and a name in two classes.
func testSpec() *Spec {
	ap := Arg{Name: "ap", Kind: Enum, Choices: []string{"home", "cafe", "10.0.0.1"}}
	port := Arg{Name: "port", Kind: Int, Min: 1, Max: 65535, Nice: []int64{80}}
	size := Arg{Name: "size", Kind: Int, Max: 2048, Nice: []int64{16, 1, 0, 1500}}
	length := Arg{Name: "length", Kind: Dur, Max: int64(MaxDuration), Nice: []int64{sec, 10 * ms, 90 * sec}}
	watchdog := Arg{Name: "watchdog", Kind: Dur, Max: 3600 * sec, Nice: []int64{2 * sec}, Optional: true}
	retries := Arg{Name: "retries", Kind: Int, Min: -1, Max: 5, Optional: true, Default: 3}
	mask := Arg{Name: "mask", Kind: Int, Min: -16, Max: 255, Nice: []int64{0xff}, Hex: true}
	socket := Arg{Name: "socket", Kind: Ref, Of: []string{"s", "c", "u"}}
	mode := Arg{Name: "mode", Kind: Enum, Choices: []string{"plain", "shared"}, Optional: true, Default: 1}
	conn := Arg{Name: "conn", Kind: Ref, Of: []string{"c"}}
	listener := Arg{Name: "listener", Kind: Ref, Of: []string{"s"}}
	return &Spec{
		Ops: []Op{
			{Name: "connect", Args: []Arg{ap, watchdog, retries}},
			{Name: "disconnect"},
			{Name: "listen", Args: []Arg{port}, Result: "s"},
			{Name: "accept", Args: []Arg{listener}, Result: "c"},
			{Name: "udp", Args: []Arg{mode}, Result: "u"},
			{Name: "recv", Args: []Arg{conn, size}},
			{Name: "splice", Args: []Arg{conn, socket, size, mask}},
			{Name: "close", Args: []Arg{socket}},
			{Name: "sleep", Args: []Arg{length}},
			{Name: "dial", Class: Peer, Args: []Arg{port}},
			{Name: "close", Class: Peer},
			{Name: "down", Class: Air, Args: []Arg{ap}},
		},
		Faults: []FaultSpec{
			{Name: "bus", Value: &mask, MaxNth: 1000},
			{Name: "noack", MaxNth: 3},
			{Name: "slow", Value: &length, MaxNth: 65536},
		},
	}
}

func TestSpecIsValid(t *testing.T) {
	spec := testSpec()
	require.NoError(t, spec.Validate())

	i, ok := spec.Op(Peer, "close")
	assert.True(t, ok)
	assert.Equal(t, 10, i)
	_, ok = spec.Op(Air, "close")
	assert.False(t, ok, "names belong to a class")
	i, ok = spec.Fault("slow")
	assert.True(t, ok)
	assert.Equal(t, 2, i)
}

func TestSpecErrors(t *testing.T) {
	tests := []struct {
		want  string
		spoil func(s *Spec)
	}{
		{"got 0 ops, want 1..256", func(s *Spec) { s.Ops = nil }},
		{"got 65 kinds of fault, want at most 64", func(s *Spec) { s.Faults = make([]FaultSpec, 65) }},
		{`op 1x: got name "1x"`, func(s *Spec) { s.Ops[1].Name = "1x" }},
		{"op connect: got the name twice in class device", func(s *Spec) { s.Ops[1].Name = "connect" }},
		{"op dial: got class(3), want", func(s *Spec) { s.Ops[9].Class = 3 }},
		{`op accept: got result kind "c0"`, func(s *Spec) { s.Ops[3].Result = "c0" }},
		{"op connect: got 5 arguments, want at most 4", func(s *Spec) { s.Ops[0].Args = make([]Arg, 5) }},
		{`argument : got name ""`, func(s *Spec) { s.Ops[0].Args[0].Name = "" }},
		{"op recv: argument size: got the name twice", func(s *Spec) { s.Ops[5].Args[0].Name = "size" }},
		{"got a required argument after an optional one", func(s *Spec) { s.Ops[0].Args[2].Optional = false }},
		{"got an optional reference", func(s *Spec) { s.Ops[3].Args[0].Optional = true }},
		{`got result kind "x", want one that an op returns`, func(s *Spec) { s.Ops[3].Args[0].Of = []string{"x"} }},
		{"got kind 9, want", func(s *Spec) { s.Ops[0].Args[0].Kind = 9 }},
		{"got bounds 65536..65535", func(s *Spec) { s.Ops[2].Args[0].Min = 65536 }},
		{"got bounds -1ns..1h", func(s *Spec) { s.Ops[0].Args[1].Min = -1 }},
		{"want the lower one first and durations in 0s..1h23m20s", func(s *Spec) { s.Ops[8].Args[0].Max = 5001 * sec }},
		{"got 70000, want 1..65535", func(s *Spec) { s.Ops[2].Args[0].Nice[0] = 70000 }},
		{"got 1 nice values in 0..65535, want fewer or closer bounds", func(s *Spec) { s.Ops[2].Args[0].Min = 0 }},
		{"want fewer or closer bounds: at most 65536 codes", func(s *Spec) { s.Ops[2].Args[0].Min = math.MinInt64 }},
		{"got 1m0.5s, want", func(s *Spec) { s.Ops[8].Args[0].Nice[0] = 60500 * ms }},
		{"got 6, want -1..5", func(s *Spec) { s.Ops[0].Args[2].Default = 6 }},
		{"got 0 choices", func(s *Spec) { s.Ops[0].Args[0].Choices = nil }},
		{`got choice "a b"`, func(s *Spec) { s.Ops[0].Args[0].Choices[1] = "a b" }},
		{`fault : got name ""`, func(s *Spec) { s.Faults[0].Name = "" }},
		{"fault noack: got the name twice", func(s *Spec) { s.Faults[2].Name = "noack" }},
		{"fault noack: got MaxNth 0, want 1..65536", func(s *Spec) { s.Faults[1].MaxNth = 0 }},
		{"got a value that is a reference", func(s *Spec) { s.Faults[0].Value.Kind = Ref }},
	}
	for _, tt := range tests {
		spec := testSpec()
		tt.spoil(spec)
		assert.ErrorContains(t, spec.Validate(), tt.want)
	}
}

func TestTasks(t *testing.T) {
	for task := range Task(NumTasks) {
		got, err := parseTask(task.String())
		assert.NoError(t, err)
		assert.Equal(t, task, got)
		assert.GreaterOrEqual(t, task, firstTask(task.Class()))
	}
	assert.Equal(t, "task(9) class(7) until(5)", Task(9).String()+" "+Class(7).String()+" "+Until(5).String())
}

// Every valid value of an argument has a code, and every code is a valid value.
func TestArgCodes(t *testing.T) {
	spec := testSpec()
	for _, op := range spec.Ops {
		for _, a := range op.Args {
			if a.Kind == Ref {
				continue
			}
			for code := range maxCodes {
				v := a.decode(uint16(code), false)
				require.NoError(t, a.check(v), "%s code %d", a.Name, code)
				require.Equal(t, v, a.decode(a.encode(v), false), "%s code %d", a.Name, code)
				back, err := a.parse(a.text(v))
				require.NoError(t, err)
				require.Equal(t, v, back)
			}
			for _, edge := range []int64{a.Min, a.Max} {
				require.Equal(t, edge, a.decode(a.encode(edge), false), "%s: the bounds have codes", a.Name)
			}
		}
	}
	size := &spec.Ops[5].Args[1]
	assert.Contains(t, size.Nice, size.decode(uint16(rand.Int()), true), "the nice bit leaves only nice values")
}

func TestFormatDur(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0s": 0, "10ms": 10 * time.Millisecond, "1.5s": 1500 * time.Millisecond, "10s": 10 * time.Second,
		"1m": time.Minute, "1m30s": 90 * time.Second, "1h": time.Hour, "1h0m5s": time.Hour + 5*time.Second,
		"1h20m": 80 * time.Minute,
	} {
		assert.Equal(t, text, formatDur(int64(d)))
	}
}
