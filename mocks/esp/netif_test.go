package esp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/esp"
)

// What the chip of espressif/esp-idf's abort prints, as github.com/atomvm/AtomVM issue 1449 shows it.
const issue1449 = `ESP_ERROR_CHECK failed: esp_err_t 0x103 (ESP_ERR_INVALID_STATE)
file: "/IDF/components/esp_wifi/src/wifi_default.c" line 390
func: esp_netif_create_default_wifi_sta
expression: esp_wifi_set_default_wifi_sta_handlers()`

// wifi_default.c (release 5): ESP_ERROR_CHECK(esp_wifi_set_default_wifi_sta_handlers()) without a default loop. Release 4 ignores it.
func TestADefaultInterfaceNeedsALoop(t *testing.T) {
	for _, idf := range []esp.IDF{esp.IDF52, esp.IDF54} {
		bare(t, esp.Config{IDF: idf, QueueSize: 32}, func(b *board) {
			_, abort := b.NetifCreateDefaultWifiSTA()
			b.EqualError(abort, issue1449)
			_, abort = b.NetifCreateDefaultWifiAP()
			b.ErrorContains(abort, "func: esp_netif_create_default_wifi_ap\nexpression: esp_wifi_set_default_wifi_ap_handlers()")
		})
	}
	bare(t, esp.Config{IDF: esp.IDF44, QueueSize: 32}, func(b *board) {
		b.NotNil(b.netif())
		b.is(esp.ErrInvalidState, b.EventHandlerRegister(esp.WifiEvent, esp.AnyID, b.see, nil))
	})
	on(t, esp.Config{}, func(b *board) { b.NotNil(b.netif()) })
}

// esp_netif.h, esp_netif_new: NULL if the key is taken, and esp_netif_create_default_wifi_sta asserts (espressif/esp-idf issues 4411, 4704).
func TestADuplicateKey(t *testing.T) {
	tr := on(t, esp.Config{}, func(b *board) {
		n := b.netif()
		_, abort := b.NetifCreateDefaultWifiSTA()
		b.EqualError(abort, "assert failed: esp_netif_create_default_wifi_sta wifi_default.c (netif)")
		_, abort = b.NetifCreateDefaultWifiAP()
		b.Nil(abort, "another key")
		b.NetifDestroyDefaultWifi(n)
		b.NotNil(b.netif())
	})
	require.Equal(t, []string{"take 1", "take 2", "free 1", "take 3"}, entries(tr, "esp.netif"))
}

// esp_netif.h, esp_netif_get_handle_from_ifkey and esp_netif_set_hostname.
func TestInterfacesByKey(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		b.Nil(b.NetifGetHandleFromIfkey(esp.KeySTA))
		b.is(esp.ErrInvalidParams, b.NetifSetHostname(nil, "me"))
		n := b.netif()
		b.Same(n, b.NetifGetHandleFromIfkey(esp.KeySTA))
		b.Nil(b.NetifGetHandleFromIfkey(esp.KeyAP))
		b.is(esp.OK, b.NetifSetHostname(n, "me"))
		b.Equal("me", n.Hostname)
		b.False(b.NetifIsUp(nil))
	})
}

// The firmware destroys an interface that is gone, and uses one: it is told apart from what it may do.
func TestADestroyedInterface(t *testing.T) {
	tr := on(t, esp.Config{}, func(b *board) {
		n := b.netif()
		b.NetifDestroyDefaultWifi(nil)
		b.NetifDestroyDefaultWifi(n)
		b.NetifDestroyDefaultWifi(n)
		b.False(b.NetifIsUp(n))
	})
	require.Equal(t, []string{"take 1", "free 1", "misuse 1"}, entries(tr, "esp.netif"))
	require.Equal(t, []string{"esp_netif_is_netif_up uses a netif that esp_netif_destroy freed"}, touches(tr))
}

func touches(tr *trace.Trace) (names []string) {
	for _, e := range tr.Events {
		if e.Kind == trace.Touch {
			names = append(names, e.Name)
		}
	}
	return names
}

// wifi_default.c: ESP-IDF's own handlers come with the first default interface and go with the last, so a loop that is deleted in between
// leaves them set, and the flag is cleared all the same when the last interface goes.
func TestTheDefaultHandlersComeBack(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		n := b.netif()
		b.is(esp.OK, b.EventLoopDeleteDefault())
		b.NetifDestroyDefaultWifi(n)
		b.is(esp.OK, b.EventLoopCreateDefault())
		b.online() // with an interface that comes up
	})
}

// Espressif's esp-idf pull request 8779: destroying the access point's interface before the station's leaves a dangling pointer (until 4.4),
// which the events of a stop that come later still use. In the other order, and in later releases, nothing dangles.
func TestDestroyingTheAccessPointFirst(t *testing.T) {
	run := func(idf esp.IDF, apFirst bool) []string {
		return touches(on(t, esp.Config{IDF: idf, QueueSize: 32}, func(b *board) {
			sta := b.netif()
			ap, abort := b.NetifCreateDefaultWifiAP()
			b.Nil(abort)
			b.started(esp.ModeAPSTA, home)
			b.slow()
			b.is(esp.OK, b.EventPost(app, 9, nil, 0))
			b.w.Sleep(time.Millisecond)
			b.is(esp.OK, b.WifiStop()) // AP_STOP is in the queue behind it
			if apFirst {
				b.NetifDestroyDefaultWifi(ap)
			}
			b.NetifDestroyDefaultWifi(sta)
			if !apFirst {
				b.NetifDestroyDefaultWifi(ap)
			}
			b.w.Sleep(2 * time.Second)
		}))
	}
	require.Equal(t, []string{"wifi_default_action_ap_stop uses a netif that esp_netif_destroy freed"}, run(esp.IDF44, true))
	require.Empty(t, run(esp.IDF44, false))
	require.Empty(t, run(esp.IDF52, true))
}
