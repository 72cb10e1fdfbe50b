package w5500

import (
	"encoding/binary"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// Protocols in Sn_MR, the bits that hold them, and bits of Sn_IR (section 4.2).
const (
	protoTCP    = 1
	protoUDP    = 2
	protoMACRAW = 4
	protoBits   = 0x0f

	irCON     = 0x01
	irDISCON  = 0x02
	irRECV    = 0x04
	irTIMEOUT = 0x08
	irSENDOK  = 0x10
)

// Values of Sn_SR (section 4.2).
const (
	sockClosed      = 0x00
	sockInit        = 0x13
	sockListen      = 0x14
	sockSynSent     = 0x15
	sockEstablished = 0x17
	sockFinWait     = 0x18
	sockCloseWait   = 0x1c
	sockLastAck     = 0x1d
	sockUDP         = 0x22
	sockMACRAW      = 0x42
)

// Who closes a socket, in C of Free events.
const (
	byHost  = 0
	byChip  = 1 // unasked
	byReset = 2
	// byHeir is the host, of a socket that has listened since it was opened. The connection that such a socket becomes, and the other socket
	// that the host opens to listen on, change hands between what the host means by them: who releases either need not be who opened it.
	byHeir = 3
)

// socket is one of the eight.
type socket struct {
	c      *Chip
	n      int
	reg    [socketSize]byte
	tx, rx region
	gen    int64
	served bool // it has listened since it was opened
	quit   bool // it is closed because the host said so

	listener *air.Listener // of SOCK_LISTEN
	conn     *air.Conn     // of the states in which it is a connection
	port     *air.UDP      // of SOCK_UDP; sockets on one port share it
	arp      arp
	waits    func(*socket) // what the socket does when it has the hardware address
	sending  bool          // a SEND is not complete
	ackAt    time.Duration // before which no acknowledgement can have come back
	closeBy  time.Duration // TCP_TO of a FIN
	keep     keepalive
	claimed  bool // fault "oversize": what the low byte of Sn_RX_RSR reads as
	claim    byte
}

// forget is the state after a reset; generations go on counting.
func (s *socket) forget() {
	*s = socket{c: s.c, n: s.n, reg: socketReset, gen: s.gen, quit: true}
}

func (s *socket) get16(reg uint16) uint16    { return binary.BigEndian.Uint16(s.reg[reg:]) }
func (s *socket) put16(reg uint16, v uint16) { binary.BigEndian.PutUint16(s.reg[reg:], v) }
func (s *socket) state() byte                { return s.reg[snSR] }
func (s *socket) protocol() byte             { return s.reg[snMR] & protoBits }

// raise sets interrupts that are not masked (section 4.2, Sn_IR, Sn_IMR).
func (s *socket) raise(bits byte) {
	s.reg[snIR] |= bits & s.reg[snIMR]
	if s.reg[snIR] != 0 {
		s.c.common[regSIR] |= 1 << s.n
	}
}

// get reads a register.
func (s *socket) get(addr uint16) byte {
	if addr >= socketSize {
		return 0
	}
	switch addr {
	case snIR, snSR:
		if s.conn != nil {
			if _, ok := s.c.w.Fault("timeout"); ok {
				s.timeout()
			}
		}
	case snTXFSR, snTXFSR + 1:
		s.put16(snTXFSR, s.free())
	case snRXRSR:
		if v, ok := s.c.w.Fault("oversize"); ok {
			s.claimed, s.claim = true, byte(v)
			return byte(v >> 8)
		}
	case snRXRSR + 1:
		if s.claimed {
			s.claimed = false
			return s.claim
		}
	}
	return s.reg[addr]
}

// put writes a register.
func (s *socket) put(addr uint16, v byte) {
	switch {
	case addr >= socketSize || within(socketReadOnly, addr):
	case addr == snCR:
		s.order(v)
	case addr == snIR: // written with 1 to clear
		if s.reg[addr] &^= v; s.reg[addr] == 0 {
			s.c.common[regSIR] &^= 1 << s.n
		}
	default:
		s.reg[addr] = v
		if addr == snRXBUF || addr == snTXBUF {
			s.c.allot()
		}
	}
}

// commands are those of Sn_CR.
var commands = [0x41]struct {
	name string
	run  func(*socket)
}{
	0x01: {"OPEN", (*socket).open},
	0x02: {"LISTEN", (*socket).listen},
	0x04: {"CONNECT", (*socket).connect},
	0x08: {"DISCON", (*socket).disconnect},
	0x10: {"CLOSE", (*socket).close},
	0x20: {"SEND", (*socket).send},
	0x21: {"SEND_MAC", (*socket).sendMAC},
	0x22: {"SEND_KEEP", (*socket).sendKeep},
	0x40: {"RECV", (*socket).recv},
}

// order carries out a command. The chip accepts it at once, and clears the register (section 4.2, Sn_CR); one that comes while the last is
// not accepted is lost (chosen).
func (s *socket) order(v byte) {
	c := s.c
	if v == 0 || s.reg[snCR] != 0 {
		return
	}
	if int(v) >= len(commands) || commands[v].run == nil {
		c.wrong("an unknown command", v)
		return
	}
	if _, ok := c.w.Fault("command"); ok {
		s.reg[snCR] = v
		return
	}
	c.looking = true
	commands[v].run(s)
	c.looking = false
	c.w.Emit(trace.Bus, commands[v].name, int64(v), int64(s.n), int64(s.state()))
	c.look()
}

// opened are the states that OPEN leads to, by protocol.
var opened = [protoBits + 1]byte{protoTCP: sockInit, protoUDP: sockUDP, protoMACRAW: sockMACRAW}

// open is OPEN. What the socket was before is gone without a word, as after CLOSE. Interrupts stay, here and in CLOSE: they are the host's to
// clear (section 4.2, Sn_IR; WIZnet's W5200 datasheet, SOCKET Close: "clear the remained interrupts", and so does WIZnet's ioLibrary).
func (s *socket) open() {
	if s.c.crowded {
		s.c.wrong("buffers of more than 16 KB", 0x01)
	}
	s.drop()
	for _, reg := range []uint16{snTXRD, snTXWR, snRXRD, snRXWR, snRXRSR} {
		s.put16(reg, 0)
	}
	s.served, s.arp = false, arp{}
	state := opened[s.protocol()]
	if _, ok := s.c.w.Fault("open"); ok || state == sockMACRAW && s.n != 0 {
		state = sockClosed
	}
	if state == sockClosed {
		s.end(byChip)
		return
	}
	if state == sockUDP {
		s.port = s.c.udpPort(s.get16(snPORT))
	}
	if s.state() == sockClosed {
		s.gen++
		s.c.w.Emit(trace.Take, "w5500.socket", int64(s.n), s.gen, byHost)
	}
	s.reg[snSR] = state
}

// close is CLOSE: nothing is said to the other side, and no register changes but Sn_SR (section 4.2, Sn_CR).
func (s *socket) close() {
	s.drop()
	s.end(byHost)
	s.quit = true
}

// end makes the socket SOCK_CLOSED; it may be so already.
func (s *socket) end(who int64) {
	if s.state() == sockClosed {
		return
	}
	s.reg[snSR], s.quit = sockClosed, who != byChip
	if who == byHost && s.served {
		who = byHeir
	}
	s.c.w.Emit(trace.Free, "w5500.socket", int64(s.n), s.gen, who)
}

// drop lets go of what is behind the socket.
func (s *socket) drop() {
	if s.conn != nil {
		s.conn.Forget()
	}
	s.conn, s.listener, s.waits, s.sending, s.keep = nil, nil, nil, false, keepalive{}
	s.c.unlisten()
	if port := s.port; port != nil {
		s.port = nil
		s.c.unbind(port)
	}
}

// timeout ends what the socket was doing because the network did not answer in time.
func (s *socket) timeout() {
	s.drop()
	s.raise(irTIMEOUT)
	s.end(byChip)
}

// look brings the socket up to now.
func (s *socket) look() {
	s.resolve()
	switch {
	case s.conn != nil:
		s.follow()
	case s.port != nil:
		s.fetch()
	}
}
