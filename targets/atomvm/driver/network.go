package driver

import (
	"errors"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/atomvm/beam"
)

// serverName is what the gen_server is registered as.
const serverName = "network"

// What wait_for_sta/2 and wait_for_ap/2 return instead of ok.
var (
	ErrDisconnected = errors.New("{error, disconnected}")
	ErrTimeout      = errors.New("{error, timeout}")
)

// Net is a list of properties of a station's or an access point's network; nil is undefined.
type Net struct {
	SSID, PSK *string
	Channel   int // of an access point; 0: undefined
}

// Config is the argument of network:start/1; nil is undefined.
type Config struct {
	STA, AP *Net
	SNTP    bool
	owner   *beam.Process // gets what the callbacks of wait_for_sta and wait_for_ap send
}

// state is the server's state.
type state struct {
	d    *Driver
	cfg  Config
	port *beam.Process
	ref  beam.Ref
}

// Start is network:start/1 for process p. It returns the server's pid.
func (d *Driver) Start(p *beam.Process, cfg Config) (pid int, err error) {
	s := &state{d: d, cfg: cfg}
	callbacks := beam.Server{Init: func(*beam.Process) {}, Call: s.handleCall, Info: s.handleInfo, Terminate: s.terminate}
	if d.Continues {
		callbacks.Init, callbacks.Continue = func(*beam.Process) { s.open() }, s.start
	}
	server, err := p.StartServer(serverName, callbacks)
	if err != nil {
		return 0, err
	}
	if !d.Continues {
		err = p.Call(server)
	}
	return server.Pid, err
}

// Stop is network:stop/0 for process p.
func (d *Driver) Stop(p *beam.Process) error { return p.StopServer(serverName) }

// open finds the port, or opens it: one that is ending still has its name (network:get_port/0).
func (s *state) open() {
	if s.port = s.d.vm.Whereis(portName); s.port == nil {
		s.port = s.d.openPort()
	}
	s.ref = s.d.vm.MakeRef()
}

// start lets the port start, and waits for its answer as long as that takes.
func (s *state) start(self *beam.Process) beam.Reason {
	if err := s.ask(self); err != nil {
		return beam.Reason("start_port_failed " + err.Error())
	}
	return beam.Alive
}

func (s *state) ask(self *beam.Process) error {
	s.d.vm.Send(s.port, startCommand{self, s.ref, s.cfg})
	msg, _ := self.Receive(s.port, beam.Infinity, func(msg any) bool { a, ok := msg.(answer); return ok && a.ref == s.ref })
	return msg.(answer).err
}

// handleCall is handle_call(start, ...).
func (s *state) handleCall(self *beam.Process, from beam.From) beam.Reason {
	s.open()
	err := s.ask(self)
	self.Reply(from, err)
	if err != nil {
		return beam.Reason("start_failed " + err.Error())
	}
	return beam.Alive
}

// handleInfo calls the callbacks; a message of an earlier attempt has another reference and is dropped.
func (s *state) handleInfo(msg any) {
	if n, ok := msg.(notice); ok && n.ref == s.ref && s.cfg.owner != nil {
		s.d.vm.Send(s.cfg.owner, n.what)
	}
}

// terminate is terminate/2: it stops the port. A port that is gone is badarg.
func (s *state) terminate(self *beam.Process) beam.Reason {
	if !s.d.StopsPort {
		return beam.Normal
	}
	var down beam.Ref
	if s.d.WaitsForPort > 0 {
		down = self.Monitor(s.port)
	}
	if !s.d.vm.SendName(portName, stopCommand{}) {
		return beam.Badarg
	}
	for waits := s.d.WaitsForPort > 0; waits; {
		msg, ok := self.Receive(s.port, s.d.WaitsForPort, func(any) bool { return true })
		d, ended := msg.(beam.Down)
		waits = ok && !(ended && d.Ref == down)
	}
	return beam.Normal
}

// WaitForSTA is network:wait_for_sta/2 for process p: it starts the network and returns the station's address. What came for an earlier call
// and was not taken is still in the mailbox, and is taken now.
func (d *Driver) WaitForSTA(p *beam.Process, n *Net, limit time.Duration) (ip air.IP, err error) {
	if _, err := d.Start(p, Config{STA: n, owner: p}); err != nil {
		return ip, err
	}
	for {
		msg, ok := p.Receive(nil, limit, func(msg any) bool {
			switch msg.(type) {
			case staConnected, staDisconnected, staGotIP:
				return true
			}
			return false
		})
		switch m := msg.(type) {
		case staGotIP:
			return m.ip, nil
		case staDisconnected:
			return ip, ErrDisconnected
		}
		if !ok {
			return ip, ErrTimeout
		}
	}
}

// WaitForAP is network:wait_for_ap/2 for process p: it starts the network and returns when the access point runs.
func (d *Driver) WaitForAP(p *beam.Process, n *Net, limit time.Duration) error {
	if _, err := d.Start(p, Config{AP: n, owner: p}); err != nil {
		return err
	}
	if _, ok := p.Receive(nil, limit, func(msg any) bool { _, ok := msg.(apStarted); return ok }); !ok {
		return ErrTimeout
	}
	return nil
}
