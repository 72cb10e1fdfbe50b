package apps

import (
	"time"

	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// The protocol between the app on the telephone and the product of report A, which the post does not show. Chosen: the app asks with
// commandSize bytes, of which the board reads one at a time, and is answered with reportSize bytes. write_tcp answers only while more bytes are
// waiting, so one answer comes for each command of two bytes.
const (
	commandSize = 2
	reportSize  = 32
)

// communication is the class Communication of report A, and of the class Device what calls it: a product that mirrors its data to an app, and
// switches Wi-Fi off when its user does.
type communication struct {
	*Board
	server *deviceos.TCPServer // tcp_server
	client *deviceos.TCPClient // tcp_client
	status bool                // tcp_connection_status
	asleep bool                // sleep_mode
	sent   int                 // on this connection
}

func newCommunication(b *Board) App {
	return &communication{Board: b, server: b.NewTCPServer(777), client: b.NewTCPClient()}
}

// Setup is init_Device.
func (c *communication) Setup() { c.initNetwork() }

// Loop comes to device_sleep, or back, if the user has used the switch, and to check_network_health.
func (c *communication) Loop() {
	if c.asleep != c.Asleep {
		c.asleep = c.Asleep
		if c.asleep {
			c.deviceSleep()
		} else {
			c.initNetwork() // how the product wakes is not shown: chosen
		}
	}
	c.checkNetworkHealth()
}

func (c *communication) Destroy() {
	c.client.Destroy()
	c.server.Destroy()
}

// initNetwork is init_Network.
func (c *communication) initNetwork() {
	c.Delay(250 * time.Millisecond)
	c.WiFi.On()
	c.Delay(100 * time.Millisecond)
	if c.WiFi.HasCredentials() && !c.WiFi.Connecting() && !c.WiFi.Ready() {
		c.WiFi.Connect(true)
	} else if !c.WiFi.Connecting() {
		c.WiFi.Disconnect()
		c.Delay(250 * time.Millisecond)
		c.WiFi.Off()
	}
	if c.WiFi.Ready() {
		c.initTCPServer()
	}
}

// initTCPServer is init_tcp_server.
func (c *communication) initTCPServer() {
	c.server.Begin()
	c.Delay(250 * time.Millisecond)
}

// closeConnections is close_connections.
func (c *communication) closeConnections() {
	c.client.Flush()
	c.client.Stop()
}

// checkNetworkHealth is check_network_health: its second and third branch both close the connections, and what else the second does is
// not shown.
func (c *communication) checkNetworkHealth() {
	if c.WiFi.Ready() && !c.asleep && !c.WiFi.Connecting() {
		c.readNetworkRequest()
	} else {
		c.closeConnections()
	}
}

// deviceSleep is device_sleep.
func (c *communication) deviceSleep() {
	c.closeConnections()
	c.WiFi.Disconnect()
	c.Delay(500 * time.Millisecond)
	c.WiFi.Off()
	c.Delay(500 * time.Millisecond)
}

// readNetworkRequest is read_network_request, which is not shown: chosen.
func (c *communication) readNetworkRequest() {
	if c.readTCP() != 0 {
		c.sent += max(c.writeTCP(payload(c.sent, reportSize)), 0)
	}
}

// connectionTCP is connection_tcp.
func (c *communication) connectionTCP() bool {
	switch {
	case !c.WiFi.Ready():
		c.closeConnections()
		c.status = false
	case c.client.Connected():
		c.status = true
	default:
		c.status = false
		c.closeConnections()
		c.client.Assign(c.server.Available())
		c.sent = 0
	}
	return c.status
}

// readTCP is read_tcp: a byte, 0 if there is none.
func (c *communication) readTCP() int {
	if c.connectionTCP() && c.client.Available() > 0 {
		return c.client.ReadOne()
	}
	return 0
}

// writeTCP is write_tcp.
func (c *communication) writeTCP(p []byte) int {
	if c.client.Available() > 0 {
		return c.server.Write(p)
	}
	return 0
}
