package air_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
)

// The board joins an access point and listens; a peer dials it and sends. The board's end never waits: a mocked chip looks again later.
func Example() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		w.Spawn("board", 0, func(*sim.Task) {
			a.Join("home", "password1")
			w.Sleep(5 * time.Second)
			l, _ := a.Listen(80, 1)
			c := l.Accept()
			for ; c == nil; c = l.Accept() {
				w.Sleep(time.Millisecond)
			}
			fmt.Println(w.Now(), "board accepts connection", c.Num)
			w.Sleep(time.Second)
			buf := make([]byte, 100)
			n, err := c.Read(buf)
			fmt.Println(w.Now(), "board reads", n, err, "wrong from byte", air.Check(buf[:n], air.RemoteTag(c.Num), 0))
			_, err = c.Read(buf)
			fmt.Println(w.Now(), "board reads", err)
		})
		w.Spawn("p1", 1, func(*sim.Task) {
			p := a.Peer("p1")
			w.Sleep(6 * time.Second)
			err := p.Dial(80)
			fmt.Println(w.Now(), "peer dialled:", err)
			err = p.Send(16)
			fmt.Println(w.Now(), "peer sent:", err)
			err = p.Close()
			fmt.Println(w.Now(), "peer closed:", err)
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 6.011s board accepts connection 1
	// 6.02s peer dialled: <nil>
	// 6.02s peer sent: <nil>
	// 6.02s peer closed: <nil>
	// 7.011s board reads 16 <nil> wrong from byte -1
	// 7.011s board reads EOF
}

// What the radio tells its chip has the time at which it happened, whenever the chip looks.
func ExampleAir_Event() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		w.Spawn("board", 0, func(*sim.Task) {
			a.Join("home", "password1")
			w.Sleep(10 * time.Second)
			a.Down("home") // the station notices when the beacons have been missing for a while
			w.Sleep(10 * time.Second)
			for e, ok := a.Event(); ok; e, ok = a.Event() {
				switch e.Kind {
				case air.Associated:
					fmt.Println(e.At, "associated")
				case air.GotAddress:
					fmt.Println(e.At, "got an address")
				case air.Disconnected:
					fmt.Println(e.At, "disconnected, reason", e.Reason)
				}
			}
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 1.5s associated
	// 2s got an address
	// 16s disconnected, reason 200
}

// A connection from the board to one of the hosts that need no task. While the uplink is cut nothing is lost: it arrives later.
func ExampleAir_Dial() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		a := air.New(w)
		w.Spawn("board", 0, func(*sim.Task) {
			a.Join("home", "password1")
			w.Sleep(5 * time.Second)
			ip, _ := a.HostIP("echo")
			c := a.Dial(ip, air.EchoPort)
			w.Sleep(air.RTT)
			fmt.Println("open:", c.State() == air.Open)

			a.Uplink(false)
			_, _ = c.Write([]byte("hello"))
			w.Sleep(3 * time.Second)
			fmt.Println(c.Unacknowledged(), "on the way,", c.Avail(), "arrived")
			a.Uplink(true)
			w.Sleep(3 * time.Second)
			fmt.Println(c.Unacknowledged(), "on the way,", c.Avail(), "arrived")
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// open: true
	// 5 on the way, 0 arrived
	// 0 on the way, 5 arrived
}
