package prog

import (
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"

	fuzz "github.com/AdaLogics/go-fuzz-headers"
	"github.com/leanovate/gopter"
	"github.com/leanovate/gopter/prop"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// checkRoundTrips compares deeply, so nil and empty slices must come back as they were too.
func checkRoundTrips(t *testing.T, p *Prog) {
	t.Helper()
	require.NoError(t, p.Validate())
	text := p.String()
	parsed, err := Parse(p.Spec, "text", 1, text)
	require.NoError(t, err)
	require.True(t, reflect.DeepEqual(p, parsed), "%s\nparsed as\n%s", text, parsed)
	world, calls, schedule := p.Encode()
	decoded := Decode(p.Spec, world, calls, schedule)
	require.True(t, reflect.DeepEqual(p, decoded), "%s\ndecoded as\n%s", text, decoded)
	require.True(t, Equal(p, decoded) && !Less(p, decoded) && !Less(decoded, p))
}

// generated is the property that holds for each of many programs from a fixed seed.
func generated(t *testing.T, property func(p *Prog, r *rand.Rand)) {
	t.Helper()
	spec := testSpec()
	params := gopter.DefaultTestParametersWithSeed(1)
	params.MinSuccessfulTests = 2000
	gen := func(p *gopter.GenParameters) *gopter.GenResult {
		return gopter.NewGenResult(Generate(p.Rng, spec), gopter.NoShrinker)
	}
	r := rand.New(rand.NewSource(2))
	properties := gopter.NewProperties(params)
	properties.Property(t.Name(), prop.ForAll(func(p *Prog) bool {
		property(p, r)
		return true
	}, gen))
	properties.TestingRun(t)
}

func TestGeneratedRoundTrips(t *testing.T) {
	generated(t, func(p *Prog, _ *rand.Rand) { checkRoundTrips(t, p) })
}

func TestDecodeIsTotal(t *testing.T) {
	spec := testSpec()
	err := quick.Check(func(world [headerSize]byte, short uint8, calls, schedule []byte, records [40 * callSize]byte) bool {
		checkRoundTrips(t, Decode(spec, world[:int(short)%(headerSize+1)], calls, schedule))
		checkRoundTrips(t, Decode(spec, world[:], records[:], schedule))
		return true
	}, &quick.Config{MaxCount: 500, Rand: rand.New(rand.NewSource(3))})
	require.NoError(t, err)
}

func FuzzDecode(f *testing.F) {
	spec := testSpec()
	r := rand.New(rand.NewSource(4))
	for range 20 {
		world, calls, schedule := Streams(r, spec)
		f.Add(world, calls, schedule)
	}
	f.Fuzz(func(t *testing.T, world, calls, schedule []byte) {
		checkRoundTrips(t, Decode(spec, world, calls, schedule))
	})
}

func TestDecodeLimits(t *testing.T) {
	spec := testSpec()
	p := Decode(spec, nil, make([]byte, 100*callSize+3), make([]byte, 20*stepSize+3))
	assert.Len(t, p.Calls, MaxCalls, "records beyond the limit are ignored")
	assert.Len(t, p.Schedule, MaxSteps)

	empty := Decode(spec, nil, make([]byte, callSize-1), make([]byte, stepSize))
	assert.Equal(t, &Prog{Spec: spec}, empty, "no call, so no task for the step")

	recv, _ := spec.Op(Device, "recv")
	ops := weights{n: len(spec.Ops)}
	record := make([]byte, callSize)
	record[0] = byte(ops.code(recv, opCodes))
	assert.Empty(t, Decode(spec, nil, record, nil).Calls, "there is nothing to receive from")
}

func TestDecodeSurvivesMutation(t *testing.T) {
	p := parse(t, testSpec(), example)
	_, calls, schedule := p.Encode()
	calls[callSize+4] ^= 1 // the port of listen: 80 is code 0, code 1 is the minimum
	got := Decode(p.Spec, nil, calls, schedule)
	want := p.Clone()
	want.Calls[1].Args[0] = 1
	assert.True(t, Equal(want, got), "one field changes, no more:\n%s", got)
}

func TestHeaderIsWhatGenerateStructReads(t *testing.T) {
	want := header{1, 2, 0x03040506, 0x0708090a, 0x0b0c0d0e, 0x0f101112, 0x13141516, 0x1718191a}
	b := want.bytes()
	require.Len(t, b, headerSize)
	var got header
	require.NoError(t, fuzz.NewConsumer(b).GenerateStruct(&got))
	assert.Equal(t, want, got)
}

func TestProfile(t *testing.T) {
	spec := testSpec()
	h := header{Tasks: 6, Peers: 4, OpsOff: ^uint32(0b100), FaultsOff: ^uint32(0)}
	p := newProfile(spec, h.bytes())
	assert.Equal(t, [...]int{2, 2, 1}, p.tasks)
	got := map[int]bool{}
	for code := range opCodes {
		got[p.ops.pick(code, opCodes)] = true
	}
	assert.Equal(t, map[int]bool{0: true, 2: true}, got, "op 0 cannot be switched off")
	assert.Equal(t, -1, p.faults.pick(3, MaxFaults), "all faults are off")
	assert.Equal(t, -1, (&weights{}).pick(3, MaxFaults), "there are no faults")

	wild := cumulate(3, 0, 0b110, 0b100)
	assert.Equal(t, []int{1, 3, 19}, wild)

	for n := 1; n <= MaxOps; n++ {
		w := weights{n: n}
		for i := range n {
			require.Equal(t, i, w.pick(w.code(i, opCodes), opCodes), "every op has a code")
		}
	}
}

// The shares are wide: they guard the taste of Generate, not its every detail.
func TestGenerateTaste(t *testing.T) {
	total, count := 0, map[string]int{}
	note := func(what string, ok bool) {
		if ok {
			count[what]++
		}
	}
	generated(t, func(p *Prog, _ *rand.Rand) {
		total++
		faults, tasks := p.size()[1], p.tasks()
		note("first op", len(p.Calls) > 0 && p.Calls[0].Op == 0)
		note("4..20 calls", len(p.Calls) >= 4 && len(p.Calls) <= 20)
		note("no call", len(p.Calls) == 0)
		note("over 40 calls", len(p.Calls) > 40)
		note("at most 2 faults", faults <= 2)
		note("a fault", faults > 0)
		note("concurrent", tasks.has(A))
		note("three tasks", tasks.has(A) && tasks.has(B))
		note("peer", tasks.has(P1) || tasks.has(P2) || tasks.has(P3))
		note("air", tasks.has(AirTask))
		note("schedule", len(p.Schedule) > 0)
		note("over 3 steps", len(p.Schedule) > 3)
	})
	for what, want := range map[string][2]int{
		"first op": {85, 98}, "4..20 calls": {65, 95}, "no call": {0, 0}, "over 40 calls": {0, 0},
		"at most 2 faults": {80, 99}, "a fault": {40, 80}, "concurrent": {55, 80}, "three tasks": {30, 60},
		"peer": {25, 50}, "air": {8, 40}, "schedule": {50, 90}, "over 3 steps": {0, 0},
	} {
		percent := float64(count[what]) * 100 / float64(total)
		t.Logf("%-16s %5.1f%%", what, percent)
		assert.True(t, float64(want[0]) <= percent && percent <= float64(want[1]), "%s: got %.1f%%, want %d..%d%%", what, percent, want[0], want[1])
	}
}

func TestGenerateIsAFunctionOfItsRandomNumbers(t *testing.T) {
	spec := testSpec()
	for seed := range int64(100) {
		p, q := Generate(rand.New(rand.NewSource(seed)), spec), Generate(rand.New(rand.NewSource(seed)), spec)
		require.True(t, Equal(p, q), "seed %d", seed)
	}
}

func TestGenerateGivesUpOnImpossibleCalls(t *testing.T) {
	spec := &Spec{Ops: []Op{{Name: "dup", Args: []Arg{{Name: "x", Kind: Ref, Of: []string{"x"}}}, Result: "x"}}}
	require.NoError(t, spec.Validate())
	r := rand.New(rand.NewSource(8))
	for range 50 {
		assert.Empty(t, Generate(r, spec).String(), "the first dup has nothing to refer to")
	}
}

// twentyCalls returns the streams of a program of 20 calls and 3 steps.
func twentyCalls(b *testing.B) (p *Prog, world, calls, schedule []byte) {
	b.Helper()
	r := rand.New(rand.NewSource(5))
	for {
		p = Generate(r, testSpec())
		if len(p.Calls) == 20 && len(p.Schedule) == 3 {
			world, calls, schedule = p.Encode()
			return p, world, calls, schedule
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	p, world, calls, schedule := twentyCalls(b)
	b.ReportAllocs()
	for b.Loop() {
		Decode(p.Spec, world, calls, schedule)
	}
}

func BenchmarkDecodeSwarm(b *testing.B) {
	p, _, calls, schedule := twentyCalls(b)
	world := (&header{}).bytes()
	b.ReportAllocs()
	for b.Loop() {
		Decode(p.Spec, world, calls, schedule)
	}
}

func BenchmarkValidate(b *testing.B) {
	p, _, _, _ := twentyCalls(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Validate(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	spec, r := testSpec(), rand.New(rand.NewSource(6))
	b.ReportAllocs()
	for b.Loop() {
		Generate(r, spec)
	}
}
