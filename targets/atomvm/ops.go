package atomvm

import (
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/esp"
	"github.com/linkflap/linkflap/targets/atomvm/driver"
)

type (
	op   = harness.Op[*Device]
	call = *harness.Call[*Device]
)

// Kinds of handles, and the letters that they are named with.
const (
	machine      = "v"
	subscription = "e"
)

// network is what a station can be asked to join.
type network struct{ name, ssid, psk string }

// networks are an access point with a passphrase, one without, one that is not there, and one with a wrong passphrase.
var networks = []network{
	{"home", "home", "password1"},
	{"cafe", "cafe", ""},
	{"nowhere", "nowhere", "password1"},
	{"locked", "home", "password2"},
}

func (n network) net() *driver.Net { return &driver.Net{SSID: &n.ssid, PSK: &n.psk} }

// ownAP is the access point that the driver is asked to be.
func ownAP() *driver.Net {
	ssid, psk := "atomvm", "password3"
	return &driver.Net{SSID: &ssid, PSK: &psk}
}

// configuration is what start can be called with, for a station's network.
type configuration struct {
	name string
	cfg  func(n network) driver.Config
}

// modes are the configurations; those from "none" on are bad in some way.
var modes = []configuration{
	{"sta", func(n network) driver.Config { return driver.Config{STA: n.net()} }},
	{"ap", func(network) driver.Config { return driver.Config{AP: ownAP()} }},
	{"both", func(n network) driver.Config { return driver.Config{STA: n.net(), AP: ownAP()} }},
	{"none", func(network) driver.Config { return driver.Config{} }},
	{"no_ssid", func(n network) driver.Config { return driver.Config{STA: &driver.Net{PSK: &n.psk}} }},
	{"no_psk", func(n network) driver.Config { return driver.Config{STA: &driver.Net{SSID: &n.ssid}} }},
	{"bad_channel", func(n network) driver.Config {
		ap := ownAP()
		ap.Channel = 14 // which ESP-IDF refuses, after everything else
		return driver.Config{STA: n.net(), AP: ap}
	}},
}

// family is a family of events.
type family struct {
	name string
	base esp.Base
}

// families are what a user can subscribe to.
var families = []family{{"app", appBase}, {"wifi", esp.WifiEvent}, {"ip", esp.IPEvent}}

// names are the first fields of a table.
func names[T any](table []T, name func(T) string) (all []string) {
	for _, row := range table {
		all = append(all, name(row))
	}
	return all
}

// waitTime is wait_for_sta's own default.
const waitTime = 15 * time.Second

// Arguments that several ops take.
var (
	release = prog.Arg{Name: "release", Kind: prog.Enum, Choices: names(driver.Releases, func(r driver.Release) string { return r.Name })}
	cores   = prog.Arg{Name: "cores", Kind: prog.Int, Min: 1, Max: 2, Optional: true, Default: 1, Nice: []int64{1, 2}}
	mode    = prog.Arg{Name: "mode", Kind: prog.Enum, Choices: names(modes, func(c configuration) string { return c.name })}
	joins   = prog.Arg{Name: "network", Kind: prog.Enum, Choices: names(networks, func(n network) string { return n.name })}
	sntp    = prog.Arg{Name: "sntp", Kind: prog.Enum, Optional: true, Choices: []string{"off", "on"}}
	base    = prog.Arg{Name: "base", Kind: prog.Enum, Choices: names(families, func(f family) string { return f.name })}
	work    = prog.Arg{Name: "work", Kind: prog.Dur, Max: int64(3 * time.Second), Optional: true, Nice: durations(0, 2*time.Second, 100*time.Millisecond)}
	limit   = prog.Arg{
		Name: "timeout", Kind: prog.Dur, Max: int64(time.Minute), Optional: true, Default: int64(waitTime),
		Nice: durations(waitTime, time.Second, 5*time.Second, 0),
	}
	patience = prog.Arg{Name: "timeout", Kind: prog.Dur, Max: int64(time.Minute), Optional: true, Nice: durations(0, time.Second, 10*time.Second)}
	pause    = prog.Arg{
		Name: "d", Kind: prog.Dur, Max: int64(150 * time.Second),
		Nice: durations(time.Second, 10*time.Millisecond, 2*time.Second, 5*time.Second, 7*time.Second, 15*time.Second, 2*time.Minute),
	}
	handle = prog.Arg{Name: "handle", Kind: prog.Ref, Of: []string{subscription}}
	ap     = prog.Arg{Name: "ap", Kind: prog.Enum, Choices: air.APs}
)

func durations(ds ...time.Duration) (ns []int64) {
	for _, d := range ds {
		ns = append(ns, int64(d))
	}
	return ns
}

