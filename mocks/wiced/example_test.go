package wiced_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// A HAL's client connects to one host that answers and one that refuses. When a connect fails the stack has deleted the netconn and left the
// pointer: who then deletes the socket, as one does after an error, deletes it twice, and the heap says so.
func Example() {
	t := new(testing.T) // in a test: its own
	tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
		a := air.New(w)
		s := wiced.New(w, a, heap.New(w, 1<<16), wiced.Config{PCBs: 10})
		w.Spawn("app", 0, func(*sim.Task) {
			fmt.Println("up:", s.ConnectivityInit(), s.InterfaceUp("home", "password1"), s.NetworkUp())
			for _, host := range []string{"echo", "closed"} {
				ip, _ := a.HostIP(host)
				var sock wiced.Socket
				s.TCPCreate(&sock)
				r := s.TCPConnect(&sock, ip, air.EchoPort, 5*time.Second)
				fmt.Println(host, "connected:", r == wiced.Success)
				s.TCPDelete(&sock)
			}
		})
		w.Await(time.Minute, 0)
	})
	for i, e := range tr.Events {
		if e.Kind == trace.Touch {
			fmt.Println(e.Name)
			fmt.Println("  ", tr.Details[i])
		}
	}
	// Output:
	// up: 0 0 0
	// echo connected: true
	// closed connected: false
	// wiced_tcp_delete_socket frees a netconn that wiced_tcp_connect freed
	//    made by wiced_tcp_create_socket, freed by wiced_tcp_connect, touched by wiced_tcp_delete_socket
}
