// Package netdev has the operations, the probe and the state feedback of every device with TinyGo's Netdever and Netlinker interfaces. A
// target for such a driver only wires the driver to its chip.
//
// The hard word is op: what an application does in one step. It makes the calls that TinyGo's net package makes for it: listen is Socket,
// Bind and Listen, and closes the descriptor again if one of them fails.
package netdev

import (
	"fmt"
	"net/netip"
	"time"

	"tinygo.org/x/drivers/netdev"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/mocks/air"
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

	sent [prog.MaxCalls]int64  // bytes sent by handle
	got  [prog.MaxCalls]stream // bytes received by handle
}

// stream is what a handle has received.
type stream struct {
	tag byte
	n   int64
	bad bool
}

// Kinds of handles, and the letters that they are named with.
const (
	listener   = "s"
	connection = "c"
	datagrams  = "u"
)

// Ports that programs use.
const (
	minPort  = 1
	maxPort  = 1024
	peerPort = 80
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

// remotes are whom dial can be asked for; peers listen on peerPort.
var remotes = append(append([]string{}, air.Hosts...), air.Peers...)

// remote is the address of a remote's service.
func (d *Device) remote(name string) netip.AddrPort {
	ip, _ := d.Air.HostIP(name)
	port := uint16(air.EchoPort)
	if d.Air.Peer(name) != nil {
		port = peerPort
	}
	return netip.AddrPortFrom(netip.AddrFrom4(ip), port)
}

// State is the device's state for feedback: link, and chip.
func State(d *Device) uint {
	state := d.Chip.State() * 4
	if _, ok := d.Air.AP(); ok {
		state++
	}
	if _, ok := d.Air.Address(); ok {
		state += 2
	}
	return state
}

// Heal ends every trouble in the air.
func Heal(d *Device) { d.Air.Heal() }

// Close closes a handle.
func Close(d *Device, _ string, fd int64) error { return d.Driver.Close(int(fd)) }

// Down takes the device down.
func Down(d *Device) error {
	d.NetDisconnect()
	return nil
}

const (
	probePort    = 4242
	probeBytes   = 16
	probeTimeout = 10 * time.Second
)

// Probe is what must work again: disconnect, connect, and serve one remote client.
func Probe(s *harness.Steps, d *Device) error {
	if _, err := s.Do("disconnect", func() (int64, error) { d.NetDisconnect(); return 0, nil }); err != nil {
		return err
	}
	home := &netlink.ConnectParams{Ssid: networks[0].ssid, Passphrase: networks[0].passphrase, Retries: 3}
	if _, err := s.Do("connect", func() (int64, error) { return 0, d.NetConnect(home) }); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	l, err := s.Do("listen", func() (int64, error) { return d.listen(probePort) })
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return d.serve(s, int(l))
}

// serve lets a remote client connect to listener l and have its bytes echoed.
func (d *Device) serve(s *harness.Steps, l int) error {
	client := d.Air.Peer("p3")
	if err := client.Dial(probePort); err != nil {
		return fmt.Errorf("a client cannot connect: %w", err)
	}
	if err := client.Send(probeBytes); err != nil {
		return fmt.Errorf("a client cannot send: %w", err)
	}
	c, err := s.Wait("accept", func() (int64, error) {
		fd, _, err := d.Accept(l)
		return int64(fd), err
	})
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	var buf [probeBytes]byte
	n, err := s.Do("recv", func() (int64, error) {
		n, err := d.Recv(int(c), buf[:], 0, s.World.Time().Add(probeTimeout))
		return int64(n), err
	})
	if err != nil {
		return fmt.Errorf("recv: %w", err)
	}
	_, err = s.Do("send", func() (int64, error) {
		n, err := d.Send(int(c), buf[:n], 0, s.World.Time().Add(probeTimeout))
		return int64(n), err
	})
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	for _, fd := range []int{int(c), l} {
		if _, err := s.Do("close", func() (int64, error) { return 0, d.Driver.Close(fd) }); err != nil {
			return fmt.Errorf("close: %w", err)
		}
	}
	return nil
}
