package w5500

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
)

// listen is LISTEN. Several sockets may listen on one port.
func (s *socket) listen() {
	if s.state() != sockInit {
		s.c.wrong("LISTEN on a socket that is not in SOCK_INIT", 0x02)
		return
	}
	s.listener = s.c.listenOn(s.get16(snPORT))
	s.reg[snSR], s.served = sockListen, true
}

// listenOn is the listener of a port.
func (c *Chip) listenOn(port uint16) *air.Listener {
	for _, l := range c.listeners {
		if l.Port == port {
			return l
		}
	}
	l, err := c.air.ListenReuse(port, nil)
	if err != nil {
		panic("w5500: a listener that the chip does not know")
	}
	c.listeners = append(c.listeners, l)
	return l
}

// unlisten closes listeners that no socket listens on any more: a SYN for their port is then answered with RST.
func (c *Chip) unlisten() {
	kept := c.listeners[:0]
	for _, l := range c.listeners {
		if c.listening(l) != nil {
			kept = append(kept, l)
		} else {
			l.Close()
		}
	}
	c.listeners = kept
}

// listening is the first socket that listens there, nil if none does. That the first gets the connection is chosen.
func (c *Chip) listening(l *air.Listener) *socket {
	for i := range c.sockets {
		if s := &c.sockets[i]; s.listener == l {
			return s
		}
	}
	return nil
}

// accept makes connections of the sockets that listen, one of each.
func (c *Chip) accept() {
	for i := 0; i < len(c.listeners); i++ {
		l := c.listeners[i]
		for conn := l.Accept(); conn != nil; conn = l.Accept() {
			s := c.listening(l)
			if s == nil {
				conn.Abort()
				continue
			}
			s.listener = nil
			s.establish(conn)
		}
	}
	c.unlisten()
}

// establish is the connection standing. Registers then show who is at the other end, and the transmit pointers start somewhere else, as the
// sequence numbers do (section 4.2, Sn_TX_RD; where, is chosen).
func (s *socket) establish(conn *air.Conn) {
	s.conn = conn
	s.reg[snSR] = sockEstablished
	copy(s.reg[snDIPR:], conn.RemoteIP[:])
	s.put16(snDPORT, conn.RemotePort)
	s.putMAC(conn.RemoteIP)
	start := uint16(conn.Num) * 0xf1fb
	s.put16(snTXRD, start)
	s.put16(snTXWR, start)
	s.raise(irCON)
	conn.SetWindow(s.room())
}

// connect is CONNECT: ARP, then SYN.
func (s *socket) connect() {
	if s.state() != sockInit {
		s.c.wrong("CONNECT on a socket that is not in SOCK_INIT", 0x04)
		return
	}
	s.reg[snSR] = sockSynSent
	s.ask((*socket).dial)
}

func (s *socket) dial() {
	s.conn = s.c.air.Dial(air.IP(s.reg[snDIPR:]), s.get16(snDPORT))
	s.conn.LocalPort = s.get16(snPORT)
}

// follow brings a connection up to now.
func (s *socket) follow() {
	conn := s.conn
	if s.state() == sockSynSent {
		switch conn.State() {
		case air.Open:
			s.establish(conn)
		case air.Failed:
			s.lost(conn.Err())
		}
		return
	}
	s.pull()
	s.acknowledged()
	switch err := conn.Err(); {
	case s.leaving():
		s.leave(err)
	case err != nil:
		s.lost(err)
	case s.state() == sockEstablished && conn.Ended() && conn.Avail() == 0:
		s.reg[snSR] = sockCloseWait
		s.raise(irDISCON)
	default:
		s.keepAlive()
	}
}

// lost is the end of a connection that was not asked for. A RST closes the socket and raises no interrupt; what nobody acknowledges ends
// with one (section 4.2, Sn_CR, Sn_IR).
func (s *socket) lost(err error) {
	if err == air.ErrAborted || err == air.ErrTimeout {
		s.timeout()
		return
	}
	s.drop()
	s.end(byChip)
}

// pull moves what has arrived into the receive memory; the window is what is free there.
func (s *socket) pull() {
	got := false
	for n := min(s.room(), s.conn.Avail()); n > 0; n = min(s.room(), s.conn.Avail()) {
		wr := s.get16(snRXWR)
		n = min(n, s.rx.until(wr))
		s.conn.SetWindow(s.room() - n)
		k, err := s.conn.Read(s.c.rx[s.rx.at(wr):][:n])
		if err != nil {
			break // it was reset
		}
		s.received(k)
		got = true
	}
	if got {
		s.raise(irRECV)
		s.keep.talked = true
	}
}

