package esp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
)

// How long joining home takes, to the access point and to an address.
const (
	joinTime  = air.ScanTime + air.AuthTime
	leaseTime = joinTime + air.DHCPTime
)

// home is the configuration of a station for access point home.
var home = esp.WifiConfig{SSID: "home", Password: "password1"}

// board is an application on a chip.
type board struct {
	*require.Assertions
	*esp.Chip
	w    *sim.World
	air  *air.Air
	seen []string // events, in the order in which handler see got them
	see  *esp.Handler
}

// on runs an application on a chip with a default event loop.
func on(t *testing.T, cfg esp.Config, f func(b *board)) *trace.Trace {
	t.Helper()
	return bare(t, cfg, func(b *board) {
		b.is(esp.OK, b.EventLoopCreateDefault())
		f(b)
	})
}

// bare runs an application on a chip that has just booted.
func bare(t *testing.T, cfg esp.Config, f func(b *board)) *trace.Trace {
	t.Helper()
	ended := false
	tr := sim.Run(t, sim.Config{Verbose: true}, func(w *sim.World) {
		a := air.New(w)
		b := &board{Assertions: require.New(t), Chip: esp.New(w, a, cfg), w: w, air: a}
		b.see = &esp.Handler{Name: "see", Func: func(_ any, e esp.Event) { b.seen = append(b.seen, text(e)) }}
		w.Spawn("main", 0, func(*sim.Task) { f(b); ended = true })
		w.Await(24*time.Hour, 0)
	})
	require.True(t, ended || t.Failed(), "the application did not end")
	return tr
}

// text is an event as expectations write it.
func text(e esp.Event) string {
	switch d := e.Data.(type) {
	case esp.Disconnected:
		return fmt.Sprintf("%s %d reason %d", e.Base, e.ID, d.Reason)
	case esp.GotIP:
		return fmt.Sprintf("%s %d %v %v", e.Base, e.ID, d.IP, d.Changed)
	}
	return fmt.Sprintf("%s %d", e.Base, e.ID)
}

// is fails unless a function returned what it should.
func (b *board) is(want, got esp.Err) {
	b.Equal(want, got, "want %s, got %s", want.Error(), got.Error())
}

// events are those that handler see got since the last time.
func (b *board) events() []string {
	b.w.Sleep(time.Microsecond) // the loop comes first
	seen := b.seen
	b.seen = nil
	return seen
}

// watch makes see get every event of Wi-Fi and of the interfaces.
func (b *board) watch() {
	b.is(esp.OK, b.EventHandlerRegister(esp.WifiEvent, esp.AnyID, b.see, nil))
	b.is(esp.OK, b.EventHandlerRegister(esp.IPEvent, esp.AnyID, b.see, nil))
}

// netif makes the default station interface.
func (b *board) netif() *esp.Netif {
	n, abort := b.NetifCreateDefaultWifiSTA()
	b.Nil(abort)
	return n
}

// started starts Wi-Fi in a mode, with the station's configuration.
func (b *board) started(m esp.Mode, cfg esp.WifiConfig) {
	b.is(esp.OK, b.WifiInit())
	b.is(esp.OK, b.WifiSetMode(m))
	b.is(esp.OK, b.WifiSetConfig(esp.STA, cfg))
	b.is(esp.OK, b.WifiStart())
}

// online is a board that is connected to home.
func (b *board) online() *esp.Netif {
	n := b.netif()
	b.watch()
	b.started(esp.ModeSTA, home)
	b.is(esp.OK, b.WifiConnect())
	b.w.Sleep(leaseTime)
	b.Equal([]string{"WIFI_EVENT 2", "WIFI_EVENT 4", "IP_EVENT 0 [10 0 0 2] true"}, b.events())
	return n
}

// entries lists the events of a ledger.
func entries(tr *trace.Trace, name string) (list []string) {
	for _, e := range tr.Events {
		if (e.Kind == trace.Take || e.Kind == trace.Free || e.Kind == trace.Misuse) && e.Name == name {
			list = append(list, fmt.Sprintf("%s %d", e.Kind, e.A))
		}
	}
	return list
}
