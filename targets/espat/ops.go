package espat

import (
	"time"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/targets/netdev"
	"github.com/linkflap/linkflap/targets/outside"
)

type call = *harness.Call[*netdev.Device]

// ownOps are what the driver offers beyond TinyGo's interfaces: its own AT commands, and waiting for an answer to one.
var ownOps = []harness.Op[*netdev.Device]{
	{Op: prog.Op{Name: "ask", Args: []prog.Arg{{Name: "what", Kind: prog.Enum, Choices: []string{"version", "mode", "ap", "mux"}}}}, Do: ask},
	{Op: prog.Op{Name: "response", Args: []prog.Arg{{
		Name: "timeout", Kind: prog.Dur, Min: 0, Max: int64(5 * time.Second),
		Nice: outside.Durations(300*time.Millisecond, time.Second, 100*time.Millisecond, 10*time.Millisecond),
	}}}, Do: response},
}

// ops are those of every network device, and the driver's own.
func ops() (all []harness.Op[*netdev.Device]) {
	for _, op := range netdev.Ops {
		all = append(all, guarded(op, kindOf(op.Name)))
	}
	for _, op := range ownOps {
		all = append(all, guarded(op, own))
	}
	return all
}

// ask makes one of the driver's own queries.
func ask(c call) (int64, error) {
	d := c.Dev.Bare().(*driver)
	var answer []byte
	var err error
	switch c.Word(0) {
	case "version":
		answer = d.Version()
	case "mode":
		answer, err = d.GetWifiMode()
	case "ap":
		answer, err = d.GetConnectedAP()
	case "mux":
		answer, err = d.GetMux()
	}
	return int64(len(answer)), err
}

// response waits for the answer to a command; its timeout is in milliseconds.
func response(c call) (int64, error) {
	answer, err := c.Dev.Bare().(*driver).Response(int(c.Dur(0) / time.Millisecond))
	return int64(len(answer)), err
}
