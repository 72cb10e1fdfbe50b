package apps

import (
	"time"

	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// telnetState is State of the telnet example.
type telnetState uint8

const (
	wifiConnect        telnetState = iota // WIFI_CONNECT
	wifiConnectWait                       // WIFI_CONNECT_WAIT
	serverConnectWait                     // SERVER_CONNECT_WAIT
	serverHandleClient                    // SERVER_HANDLE_CLIENT
)

const (
	connectPatience = 60 * time.Second // for Wi-Fi
	clientPatience  = 15 * time.Second // for a client's next bytes
	chunk           = 128              // bytes that are echoed in one turn
	lineSize        = 8                // of what a person types; chosen
)

// telnet is the "Manual System Mode Telnet Example" of report A: it echoes to one client, and begins and stops its server with the network.
type telnet struct {
	*Board
	server *deviceos.TCPServer
	client *deviceos.TCPClient
	state  telnetState
	since  int64 // stateTime, ms
}

func newTelnet(b *Board) App {
	return &telnet{Board: b, server: b.NewTCPServer(23), client: b.NewTCPClient()}
}

func (t *telnet) Setup() {}

func (t *telnet) Loop() {
	if t.WiFi.Ready() {
		t.online()
	} else {
		t.offline()
	}
	t.Particle.Process()
}

func (t *telnet) Destroy() {
	t.client.Destroy()
	t.server.Destroy()
}

// over says that a state has lasted longer than limit.
func (t *telnet) over(limit time.Duration) bool { return t.Millis()-t.since > limit.Milliseconds() }

func (t *telnet) online() {
	switch t.state {
	case wifiConnectWait:
		t.state = serverConnectWait
		t.server.Begin()
	case serverConnectWait:
		if t.client.Connected() {
			t.state, t.since = serverHandleClient, t.Millis()
		} else {
			t.client.Assign(t.server.Available())
		}
	case serverHandleClient:
		t.handleClient()
	}
}

func (t *telnet) handleClient() {
	if !t.client.Connected() {
		t.drop()
		return
	}
	count := 0
	for t.client.Available() > 0 && count < chunk {
		count++
		t.client.Write([]byte{byte(t.client.ReadOne())})
	}
	switch {
	case count > 0:
		t.since = t.Millis()
	case t.over(clientPatience):
		t.drop()
	}
}

func (t *telnet) drop() {
	t.client.Stop()
	t.state = serverConnectWait
}

func (t *telnet) offline() {
	switch t.state {
	case wifiConnect:
		t.WiFi.Connect(false)
		t.state, t.since = wifiConnectWait, t.Millis()
	case wifiConnectWait:
		if t.over(connectPatience) {
			t.state = wifiConnect
		}
	default:
		// "Important: If you're using a server socket, be sure to stop and begin it again otherwise you won't be able to make a new
		// connection to the server after losing your network connection."
		t.WiFi.Disconnect()
		t.client.Stop()
		t.server.Stop()
		t.state = wifiConnect
	}
}
