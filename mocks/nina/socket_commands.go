package nina

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
)

// startServer is CommandHandler.cpp startServerTcp. A TCP server is answered with 1 and takes the slot even if it could not begin.
func (c *Chip) startServer() {
	at := 4 // port, slot, type; a multicast address comes before them
	if c.cmd[2] != 3 {
		at = 9
	}
	s, ok := c.slotAt(at + 3)
	if !ok {
		c.reply.byte(0)
		return
	}
	i, port, typ := int(c.cmd[at+3]), c.be16(at), c.cmd[at+5]
	switch {
	case typ == typeTCP:
		s.server = newServer(&c.lwip, port)
		s.server.begin()
	case (typ == typeUDP || typ == typeUDPMult) && s.udp.begin(port):
		typ = typeUDP
	default:
		c.reply.byte(0)
		return
	}
	c.take(i, typ)
	c.done()
}

// getState is CommandHandler.cpp getStateTcp.
func (c *Chip) getState() {
	var state byte
	if s, ok := c.slotAt(4); ok && s.server.alive() {
		state = 1
	}
	c.reply.byte(state)
}

// dataSent is CommandHandler.cpp dataSentTcp: nothing to wait for, the write did it all.
func (c *Chip) dataSent() {
	c.socket = int64(c.cmd[4])
	c.done()
}

// availData is CommandHandler.cpp availDataTcp: for a client, bytes; for a server, the slot of a connection that has bytes, 255 if there
// is none or no slot is free. A connection keeps its slot as long as the slot's client has its socket number.
func (c *Chip) availData() {
	var n uint16
	if s, ok := c.slotAt(4); ok {
		n = c.available(s)
	}
	c.reply.uint16(n)
}

func (c *Chip) available(s *slot) uint16 {
	switch s.typ {
	case typeTCP:
		if s.server.alive() {
			return c.slotOf(s.server.available(), int(c.socket))
		}
		return uint16(s.client.available())
	case typeUDP:
		return uint16(s.udp.available())
	case typeTLS:
		return uint16(s.tls.available())
	}
	return 0
}

// slotOf finds the slot whose client has socket number fd, or gives it a free one. The server's own slot does not count.
func (c *Chip) slotOf(fd, server int) uint16 {
	if fd == noFD {
		return typeFree
	}
	for i := range c.slots {
		if s := &c.slots[i]; i != server && s.typ == typeTCP && s.client.fd == fd {
			return uint16(i)
		}
	}
	for i := range c.slots {
		if s := &c.slots[i]; i != server && s.typ == typeFree {
			c.take(i, typeTCP)
			s.client.fd = fd
			return uint16(i)
		}
	}
	return typeFree
}

// getData is CommandHandler.cpp getDataTcp: one byte, 255 if there is none.
func (c *Chip) getData() {
	s, ok := c.slotAt(4)
	if !ok {
		c.reply.byte(0)
		return
	}
	var b [1]byte
	peek, n := c.cmd[6] != 0, 1
	switch {
	case s.typ == typeTCP && peek:
		b[0] = byte(s.client.peek())
	case s.typ == typeTCP:
		n = s.client.read(b[:])
	case s.typ == typeUDP && peek && s.udp.available() > 0:
		b[0] = s.udp.rcv[0]
	case s.typ == typeUDP && peek:
		n = -1
	case s.typ == typeUDP:
		n = s.udp.read(b[:])
	case s.typ == typeTLS && !peek:
		n = s.tls.read(b[:])
	}
	if n < 1 {
		b[0] = 0xff
	}
	c.reply.byte(b[0])
}

// startClient is CommandHandler.cpp startClientTcp. A connect that fails is answered without a parameter, and leaves the slot's type.
func (c *Chip) startClient() {
	host, at := "", 4 // address, port, slot, type; a host name comes before them
	if c.cmd[2] != 4 {
		host = c.str(3, maxHost)
		at = 5 + c.argLen(3)
	}
	s, ok := c.slotAt(at + 8)
	if !ok {
		return
	}
	d := dialing{c: c, s: s, slot: int(c.cmd[at+8]), typ: c.cmd[at+10], ip: c.ip(at), port: c.be16(at + 5)}
	if d.typ > typeTLS {
		return
	}
	if host != "" {
		d.query = c.air.Resolve(host)
	}
	c.until(d.step)
}

// dialing is a START_CLIENT under way.
type dialing struct {
	c     *Chip
	s     *slot
	slot  int
	typ   byte
	ip    air.IP
	port  uint16
	query *air.Query // the name is being resolved
	conn  *air.Conn  // the connection is being opened
	until time.Duration
}

// step reports whether the command is done, as far as time has come.
func (d *dialing) step() bool {
	if d.query != nil {
		ip, found, done := d.query.Answer()
		if !done {
			return false
		}
		if !found {
			return true
		}
		d.ip, d.query = ip, nil
	}
	if d.typ == typeUDP {
		d.s.udp.beginPacket(d.ip, d.port)
		return d.opened()
	}
	if d.conn == nil {
		if d.conn = d.client().dial(d.ip, d.port); d.conn == nil {
			return true
		}
		if d.typ == typeTLS {
			d.s.tls.linked = false
		}
	}
	if d.conn.State() == air.Opening {
		return false
	}
	return d.established()
}

func (d *dialing) client() *client {
	if d.typ == typeTLS {
		return &d.s.tls.client
	}
	return &d.s.client
}

