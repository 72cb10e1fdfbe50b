package heap_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/heap"
)

// within runs f with an empty heap and returns the touches of freed memory that it reports.
func within(t *testing.T, size uint32, f func(h *heap.Heap)) (touches []string) {
	t.Helper()
	tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) { f(heap.New(w, size)) })
	for i, e := range tr.Events {
		if e.Kind == trace.Touch {
			again := map[int64]string{0: "", 1: " (again)"}[e.C]
			touches = append(touches, e.Name+again+"; "+tr.Details[i])
		}
	}
	return touches
}

type thing struct{ n int }

type other struct{}

func TestABlockIsWhatWasPutThere(t *testing.T) {
	require.Empty(t, within(t, 1024, func(h *heap.Heap) {
		a, b := h.Alloc("thing", "make", 16, &thing{1}), h.Alloc("thing", "make", 16, &thing{2})
		require.Equal(t, 1, heap.Get[thing](h, a, "read").n)
		require.Equal(t, 2, heap.Get[thing](h, b, "read").n)
		h.Free(a, "drop")
		h.Free(b, "drop")
		h.Free(heap.Pointer{}, "drop")
		require.Zero(t, h.InUse())
	}))
}

func TestUseAfterFreeIsSeenAtTheTouch(t *testing.T) {
	require.Equal(t, []string{"read uses a thing that drop freed; made by make, freed by drop, touched by read"}, within(t, 1024, func(h *heap.Heap) {
		p := h.Alloc("thing", "make", 16, &thing{1})
		h.Free(p, "drop")
		require.Equal(t, 1, heap.Get[thing](h, p, "read").n, "the remains are still there")
		heap.Get[thing](h, p, "read") // the same again is said once
	}))
}

func TestDoubleFreeIsSeen(t *testing.T) {
	require.Equal(t, []string{"drop frees a thing that drop freed (again); made by make, freed by drop, touched by drop"}, within(t, 1024, func(h *heap.Heap) {
		p := h.Alloc("thing", "make", 16, &thing{1})
		h.Free(p, "drop")
		h.Free(p, "drop")
		require.Zero(t, h.InUse())
	}))
}

func TestAnAddressIsGivenOutAgainAtOnce(t *testing.T) {
	require.Equal(t, []string{
		"read uses the thing of another, its own was freed by drop; made by make, freed by drop, touched by read, found a thing there",
		"close frees the thing of another, its own was freed by drop (again); made by make, freed by drop, touched by close, found a thing there",
	}, within(t, 1024, func(h *heap.Heap) {
		old := h.Alloc("thing", "make", 16, &thing{1})
		h.Free(old, "drop")
		young := h.Alloc("thing", "make", 16, &thing{2})
		require.Equal(t, old.Addr, young.Addr)
		require.Equal(t, 2, heap.Get[thing](h, old, "read").n)
		h.Free(old, "close")
		require.Zero(t, h.InUse(), "the other has lost it")
		heap.Get[thing](h, young, "owner") // and is not to blame
		h.Free(young, "owner")
	}))
}

func TestMemoryThatHoldsSomethingElseIsAHardFault(t *testing.T) {
	require.Equal(t, []string{
		"read uses a thing that drop freed; made by make, freed by drop, touched by read, found a other there",
	}, within(t, 1024, func(h *heap.Heap) {
		p := h.Alloc("thing", "make", 16, &thing{1})
		h.Free(p, "drop")
		_, ok := heap.Peek[thing](h, p)
		require.True(t, ok, "the remains")
		h.Alloc("other", "make", 16, &other{})
		_, ok = heap.Peek[thing](h, p)
		require.False(t, ok)
		require.PanicsWithError(t, "hard fault: read finds something else at its pointer", func() { heap.Get[thing](h, p, "read") })
		require.PanicsWithError(t, "hard fault: read follows a null pointer", func() { heap.Get[thing](h, heap.Pointer{}, "read") })
	}))
}

// The remains, and later another thing in their place, are two findings about one function.
func TestWhatTookThePlaceIsSaidToo(t *testing.T) {
	require.Len(t, within(t, 1024, func(h *heap.Heap) {
		p := h.Alloc("thing", "make", 16, &thing{1})
		h.Free(p, "drop")
		heap.Get[thing](h, p, "read")
		h.Alloc("thing", "make", 16, &thing{2})
		heap.Get[thing](h, p, "read")
	}), 2)
}

func TestALargerBlockOverwritesTheRemains(t *testing.T) {
	within(t, 1024, func(h *heap.Heap) {
		a, b := h.Alloc("thing", "make", 16, &thing{1}), h.Alloc("thing", "make", 16, &thing{2})
		h.Free(a, "drop")
		h.Free(b, "drop")
		h.Alloc("other", "make", 40, &other{})
		require.Nil(t, h.Use(b, "read"))
	})
}

func TestAFullHeapGivesNull(t *testing.T) {
	within(t, 100, func(h *heap.Heap) {
		a := h.Alloc("thing", "make", 40, nil)
		require.False(t, a.Null())
		require.False(t, h.Alloc("thing", "make", 40, nil).Null())
		require.True(t, h.Alloc("thing", "make", 40, nil).Null())
		h.Free(a, "drop")
		require.False(t, h.Alloc("thing", "make", 40, nil).Null())
	})
}

func TestBlocksNeverOverlap(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	within(t, 1<<16, func(h *heap.Heap) {
		type span struct {
			p    heap.Pointer
			size uint32
		}
		var live []span
		for range 5000 {
			if len(live) > 0 && r.Intn(2) == 0 {
				i := r.Intn(len(live))
				h.Free(live[i].p, "drop")
				live = append(live[:i], live[i+1:]...)
				continue
			}
			s := span{size: uint32(1 + r.Intn(200))}
			if s.p = h.Alloc("thing", "make", s.size, nil); s.p.Null() {
				continue
			}
			require.Zero(t, s.p.Addr%4)
			for _, o := range live {
				require.True(t, s.p.Addr+s.size <= o.p.Addr || o.p.Addr+o.size <= s.p.Addr, "%v overlaps %v", s, o)
			}
			live = append(live, s)
		}
		for _, s := range live {
			h.Free(s.p, "drop")
		}
		require.Zero(t, h.InUse())
	})
}
