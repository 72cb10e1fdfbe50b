package espat

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

// twenty is an ordinary application's minute: it connects, talks to a server in three rounds, and looks things up. The rounds are as short
// as the driver can take: see corpus/espat/delivery-recv-gets-bytes-out-of-sequence.txt.
const twenty = `
connect(home)
c0 = dial(echo)
send(c0, 60)
recv(c0, 60)
sleep(7s)
send(c0, 60)
recv(c0, 60)
sleep(7s)
send(c0, 16)
recv(c0, 16)
sleep(7s)
addr()
mac()
resolve(echo)
close(c0)
c1 = dial(sink)
send(c1, 100)
close(c1)
addr()
sleep(7s)
`

func BenchmarkProgram(b *testing.B) { harness.Bench(b, Target, twenty) }
