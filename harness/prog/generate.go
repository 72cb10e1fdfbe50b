package prog

import (
	"encoding/binary"
	"math/rand"
	"slices"
)

// maxTries is how many records are drawn for one call before it is given up.
const maxTries = 32

// Generate returns a random valid program. It depends on nothing but spec and the numbers that r returns.
func Generate(r *rand.Rand, spec *Spec) *Prog {
	world, calls, schedule := Streams(r, spec)
	return Decode(spec, world, calls, schedule)
}

// Streams returns random streams for Decode, as seeds for a fuzz target. Unlike uniform bytes they give programs
// with taste: main sets up, then one to four device tasks, and in some programs peers and the air, do mostly possible
// things with mostly nice values, few faults and at most three preemptions.
func Streams(r *rand.Rand, spec *Spec) (world, calls, schedule []byte) {
	world = randomWorld(r)
	g := newGenerator(r, spec, world)
	for range g.length {
		g.call()
	}
	g.faults()
	return world, g.calls, g.schedule()
}

// randomWorld returns a swarm profile with a quarter of the ops and faults off, or in one of four programs none.
func randomWorld(r *rand.Rand) []byte {
	if r.Intn(4) == 0 {
		return nil
	}
	h := header{
		Tasks: byte(2 + r.Intn(3)), Peers: byte(r.Intn(256)),
		OpsOff: r.Uint32() & r.Uint32(), OpsLow: r.Uint32(), OpsHigh: r.Uint32(),
		FaultsOff: r.Uint32() & r.Uint32(), FaultsLow: r.Uint32(), FaultsHigh: r.Uint32(),
	}
	return h.bytes()
}

// generator draws call records and keeps those that the decoder accepts.
type generator struct {
	r       *rand.Rand
	decoder *decoder
	calls   []byte
	length  int             // calls to make
	setup   int             // calls that main makes before the other tasks begin
	tasks   [numClasses]int // tasks that make calls after that; 0 device tasks: main makes all calls
}

func newGenerator(r *rand.Rand, spec *Spec, world []byte) *generator {
	g := &generator{r: r, length: randomLength(r)}
	g.decoder = newDecoder(spec, world, g.length)
	g.setup = g.length
	allowed := g.decoder.profile.tasks
	device := min(choose(r, 0, 1, 1, 2, 2, 2, 3, 4), allowed[Device]-1)
	if device > 0 {
		g.setup = min(1+r.Intn(4), g.length)
		g.tasks[Device] = device
		g.tasks[Peer] = choose(r, 0, 1, 1+r.Intn(allowed[Peer]))
		g.tasks[Air] = choose(r, 0, 1)
	}
	return g
}

// randomLength returns a number of calls from 1 to 40, mostly from 4 to 20.
func randomLength(r *rand.Rand) int {
	return choose(r, 1+r.Intn(3), 4+r.Intn(8), 4+r.Intn(8), 4+r.Intn(17), 4+r.Intn(17), 4+r.Intn(17), 4+r.Intn(17), 21+r.Intn(20))
}

// choose returns one of the choices.
func choose(r *rand.Rand, choices ...int) int {
	return choices[r.Intn(len(choices))]
}

// call appends one record, or none if no record drawn stands for a call that fits. Half of the time it looks for a useful op: calls drawn
// independently of each other hardly ever move a byte over a connection.
func (g *generator) call() {
	picky := g.r.Intn(2) == 0
	for try := range maxTries {
		rec := make([]byte, callSize)
		rec[0] = byte(g.r.Intn(opCodes))
		op := g.op(rec)
		if picky && try < maxTries/2 && !g.useful(op) {
			continue
		}
		g.args(op, rec)
		if g.place(op.Class, rec) && g.decoder.call(rec) {
			g.calls = append(g.calls, rec...)
			return
		}
	}
}

// op returns the op of a record. The first call of a class is mostly to its first op, which the others need.
func (g *generator) op(rec []byte) *Op {
	spec, ops := g.decoder.prog.Spec, &g.decoder.profile.ops
	op := &spec.Ops[ops.pick(int(rec[0]), opCodes)]
	if g.called(op.Class) || g.r.Intn(8) == 0 {
		return op
	}
	first := slices.IndexFunc(spec.Ops, func(o Op) bool { return o.Class == op.Class })
	for code := range opCodes {
		if ops.pick(code, opCodes) == first {
			rec[0] = byte(code)
			return &spec.Ops[first]
		}
	}
	return op // the profile has the first one off
}

