package air

// fifo is a queue of bytes; the zero value is empty.
type fifo struct {
	b []byte
	r int // b[r:] is in the queue
}

func (f *fifo) len() int { return len(f.b) - f.r }

func (f *fifo) write(p []byte) {
	if f.r == len(f.b) {
		f.b, f.r = f.b[:0], 0
	} else if f.r > 0 && len(f.b)+len(p) > cap(f.b) {
		f.b, f.r = f.b[:copy(f.b, f.b[f.r:])], 0
	}
	f.b = append(f.b, p...)
}

// front is the first n bytes; they stay in the queue.
func (f *fifo) front(n int) []byte { return f.b[f.r : f.r+n] }

func (f *fifo) skip(n int) { f.r += n }

func (f *fifo) read(p []byte) int {
	n := copy(p, f.b[f.r:])
	f.r += n
	return n
}

func (f *fifo) clear() { f.b, f.r = f.b[:0], 0 }

// shift moves n bytes from the front of src to the end of dst.
func shift(dst, src *fifo, n int) {
	dst.write(src.front(n))
	src.skip(n)
}
