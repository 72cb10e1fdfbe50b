package w5500

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

// twenty is an ordinary device's minute: it comes up, listens, reports by datagram in three rounds, waits for orders, and looks after itself.
// The driver cannot connect out, and what it makes of a datagram that arrives is a bug that it is known for.
const twenty = `
connect(home)
s0 = listen(80)
u0 = udp(7)
u1 = udp(9)
aim(u0, echo)
send(u0, 100, timeout=1s)
recv(u1, 100, timeout=1s)
sleep(7s)
send(u0, 1436, timeout=1s)
recv(u1, 100, timeout=1s)
sleep(7s)
send(u0, 16, timeout=1s)
recv(u1, 100, timeout=1s)
sleep(7s)
addr()
mac()
link()
sleep(7s)
close(u1)
close(u0)
close(s0)
`

func BenchmarkProgram(b *testing.B) { harness.Bench(b, Target, twenty) }
