package apps

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/sim/shim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// device is a board as a target's Start makes it: on, and online.
type device struct {
	*deviceos.Device
	bed Bed
	mu  shim.Mutex
}

var errOffline = errors.New("no network")

// start boots the newest release in the mode that a program finds there, whatever it would have chosen.
func start(mode deviceos.Mode, threaded bool) func(w *sim.World) (*device, error) {
	return func(w *sim.World) (*device, error) {
		d, a := &device{}, air.New(w)
		d.bed = Bed{Router: NewRouter(w, a, home.SSID), Boot: func() *deviceos.Device { return d.Device }, Lock: &d.mu}
		d.Device = deviceos.New(w, a, deviceos.Config{
			Variant: deviceos.Variants[len(deviceos.Variants)-1], Mode: mode, Threaded: threaded, SSID: home.SSID, Password: home.Passphrase,
		})
		w.Go("boot", func() {
			d.Start()
			d.WiFi.Connect(true)
		})
		w.Sleep(0)
		return d, nil
	}
}

// target has the ops of programs, and one that waits for the network.
func target(mode deviceos.Mode, threaded bool) harness.Target[*device] {
	ready := harness.Op[*device]{Op: op(prog.Device, "ready"), Do: func(c *harness.Call[*device]) (int64, error) {
		for c.World.Now() < time.Minute && !c.Dev.WiFi.Ready() {
			c.World.Sleep(time.Second)
		}
		if !c.Dev.WiFi.Ready() {
			return 0, errOffline
		}
		return 0, nil
	}}
	return harness.Target[*device]{
		Name: "particle", Firmware: "github.com/linkflap/linkflap/targets/particle/deviceos", Model: true,
		Ops:     append([]harness.Op[*device]{ready}, Ops(func(d *device) *Bed { return &d.bed })...),
		Oracles: oracle.All[:1],
		Start:   start(mode, threaded),
	}
}

// answered says of each peer's calls whether they got answers, and of the others whether they succeeded.
func answered(tr *trace.Trace) map[string]bool {
	got, ops := map[string]bool{}, map[int64]string{}
	for _, e := range tr.Events {
		switch e.Kind {
		case trace.Call:
			ops[e.A] = e.Name
		case trace.Return:
			got[ops[e.A]] = e.Name == "" && (e.B > 0 || tr.Tasks[e.Task][0] != 'p')
		}
	}
	return got
}

func TestOps(t *testing.T) {
	for _, c := range []struct {
		mode     deviceos.Mode
		threaded bool
		text     string
		want     bool
	}{
		{deviceos.Manual, true, "a: app(telnet, 60s)\nair: toggle(8s)\np1: telnet(telnet, 2)", true},
		{deviceos.Manual, true, "a: app(communication, 30s)\nair: toggle(8s)\np1: phone(communication, 2)", true},
		{deviceos.Automatic, false, "a: app(web, 40s)\nair: cutuplink(6s)\np1: http(web, 20)", true},
		{deviceos.Manual, false, "a: app(web, 40s)\nair: cutuplink(6s)\np1: http(web, 20)", true},
		{deviceos.Automatic, true, "a: app(web5, 30s)\nair: cutuplink(10s)\np1: http(web5, 20)", true},
		{deviceos.Automatic, true, "a: app(web5, 60s)\nair: timer(10s, 5s)\np1: http(web5, 20)", true},
		{deviceos.Automatic, true, "a: app(web, 60s)\nair: plug(60s)\np1: http(web, 20)", true},
		{deviceos.Manual, true, "a: app(web, 30s)\nb: app(web5, 30s)\nair: cutuplink(6s)\np1: http(web, 9)\np2: http(web5, 9)", true},
		{deviceos.Manual, true, "a: app(web, 1s)\np1: http(web, 10)", false},                                       // it is over before it serves
		{deviceos.Manual, true, "a: app(web, 40s)\nair: toggle(40s)\np1: http(web, 2)", false},                     // it is off all the time
		{deviceos.Automatic, true, "a: app(web, 60s)\nair: timer(0s, 15m)\np1: http(web, 20)", false},              // and so is this
		{deviceos.Manual, true, "a: app(web, 20s)\nair: cutuplink(40s)\np1: http(web, 1)", false},                  // nothing comes through
		{deviceos.Manual, true, "a: app(telnet, 20s)\nair: toggle(8s)\np1: http(web5, 1)", false},                  // another's port
		{deviceos.Manual, true, "a: app(communication, 60s)\nb: offmode(60s)\np1: phone(communication, 2)", false}, // somebody has switched it off
	} {
		tg := target(c.mode, c.threaded)
		p, err := prog.Parse(tg.Spec(), "test", 1, "ready()\n"+c.text)
		require.NoError(t, err)
		r := tg.Run(t, p, false)
		require.Empty(t, r.Violations, c.text)
		for op, ok := range answered(r.Trace) {
			require.Equal(t, c.want || op != "telnet" && op != "phone" && op != "http", ok, "%s in %s", op, c.text)
		}
		require.Equal(t, r.Trace.Hash(), tg.Run(t, p, false).Trace.Hash(), c.text)
	}
}
