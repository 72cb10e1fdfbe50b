package espat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/linkflap/linkflap/mocks/espat"
	"github.com/linkflap/linkflap/mocks/uart"
)

// Basic_AT_Commands.rst, AT: "OK". TCP-IP_AT_Examples.rst, "as a TCP server in multiple connections", step 4, shows the echo of a module
// that nobody has configured.
func TestAT(t *testing.T) {
	onEcho(t, func(b *board) {
		b.Equal("AT\r\n\r\nOK\r\n", b.ask("AT"))
	})
}

// Basic_AT_Commands.rst, ATE: ATE0 switches echo off, ATE1 on.
func TestEcho(t *testing.T) {
	onBoard(t, func(b *board) {
		b.ok("AT")
		b.ok("ATE1")
		b.Equal("AT\r\n\r\nOK\r\n", b.ask("AT"))
		b.Equal("ATE0\r\n\r\nOK\r\n", b.ask("ATE0"))
		b.ok("AT")
	})
}

// Basic_AT_Commands.rst, AT+GMR: versions of AT, SDK and binary, compile time between them, then OK.
func TestVersion(t *testing.T) {
	onBoard(t, func(b *board) {
		got := strings.Split(b.ask("AT+GMR"), "\r\n")
		b.Len(got, 7)
		for i, begin := range []string{"AT version:", "SDK version:", "compile time", "Bin version:", "", "OK", ""} {
			b.True(strings.HasPrefix(got[i], begin), "line %d: got %q, want %q", i, got[i], begin)
		}
	})
}

// Basic_AT_Commands.rst, AT+RST: OK; AT_Command_Set/index.rst, "AT Messages": ready.
func TestRestart(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write("AT+RST\r\n")
		b.Equal("\r\nOK\r\n", b.hear(espat.BootTime/2))
		b.write("AT\r\n")
		b.Equal("\r\nready\r\n", b.hear(espat.BootTime), "nobody listens while the module starts")
		b.Equal("AT\r\n\r\nOK\r\n", b.ask("AT"), "what is not saved is as it was at first: echo is on")
	})
}

// AT_Command_Set/index.rst, "AT Command Types".
func TestCommandTypes(t *testing.T) {
	onBoard(t, func(b *board) {
		for _, wrong := range []string{
			"AT+NONSENSE", "AT+GMR?", "AT+GMR=1", "AT+CIPSTA", "AT+CWJAP=?", "ATX", "HELLO", "A", "AT+CWMODE=", "AT+CWMODE=x", "AT+CWMODE=1x",
			`AT+CWJAP=home,password1`, // "String values need to be included in double quotation marks"
		} {
			b.fails(wrong)
		}
		b.write("AT")
		b.Empty(b.hear(time.Second), `"AT commands end with a new-line (CR-LF)"`)
		b.Equal("\r\nOK\r\n", b.ask(""))
		b.Empty(b.ask(""), "an empty line is no command (chosen)")

		long := `AT+CWSAP="ap","` + strings.Repeat("x", 300-19) + `",1,3`
		b.Greater(len(long), 256)
		b.fails(long) // "The length of each AT command should be no more than 256 bytes"
		b.ok("AT")
	})
}

// AT_Command_Set/index.rst, "AT Command Types": parameters at the end can be omitted, others by a bare comma; a backslash takes the next
// character as it is.
func TestParameters(t *testing.T) {
	onBoard(t, func(b *board) {
		b.ok("AT+CWMODE=2")
		b.ok(`AT+CWSAP="comma\,backslash\\quote\"x\yz","21030826",5,3`)
		b.reports("AT+CWSAP?", `+CWSAP:"comma,backslash\quote"xyz","21030826",5,3,4,0`)
		b.ok(`AT+CWSAP="a,b","21030826",1,4,,1`)
		b.reports("AT+CWSAP?", `+CWSAP:"a,b","21030826",1,4,4,1`)
		b.fails(`AT+CWSAP="a,b","21030826",1`)
		b.fails(`AT+CWSAP="a,b","21030826",1,4,11`)
	})
}

// AT_Command_Set/index.rst, "AT Messages", busy p...: "The system is in process of handling the previous command, thus CANNOT accept the
// new input". faq.rst, "What is the reason why AT prompts busy?": "one command at a time".
func TestBusy(t *testing.T) {
	onBoard(t, func(b *board) {
		b.write(`AT+CWJAP="home","password1"` + "\r\n")
		b.Equal("\r\nbusy p...\r\n", b.ask("AT"))
		b.Equal("\r\nbusy p...\r\n", b.ask("AT+CWMODE=2"))
		b.Equal("WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n", b.hear(5*time.Second))
		b.reports("AT+CWMODE?", "+CWMODE:1")

		b.write("AT+CWMODE=3\r\nAT+CWMODE=2\r\n")
		got := b.hear(soon)
		b.Contains(got, "busy p...", "two or more AT commands are sent in succession")
		b.Equal(1, strings.Count(got, "OK"))
		b.reports("AT+CWMODE?", "+CWMODE:3")
	})
}

// AT_Command_Set/index.rst, "AT Command Types": "The default baud rate of AT command is 115200": ten bits a byte, in both directions.
func TestBaudRate(t *testing.T) {
	onBoard(t, func(b *board) {
		const byteTime = 10 * time.Second / uart.DefaultBaud
		start := b.w.Now()
		b.write("AT\r\n")
		b.Equal(start+4*byteTime, b.w.Now())
		b.Empty(b.hear(espat.HandleTime + byteTime - 1))
		b.Equal("\r", b.hear(1))
		b.Equal("\nOK\r", b.hear(4*byteTime))
		b.Equal("\n", b.hear(byteTime))
	})
}
