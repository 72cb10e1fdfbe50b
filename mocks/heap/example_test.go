package heap_test

import (
	"fmt"
	"testing"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/heap"
)

type client struct{ port int }

// A freed address is given out again at once, so whoever still has it reaches somebody else's memory. The heap says who did what, and the
// firmware goes on with what is there, as it would on a board.
func Example() {
	t := new(testing.T) // in a test: its own
	tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
		h := heap.New(w, 1024)
		old := h.Alloc("client", "socket_connect", 16, &client{port: 80})
		h.Free(old, "socket_close")
		young := h.Alloc("client", "socket_connect", 16, &client{port: 443})
		fmt.Println("same address:", old.Addr == young.Addr)
		fmt.Println("the old pointer's port:", heap.Get[client](h, old, "socket_send").port)
		h.Free(old, "wlan_stop")
		fmt.Println("bytes in use:", h.InUse())
		h.Free(young, "socket_close") // it has lost its block, and is not to blame
	})
	for i, e := range tr.Events {
		if e.Kind == trace.Touch {
			fmt.Println(e.Name)
			fmt.Println("  ", tr.Details[i])
		}
	}
	// Output:
	// same address: true
	// the old pointer's port: 443
	// bytes in use: 0
	// socket_send uses the client of another, its own was freed by socket_close
	//    made by socket_connect, freed by socket_close, touched by socket_send, found a client there
	// wlan_stop frees the client of another, its own was freed by socket_close
	//    made by socket_connect, freed by socket_close, touched by wlan_stop, found a client there
}
