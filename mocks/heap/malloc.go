package heap

import "slices"

// The allocator is newlib's nano-mallocr.c, which firmware gets with --specs=nano.specs: one list of free chunks in the order of their
// addresses, first fit, of a chunk too large the upper end is given out, and neighbours are joined.
const (
	header   = 8  // a chunk's size, and padding to 8 bytes (CHUNK_OFFSET and MALLOC_PADDING)
	minChunk = 12 // MALLOC_MINCHUNK
)

// chunk is a piece of memory.
type chunk struct{ addr, size uint32 }

// chunkSize is the size of the chunk for a block of size bytes.
func chunkSize(size uint32) uint32 { return max((size+3)&^3+header, minChunk) }

// malloc returns the address of a block of size bytes, false if there is no room.
func (h *Heap) malloc(size uint32) (addr uint32, ok bool) {
	size = chunkSize(size)
	i := slices.IndexFunc(h.free, func(c chunk) bool { return c.size >= size })
	switch {
	case i < 0:
		if h.limit-h.brk < size {
			return 0, false
		}
		addr = h.brk
		h.brk += size
	case h.free[i].size-size >= minChunk:
		h.free[i].size -= size
		addr = h.free[i].addr + h.free[i].size
	default:
		addr, size = h.free[i].addr, h.free[i].size
		h.free = slices.Delete(h.free, i, i+1)
	}
	h.used += size
	h.sizes[addr] = size
	return addr + header, true
}

// release gives a block's chunk back.
func (h *Heap) release(addr uint32) {
	c := chunk{addr - header, h.sizes[addr-header]}
	delete(h.sizes, c.addr)
	h.used -= c.size
	i, _ := slices.BinarySearchFunc(h.free, c.addr, func(f chunk, addr uint32) int { return int(int64(f.addr) - int64(addr)) })
	if i > 0 && h.free[i-1].addr+h.free[i-1].size == c.addr {
		i--
		h.free[i].size += c.size
	} else {
		h.free = slices.Insert(h.free, i, c)
	}
	if i+1 < len(h.free) && h.free[i].addr+h.free[i].size == h.free[i+1].addr {
		h.free[i].size += h.free[i+1].size
		h.free = slices.Delete(h.free, i+1, i+2)
	}
}
