package espat

import (
	"strconv"

	"github.com/linkflap/linkflap/mocks/air"
)

// command is one AT command; what it does by kind, nil where it has no such kind.
type command struct {
	name string
	run  [numKinds]func(r *request)
}

// commands is the command set, in the order of the documents' chapters.
var commands = []command{
	{name: "AT", run: [numKinds]func(*request){execute: func(r *request) { r.m.ok() }}},
	{name: "ATE0", run: [numKinds]func(*request){execute: func(r *request) { r.m.setEcho(false) }}},
	{name: "ATE1", run: [numKinds]func(*request){execute: func(r *request) { r.m.setEcho(true) }}},
	{name: "AT+RST", run: [numKinds]func(*request){execute: (*request).reset}},
	{name: "AT+GMR", run: [numKinds]func(*request){execute: (*request).version}},

	{name: "AT+CWMODE", run: [numKinds]func(*request){query: (*request).getMode, set: (*request).setMode}},
	{name: "AT+CWJAP", run: [numKinds]func(*request){query: (*request).joined, set: (*request).joinTo, execute: (*request).joinAgain}},
	{name: "AT+CWLAP", run: [numKinds]func(*request){execute: (*request).scan}},
	{name: "AT+CWQAP", run: [numKinds]func(*request){execute: (*request).leave}},
	{name: "AT+CWSAP", run: [numKinds]func(*request){query: (*request).getSoftAP, set: (*request).setSoftAP}},
	{name: "AT+CWLIF", run: [numKinds]func(*request){execute: func(r *request) { r.m.ok() }}},
	{name: "AT+CWDHCP", run: [numKinds]func(*request){query: (*request).getDHCP, set: (*request).setDHCP}},
	{name: "AT+CWAUTOCONN", run: [numKinds]func(*request){set: (*request).setAuto}},
	{name: "AT+CIPSTAMAC", run: [numKinds]func(*request){query: func(r *request) { r.m.report(`+CIPSTAMAC:"` + stationMAC + `"`) }}},
	{name: "AT+CIPAPMAC", run: [numKinds]func(*request){query: func(r *request) { r.m.report(`+CIPAPMAC:"` + softMAC + `"`) }}},
	{name: "AT+CIPSTA", run: [numKinds]func(*request){query: (*request).getAddress, set: (*request).setAddress}},
	{name: "AT+CIPAP", run: [numKinds]func(*request){query: (*request).getSoftIP, set: (*request).setSoftIP}},

	{name: "AT+CIPSTATUS", run: [numKinds]func(*request){execute: (*request).status}},
	{name: "AT+CIPDOMAIN", run: [numKinds]func(*request){set: (*request).resolve}},
	{name: "AT+CIPSTART", run: [numKinds]func(*request){set: (*request).start}},
	{name: "AT+CIPSEND", run: [numKinds]func(*request){set: (*request).send, execute: (*request).sendThrough}},
	{name: "AT+CIPCLOSE", run: [numKinds]func(*request){set: (*request).closeLink, execute: (*request).closeOnly}},
	{name: "AT+CIFSR", run: [numKinds]func(*request){execute: (*request).addresses}},
	{name: "AT+CIPMUX", run: [numKinds]func(*request){query: (*request).getMux, set: (*request).setMux}},
	{name: "AT+CIPMODE", run: [numKinds]func(*request){query: (*request).getPassthrough, set: (*request).setPassthrough}},
	{name: "AT+CIPDINFO", run: [numKinds]func(*request){set: (*request).setInfo}},
	{name: "AT+CIPDNS", run: [numKinds]func(*request){query: (*request).getDNS, set: (*request).setDNS}},
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
	m.echo = on
	m.ok()
}

// reset is AT+RST: the module restarts when it has said OK.
func (r *request) reset() {
	m := r.m
	m.ok()
	m.after(m.line.Free()-m.w.Now(), func() { m.restart(CauseCommand) })
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
