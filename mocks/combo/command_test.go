package combo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/combo"
)

// Guide, Aithinker_combo-AT.rst: a command begins with AT and ends with CR LF; each returns OK or ERROR.
func TestCommands(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("AT\r\n")
		b.Equal("AT\r\n\r\nOK\r\n", b.drain(time.Second), "echo is on, and OK is a line of its own")
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT
			< OK
			> AT+GMR
			< at version:...
			< sdk version:...
			< firmware version:...
			< OK
			> AT+NOTHING=1
			< Unknown cmd:AT+NOTHING=1
			< ERROR
			> garbage
			< Unknown cmd:garbage
			< ERROR
			> AT+WJAP
			< +WJAP:2
			< ERROR
			> AT+WCOUNTRY=
			< +WCOUNTRY:4
			< ERROR
			> AT+WMODE=1
			< +WMODE:3
			< ERROR
			> ATE1
			< OK`)
		b.write("\r\n")
		b.Equal("\r\n", b.drain(time.Second), "an empty line is no command")
	})
}

// Reference 4.2.6, note: a command line has at most 1023 bytes.
func TestLongCommand(t *testing.T) {
	online(t, func(b *board) {
		b.write("AT+WDOMAIN=" + strings.Repeat("x", combo.MaxCommand-11) + "\r\n")
		b.says(`
			< +WDOMAIN:98
			< ERROR`)
		b.write("AT+WDOMAIN=" + strings.Repeat("x", combo.MaxCommand-10) + "\r\n")
		b.says(`
			< ERROR
			.`)
	})
}

// Guide, command-set/index.rst: strings in double quotes, a backslash before what has a meaning.
func TestParameters(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT+WJAP="home","password1"
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_GOT_IP
			< OK
			> AT+WAUTOCONN=1,comma\,backslash\\ssid,"quote\"d,pass"
			< OK
			> AT+WAUTOCONN?
			< +WAUTOCONN:1
			< OK`)
	})
}

