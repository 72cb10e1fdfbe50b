package esp_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
)

// A station as ESP-IDF's guide has it: calls return at once, and what becomes of them arrives as events, on the default loop's own task.
// Deleting that loop takes everybody's handlers along.
func Example() {
	t := new(testing.T) // in a test: its own
	sim.Run(t, sim.Config{}, func(w *sim.World) {
		c := esp.New(w, air.New(w), esp.DefaultConfig)
		see := &esp.Handler{Name: "see", Func: func(_ any, e esp.Event) { fmt.Printf("%v %s %d %v\n", w.Now(), e.Base, e.ID, e.Data) }}
		connect := &esp.Handler{Name: "connect", Func: func(any, esp.Event) { c.WifiConnect() }}
		w.Spawn("main", 0, func(*sim.Task) {
			c.EventLoopCreateDefault()
			_, _ = c.NetifCreateDefaultWifiSTA()
			c.WifiInit()
			c.EventHandlerRegister(esp.WifiEvent, esp.AnyID, see, nil)
			c.EventHandlerRegister(esp.IPEvent, esp.EventSTAGotIP, see, nil)
			c.EventHandlerRegister(esp.WifiEvent, esp.EventSTAStart, connect, nil)
			c.WifiSetMode(esp.ModeSTA)
			c.WifiSetConfig(esp.STA, esp.WifiConfig{SSID: "home", Password: "password1"})
			c.WifiStart()
			w.Sleep(5 * time.Second)

			fmt.Println("the loop again:", c.EventLoopCreateDefault().Error())
			c.EventLoopDeleteDefault()
			fmt.Println("without the loop:", c.EventHandlerUnregister(esp.WifiEvent, esp.AnyID, see).Error())
		})
		w.Await(time.Minute, 0)
	})
	// Output:
	// 0s WIFI_EVENT 2 <nil>
	// 1.5s WIFI_EVENT 4 <nil>
	// 2s IP_EVENT 0 {[10 0 0 2] [255 255 255 0] [10 0 0 1] true}
	// the loop again: ESP_ERR_INVALID_STATE
	// without the loop: ESP_ERR_INVALID_STATE
}