// called says that the program has a call of a class.
func (g *generator) called(class Class) bool {
	p := g.decoder.prog
	return slices.ContainsFunc(p.Calls, func(c Call) bool { return p.Spec.Ops[c.Op].Class == class })
}

// useful says that op does what applications mostly do: make handles at first, and then use them.
func (g *generator) useful(op *Op) bool {
	if g.setup < g.length && len(g.calls) < g.setup*callSize {
		return op.Result != ""
	}
	return slices.ContainsFunc(op.Args, func(a Arg) bool { return a.Kind == Ref })
}

// args draws the arguments of op. Half of the numbers and words are what an argument of the same name was before: a client calls at a port
// that somebody listens on. Half of the rest are the simplest value, more of the optional ones, and half of the results are the latest.
func (g *generator) args(op *Op, rec []byte) {
	rec[3] = byte(g.r.Intn(256) | g.r.Intn(256) | g.r.Intn(256))
	for i := range op.Args {
		code := uint16(g.r.Intn(2) * g.r.Intn(maxCodes))
		if op.Args[i].Optional {
			code *= uint16(g.r.Intn(2))
		}
		if again, ok := g.earlier(&op.Args[i]); ok && g.r.Intn(2) == 0 {
			code = again
			rec[3] &^= 1 << i
		}
		binary.LittleEndian.PutUint16(rec[4+2*i:], code)
	}
}

// earlier returns the code of a value that an argument of the same name had in an earlier call.
func (g *generator) earlier(a *Arg) (code uint16, ok bool) {
	calls := g.decoder.prog.Calls
	if len(calls) == 0 || a.Kind == Ref {
		return 0, false
	}
	from := g.r.Intn(len(calls))
	for i := range calls {
		c := &calls[(from+i)%len(calls)]
		for j, b := range g.decoder.prog.Spec.Ops[c.Op].Args {
			if b.Name == a.Name && b.Kind == a.Kind && a.check(c.Args[j]) == nil {
				return a.encode(c.Args[j]), true
			}
		}
	}
	return 0, false
}

// place gives the call of a record to a task of its class, and reports whether there is one for it.
func (g *generator) place(class Class, rec []byte) bool {
	setup := len(g.calls) < g.setup*callSize
	switch {
	case setup:
		return class == Device
	case g.tasks[class] == 0:
		return false
	}
	rec[1] = byte(g.r.Intn(g.tasks[class]))
	if class == Device {
		rec[1]++ // after main
	}
	return true
}

// faults gives most programs no more than two faults, mostly early in the call.
func (g *generator) faults() {
	p := g.decoder.prog
	var device []int
	for i := range p.Calls {
		if p.op(i).Class == Device {
			device = append(device, i)
		}
	}
	if len(device) == 0 {
		return
	}
	for range choose(g.r, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4) {
		rec := g.calls[device[g.r.Intn(len(device))]*callSize:]
		rec[2] = byte(1 + g.r.Intn(MaxFaults))
		binary.LittleEndian.PutUint16(rec[12:], uint16(g.r.Intn(1<<g.r.Intn(8))))
		binary.LittleEndian.PutUint16(rec[14:], uint16(g.r.Intn(maxCodes)))
	}
}

// schedule returns up to three steps, mostly preemptions after a log-uniform number of points.
func (g *generator) schedule() []byte {
	var b []byte
	tasks := g.decoder.prog.tasks()
	if tasks == 0 {
		return nil
	}
	if others := tasks &^ (1 << Main); others != 0 {
		tasks = others // main runs alone: there is nobody to give its turn to
	}
	for range choose(g.r, 0, 0, 1, 1, 2, 2, 3) {
		until := choose(g.r, int(Done), int(Block), int(Points), int(Points), int(Points), int(Points))
		shift := 3 + g.r.Intn(13)
		b = append(b, byte(tasks.pick(byte(g.r.Intn(256)))), byte(until|shift<<4))
		b = binary.LittleEndian.AppendUint16(b, uint16(maxCodes/2+g.r.Intn(maxCodes/2)))
	}
	return b
}
