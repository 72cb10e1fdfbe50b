// Package netdev has the operations, the probe and the state feedback of every device with TinyGo's Netdever and Netlinker interfaces. A
// target for such a driver only wires the driver to its chip.
//
// The hard word is op: what an application does in one step. It makes the calls that TinyGo's net package makes for it: listen is Socket,
// Bind and Listen, and closes the descriptor again if one of them fails.
package netdev

import (
	"net/netip"

	"tinygo.org/x/drivers/netdev"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/outside"
)

// Driver is the firmware under test.
type Driver interface {
	netdev.Netdever
	netlink.Netlinker
}

// Chip is the mocked chip, as far as feedback goes.
type Chip interface {
	// State is a small number that differs between states of the chip worth telling apart.
	State() uint
}

// Device is a driver wired to a chip in the air.
type Device struct {
	Driver
	Air  *air.Air
	Chip Chip

	streams  outside.Streams
	recorder *recorder // nil if nothing is recorded
}

// Kinds of handles, and the letters that they are named with.
const (
	listener   = "s"
	connection = "c"
	datagrams  = "u"
)

// networks are what connect can be asked for: an access point with a passphrase, one without, one that is not there, and one with a wrong
// passphrase.
var networks = []struct{ name, ssid, passphrase string }{
	{"home", "home", "password1"},
	{"cafe", "cafe", ""},
	{"nowhere", "nowhere", "password1"},
	{"locked", "home", "password2"},
}

func networkNames() (names []string) {
	for _, n := range networks {
		names = append(names, n.name)
	}
	return names
}

// remotes are whom dial can be asked for; peers listen on outside.PeerPort.
var remotes = append(append([]string{}, air.Hosts...), air.Peers...)

// remote is the address of a remote's service.
func (d *Device) remote(name string) netip.AddrPort {
	ip, _ := d.Air.HostIP(name)
	port := uint16(air.EchoPort)
	if d.Air.Peer(name) != nil {
		port = outside.PeerPort
	}
	return netip.AddrPortFrom(netip.AddrFrom4(ip), port)
}

// State is the device's state for feedback: link, and chip.
func State(d *Device) uint { return d.Chip.State()*4 + outside.State(d.Air) }

// Heal ends every trouble in the air.
func Heal(d *Device) { d.Air.Heal() }

// Close closes a handle.
func Close(d *Device, _ string, fd int64) error { return d.Driver.Close(int(fd)) }

// Down takes the device down.
func Down(d *Device) error {
	d.NetDisconnect()
	return nil
}
