package prog

// Engines other than Go's own, such as libFuzzer, know one buffer of bytes, no three streams. Layout 1 of it:
//
//	0    layout, 1
//	1    W, length of the world, modulo worldMax+1
//	2    S, length of the schedule, modulo scheduleMax+1
//	3    world, W bytes; then schedule, S bytes; then calls, all the rest
//
// The calls are last, and bounded by nothing but the end, because that is where mutations and crossing over should get most of: a byte more
// or less there moves no other stream, and of bytes drawn at random most are calls. Lengths that reach beyond the end stop there, so every
// buffer stands for three streams. A later layout takes another number at 0; what has a number that nobody gave is read as layout 1.
const (
	layout      = 1
	bufferHead  = 3
	worldMax    = 26 // what layout 1 has room for: headerSize
	scheduleMax = 32 // and MaxSteps steps
)

// Join returns the buffer for three streams. What no program can be decoded from is left out: of world and schedule, that beyond worldMax and
// scheduleMax.
func Join(world, calls, schedule []byte) []byte {
	world, schedule = world[:min(len(world), worldMax)], schedule[:min(len(schedule), scheduleMax)]
	b := make([]byte, 0, bufferHead+len(world)+len(schedule)+len(calls))
	b = append(b, layout, byte(len(world)), byte(len(schedule)))
	b = append(b, world...)
	b = append(b, schedule...)
	return append(b, calls...)
}

// Split returns the streams in a buffer; they share its memory. Every buffer has them, if only empty ones.
func Split(b []byte) (world, calls, schedule []byte) {
	if len(b) < bufferHead {
		return nil, nil, nil
	}
	w, s := int(b[1])%(worldMax+1), int(b[2])%(scheduleMax+1)
	rest := b[bufferHead:]
	world, rest = cut(rest, w)
	schedule, calls = cut(rest, s)
	return world, calls, schedule
}

// cut cuts b after n bytes, or all of it.
func cut(b []byte, n int) (first, rest []byte) {
	n = min(n, len(b))
	return b[:n:n], b[n:]
}
