package espat

import (
	"strconv"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/at"
)

// command is one AT command; what it does by kind, nil where it has no such kind.
type command struct {
	name string
	run  [at.NumKinds]func(r *request)
}

// commands is the command set, in the order of the documents' chapters.
var commands = []command{
	{name: "AT", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.ok() }}},
	{name: "ATE0", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.setEcho(false) }}},
	{name: "ATE1", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.setEcho(true) }}},
	{name: "AT+RST", run: [at.NumKinds]func(*request){at.Execute: (*request).reset}},
	{name: "AT+GMR", run: [at.NumKinds]func(*request){at.Execute: (*request).version}},

	{name: "AT+CWMODE", run: [at.NumKinds]func(*request){at.Query: (*request).getMode, at.Set: (*request).setMode}},
	{name: "AT+CWJAP", run: [at.NumKinds]func(*request){at.Query: (*request).joined, at.Set: (*request).joinTo, at.Execute: (*request).joinAgain}},
	{name: "AT+CWLAP", run: [at.NumKinds]func(*request){at.Execute: (*request).scan}},
	{name: "AT+CWQAP", run: [at.NumKinds]func(*request){at.Execute: (*request).leave}},
	{name: "AT+CWSAP", run: [at.NumKinds]func(*request){at.Query: (*request).getSoftAP, at.Set: (*request).setSoftAP}},
	{name: "AT+CWLIF", run: [at.NumKinds]func(*request){at.Execute: func(r *request) { r.m.ok() }}},
	{name: "AT+CWDHCP", run: [at.NumKinds]func(*request){at.Query: (*request).getDHCP, at.Set: (*request).setDHCP}},
	{name: "AT+CWAUTOCONN", run: [at.NumKinds]func(*request){at.Set: (*request).setAuto}},
	{name: "AT+CIPSTAMAC", run: [at.NumKinds]func(*request){at.Query: func(r *request) { r.m.report(`+CIPSTAMAC:"` + stationMAC + `"`) }}},
	{name: "AT+CIPAPMAC", run: [at.NumKinds]func(*request){at.Query: func(r *request) { r.m.report(`+CIPAPMAC:"` + softMAC + `"`) }}},
	{name: "AT+CIPSTA", run: [at.NumKinds]func(*request){at.Query: (*request).getAddress, at.Set: (*request).setAddress}},
	{name: "AT+CIPAP", run: [at.NumKinds]func(*request){at.Query: (*request).getSoftIP, at.Set: (*request).setSoftIP}},

	{name: "AT+CIPSTATUS", run: [at.NumKinds]func(*request){at.Execute: (*request).status}},
	{name: "AT+CIPDOMAIN", run: [at.NumKinds]func(*request){at.Set: (*request).resolve}},
	{name: "AT+CIPSTART", run: [at.NumKinds]func(*request){at.Set: (*request).start}},
	{name: "AT+CIPSEND", run: [at.NumKinds]func(*request){at.Set: (*request).send, at.Execute: (*request).sendThrough}},
	{name: "AT+CIPCLOSE", run: [at.NumKinds]func(*request){at.Set: (*request).closeLink, at.Execute: (*request).closeOnly}},
	{name: "AT+CIFSR", run: [at.NumKinds]func(*request){at.Execute: (*request).addresses}},
	{name: "AT+CIPMUX", run: [at.NumKinds]func(*request){at.Query: (*request).getMux, at.Set: (*request).setMux}},
	{name: "AT+CIPMODE", run: [at.NumKinds]func(*request){at.Query: (*request).getPassthrough, at.Set: (*request).setPassthrough}},
	{name: "AT+CIPDINFO", run: [at.NumKinds]func(*request){at.Set: (*request).setInfo}},
	{name: "AT+CIPDNS", run: [at.NumKinds]func(*request){at.Query: (*request).getDNS, at.Set: (*request).setDNS}},
}

func lookup(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

// The module's hardware addresses; chosen.
const (
	stationMAC = "02:00:00:00:00:0a"
	softMAC    = "02:00:00:00:00:0b"
)

// report answers with lines and OK.
func (m *Module) report(lines ...string) {
	text := ""
	for _, l := range lines {
		text += l + "\r\n"
	}
	m.answer(text + "\r\nOK\r\n")
}

// setEcho is ATE (Basic_AT_Commands.rst, ATE).
func (m *Module) setEcho(on bool) {
	m.core.Echo(on)
	m.ok()
}

// reset is AT+RST: the module restarts when it has said OK.
func (r *request) reset() {
	m := r.m
	m.ok()
	m.core.After(m.line.Free()-m.w.Now(), func() { m.restart(CauseCommand) })
}

// version is AT+GMR; the version is the one of the document's example.
func (r *request) version() {
	r.m.report("AT version:2.2.0.0-dev(ca41ec4 - ESP32 - Sep 16 2020 11:28:17)", "SDK version:v4.0.1-193-ge7ac221b4",
		"compile time(98b95fc):Oct 29 2020 11:23:25", "Bin version:2.1.0(MINI-1)")
}

func itoa(n int) string { return strconv.Itoa(n) }

// dotted is an address as the module writes it: in quotes.
func dotted(ip air.IP) string {
	return `"` + itoa(int(ip[0])) + "." + itoa(int(ip[1])) + "." + itoa(int(ip[2])) + "." + itoa(int(ip[3])) + `"`
}
