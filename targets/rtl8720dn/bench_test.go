package rtl8720dn

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

// twenty is an ordinary application's minute: it connects, talks to a server in three rounds, and looks things up.
const twenty = `
connect(home)
c0 = dial(echo)
send(c0, 100)
recv(c0, 100)
sleep(7s)
send(c0, 1436)
recv(c0, 1436)
sleep(7s)
send(c0, 16)
recv(c0, 16)
sleep(7s)
addr()
mac()
resolve(echo)
c1 = dial(sink)
send(c1, 100)
close(c1)
addr()
sleep(7s)
close(c0)
`

func BenchmarkProgram(b *testing.B) { harness.Bench(b, Target, twenty) }