// recv is RECV: the host has read up to Sn_RX_RD.
func (s *socket) recv() {
	s.put16(snRXRSR, s.get16(snRXWR)-s.get16(snRXRD))
	if s.conn != nil && s.state() != sockSynSent {
		s.conn.SetWindow(s.room())
	}
}

// send is SEND: everything from Sn_TX_RD up to Sn_TX_WR.
func (s *socket) send() { s.transmit(s.ask, 0x20) }

// transmit sends, in UDP mode once ask has found the hardware address.
func (s *socket) transmit(ask func(func(*socket)), opcode byte) {
	n := int(s.get16(snTXWR) - s.get16(snTXRD))
	switch {
	case s.sending:
		s.c.wrong("SEND before the last one was complete", opcode)
	case n > s.tx.size:
		s.c.wrong("SEND of more than the buffer holds", opcode)
	}
	switch s.state() {
	case sockEstablished, sockCloseWait:
		s.stream(min(n, s.tx.size))
	case sockUDP:
		s.sending = true
		ask((*socket).datagrams)
	case sockMACRAW:
		s.put16(snTXRD, s.get16(snTXWR))
		s.raise(irSENDOK)
	default:
		s.misplaced(opcode)
	}
}

// misplaced reports a SEND in a state that has none; but the host may not have seen yet that the network closed the socket.
func (s *socket) misplaced(opcode byte) {
	if name := unconnected[s.state()&0x1f]; s.state() != sockClosed || s.quit {
		s.c.wrong(name, opcode)
	}
}

// unconnected are the ways to send in states that have no connection to send on, by the state's lower five bits.
var unconnected = [0x20]string{
	sockClosed: "SEND on a socket that was closed", sockInit: "SEND in SOCK_INIT", sockListen: "SEND in SOCK_LISTEN",
	sockSynSent: "SEND in SOCK_SYNSENT", sockFinWait: "SEND after DISCON", sockLastAck: "SEND after DISCON",
}

// stream sends n bytes on the connection.
func (s *socket) stream(n int) {
	for n > 0 {
		p := s.unsent(n)
		if s.conn.WriteAll(p) != nil {
			return // follow sees why
		}
		s.put16(snTXRD, s.get16(snTXRD)+uint16(len(p)))
		n -= len(p)
	}
	s.sending, s.keep.talked = true, true
	s.ackAt = s.c.w.Now() + air.RTT
	if v, ok := s.c.w.Fault("late"); ok {
		s.ackAt += time.Duration(v)
	}
}

// acknowledged completes a SEND when everything has been acknowledged (derived: section 4.1, RTR, lets the chip wait for the peer's answer
// to what SEND transmits; a window that stays closed keeps it waiting). A FIN that answers ours acknowledges all that was before it.
func (s *socket) acknowledged() {
	if s.sending && (s.c.w.Now() >= s.ackAt || s.leaving() && s.conn.Ended()) && s.conn.Unacknowledged() == 0 {
		s.sending = false
		s.raise(irSENDOK)
	}
}

// disconnect is DISCON: FIN, behind what is still to be sent.
func (s *socket) disconnect() {
	switch s.state() {
	case sockEstablished:
		s.reg[snSR] = sockFinWait
	case sockCloseWait:
		s.reg[snSR] = sockLastAck
	case sockInit, sockListen, sockSynSent: // there is nobody to tell (chosen)
		s.close()
		return
	default:
		if s.protocol() != protoTCP {
			s.c.wrong("DISCON outside TCP mode", 0x08)
		}
		return
	}
	s.conn.Close()
	s.closeBy = s.c.w.Now() + s.c.tcpLimit
}

func (s *socket) leaving() bool { return s.state() == sockFinWait || s.state() == sockLastAck }

// leave waits for the other side's FIN and its acknowledgement of ours.
func (s *socket) leave(err error) {
	switch {
	case s.conn.Over():
		if s.state() == sockFinWait {
			s.raise(irDISCON)
		}
		s.drop()
		s.end(byHost)
	case err != nil:
		s.lost(err)
	case s.c.w.Now() >= s.closeBy:
		s.timeout()
	}
}
