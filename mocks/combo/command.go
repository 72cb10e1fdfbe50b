package combo

// command is one AT command; what it does by kind, nil where it has no such kind.
type command struct {
	name string
	run  [numKinds]func(r *request)
}

// commands is the command set, as far as it is modelled, in the order of the guide's chapters.
var commands = []command{
	{name: "AT", run: [numKinds]func(*request){execute: func(r *request) { r.m.ok() }}},
	{name: "AT+RST", run: [numKinds]func(*request){execute: (*request).reset}},
	{name: "AT+RESTORE", run: [numKinds]func(*request){execute: (*request).restore}},
	{name: "ATE1", run: [numKinds]func(*request){execute: func(r *request) { r.m.setEcho(true) }}},
	{name: "ATE0", run: [numKinds]func(*request){execute: func(r *request) { r.m.setEcho(false) }}},
	{name: "AT+GMR", run: [numKinds]func(*request){execute: (*request).version}},

	{name: "AT+WMODE", run: [numKinds]func(*request){query: (*request).getMode, set: (*request).setMode}},
	{name: "AT+WSCAN", run: [numKinds]func(*request){query: (*request).scan, execute: (*request).scan}},
	{name: "AT+WJAP", run: [numKinds]func(*request){query: (*request).joined, set: (*request).joinTo}},
	{name: "AT+WDISCONNECT", run: [numKinds]func(*request){execute: (*request).leave}},
	{name: "AT+WAUTOCONN", run: [numKinds]func(*request){query: (*request).getAuto, set: (*request).setAuto}},
	{name: "AT+PING", run: [numKinds]func(*request){set: (*request).ping}},
	{name: "AT+CIPSTAMAC_DEF", run: [numKinds]func(*request){query: func(r *request) { r.m.report("+CIPSTAMAC_DEF:" + stationMAC) }}},
	{name: "AT+WCOUNTRY", run: [numKinds]func(*request){query: (*request).getCountry, set: (*request).setCountry}},
	{name: "AT+WRSSI", run: [numKinds]func(*request){query: (*request).strength, execute: (*request).strength}},

	{name: "AT+SOCKET", run: [numKinds]func(*request){query: (*request).list, set: (*request).open}},
	{name: "AT+SOCKETSEND", run: [numKinds]func(*request){set: (*request).send}},
	{name: "AT+SOCKETSENDLINE", run: [numKinds]func(*request){set: (*request).sendLine}},
	{name: "AT+SOCKETREAD", run: [numKinds]func(*request){set: (*request).read}},
	{name: "AT+SOCKETDEL", run: [numKinds]func(*request){set: (*request).remove}},
	{name: "AT+SOCKETRECVCFG", run: [numKinds]func(*request){set: (*request).setActive}},
	{name: "AT+WDOMAIN", run: [numKinds]func(*request){set: (*request).resolve}},
	{name: "AT+WDNS", run: [numKinds]func(*request){query: (*request).getDNS, set: (*request).setDNS}},
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
	m.echo = on
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
	m.after(m.reply.slow+HandleTime, func() {
		m.after(max(0, m.line.Free()-m.w.Now()), func() { m.restart(CauseCommand) })
	})
}

// version is AT+GMR; the versions are those of the BW16 in reference 2.8.
func (r *request) version() {
	r.m.report("at version:release/v2.0.0", "sdk version:amebaD-6.2c", "firmware version:release/v1.2.3")
}
