package prog

import (
	"encoding/binary"
	"slices"
)

// A program in bytes is three streams, so that a mutation in one does not shift the others. world is the swarm
// profile; see header. calls and schedule are records of fixed width, so that a mutation in one record does not
// shift the next. Numbers are little-endian; an incomplete record at the end is ignored.
//
// A call record:
//
//	0    op, through the weights of the profile
//	1    task, modulo those that the profile allows in the class of the op
//	2    fault: 1 to 64 is a kind, through the weights of the profile; all else is none
//	3    nice: bit i set takes argument i, bit 4 the fault value, from Arg.Nice if it has any
//	4    arguments, 2 bytes each: a code as in Arg.decode; for a Ref, how many earlier results to go back, modulo
//	     those there are
//	12   fault occasion less 1, modulo FaultSpec.MaxNth
//	14   fault value, a code
//
// A schedule record:
//
//	0    task: if modulo NumTasks it makes no call, then modulo those that do
//	1    until in the lowest 2 bits, 2 and 3 being points; shift in the highest 4
//	2    points: N is this >> shift, but at least 1. The shift makes random N log-uniform.
const (
	callSize  = 16
	stepSize  = 4
	opCodes   = 256
	niceFault = MaxArgs // bit of the fault value in the nice byte
)

// Decode returns the program that the streams stand for. Every input gives a valid one: records beyond MaxCalls and
// MaxSteps are ignored, a call is dropped if it needs a result and no earlier call returns one. spec must be valid.
func Decode(spec *Spec, world, calls, schedule []byte) *Prog {
	d := newDecoder(spec, world, min(len(calls)/callSize, MaxCalls))
	for rec := range slices.Chunk(calls[:d.records*callSize], callSize) {
		d.call(rec)
	}
	if len(d.prog.Calls) == 0 {
		d.prog.Calls = nil // as in a program that was parsed
	}
	d.schedule(schedule)
	return d.prog
}

// decoder appends decoded records to prog.
type decoder struct {
	prog    *Prog
	profile profile
	records int     // most calls to come
	args    []int64 // backs all Call.Args: one allocation a program
}

func newDecoder(spec *Spec, world []byte, records int) *decoder {
	d := &decoder{prog: &Prog{Spec: spec}, profile: newProfile(spec, world), records: records}
	if records > 0 {
		d.prog.Calls = make([]Call, 0, records)
		d.args = make([]int64, 0, records*MaxArgs)
	}
	return d
}

// call appends the call of a record and reports whether there is one: its references may be to nothing.
func (d *decoder) call(rec []byte) bool {
	index := d.profile.ops.pick(int(rec[0]), opCodes)
	if index < 0 {
		return false
	}
	op := &d.prog.Spec.Ops[index]
	start := len(d.args)
	for i := range op.Args {
		a, code := &op.Args[i], binary.LittleEndian.Uint16(rec[4+2*i:])
		v, ok := int64(0), true
		if a.Kind == Ref {
			v, ok = d.prog.ref(a, code)
		} else {
			v = a.decode(code, rec[3]>>i&1 != 0)
		}
		if !ok {
			d.args = d.args[:start]
			return false
		}
		d.args = append(d.args, v)
	}
	c := Call{Op: index, Args: slices.Clip(d.args[start:])}
	if len(op.Args) == 0 {
		c.Args = nil
	}
	c.Task = firstTask(op.Class) + Task(int(rec[1])%d.profile.tasks[op.Class])
	if op.Class == Device {
		c.Fault = d.fault(rec)
	}
	d.prog.Calls = append(d.prog.Calls, c)
	return true
}

