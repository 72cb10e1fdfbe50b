package apps

import (
	"time"

	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// connState is State of the five-client server.
type connState uint8

const (
	freeState          connState = iota // FREE_STATE
	readRequestState                    // READ_REQUEST_STATE
	writeHeaderState                    // WRITE_HEADER_STATE
	writeResponseState                  // WRITE_RESPONSE_STATE, which the posted code never enters
)

const (
	maxClients        = 5
	clientBufSize     = 1024
	maxToWrite        = 1024
	inactivityTimeout = 30 * time.Second
	bufferFull        = -16 // "Special case on Photon; buffer is full, retry later"
	fileSize          = 293 // of index.html
	headerSize        = len("HTTP/1.0 200 OK\r\nDate: Tue, 08 Nov 2016 12:50:47 +0000\r\nContent-Type: text/html\r\nContent-Length: 293\r\n" +
		"Last-Modified: Tue, 08 Nov 2016 12:50:47 +0000\r\n\r\n")
)

// web5Answer is the length of what the five-client server answers with, by its header.
const web5Answer = headerSize + fileSize

// web5 is the web server with which report B was answered: five clients at a time, by states.
type web5 struct {
	*Board
	server  *deviceos.TCPServer
	clients [maxClients]*connection
}

// connection is a ClientConnection.
type connection struct {
	*Board
	client     *deviceos.TCPClient
	state      connState
	read       int   // readOffset
	lastUse    int64 // ms
	sendOffset int
	sendLen    int
	sent       int // on this connection
}

func newWeb5(b *Board) App {
	a := &web5{Board: b, server: b.NewTCPServer(7123)}
	for i := range a.clients {
		a.clients[i] = &connection{Board: b, client: b.NewTCPClient()}
	}
	return a
}

func (a *web5) Setup() {
	for !a.Particle.Connected() && a.Turn() { // waitUntil(Particle.connected)
		a.Particle.Process()
	}
	a.server.Begin()
}

func (a *web5) Destroy() {
	for _, c := range a.clients {
		c.client.Destroy()
	}
	a.server.Destroy()
}

func (a *web5) Loop() {
	for _, c := range a.clients {
		c.loop()
	}
	for _, c := range a.clients {
		if c.accept(a.server) {
			break
		}
	}
}

func (c *connection) loop() {
	if c.state == freeState {
		return
	}
	if !c.client.Connected() {
		c.client.Stop()
		c.clear()
		return
	}
	if c.state == readRequestState {
		c.readRequest()
	} else {
		c.writeResponse()
	}
	if c.Millis()-c.lastUse > inactivityTimeout.Milliseconds() {
		c.client.Stop()
		c.clear()
	}
}

// accept asks for a new client, if this connection is free: it reports whether it asked.
func (c *connection) accept(s *deviceos.TCPServer) bool {
	if c.state != freeState {
		return false
	}
	c.client.Assign(s.Available())
	if c.client.Connected() {
		c.lastUse, c.state, c.sent = c.Millis(), readRequestState, 0
	}
	return true
}

func (c *connection) clear() { c.lastUse, c.read, c.state = 0, 0, freeState }

func (c *connection) readRequest() {
	if c.read == clientBufSize { // "Didn't get end of header"
		c.client.Stop()
		return
	}
	n := c.client.Read(make([]byte, clientBufSize-c.read))
	if n <= 0 {
		return
	}
	if c.read += n; c.read >= requestSize {
		c.sendOffset, c.sendLen, c.state = 0, headerSize, writeHeaderState
	}
	c.lastUse = c.Millis()
}

// writeResponse writes the header, and then the file. The posted code does not leave WRITE_HEADER_STATE: it writes the file again and again
// until the client, which knows the length from the header, has closed.
func (c *connection) writeResponse() {
	if c.sendOffset == c.sendLen {
		if c.state != writeHeaderState {
			c.client.Stop()
			return
		}
		c.sendOffset, c.sendLen = 0, fileSize
	}
	n := c.client.Write(payload(c.sent, min(c.sendLen-c.sendOffset, maxToWrite)))
	switch {
	case n == bufferFull:
	case n > 0:
		c.sendOffset += n
		c.sent += n
	default:
		c.client.Stop()
	}
}
