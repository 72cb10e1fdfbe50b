package w5500

import (
	"net"
	"net/netip"
	"slices"
	"time"

	"tinygo.org/x/drivers/netlink"
	"tinygo.org/x/drivers/w5500"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/netdev"
)

// own is the address that the board gives itself.
var own = netip.AddrFrom4([4]byte{10, 0, 0, 2})

// cable is the driver with what an application does by hand to bring it up and down.
type cable struct {
	*w5500.Device
	w  *sim.World
	up bool // configured
}

// NetConnect is what the driver's example does: Configure, once, then wait for the link. The cable ends at the switch "home".
func (d *cable) NetConnect(p *netlink.ConnectParams) error {
	if p.Ssid != "home" || p.ConnectMode != netlink.ConnectModeSTA {
		return netlink.ErrNotSupported
	}
	if err := d.configure(); err != nil {
		return err
	}
	for range int(netlink.DefaultConnectTimeout / time.Second) {
		if d.LinkStatus() == w5500.LinkStatusUp {
			return nil
		}
		d.w.Sleep(time.Second)
	}
	return netlink.ErrConnectTimeout
}

func (d *cable) configure() error {
	if d.up {
		return nil
	}
	d.up = true
	return d.Configure(w5500.Config{
		MAC: net.HardwareAddr{2, 0, 0, 0, 1, 2}, IP: own, SubnetMask: netip.AddrFrom4(air.Netmask), Gateway: netip.AddrFrom4(air.Gateway),
	})
}

// NetDisconnect is for an application that starts over, with every descriptor closed: the next NetConnect configures the chip again. What
// becomes of descriptors that are kept across Reset and Configure no contract says, so op disconnect says that it is unsupported.
func (d *cable) NetDisconnect() {
	d.Reset()
	d.up = false
}

// NetNotify does nothing: op notify says that it is unsupported.
func (d *cable) NetNotify(func(netlink.Event)) {}

type call = *harness.Call[*netdev.Device]

// absent are the ops for which the driver has no call.
var absent = []string{"disconnect", "notify", "tls"}

// ops are the shared ones, and what only this driver offers.
func ops() []harness.Op[*netdev.Device] {
	all := slices.Clone(netdev.Ops)
	for i := range all {
		if slices.Contains(absent, all[i].Name) {
			all[i].Do = func(call) (int64, error) { return 0, harness.ErrUnsupported }
		}
	}
	return append(
		all,
		harness.Op[*netdev.Device]{Op: prog.Op{Name: "link"}, Do: link},
		harness.Op[*netdev.Device]{Op: prog.Op{Name: "readdress", Args: []prog.Arg{{Name: "last", Kind: prog.Int, Min: 2, Max: 9, Nice: []int64{2, 3}}}}, Do: readdress},
	)
}

func link(c call) (int64, error) {
	d := c.Dev.Bare().(*cable)
	return int64(d.LinkStatus()) + int64(len(d.LinkInfo()))<<1, nil
}

// readdress gives the board another address, or the same again.
func readdress(c call) (int64, error) {
	return 0, c.Dev.Bare().(*cable).SetAddr(netip.AddrFrom4([4]byte{10, 0, 0, byte(c.Int(0))}))
}
