package espat_test

import (
	"testing"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/espat"
)

// Wi-Fi_AT_Commands.rst, AT+CWMODE.
func TestMode(t *testing.T) {
	onBoard(t, func(b *board) {
		b.reports("AT+CWMODE?", "+CWMODE:1")
		for _, mode := range []string{"0", "2", "3", "1"} {
			b.ok("AT+CWMODE=" + mode)
			b.reports("AT+CWMODE?", "+CWMODE:"+mode)
		}
		b.ok("AT+CWMODE=1,0")
		b.fails("AT+CWMODE=4")
		b.fails("AT+CWMODE=1,2")
		b.reports("AT+CWMODE?", "+CWMODE:1")
	})
}

// TCP-IP_AT_Examples.rst, "as a TCP client in single connection", steps 2 and 3; Wi-Fi_AT_Commands.rst, AT+CWJAP, AT+CIPSTA, AT+CWQAP.
func TestJoin(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		b.reports("AT+CIPSTA?", `+CIPSTA:ip:"10.0.0.2"`, `+CIPSTA:gateway:"10.0.0.1"`, `+CIPSTA:netmask:"255.255.255.0"`)
		b.Regexp(`^\+CWJAP:"home","([0-9a-f]{2}:){5}[0-9a-f]{2}",\d+,-\d+,\d,1,3,0,0\r\n\r\nOK\r\n$`, b.ask("AT+CWJAP?"))
		b.Equal("\r\nOK\r\nWIFI DISCONNECT\r\n", b.ask("AT+CWQAP"))
		b.reports("AT+CWJAP?", "No AP")
		b.Empty(b.hear(time.Minute), "who was told to leave does not come back")

		b.write("AT+CWJAP\r\n")
		b.Equal("WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n", b.hear(5*time.Second), `"with last Wi-Fi configuration"`)
		b.write(`AT+CWJAP="cafe",""` + "\r\n")
		b.Equal("WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n", b.hear(5*time.Second))
	})
}

// Wi-Fi_AT_Commands.rst, AT+CWJAP, error codes 1 to 3; "This command requires Station mode to be enabled"; jap_timeout: 15 s.
func TestJoinFails(t *testing.T) {
	onBoard(t, func(b *board) {
		b.fails("AT+CWJAP")
		b.write(`AT+CWJAP="home","password2"` + "\r\n")
		b.Equal("+CWJAP:2\r\n\r\nERROR\r\n", b.hear(10*time.Second))
		b.write(`AT+CWJAP="nowhere",""` + "\r\n")
		b.Equal("+CWJAP:3\r\n\r\nERROR\r\n", b.hear(10*time.Second))

		b.air.DHCP("home", air.DHCPOff)
		b.write(`AT+CWJAP="home","password1"` + "\r\n")
		b.Equal("WIFI CONNECTED\r\n", b.hear(espat.JoinLimit-time.Second))
		b.Contains(b.hear(2*time.Second), "+CWJAP:1\r\n\r\nERROR\r\n")
		b.Empty(b.hear(time.Minute))

		b.ok("AT+CWMODE=2")
		b.fails(`AT+CWJAP="home","password1"`)
	})
}

// Wi-Fi_AT_Commands.rst, AT+CWJAP, reconn_interval: "The ESP station will reconnect to the AP at the specified interval when disconnected",
// by default every second. AT_Command_Set/index.rst, "AT Messages": WIFI DISCONNECT.
func TestLink(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		b.air.Down("home")
		b.Equal("WIFI DISCONNECT\r\n", b.hear(air.BeaconLoss+soon))
		b.reports("AT+CIPSTA?", `+CIPSTA:ip:"0.0.0.0"`, `+CIPSTA:gateway:"0.0.0.0"`, `+CIPSTA:netmask:"0.0.0.0"`)
		b.Empty(b.hear(time.Minute), "only changes are told")
		b.air.Up("home")
		b.Equal("WIFI CONNECTED\r\nWIFI GOT IP\r\n", b.hear(10*time.Second))
		b.air.Deauth("home")
		b.Equal("WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n", b.hear(10*time.Second))
	})
}

// Wi-Fi_AT_Commands.rst, AT+CWAUTOCONN: "Connect to an AP automatically when powered on"; AT+CWMODE: without station mode there is none.
func TestAutoConnect(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		b.write("AT+RST\r\n")
		b.Equal("\r\nOK\r\n\r\nready\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n", b.hear(5*time.Second))
		b.Contains(b.ask("AT+CWAUTOCONN=0"), "OK")
		b.write("AT+RST\r\n")
		b.Contains(b.hear(time.Minute), "\r\nOK\r\n\r\nready\r\n")
		b.Equal("ATE0\r\n\r\nOK\r\n", b.ask("ATE0"))
		b.join()
		b.Equal("\r\nOK\r\nWIFI DISCONNECT\r\n", b.ask("AT+CWMODE=2"))
	})
}

// Wi-Fi_AT_Commands.rst, AT+CIPSTA and AT+CWDHCP: a static address disables DHCP, and the other way round.
func TestStaticAddress(t *testing.T) {
	onBoard(t, func(b *board) {
		b.reports("AT+CWDHCP?", "+CWDHCP:3")
		b.ok(`AT+CIPSTA="10.0.0.77","10.0.0.1","255.255.255.0"`)
		b.reports("AT+CWDHCP?", "+CWDHCP:2")
		b.air.DHCP("home", air.DHCPOff)
		b.join()
		b.Contains(b.ask("AT+CIPSTA?"), `+CIPSTA:ip:"10.0.0.77"`)
		b.fails(`AT+CIPSTA="10.0.0"`)
		b.ok("AT+CWDHCP=1,1")
		b.reports("AT+CWDHCP?", "+CWDHCP:3")
	})
}

// TCP-IP_AT_Commands.rst, AT+CIFSR: "Only when the ESP station is connected to an AP can you query its IP address".
func TestLocalAddress(t *testing.T) {
	onBoard(t, func(b *board) {
		b.reports("AT+CIFSR")
		b.join()
		b.Contains(b.ask("AT+CIFSR"), `+CIFSR:STAIP,"10.0.0.2"`)
	})
}

// Wi-Fi_AT_Commands.rst, AT+CWLAP, AT+CWSAP ("works only when AT+CWMODE=2 or AT+CWMODE=3"), AT+CIPSTAMAC, AT+CIPAPMAC, AT+CIPAP, AT+CWLIF.
func TestOtherWiFiCommands(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("AT+CWLAP\r\n")
		found := b.hear(espat.ScanTime + soon)
		b.Regexp(`(?m)^\+CWLAP:\(3,"home",-\d+,"[0-9a-f:]{17}",\d+,`, found)
		b.Regexp(`(?m)^\+CWLAP:\(0,"cafe",`, found)
		b.fails(`AT+CWSAP="ESP","1234567890",5,3`)
		b.Regexp(`^\+CIPSTAMAC:"[0-9a-f:]{17}"\r\n\r\nOK\r\n$`, b.ask("AT+CIPSTAMAC?"))
		b.NotEqual(b.ask("AT+CIPSTAMAC?")[11:], b.ask("AT+CIPAPMAC?")[10:])
		b.ok(`AT+CIPAP="192.168.5.1","192.168.5.1","255.255.255.0"`)
		b.reports("AT+CIPAP?", `+CIPAP:ip:"192.168.5.1"`, `+CIPAP:gateway:"192.168.5.1"`, `+CIPAP:netmask:"255.255.255.0"`)
		b.ok("AT+CWLIF")
	})
}
