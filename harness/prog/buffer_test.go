package prog

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLayout1HasRoomForEveryProgram(t *testing.T) {
	require.Equal(t, headerSize, worldMax, "another header wants another layout")
	require.Equal(t, MaxSteps*stepSize, scheduleMax, "longer schedules want another layout")
}

func TestABufferIsThreeStreams(t *testing.T) {
	require.Equal(t, []byte{1, 2, 1, 'w', 'o', 's', 'c', 'a'}, Join([]byte("wo"), []byte("ca"), []byte("s")))
	require.Equal(t, []byte{1, 0, 0}, Join(nil, nil, nil))
	for _, c := range []struct{ buffer, world, calls, schedule string }{
		{"", "", "", ""},
		{"\x01\x02", "", "", ""},
		{"\x01\x02\x01wosca", "wo", "ca", "s"},
		{"\x07\x02\x01wosca", "wo", "ca", "s"},    // no such layout
		{"\x01\x1d\x22wosca", "wo", "ca", "s"},    // lengths modulo 27 and 33
		{"\x01\x03\x09wosca", "wos", "", "ca"},    // a schedule that ends early
		{"\x01\x1a\x09wosca", "wosca", "", ""},    // a world that ends early
		{"\x01\x00\x00wosca", "", "wosca", ""},    // calls only
		{"\x01\x00\x20" + "0123", "", "", "0123"}, // a schedule only
	} {
		world, calls, schedule := Split([]byte(c.buffer))
		require.Equal(t, []string{c.world, c.calls, c.schedule}, []string{string(world), string(calls), string(schedule)}, "%q", c.buffer)
	}
}

func TestStreamsSurviveTheBuffer(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	random := func(most int) []byte {
		b := make([]byte, r.Intn(most+1))
		r.Read(b)
		return b
	}
	for range 10000 {
		world, calls, schedule := random(worldMax), random(3*callSize), random(scheduleMax)
		w, c, s := Split(Join(world, calls, schedule))
		require.Equal(t, [][]byte{world, calls, schedule}, [][]byte{append([]byte{}, w...), append([]byte{}, c...), append([]byte{}, s...)})

		world, calls, schedule = random(100), random(3*callSize), random(100)
		spec := &Spec{Ops: []Op{{Name: "open", Class: Device, Result: "socket"}, {Name: "shut", Class: Device}}}
		w, c, s = Split(Join(world, calls, schedule))
		require.Equal(t, Decode(spec, world, calls, schedule), Decode(spec, w, c, s), "what is left out stands for nothing")
	}
}