// Guide, Aithinker_combo-AT.rst: commands are carried out one after the other; another one meanwhile is turned down.
func TestBusy(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+WSCAN
			> AT
			< [Busy]Cmd running
			< +WSCAN:index SSID,CH,SECURITY,RSSI,BSSID
			< 1 home,...
			< 2 cafe,...
			< OK
			.
			> AT
			< OK`)
	})
}

// Guide, Wi-Fi_AT_Commands.rst, by command; error codes: error_code_.rst.
func TestWiFi(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.says(`
			> AT+WMODE=1,1
			< OK
			> AT+WMODE?
			< +WMODE:1
			< OK
			> AT+CIPSTAMAC_DEF?
			< +CIPSTAMAC_DEF:02000000000a
			< OK
			> AT+WCOUNTRY=4
			< OK
			> AT+WCOUNTRY?
			< +WCOUNTRY:4
			< OK
			> AT+WCOUNTRY=16
			< +WCOUNTRY:75
			< ERROR
			> AT+WJAP?
			< +WJAP:0,,,00:00:00:00:00:00,Open,02:00:00:00:00:0a,0,0.0.0.0,0.0.0.0
			< OK
			> AT+WRSSI
			< +WRSSI:74
			< ERROR
			> AT+WAUTOCONN=1
			< +WAUTOCONN:63
			< ERROR
			> AT+WJAP=nowhere,password1
			< +WJAP:69
			< ERROR
			> AT+WJAP=home,password2
			< +WJAP:66
			< ERROR
			> AT+WJAP=home,password1
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_GOT_IP
			< OK
			> AT+WJAP?
			< +WJAP:3,home,password1,...
			< OK
			> AT+WRSSI?
			< +WRSSI:-...
			< OK
			> AT+WDISCONNECT
			< +EVENT:WIFI_DISCONNECT
			< OK
			.
			> AT+WMODE=0,0
			< OK
			> AT+WJAP=home,password1
			< +WJAP:64
			< ERROR
			> AT+WMODE=2,0
			< OK
			> AT+WJAP=home,password1
			< +WJAP:65
			< ERROR`)
	})
}

// Guide, AT+WJAP?: nine fields, the last two the address and the gateway.
func TestJoined(t *testing.T) {
	online(t, func(b *board) {
		b.write("AT+WJAP?\r\n")
		fields := strings.Split(b.line(time.Second), ",")
		b.Len(fields, 9)
		b.Equal([]string{"WPA2 AES", "02:00:00:00:00:0a"}, fields[4:6])
		b.Equal([]string{"10.0.0.2", "10.0.0.1"}, fields[7:])
	})
}

// Guide, error_code_.rst, 67: joined, but no address; AT+WJAP?, status 2.
func TestNoDHCP(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("ATE0\r\n")
		b.drain(time.Second)
		b.a.DHCP("home", air.DHCPOff)
		start := b.w.Now()
		b.says(`
			> AT+WJAP=home,password1
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_DISCONNECT
			< +WJAP:67
			< ERROR`)
		b.InDelta(start+combo.JoinLimit, b.w.Now(), float64(100*time.Millisecond))
	})
}

// Guide, AT+WJAP?, status 1 and 4: a station joins again by itself, for so many times.
func TestRejoin(t *testing.T) {
	online(t, func(b *board) {
		b.a.Deauth("home")
		b.says(`
			< +EVENT:WIFI_DISCONNECT
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_GOT_IP`)
		b.a.Down("home")
		b.says(`< +EVENT:WIFI_DISCONNECT`)
		b.w.Sleep(2 * time.Second)
		b.says(`
			> AT+WJAP?
			< +WJAP:1,...
			< OK`)
		b.w.Sleep(time.Minute)
		b.says(`
			> AT+WJAP?
			< +WJAP:4,...
			< OK`)
		b.a.Up("home")
		b.Empty(b.drain(time.Minute), "it has given up")
	})
}

// Guide, AT+RST and AT+WAUTOCONN; reference 4.1.9: what was joined last is joined after a start.
func TestRestart(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+WAUTOCONN=1
			< OK
			> AT+SOCKET=2,` + b.host("echo") + `,7
			< connect success ConID=1
			< OK
			> AT+RST
			< OK`)
		start := b.w.Now()
		b.write("AT\r\n")
		b.says(`< ready`)
		b.InDelta(start+combo.BootTime, b.w.Now(), float64(10*time.Millisecond), "and a module that starts does not listen")
		b.write("ATE0\r\n")
		b.drain(100 * time.Millisecond)
		b.says(`
			< +EVENT:WIFI_CONNECT
			< +EVENT:WIFI_GOT_IP
			> AT+SOCKET?
			< OK
			> AT+RESTORE
			< OK
			< ready
			.`)
	})
}

func TestPing(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+PING=echo
			< +PING:20
			< OK
			> AT+PING=` + b.host("gone") + `
			< +PING:106
			< ERROR`)
	})
}

// Guide, AT+WDOMAIN, AT+WDNS.
func TestDNS(t *testing.T) {
	online(t, func(b *board) {
		b.says(`
			> AT+WDOMAIN=echo
			< +WDOMAIN:` + b.host("echo") + `
			< OK
			> AT+WDOMAIN=nobody
			< +WDOMAIN:98
			< ERROR
			> AT+WDNS?
			< +WDNS:10.0.0.1,0.0.0.0
			< OK
			> AT+WDNS=114.114.114.114
			< +WDNS:114.114.114.114
			< OK
			> AT+WDNS?
			< +WDNS:114.114.114.114,0.0.0.0
			< OK`)
		b.a.Uplink(false)
		start := b.w.Now()
		b.says(`
			> AT+WDOMAIN=echo
			< +WDOMAIN:98
			< ERROR`)
		b.Greater(b.w.Now()-start, 5*time.Second, "an answer that does not come takes its time")
	})
}