func (d *dialing) established() bool {
	now := d.c.w.Now()
	if d.until == 0 {
		if !d.client().dialled(d.conn) {
			return true
		}
		d.until = now
		if d.typ == typeTLS {
			d.until += TLSTime
		}
	}
	if now < d.until {
		return false
	}
	if d.typ == typeTLS {
		d.s.tls.linked = true
	}
	return d.opened()
}

func (d *dialing) opened() bool {
	d.c.take(d.slot, d.typ)
	d.c.done()
	return true
}

// stopClient is CommandHandler.cpp stopClientTcp: the slot is free then, whatever it was. Of a server it is the slot's client that is
// stopped; the server listens on.
func (c *Chip) stopClient() {
	s, ok := c.slotAt(4)
	if !ok {
		c.done()
		return
	}
	switch s.typ {
	case typeTCP:
		s.client.stop()
	case typeUDP:
		s.udp.stop()
	case typeTLS:
		s.tls.stop()
	case typeFree:
		c.misuse(s)
	}
	c.free(int(c.cmd[4]), byHost)
	c.done()
}

// getClientState is CommandHandler.cpp getClientStateTcp: 4, established, or 0; and a slot that is not established, server and UDP among
// them, is free from then on.
func (c *Chip) getClientState() {
	var state byte
	if s, ok := c.slotAt(4); ok {
		if s.typ == typeTCP && s.client.connected() || s.typ == typeTLS && s.tls.connected() {
			state = 4
		} else {
			c.free(int(c.cmd[4]), byFirmware)
		}
	}
	c.reply.byte(state)
}

// sendUDP is CommandHandler.cpp sendUDPdata.
func (c *Chip) sendUDP() {
	var sent byte
	if s, ok := c.slotAt(4); ok && s.udp.endPacket() {
		sent = 1
	}
	c.reply.byte(sent)
}

// getRemoteData is CommandHandler.cpp getRemoteData: address and port, both in network order.
func (c *Chip) getRemoteData() {
	var ip air.IP
	var port uint16
	if s, ok := c.slotAt(4); ok {
		switch s.typ {
		case typeTCP:
			ip, port = s.client.remote()
		case typeUDP:
			ip, port = s.udp.ip, s.udp.port
		case typeTLS:
			ip, port = s.tls.remote()
		}
	}
	c.reply.bytes(ip[:]...)
	c.reply.bytes(byte(port>>8), byte(port))
}

// sendData is CommandHandler.cpp sendDataTcp: how many bytes were taken. To a slot that has a server, a client's slot as well if a server
// once had it, it writes to everyone the server has accepted.
func (c *Chip) sendData() {
	s, ok := c.slotAt(5)
	if !ok {
		c.reply.uint16(0)
		return
	}
	p := c.payload()
	if v, ok := c.w.Fault("write"); ok {
		p = p[:min(len(p), int(v))]
	}
	n, wait := 0, []*air.Conn(nil)
	switch {
	case s.typ == typeTCP && s.server.alive():
		n, wait = s.server.write(p)
	case s.typ == typeTCP, s.typ == typeTLS:
		cl := &s.client
		if s.typ == typeTLS {
			cl = &s.tls.client
		}
		var conn *air.Conn
		if n, conn = cl.write(p); conn != nil {
			wait = []*air.Conn{conn}
		}
	}
	if wait == nil {
		c.reply.uint16(uint16(n))
		return
	}
	c.until(func() bool { return c.written(n, wait) })
}

// written reports whether a blocking write is over; a connection that breaks meanwhile fails it.
func (c *Chip) written(n int, wait []*air.Conn) bool {
	for _, conn := range wait {
		if conn.Err() == nil && conn.Unwritten() > 0 {
			return false
		}
	}
	for _, conn := range wait {
		if conn.Err() != nil {
			n = 0
		}
	}
	c.reply.uint16(uint16(n))
	return true
}

// payload is the second parameter of SEND_DATA_TCP and INSERT_DATABUF, as far as the buffer goes.
func (c *Chip) payload() []byte {
	n := int(c.be16(6))
	return c.cmd[8:min(8+n, bufLen)]
}

// maxRead is how many bytes fit into a reply; the firmware writes more behind its buffer.
const maxRead = bufLen - 6

// getDataBuf is CommandHandler.cpp getDataBufTcp: what waits, at most as many bytes as asked for. The number stands low byte first here.
func (c *Chip) getDataBuf() {
	c.reply.wide = true
	s, ok := c.slotAt(5)
	if !ok {
		c.reply.bytes()
		return
	}
	n := int(c.le16(8))
	if n > maxRead {
		c.wrong("read longer than the firmware's buffer")
		n = maxRead
	}
	buf, got := c.scratch[:], 0
	switch s.typ {
	case typeTCP:
		got = s.client.read(buf[:n])
	case typeUDP:
		got = s.udp.read(buf[:n])
	case typeTLS:
		got = s.tls.read(buf[:n])
	}
	c.reply.bytes(buf[:max(got, 0)]...)
	c.reply.result = int64(max(got, 0))
}

// insertDataBuf is CommandHandler.cpp insertDataBuf.
func (c *Chip) insertDataBuf() {
	var taken byte
	if s, ok := c.slotAt(5); ok {
		p := c.payload()
		if len(p) > udpBuf-len(s.udp.snd) {
			c.wrong("datagram longer than the firmware's buffer")
		}
		if s.udp.write(p) > 0 {
			taken = 1
		}
	}
	c.reply.byte(taken)
}