// ref returns the call that is code results back from the end of p, among results that a accepts.
func (p *Prog) ref(a *Arg, code uint16) (call int64, ok bool) {
	var found [MaxCalls]uint8
	n := 0
	for i := len(p.Calls) - 1; i >= 0; i-- {
		if p.op(i).returns(a.Of) {
			found[n] = uint8(i)
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return int64(found[int(code)%n]), true
}

func (d *decoder) fault(rec []byte) *Fault {
	if rec[2] < 1 || rec[2] > MaxFaults {
		return nil
	}
	kind := d.profile.faults.pick(int(rec[2])-1, MaxFaults)
	if kind < 0 {
		return nil
	}
	spec := &d.prog.Spec.Faults[kind]
	f := &Fault{Kind: kind, Nth: 1 + int(binary.LittleEndian.Uint16(rec[12:]))%spec.MaxNth}
	if spec.Value != nil {
		f.Value = spec.Value.decode(binary.LittleEndian.Uint16(rec[14:]), rec[3]>>niceFault&1 != 0)
	}
	return f
}

// schedule decodes the steps. The calls are there already.
func (d *decoder) schedule(b []byte) {
	n := min(len(b)/stepSize, MaxSteps)
	tasks := d.prog.tasks()
	if n == 0 || tasks == 0 {
		return
	}
	d.prog.Schedule = make([]Step, 0, n)
	for rec := range slices.Chunk(b[:n*stepSize], stepSize) {
		s := Step{Task: tasks.pick(rec[0]), Until: min(Until(rec[1]&3), Points)}
		if s.Until == Points {
			s.N = max(1, int(binary.LittleEndian.Uint16(rec[2:])>>(rec[1]>>4)))
		}
		d.prog.Schedule = append(d.prog.Schedule, s)
	}
}

// pick returns a task of a set that is not empty. Codes of tasks in the set mean the same whatever else is in it.
func (s taskSet) pick(code byte) Task {
	if t := Task(int(code) % NumTasks); s.has(t) {
		return t
	}
	var in [NumTasks]Task
	n := 0
	for t := range Task(NumTasks) {
		if s.has(t) {
			in[n] = t
			n++
		}
	}
	return in[int(code)%n]
}

// Encode returns streams that Decode turns into p. The world is empty: everything on, equal weights.
func (p *Prog) Encode() (world, calls, schedule []byte) {
	calls = make([]byte, len(p.Calls)*callSize)
	for i := range p.Calls {
		p.encodeCall(i, calls[i*callSize:])
	}
	schedule = make([]byte, len(p.Schedule)*stepSize)
	for i, s := range p.Schedule {
		rec := schedule[i*stepSize:]
		rec[0], rec[1] = byte(s.Task), byte(s.Until)
		binary.LittleEndian.PutUint16(rec[2:], uint16(s.N))
	}
	return nil, calls, schedule
}

func (p *Prog) encodeCall(i int, rec []byte) {
	c, op := &p.Calls[i], p.op(i)
	ops := weights{n: len(p.Spec.Ops)}
	rec[0] = byte(ops.code(c.Op, opCodes))
	rec[1] = byte(c.Task - firstTask(op.Class))
	for j := range op.Args {
		code := uint16(0)
		if a := &op.Args[j]; a.Kind == Ref {
			code = p.back(a, i, c.Args[j])
		} else {
			code = a.encode(c.Args[j])
		}
		binary.LittleEndian.PutUint16(rec[4+2*j:], code)
	}
	if c.Fault != nil {
		p.Spec.encodeFault(c.Fault, rec)
	}
}

// back returns how many results that a accepts lie between the one of call def and call i.
func (p *Prog) back(a *Arg, i int, def int64) uint16 {
	n := uint16(0)
	for j := i - 1; j > int(def); j-- {
		if p.op(j).returns(a.Of) {
			n++
		}
	}
	return n
}

func (s *Spec) encodeFault(f *Fault, rec []byte) {
	faults := weights{n: len(s.Faults)}
	rec[2] = byte(1 + faults.code(f.Kind, MaxFaults))
	binary.LittleEndian.PutUint16(rec[12:], uint16(f.Nth-1))
	if value := s.Faults[f.Kind].Value; value != nil {
		binary.LittleEndian.PutUint16(rec[14:], value.encode(f.Value))
	}
}
