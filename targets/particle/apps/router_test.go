package apps

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
)

// change is the router coming back, or going.
type change struct {
	at     time.Duration
	online bool
}

// disturbed is what becomes of a router in limit: when it went and came.
func disturbed(t *testing.T, limit time.Duration, troubles ...Trouble) (seen []change) {
	sim.Run(t, sim.Config{Budget: budget}, func(w *sim.World) {
		r := NewRouter(w, air.New(w), home.SSID)
		r.OnChange = func(online bool) { seen = append(seen, change{w.Now(), online}) }
		for _, trouble := range troubles {
			w.Go("trouble", func() { trouble.Disturb(r) })
		}
		w.Spawn("day", 0, func(*sim.Task) { w.Sleep(limit) })
		require.Equal(t, sim.Settled, w.Await(limit, 0))
	})
	return seen
}

const (
	minute = time.Minute
	hour   = time.Hour
)

func TestTroubles(t *testing.T) {
	for _, c := range []struct {
		name     string
		limit    time.Duration
		troubles []Trouble
		want     []change
	}{
		{
			"a toggler takes turns", 25 * minute,
			[]Trouble{Toggler{On: 9 * minute, Off: minute}},
			[]change{{9 * minute, false}, {10 * minute, true}, {19 * minute, false}, {20 * minute, true}},
		},
		{
			"so does who pulls the cable", 11 * minute,
			[]Trouble{Cutter{In: 4 * minute, Out: 2 * minute}},
			[]change{{4 * minute, false}, {6 * minute, true}, {10 * minute, false}},
		},
		{
			"the timer comes every day at four", 50 * hour,
			[]Trouble{Night},
			[]change{{4 * hour, false}, {4*hour + 15*minute, true}, {28 * hour, false}, {28*hour + 15*minute, true}},
		},
		{"a modem that hangs stays so", 10 * hour, []Trouble{Moods{Every: hour}}, []change{{hour, false}}},
		{
			"the timer cures it, once a day", 29 * hour,
			[]Trouble{Moods{Every: 23 * hour}, Night},
			[]change{{4 * hour, false}, {4*hour + 15*minute, true}, {23 * hour, false}, {28*hour + 15*minute, true}},
		},
		{
			"the plug cures it in minutes", 90 * minute,
			[]Trouble{Moods{Every: 50*minute - 1}, Sonoff},
			[]change{{50*minute - 1, false}, {52*minute + 10*time.Second, true}},
		},
		{"the plug is quiet while there is Internet", 48 * hour, []Trouble{Sonoff}, nil},
		{
			"it has patience", 20 * minute,
			[]Trouble{Cutter{In: 15*minute - 30*time.Second, Out: 2 * minute}, Sonoff},
			[]change{{15*minute - 30*time.Second, false}, {17*minute - 30*time.Second, true}},
		},
	} {
		require.Equal(t, c.want, disturbed(t, c.limit, c.troubles...), c.name)
	}
}

// Trouble that ends leaves the power on and the cable in, and does nothing more.
func TestTroubleEnds(t *testing.T) {
	const end = 5*time.Hour + time.Second
	for _, trouble := range []Trouble{Pi, Cable, Night, Moods{Every: hour}, Sonoff, Toggler{Off: end}, Cutter{Out: 6 * hour}, Timer{At: end - 1, For: hour}} {
		ended := false
		sim.Run(t, sim.Config{Budget: budget}, func(w *sim.World) {
			r := NewRouter(w, air.New(w), home.SSID)
			r.End = end
			r.OnChange = func(bool) { require.LessOrEqual(t, w.Now(), end, "%+v", trouble) }
			w.Spawn("trouble", 0, func(*sim.Task) {
				trouble.Disturb(r)
				ended = true
				require.LessOrEqual(t, w.Now(), end, "%+v", trouble)
				require.True(t, r.on && r.cable, "%+v", trouble)
				w.Sleep(48 * hour)
			})
			require.Equal(t, sim.Settled, w.Await(100*hour, 0))
		})
		require.True(t, ended, "%+v", trouble)
	}
}

// A cable that is out is no modem that hangs: the plug cycles the power again and again, and that cures nothing.
func TestThePlugPowerCycles(t *testing.T) {
	var offs []time.Duration
	seen := disturbed(t, 12*minute, Cutter{In: 30 * time.Second, Out: hour}, Sonoff, watcher{&offs})
	require.Equal(t, []change{{30 * time.Second, false}}, seen)
	cycle := 3*Sonoff.Check + Sonoff.Off + Sonoff.Boot
	require.Equal(t, []time.Duration{3 * minute, 3*minute + cycle}, offs)
}

// watcher notes when the access point goes.
type watcher struct{ offs *[]time.Duration }

func (o watcher) Disturb(r *Router) {
	for was := true; ; r.w.Sleep(time.Second) {
		up := len(r.air.Scan(nil)) == len(air.APs)
		if was && !up {
			*o.offs = append(*o.offs, r.w.Now())
		}
		was = up
	}
}

// The link stays when the cable is out, and goes when the power does.
func TestCableAndPower(t *testing.T) {
	atDesk(t, "v4", "telnet", func(l *lab) {
		l.w.Sleep(powerOn)
		l.router.Cable(false)
		l.w.Sleep(minute)
		require.True(l, l.WiFi.Ready())
		require.Equal(l, Counters{RequestTimeouts: 1}, l.served(Telnet))
		l.router.Cable(true)
		require.Equal(l, Counters{Success: Telnet.Times}, l.served(Telnet))
		l.router.Power(false)
		l.w.Sleep(minute)
		require.False(l, l.WiFi.Ready())
		l.router.Power(true)
		l.w.Sleep(minute)
		require.Equal(l, Counters{Success: Telnet.Times}, l.served(Telnet))
	})
}
