package apps

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// home is the access point of every test.
var home = air.AP{SSID: "home", Passphrase: "password1"}

// budget is for hours of virtual time.
var budget = sim.Budget{Points: 1 << 40, Loops: 1_000_000, Transfers: 1_000_000, Wall: 10 * time.Minute}

// lab is a reporter's desk: a board with a program, and a router.
type lab struct {
	*testing.T
	*Photon
	air    *air.Air
	router *Router
}

// release is a variant by its name.
func release(t *testing.T, name string) deviceos.Variant {
	for _, v := range deviceos.Variants {
		if v.Name == name {
			return v
		}
	}
	require.Fail(t, "no release "+name)
	return deviceos.Variant{}
}

// atDesk switches a board on and lets the reporter do something.
func atDesk(t *testing.T, version, program string, do func(l *lab)) *trace.Trace {
	v := release(t, version)
	return sim.Run(t, sim.Config{Budget: budget}, func(w *sim.World) {
		a := air.New(w)
		l := &lab{T: t, air: a, router: NewRouter(w, a, home.SSID), Photon: NewPhoton(w, a, v, Find(program), home)}
		w.Spawn("reporter", 0, func(*sim.Task) { do(l) })
		require.Equal(t, sim.Settled, w.Await(240*time.Hour, 0))
	})
}

// powerOn is the time after which every program serves.
const powerOn = 15 * time.Second

// served is how many of a client's requests are answered in a session on peer p1, and what else he has counted.
func (l *lab) served(c Client) Counters {
	var t Tally
	c.Session(l.w, l.air.Peer("p1"), l.program, &t)
	return t.Counters
}

func TestEveryProgramServes(t *testing.T) {
	for _, c := range []struct {
		program string
		client  Client
		want    int
	}{
		{"communication", Phone, Phone.Times},
		{"telnet", Telnet, Telnet.Times},
		{"web", HTTP, 1},
		{"web5", HTTP, 1},
	} {
		for _, v := range deviceos.VariantNames() {
			atDesk(t, v, c.program, func(l *lab) {
				l.w.Sleep(powerOn)
				for range 3 {
					require.Equal(l, Counters{Success: c.want}, l.served(c.client), "%s on %s", c.program, v)
					l.w.Sleep(time.Second)
				}
			})
		}
	}
}
