package combo

import "github.com/linkflap/linkflap/mocks/at"

// command is one AT command; what it does by kind, nil where it has no such kind.
type command struct {
	name string
	run  [at.NumKinds]func(r *request)
}

// commands is the command set, as far as it is modelled, in the order of the guide's chapters.
var commands = []command{
	{name: "AT", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.ok() }}},
	{name: "AT+RST", run: [at.NumKinds]func(*request){at.Execute: (*request).reset}},
	{name: "AT+RESTORE", run: [at.NumKinds]func(*request){at.Execute: (*request).restore}},
	{name: "ATE1", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.setEcho(true) }}},
	{name: "ATE0", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.setEcho(false) }}},
	{name: "AT+GMR", run: [at.NumKinds]func(*request){at.Execute: (*request).version}},

	{name: "AT+WMODE", run: [at.NumKinds]func(*request){at.Query: (*request).getMode, at.Set: (*request).setMode}},
	{name: "AT+WSCAN", run: [at.NumKinds]func(*request){at.Query: (*request).scan, at.Execute: (*request).scan}},
	{name: "AT+WJAP", run: [at.NumKinds]func(*request){at.Query: (*request).joined, at.Set: (*request).joinTo}},
	{name: "AT+WDISCONNECT", run: [at.NumKinds]func(*request){at.Execute: (*request).leave}},
	{name: "AT+WAUTOCONN", run: [at.NumKinds]func(*request){at.Query: (*request).getAuto, at.Set: (*request).setAuto}},
	{name: "AT+PING", run: [at.NumKinds]func(*request){at.Set: (*request).ping}},
	{name: "AT+CIPSTAMAC_DEF", run: [at.NumKinds]func(*request){at.Query: func(r *request) { r.m.report("+CIPSTAMAC_DEF:" + stationMAC) }}},
	{name: "AT+WCOUNTRY", run: [at.NumKinds]func(*request){at.Query: (*request).getCountry, at.Set: (*request).setCountry}},
	{name: "AT+WRSSI", run: [at.NumKinds]func(*request){at.Query: (*request).strength, at.Execute: (*request).strength}},

	{name: "AT+SOCKET", run: [at.NumKinds]func(*request){at.Query: (*request).list, at.Set: (*request).open}},
	{name: "AT+SOCKETSEND", run: [at.NumKinds]func(*request){at.Set: (*request).send}},
	{name: "AT+SOCKETSENDLINE", run: [at.NumKinds]func(*request){at.Set: (*request).sendLine}},
	{name: "AT+SOCKETREAD", run: [at.NumKinds]func(*request){at.Set: (*request).read}},
	{name: "AT+SOCKETDEL", run: [at.NumKinds]func(*request){at.Set: (*request).remove}},
	{name: "AT+SOCKETRECVCFG", run: [at.NumKinds]func(*request){at.Set: (*request).setActive}},
	{name: "AT+WDOMAIN", run: [at.NumKinds]func(*request){at.Set: (*request).resolve}},
	{name: "AT+WDNS", run: [at.NumKinds]func(*request){at.Query: (*request).getDNS, at.Set: (*request).setDNS}},
}

func lookup(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

// setEcho is ATE1 and ATE0.
func (m *Module) setEcho(on bool) {
	m.core.Echo(on)
	m.ok()
}

// reset is AT+RST: the module restarts when it has said OK.
func (r *request) reset() {
	r.m.ok()
	r.restart()
}

// restore is AT+RESTORE: as after the first start.
func (r *request) restore() {
	r.m.flash = flash{mode: modeStation}
	r.m.ok()
	r.restart()
}

func (r *request) restart() {
	m := r.m
	m.core.After(m.reply.slow+HandleTime, func() {
		m.core.After(max(0, m.line.Free()-m.w.Now()), func() { m.restart(CauseCommand) })
	})
}

// version is AT+GMR; the versions are those of the BW16 in reference 2.8.
func (r *request) version() {
	r.m.report("at version:release/v2.0.0", "sdk version:amebaD-6.2c", "firmware version:release/v1.2.3")
}
