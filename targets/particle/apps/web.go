package apps

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// requestSize is the length of a request, up to and with its empty line: what report B's stress test sends, with the usual headers of
// requests.get.
const requestSize = len("GET / HTTP/1.1\r\nHost: 192.168.0.129\r\nUser-Agent: python-requests/2.12.1\r\nAccept-Encoding: gzip, deflate\r\n" +
	"Accept: */*\r\nConnection: keep-alive\r\n\r\n")

// webAnswer is the length of what the one-request server answers with, until it closes.
const webAnswer = len("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!DOCTYPE HTML><html>Hello World</html>\r\n")

// webLines are the lengths of the lines that the one-request server answers with.
var webLines = [...]int{
	len("HTTP/1.1 200 OK"),
	len("Content-Type: text/html"),
	len("Connection: close"),
	0,
	len("<!DOCTYPE HTML><html>Hello World</html>"),
}

// web is the web server of report B: one request at a time, and loop() returns when it is answered.
type web struct {
	*Board
	server *deviceos.TCPServer
}

func newWeb(b *Board) App { return &web{Board: b, server: b.NewTCPServer(80)} }

func (a *web) Setup() {
	a.Delay(3 * time.Second)
	a.WiFi.On()
	a.WiFi.Connect(false)
	for a.WiFi.Connecting() && a.Running() {
		a.Delay(300 * time.Millisecond)
	}
	for a.WiFi.LocalIP() == (air.IP{}) && a.Running() {
		a.Delay(time.Second)
	}
	a.server.Begin()
}

func (a *web) Destroy() { a.server.Destroy() }

func (a *web) Loop() {
	client := a.server.Available()
	if client.Status() {
		a.serve(client)
		a.Delay(time.Millisecond) // "give the web browser time to receive the data"
		client.Stop()
	}
	client.Destroy()
}

// serve reads a request and answers it. Nothing else runs meanwhile: without SYSTEM_THREAD the system has to wait for a client that says
// nothing, however long it is connected.
func (a *web) serve(client *deviceos.TCPClient) {
	for read := 0; client.Connected(); {
		if client.Available() == 0 {
			if !a.Turn() {
				return
			}
			continue
		}
		client.ReadOne()
		if read++; read == requestSize {
			answer(client)
			return
		}
	}
}

// answer is the println's, each of which writes the line, a carriage return and a line feed by themselves
// (device-os, wiring/src/spark_wiring_print.cpp).
func answer(client *deviceos.TCPClient) {
	sent := 0
	for _, line := range webLines {
		for _, n := range [...]int{line, 1, 1} {
			if n > 0 {
				client.Write(payload(sent, n))
				sent += n
			}
		}
	}
}
