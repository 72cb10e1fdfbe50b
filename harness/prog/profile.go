package prog

import (
	"encoding/binary"

	fuzz "github.com/AdaLogics/go-fuzz-headers"
)

// A swarm profile makes one program unlike the next: some ops and kinds of fault are switched off entirely, the rest
// have wild weights. A fuzzer that always draws from everything almost never gets 20 calls without a close.

// header is the world stream, in the order and widths in which go-fuzz-headers reads a flat struct. Bit i%32 of a
// word stands for op or fault i.
type header struct {
	Tasks      uint8  // device tasks besides main: Tasks%5
	Peers      uint8  // peers less one: Peers%3
	OpsOff     uint32 // set: op is off, but for op 0
	OpsLow     uint32 // OpsHigh and OpsLow: index in wildWeights
	OpsHigh    uint32
	FaultsOff  uint32
	FaultsLow  uint32
	FaultsHigh uint32
}

// headerSize is the length of the world stream in bytes; a shorter one stands for everything on with equal weights.
const headerSize = 2 + 6*4

// wildWeights are the weights of ops and faults that are on.
func wildWeights() [4]int { return [4]int{1, 2, 4, 16} }

// profile says what the bytes of a record choose from.
type profile struct {
	ops, faults weights
	tasks       [numClasses]int // how many tasks of each class may make calls, from the first
}

// weights is a table of choices.
type weights struct {
	n   int   // choices
	cum []int // cumulative weights; nil: all are equal
}

func newProfile(spec *Spec, world []byte) profile {
	p := profile{
		ops:    weights{n: len(spec.Ops)},
		faults: weights{n: len(spec.Faults)},
		tasks:  [...]int{Device: int(D-Main) + 1, Peer: int(P3-P1) + 1, Air: 1},
	}
	if len(world) < headerSize {
		return p
	}
	var h header
	if err := fuzz.NewConsumer(world).GenerateStruct(&h); err != nil {
		return p
	}
	p.ops.cum = cumulate(p.ops.n, h.OpsOff&^1, h.OpsLow, h.OpsHigh)
	p.faults.cum = cumulate(p.faults.n, h.FaultsOff, h.FaultsLow, h.FaultsHigh)
	p.tasks[Device] = 1 + int(h.Tasks)%p.tasks[Device]
	p.tasks[Peer] = 1 + int(h.Peers)%p.tasks[Peer]
	return p
}

// bytes returns the world stream that GenerateStruct reads as h.
func (h *header) bytes() []byte {
	b := []byte{h.Tasks, h.Peers}
	for _, word := range []uint32{h.OpsOff, h.OpsLow, h.OpsHigh, h.FaultsOff, h.FaultsLow, h.FaultsHigh} {
		b = binary.BigEndian.AppendUint32(b, word)
	}
	return b
}

func cumulate(n int, off, low, high uint32) []int {
	cum, total := make([]int, n), 0
	for i := range cum {
		bit := i % 32
		if off>>bit&1 == 0 {
			total += wildWeights()[high>>bit&1<<1|low>>bit&1]
		}
		cum[i] = total
	}
	return cum
}

// pick returns the choice for code, which is below span, or -1 if there is nothing to choose.
func (w *weights) pick(code, span int) int {
	if w.n == 0 {
		return -1
	}
	if w.cum == nil {
		return code * w.n / span
	}
	at := code * w.cum[w.n-1] / span
	for i, c := range w.cum {
		if at < c {
			return i
		}
	}
	return -1
}

// code returns the smallest code with pick(code, span) == i for equal weights and n <= span.
func (w *weights) code(i, span int) int {
	return (i*span + w.n - 1) / w.n
}
