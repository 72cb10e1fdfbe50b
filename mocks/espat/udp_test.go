package espat_test

import (
	"testing"
	"time"
)

// TCP-IP_AT_Examples.rst, "UDP transmission with fixed remote IP address and port" and "... with changeable remote IP address and port".
func TestUDP(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		b.ok("AT+CIPMUX=1")
		b.Equal("4,CONNECT\r\n\r\nOK\r\n", b.ask(`AT+CIPSTART=4,"UDP","10.0.0.21",7,1112,0`))
		b.prompted("AT+CIPSEND=4,7")
		b.write("abcdefg")
		b.Equal("\r\nRecv 7 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,4,7:abcdefg", b.hear(soon))
		b.Equal("4,CLOSED\r\n\r\nOK\r\n", b.ask("AT+CIPCLOSE=4"))
		b.ok("AT+CIPMUX=0")

		b.Equal("CONNECT\r\n\r\nOK\r\n", b.ask(`AT+CIPSTART="UDP","10.0.0.22",1000,1112,2`))
		b.prompted(`AT+CIPSEND=4,"10.0.0.21",7`)
		b.write("test")
		b.Equal("\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,4:test", b.hear(soon))
		b.fails(`AT+CIPSEND=4,"10.0.0.21"`)
		b.fails(`AT+CIPSEND=4,"10.0.0",7`)
		b.Equal("CLOSED\r\n\r\nOK\r\n", b.ask("AT+CIPCLOSE"))
	})
}

// TCP-IP_AT_Commands.rst, AT+CIPSTART, UDP mode: 0 the destination will not change, 1 it can change once, 2 it is allowed to change. Host
// sink, which answers nothing, is who was named first; echo's answers change that.
func TestUDPModes(t *testing.T) {
	const answer = "\r\n+IPD,4:test"
	for mode, want := range map[string]string{"0": "", "1": answer, "2": answer} {
		onBoard(t, func(b *board) {
			b.join()
			b.Equal("CONNECT\r\n\r\nOK\r\n", b.ask(`AT+CIPSTART="UDP","10.0.0.22",1000,1112,`+mode))
			b.prompted(`AT+CIPSEND=4,"10.0.0.21",7`)
			b.write("test")
			b.Contains(b.hear(soon), answer)
			b.prompted("AT+CIPSEND=4")
			b.write("test")
			b.Equal("\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n"+want, b.hear(soon), "mode %s", mode)
		})
	}
}

// github.com/zephyrproject-rtos/zephyr pull request 44889: UDP links are not told of when the network goes.
func TestUDPWithoutNetwork(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		b.Equal("CONNECT\r\n\r\nOK\r\n", b.ask(`AT+CIPSTART="UDP",`+echoHost))
		b.Equal("\r\nOK\r\nWIFI DISCONNECT\r\n", b.ask("AT+CWQAP"))
		b.prompted("AT+CIPSEND=4")
		b.write("test")
		b.Equal("\r\nRecv 4 bytes\r\n\r\nSEND FAIL\r\n", b.hear(soon))
	})
}

// TCP-IP_AT_Commands.rst, AT+CIPMODE, AT+CIPSEND (execute command), +++: in passthrough mode bytes go out and come in bare, and the mode ends
// with +++ in a packet of its own, without an answer.
func TestPassthrough(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		b.dial(echoHost)
		b.reports("AT+CIPMODE?", "+CIPMODE:0")
		b.ok("AT+CIPMODE=1")
		b.reports("AT+CIPMODE?", "+CIPMODE:1")
		b.prompted("AT+CIPSEND")
		b.write("AT\r\n")
		b.Equal("AT\r\n", b.hear(soon), "from the echo")
		b.write("+++")
		b.Empty(b.hear(time.Second))
		b.ok("AT")
		b.ok("AT+CIPMODE=0")
		b.prompted("AT+CIPSEND=4")
		b.write("test")
		b.Contains(b.hear(soon), "+IPD,4:test")
		b.Equal("CLOSED\r\n\r\nOK\r\n", b.ask("AT+CIPCLOSE"))
		b.ok("AT+CIPMUX=1")
		b.fails("AT+CIPMODE=1") // "can only be enabled in TCP single connection mode"
	})
}

// TCP-IP_AT_Commands.rst, AT+CIPMODE: in passthrough mode, "if the TCP connection breaks, ESP devices will keep trying to reconnect until
// +++ is input".
func TestPassthroughReconnects(t *testing.T) {
	onBoard(t, func(b *board) {
		b.join()
		p := b.peer()
		b.ok("AT+CIPMODE=1")
		b.prompted("AT+CIPSEND")
		first := p.Conn()
		b.NoError(p.Close())
		b.Empty(b.hear(time.Second), "no message may mix with the bytes")
		b.write("more")
		b.NoError(p.Read(4))
		b.NotEqual(first, p.Conn())
	})
}
