package particle

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
)

// session is an ordinary application's minute, on a release that survives it.
const session = `
boot(v4)
s0 = server(80)
p1: dial(80, hello=16)
a: c0 = available(s0)
a: recv(c0, 16)
a: send(c0, 100)
a: stop(c0)
a: off()
a: delay(2s)
a: on()
a: connect()
a: delay(5s)
a: begin(s0)
a: stop(s0)
`

func BenchmarkProgram(b *testing.B) { harness.BenchRuns(b, Target, session[1:]) }
