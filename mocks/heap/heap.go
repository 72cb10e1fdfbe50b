// Package heap is the memory that a modelled firmware allocates from: a simulated newlib-nano malloc, which gives out freed addresses again
// at once. It stands below the models of firmware (targets) and of the libraries that they link (mocks/wiced), and sees at the touch what a
// microcontroller shows minutes later or never: memory used after it was freed, freed twice, or taken for what was there before (ABA).
//
// The hard word is pointer: an address, and the block that it was made for. Firmware knows the address only and may not compare more than
// that; that the block is another by now, the heap notices.
package heap

import (
	"fmt"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
)

// base is where the heap begins: the SRAM of a Cortex-M (ARMv7-M Architecture Reference Manual, B3.1, system address map).
const base = 0x20000000

// anybody is C of the ledger's events: memory belongs to no handle in particular.
const anybody = 3

// Pointer is what firmware has of a block. The zero value is the null pointer.
type Pointer struct {
	Addr uint32
	gen  int // index in Heap.blocks
}

// Null says that p points nowhere.
func (p Pointer) Null() bool { return p.Addr == 0 }

// block is one allocation. It is remembered when it is over.
type block struct {
	addr   uint32
	kind   string
	value  any
	maker  string
	freer  string
	live   bool
	robbed bool            // it was freed through a pointer to an older block
	warned map[string]bool // reports: each is made once
}

// Heap is one board's memory.
type Heap struct {
	w      *sim.World
	limit  uint32            // first address beyond the heap
	brk    uint32            // first address never used
	free   []chunk           // in the order of their addresses
	sizes  map[uint32]uint32 // of chunks in use, by address
	blocks []*block          // by generation; 0 is a dead one
	at     map[uint32]int    // generation of the block last seen at an address; gone when its memory is used for another
	used   uint32            // bytes, with chunk headers
}

// New makes an empty heap of size bytes.
func New(w *sim.World, size uint32) *Heap {
	return &Heap{w: w, limit: base + size, brk: base, blocks: []*block{{}}, at: map[uint32]int{}, sizes: map[uint32]uint32{}}
}

// InUse is how many bytes are allocated, with what malloc adds.
func (h *Heap) InUse() uint32 { return h.used }

// Alloc makes a block of size bytes that holds v, for the firmware function named maker. It returns the null pointer if the heap is full.
// The kind names what is there in events and reports; both strings must be constants.
func (h *Heap) Alloc(kind, maker string, size uint32, v any) Pointer {
	addr, ok := h.malloc(size)
	if !ok {
		return Pointer{}
	}
	gen := len(h.blocks)
	h.blocks = append(h.blocks, &block{addr: addr, kind: kind, value: v, maker: maker, live: true})
	h.overwrite(addr, size)
	h.at[addr] = gen
	h.w.Emit(trace.Take, kind, int64(addr), int64(gen), anybody)
	return Pointer{addr, gen}
}

// overwrite forgets the remains of what was at these addresses.
func (h *Heap) overwrite(addr, size uint32) {
	for old := range h.at {
		if old >= addr && old < addr+size {
			delete(h.at, old)
		}
	}
}

// Free frees what is at p's address, in the firmware function named freer. Of the null pointer it frees nothing. If p's own block is gone,
// that is reported, and whoever has the address now loses it.
func (h *Heap) Free(p Pointer, freer string) {
	if p.Null() {
		return
	}
	gen := h.at[p.Addr]
	b := h.blocks[gen]
	if gen != p.gen || !b.live {
		h.report(p, freer, "frees", 1)
	}
	if !b.live {
		return
	}
	b.live, b.freer, b.robbed = false, freer, gen != p.gen
	h.release(b.addr)
	h.w.Emit(trace.Free, b.kind, int64(b.addr), int64(gen), anybody)
}

// Use is what is at p's address now, seen by the firmware function named user: p's block; or, which is reported, its remains, whatever took
// its place, or nil if no block begins there any more.
func (h *Heap) Use(p Pointer, user string) any {
	gen := h.at[p.Addr]
	b := h.blocks[gen]
	if gen != p.gen || !b.live {
		h.report(p, user, "uses", 0)
	}
	return b.value
}

// Get is Use of a block that should hold a *T. A null pointer, or memory that holds something else by now, is a hard fault.
func Get[T any](h *Heap, p Pointer, user string) *T {
	if p.Null() {
		panic(HardFault{user + " follows a null pointer"})
	}
	v, ok := h.Use(p, user).(*T)
	if !ok {
		panic(HardFault{user + " finds something else at its pointer"})
	}
	return v
}

// Peek is what is at p's address now, or the remains there; false if that is no *T. It is for who judges the firmware: to look is no touch.
func Peek[T any](h *Heap, p Pointer) (*T, bool) {
	v, ok := h.blocks[h.at[p.Addr]].value.(*T)
	return v, ok
}

// HardFault is what a processor does with a wild pointer; it is a panic of the firmware.
type HardFault struct{ Why string }

// Error says why, as what a panic prints.
func (f HardFault) Error() string { return "hard fault: " + f.Why }

// report notes a touch of freed memory, once for each function, deed and outcome. Whether another block of the same kind is there by now is
// part of the name: then the firmware takes the one for the other (ABA). Which other memory is there is chance.
func (h *Heap) report(p Pointer, who, deed string, again int64) {
	if p.Null() {
		return // a hard fault says it
	}
	b, now := h.blocks[p.gen], h.blocks[h.at[p.Addr]]
	if b.robbed {
		return // its owner does nothing wrong: what comes of a wrong free is no bug of its own
	}
	name := fmt.Sprintf("%s %s a %s that %s freed", who, deed, b.kind, b.freer)
	if now.live && now != b && now.kind == b.kind {
		name = fmt.Sprintf("%s %s the %s of another, its own was freed by %s", who, deed, b.kind, b.freer)
	}
	if b.warned[name] {
		return
	}
	if b.warned == nil {
		b.warned = map[string]bool{}
	}
	b.warned[name] = true
	h.w.Emit(trace.Touch, name, int64(p.Addr), int64(p.gen), again)
	if h.w.Verbose() {
		found := ""
		if now.live && now != b {
			found = ", found a " + now.kind + " there"
		}
		h.w.Trace.Detail(fmt.Sprintf("made by %s, freed by %s, touched by %s%s", b.maker, b.freer, who, found))
	}
}
