package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/mocks/heap"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// Caller is the function of the WLAN HAL that calls socket_close_all.
type Caller uint8

// Who calls socket_close_all.
const (
	ByNobody     Caller = iota
	ByDisconnect        // wlan_disconnect_now, and so whatever takes the network down
	ByDeactivate        // wlan_deactivate, before anything else: WiFi.off and the reset of the WLAN
)

// Variant is one generation of releases: what it does otherwise than the others. The code is one for all.
type Variant struct {
	Name string

	NullsClient     bool   // tcp_server_t::disconnect takes the client out of clients[] (pull requests 1250, 1286)
	CloseAllDeletes bool   // socket_close_all deletes every socket_t, not just closes it (until commit 080456b33)
	CloseAllBy      Caller // who calls it
	CloseFrees      bool   // closing a socket also deletes its WICED socket and zeroes the struct (commit c4e585949)
	Forgets         bool   // TCPServer::available forgets its handle while the network is not ready, not stops (until commit 633af5437)
	LeaksFailed     bool   // a server that cannot start is deleted without wiced_tcp_server_stop (until commit d387c0021)
	SharedClients   bool   // copies of a TCPClient share one state, and TCPServer::stop stops the client it accepted last (commit 84a930e65)
	SocketLocks     bool   // every socket_t has a recursive mutex, and closing twice is nothing (commit 72fd3e917)
	IsClosedCloses  bool   // tcp_server_client_t::isClosed closes (until commit 72fd3e917)
	Deinits         bool   // wlan_deactivate switches the WICED stack off (0.7.0)
	DownFirst       bool   // wlan_connect_finalize takes the interface down first, lest WICED starts DHCP by itself (pull request 1492)
	UntilReady      bool   // the system loop reconnects until it is ready, not just associated (0.7.0)

	// SendTimeout is how long a write waits for room (0.8.0-rc.3: 30 s); 0: a full buffer is WOULD_BLOCK, -16.
	SendTimeout time.Duration

	// The vendor's stack of the release: see wiced.Config. Which releases abort the oldest connection is chosen: users of 2017 saw it
	// (community.particle.io, topic 37860), the test of 0.7.0 wants the new connection to be refused.
	PCBs        int
	KillOldest  bool
	StopDeafens bool
	TimerDies   bool
}

// Variants are the generations, the oldest first. Sources: particle-iot/device-os, the tags and commits named above.
var Variants = []Variant{
	{ // 0.5.0 to 0.6.4
		Name: "v0", CloseAllDeletes: true, CloseAllBy: ByDisconnect, Forgets: true, LeaksFailed: true, IsClosedCloses: true,
		PCBs: 5, KillOldest: true, StopDeafens: true,
	},
	{ // 0.6.x with pull request 1250
		Name: "v1", NullsClient: true, CloseAllDeletes: true, CloseAllBy: ByDisconnect, Forgets: true, LeaksFailed: true, IsClosedCloses: true,
		PCBs: 5, KillOldest: true, StopDeafens: true,
	},
	{ // 0.7.0
		Name: "v2", NullsClient: true, CloseAllDeletes: true, CloseAllBy: ByDisconnect, Forgets: true, LeaksFailed: true, IsClosedCloses: true,
		SharedClients: true, Deinits: true, UntilReady: true,
		PCBs: 5, TimerDies: true,
	},
	{ // 0.8.0-rc.3 to 0.8.0-rc.11
		Name: "v3", NullsClient: true, CloseAllBy: ByNobody, SharedClients: true, SocketLocks: true, Deinits: true, UntilReady: true, DownFirst: true,
		SendTimeout: defaultSendTimeout, PCBs: 10,
	},
	{ // 0.8.0-rc.12, 1.0.0 and later
		Name: "v4", NullsClient: true, CloseAllBy: ByDeactivate, CloseFrees: true, SharedClients: true, SocketLocks: true, Deinits: true,
		UntilReady: true, DownFirst: true,
		SendTimeout: defaultSendTimeout, PCBs: 10,
	},
}

// defaultSendTimeout is SOCKET_WAIT's default of TCPClient::write (commit 57426c65d).
const defaultSendTimeout = 30 * time.Second

// VariantNames are the names of the variants, the oldest first.
func VariantNames() (names []string) {
	for _, v := range Variants {
		names = append(names, v.Name)
	}
	return names
}

// stack is the vendor's stack of the release.
func (v *Variant) stack(onFault func(heap.HardFault)) wiced.Config {
	return wiced.Config{PCBs: v.PCBs, KillOldest: v.KillOldest, StopDeafens: v.StopDeafens, TimerDies: v.TimerDies, OnFault: onFault}
}