// ops are the operations. Those of the network are its Erlang functions, called by the process that the task is; restart is what an
// application does that reconfigures. The others are the calls of a user of the default event loop.
var ops = []op{
	{Op: device("boot", machine, release, cores), Do: bootOnce},
	{Op: device("start", "", mode, joins, sntp), Do: erlang(startNetwork)},
	{Op: device("stop", ""), Do: erlang(func(c call) (int64, error) { return 0, c.Dev.net.Stop(c.Dev.process(c.Task)) })},
	{Op: device("restart", "", mode, joins), Do: erlang(restart)},
	{Op: device("wait_for_sta", "", joins, limit), Do: erlang(waitForSTA)},
	{Op: device("wait_for_ap", "", limit), Do: erlang(waitForAP)},
	{Op: device("subscribe", subscription, base, work), Do: func(c call) (int64, error) { return c.Dev.subscribe(families[c.Int(0)].base, c.Dur(1)) }},
	{Op: device("post", "", patience), Do: func(c call) (int64, error) { return 0, c.Dev.post(c.Dur(0)) }},
	{Op: device("expect", "", handle, patience), Do: func(c call) (int64, error) { return c.Dev.user(c.Handle(0)).expect(c.Dur(1)) }},
	{Op: device("unsubscribe", "", handle), Closes: true, Do: func(c call) (int64, error) { return 0, c.Dev.user(c.Handle(0)).unsubscribe() }},
	{Op: device("sleep", "", pause), Do: sleep},

	{Op: outdoors("down", ap), Do: inAir(func(a *air.Air, c call) { a.Down(c.Word(0)) })},
	{Op: outdoors("up", ap), Do: inAir(func(a *air.Air, c call) { a.Up(c.Word(0)) })},
	{Op: outdoors("deauth", ap), Do: inAir(func(a *air.Air, c call) { a.Deauth(c.Word(0)) })},
	{
		Op: outdoors("uplink", prog.Arg{Name: "state", Kind: prog.Enum, Choices: []string{"off", "on"}}),
		Do: inAir(func(a *air.Air, c call) { a.Uplink(c.Int(0) == 1) }),
	},
	{
		Op: outdoors("dhcp", ap, prog.Arg{Name: "mode", Kind: prog.Enum, Choices: []string{"off", "on", "move"}}),
		Do: inAir(func(a *air.Air, c call) { a.DHCP(c.Word(0), air.Mode(c.Int(1))) }),
	},
	{Op: outdoors("sleep", pause), Do: sleep},
}

func device(name, result string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: prog.Device, Args: args, Result: result}
}

func outdoors(name string, args ...prog.Arg) prog.Op {
	return prog.Op{Name: name, Class: prog.Air, Args: args}
}

// inAir is an op of the air.
func inAir(do func(a *air.Air, c call)) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		do(c.Dev.air, c)
		return 0, nil
	}
}

// erlang is an op that the task makes as its Erlang process.
func erlang(do func(c call) (int64, error)) func(c call) (int64, error) {
	return func(c call) (int64, error) {
		return as(c.Dev.process(c.Task), func() (int64, error) { return do(c) })
	}
}

// bootOnce boots the machine. One that runs goes on as it is, and which release it has, main decides alone.
func bootOnce(c call) (int64, error) {
	if c.Dev.vm != nil || c.Task != prog.Main {
		return 0, errBooted
	}
	c.Dev.boot(c.Int(0), c.Int(1))
	return 0, nil
}

// config is the configuration that a call's first two arguments name.
func config(c call) driver.Config { return modes[c.Int(0)].cfg(networks[c.Int(1)]) }

func startNetwork(c call) (int64, error) {
	cfg := config(c)
	cfg.SNTP = c.Int(2) == 1
	pid, err := c.Dev.net.Start(c.Dev.process(c.Task), cfg)
	return int64(pid), err
}

func restart(c call) (int64, error) {
	p := c.Dev.process(c.Task)
	if err := c.Dev.net.Stop(p); err != nil {
		return 0, err
	}
	pid, err := c.Dev.net.Start(p, config(c))
	return int64(pid), err
}

func waitForSTA(c call) (int64, error) {
	return address(c.Dev.net.WaitForSTA(c.Dev.process(c.Task), networks[c.Int(0)].net(), c.Dur(1)))
}

func waitForAP(c call) (int64, error) {
	return 0, c.Dev.net.WaitForAP(c.Dev.process(c.Task), ownAP(), c.Dur(0))
}

// address is an address as the trace has it.
func address(ip air.IP, err error) (int64, error) {
	return int64(ip[0])<<24 | int64(ip[1])<<16 | int64(ip[2])<<8 | int64(ip[3]), err
}

func sleep(c call) (int64, error) {
	c.World.Sleep(c.Dur(0))
	return 0, nil
}
