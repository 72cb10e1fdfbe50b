package driver

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/targets/atomvm/beam"
)

// board is the driver of one release on a chip, called by process p.
type board struct {
	*Driver
	w *sim.World
	p *beam.Process
}

// on runs f as an Erlang process on a chip that has booted.
func on(t *testing.T, name string, f func(b *board)) *trace.Trace {
	t.Helper()
	ended := false
	tr := sim.Run(t, sim.Config{}, func(w *sim.World) {
		chip := esp.New(w, air.New(w), esp.Config{})
		Init(chip)
		Init(chip) // INVALID_STATE is accepted
		vm := beam.New(w, 1)
		b := &board{Driver: New(vm, chip, heap.New(w, 1<<16), byName(t, name)), w: w, p: vm.Outside("main")}
		w.Spawn("main", 0, func(*sim.Task) {
			b.p.Enter()
			f(b)
			b.p.Leave()
			ended = true
		})
		w.Await(time.Hour, 0)
	})
	require.True(t, ended || t.Failed())
	return tr
}

func byName(t *testing.T, name string) Release {
	for _, r := range Releases {
		if r.Name == name {
			return r
		}
	}
	require.Fail(t, "no release "+name)
	return Release{}
}

// pause lets the others run for d.
func (b *board) pause(d time.Duration) {
	b.p.Receive(nil, d, func(any) bool { return false })
}

var home = &Net{SSID: new("home"), PSK: new("password1")}

// The port alone, asked to stop what was never started: everything fails with ESP_ERR_WIFI_NOT_INIT, which is ignored; but 0.6.5 deletes the
// loop all the same.
func TestThePortStopsWhatWasNeverStarted(t *testing.T) {
	for name, want := range map[string]esp.Err{
		"A1": esp.ErrInvalidState, "A2": esp.OK, "keep-loop": esp.OK, "unregister-all": esp.ErrInvalidState,
	} {
		tr := on(t, name, func(b *board) {
			port := b.openPort()
			b.vm.Send(port, stopCommand{})
			b.pause(time.Second)
			require.True(t, port.Ended())
			require.Nil(t, b.vm.Whereis(portName))
			require.Equal(t, want, b.chip.EventPost(esp.IPEvent, 99, nil, 0), name)
		})
		require.Equal(t, []int64{int64(esp.ErrWifiNotInit)}, results(tr, "esp_wifi_deinit"))
	}
}

// results are what the calls of a function of ESP-IDF returned.
func results(tr *trace.Trace, function string) (all []int64) {
	for _, e := range tr.Events {
		if e.Kind == trace.Bus && e.Name == function {
			all = append(all, e.C)
		}
	}
	return all
}

// Keeping the loop is not enough: the handlers that stop_network does not unregister go on, with the data of a server that is gone.
func TestHandlersThatAreLeft(t *testing.T) {
	for name, want := range map[string]int{"A1": 0, "A2": 0, "keep-loop": 1, "unregister-all": 0} {
		tr := on(t, name, func(b *board) {
			_, err := b.Start(b.p, Config{STA: home})
			require.NoError(t, err)
			require.NoError(t, b.Stop(b.p))
			b.pause(time.Second)
			_ = b.chip.EventPost(esp.IPEvent, esp.EventSTAGotIP, esp.GotIP{}, 0)
			b.pause(time.Second)
		})
		require.Len(t, results(tr, "esp_sntp_restart"), want, name)
	}
}

// In what order start_network and stop_network call ESP-IDF, by release.
func TestTheOrderOfCalls(t *testing.T) {
	tr := on(t, "A1", func(b *board) {
		_, err := b.Start(b.p, Config{STA: home, AP: &Net{}, SNTP: true})
		require.NoError(t, err)
		b.pause(5 * time.Second)
		require.NoError(t, b.Stop(b.p))
		b.pause(time.Second)
	})
	var got []string
	for _, e := range tr.Events {
		if e.Kind == trace.Bus && tr.Tasks[e.Task] == portName {
			got = append(got, e.Name)
		}
	}
	require.Equal(t, []string{
		"esp_netif_create_default_wifi_sta", "esp_netif_create_default_wifi_ap", "esp_wifi_init", "esp_wifi_set_storage",
		"esp_event_handler_register", "esp_event_handler_register", "esp_event_handler_register", "esp_event_handler_register",
		"esp_wifi_set_mode", "esp_wifi_set_config", "esp_wifi_set_config", "esp_wifi_start", "esp_sntp_init",
		"esp_netif_set_hostname", "esp_netif_set_hostname",
		"esp_event_handler_unregister", "esp_netif_get_handle_from_ifkey", "esp_netif_get_handle_from_ifkey", "esp_wifi_disconnect",
		"esp_wifi_stop", "esp_wifi_deinit", "esp_sntp_stop", "esp_event_loop_delete_default",
		"esp_netif_destroy_default_wifi", "esp_netif_destroy_default_wifi",
	}, got)
}

// What the server's callbacks tell the process that waits, in order; the clock is set by then.
func TestNotices(t *testing.T) {
	on(t, "A2", func(b *board) {
		_, err := b.Start(b.p, Config{STA: home, AP: &Net{SSID: new("me"), PSK: new("password3")}, SNTP: true, owner: b.p})
		require.NoError(t, err)
		var got []any
		for {
			msg, ok := b.p.Receive(nil, time.Minute, func(any) bool { return true })
			if !ok {
				break
			}
			got = append(got, msg)
		}
		require.Equal(t, []any{apStarted{}, staConnected{}, staGotIP{air.IP{10, 0, 0, 2}}, sntpSynced{}}, got)
	})
}

// get_ap_wifi_config: a passphrase of less than eight characters is no configuration, none is an open network with the default name. With a
// station's configuration beside it the bad one is left out, without an error.
func TestConfigurationsOfAnAccessPoint(t *testing.T) {
	on(t, "A1", func(b *board) {
		require.True(t, b.getAPConfig(nil).Null())
		require.True(t, b.getAPConfig(&Net{PSK: new("1234567")}).Null())
		require.Equal(t, esp.WifiConfig{SSID: "atomvm-240ac4010203"}, *heap.Get[esp.WifiConfig](b.heap, b.getAPConfig(&Net{}), "test"))
		require.ErrorIs(t, b.startNetwork(startCommand{b.p, 1, Config{AP: &Net{PSK: new("1234567")}}}), errBadarg)
		require.NoError(t, b.startNetwork(startCommand{b.p, 1, Config{STA: home, AP: &Net{PSK: new("1234567")}}}))
		require.Nil(t, b.chip.NetifGetHandleFromIfkey(esp.KeyAP))
	})
}

// The releases differ only where their table says so, and each has a name of its own.
func TestReleases(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Releases {
		require.False(t, seen[r.Name], r.Name)
		seen[r.Name] = true
		require.True(t, r.StopsPort || len(r.Unregisters) == 0 && !r.DeletesLoop && r.WaitsForPort == 0, "%s: who does not stop undoes nothing", r.Name)
	}
}
