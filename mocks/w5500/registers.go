package w5500

import (
	"encoding/binary"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// The common registers that the chip acts on (section 3.1).
const (
	regMR      = 0x00
	regGAR     = 0x01
	regSUBR    = 0x05
	regSHAR    = 0x09
	regSIPR    = 0x0f
	regIR      = 0x15
	regIMR     = 0x16
	regSIR     = 0x17
	regSIMR    = 0x18
	regRTR     = 0x19
	regRCR     = 0x1b
	regUIPR    = 0x28
	regPHYCFGR = 0x2e
	regVERSION = 0x39
	commonSize = 0x3a
)

// The registers of a socket (section 3.2).
const (
	snMR       = 0x00
	snCR       = 0x01
	snIR       = 0x02
	snSR       = 0x03
	snPORT     = 0x04
	snDHAR     = 0x06
	snDIPR     = 0x0c
	snDPORT    = 0x10
	snMSSR     = 0x12
	snTTL      = 0x16
	snRXBUF    = 0x1e
	snTXBUF    = 0x1f
	snTXFSR    = 0x20
	snTXRD     = 0x22
	snTXWR     = 0x24
	snRXRSR    = 0x26
	snRXRD     = 0x28
	snRXWR     = 0x2a
	snIMR      = 0x2c
	snFRAG     = 0x2d
	snKPALVTR  = 0x2f
	socketSize = 0x30
)

// Bits of registers (sections 4.1, 4.2).
const (
	mrRST  = 0x80 // reset
	mrFARP = 0x02 // ask for the hardware address before every datagram

	phyRST  = 0x80 // 0: resets the PHY
	phyLink = 0x07 // link, 100 Mbit/s, full duplex: what the switch negotiates (chosen)
)

// commonReset is the common registers after a reset (section 4.1).
var commonReset = [commonSize]byte{
	regRTR: 0x07, regRTR + 1: 0xd0, regRCR: 8, 0x1c: 0x28, 0x26: 0xff, 0x27: 0xff, regPHYCFGR: 0xb8, regVERSION: 4,
}

// socketReset is a socket's registers after a reset (section 4.2).
var socketReset = [socketSize]byte{
	snDHAR: 0xff, snDHAR + 1: 0xff, snDHAR + 2: 0xff, snDHAR + 3: 0xff, snDHAR + 4: 0xff, snDHAR + 5: 0xff,
	snTTL: 0x80, snRXBUF: 2, snTXBUF: 2, snTXFSR: 8, snIMR: 0xff, snFRAG: 0x40,
}

// span is a range of registers: [from, to).
type span struct{ from, to uint16 }

func (s span) has(addr uint16) bool { return s.from <= addr && addr < s.to }

// What the host cannot write (sections 4.1, 4.2: [R]).
var (
	commonReadOnly = []span{{regSIR, regSIR + 1}, {regUIPR, regPHYCFGR}, {regVERSION, commonSize}}
	socketReadOnly = []span{{snSR, snSR + 1}, {snTXFSR, snTXWR}, {snRXRSR, snRXRD}, {snRXWR, snIMR}}
)

func within(spans []span, addr uint16) bool {
	for _, s := range spans {
		if s.has(addr) {
			return true
		}
	}
	return false
}

// violation reports that the host broke the protocol.
func (c *Chip) violation(name string, opcode int64) { c.w.Emit(trace.Frame, name, opcode, 0, 0) }

// wrong reports a well-formed frame that asks for what must not be asked for.
func (c *Chip) wrong(name string, opcode byte) { c.w.Emit(trace.Frame, name, int64(opcode), 1, 0) }

// get reads one byte of a block.
func (c *Chip) get(block byte, addr uint16) byte {
	s := &c.sockets[block>>2]
	switch block & 3 {
	case blockSocket:
		return s.get(addr)
	case blockTX:
		return c.tx[s.tx.at(addr)]
	case blockRX:
		return c.rx[s.rx.at(addr)]
	}
	switch {
	case block != blockCommon || addr >= commonSize:
		return 0
	case addr == regPHYCFGR && c.linked():
		return c.common[addr] | phyLink
	}
	return c.common[addr]
}

// put writes one byte of a block. The receive memory is the chip's to write (chosen).
func (c *Chip) put(block byte, addr uint16, v byte) {
	s := &c.sockets[block>>2]
	switch {
	case block&3 == blockSocket:
		s.put(addr, v)
	case block&3 == blockTX && s.tx.size > 0:
		c.tx[s.tx.at(addr)] = v
	case block == blockCommon && addr < commonSize:
		c.putCommon(addr, v)
	}
}

func (c *Chip) putCommon(addr uint16, v byte) {
	switch {
	case within(commonReadOnly, addr):
	case addr == regIR:
		c.common[addr] &^= v
	case addr == regMR && v&mrRST != 0:
		c.softReset(CauseHost)
	case addr == regPHYCFGR:
		if v&phyRST == 0 {
			c.air.Deauth(cable)
		}
		c.common[addr] = v &^ phyLink
	default:
		c.common[addr] = v
	}
}

// written applies, at the end of a frame, what registers of several bytes say.
func (c *Chip) written() {
	if f := &c.frame; !f.write || f.block != blockCommon {
		return
	}
	if ip := air.IP(c.common[regSIPR:]); ip != c.ip {
		c.ip = ip
		c.air.SetAddress(ip)
	}
	if [3]byte(c.common[regRTR:]) != c.retry {
		c.retries()
	}
}

// ticks is the unit of RTR (section 4.1).
const ticks = 100 * time.Microsecond

// rtr is the time after which something is first repeated.
func (c *Chip) rtr() time.Duration {
	return time.Duration(binary.BigEndian.Uint16(c.common[regRTR:])) * ticks
}

// arpLimit is ARP_TO: how long the chip asks for a hardware address (section 4.1, RCR).
func (c *Chip) arpLimit() time.Duration { return c.rtr() * time.Duration(int(c.common[regRCR])+1) }

// retries sets how TCP repeats what nobody acknowledges: RCR+1 times, each after twice the time as long as that fits in 16 bits of RTR
// (section 4.1, RCR, TCP_TO).
func (c *Chip) retries() {
	c.retry, c.tcpLimit = [3]byte(c.common[regRTR:]), 0
	gaps := make([]time.Duration, int(c.common[regRCR])+1)
	gap := c.rtr()
	for i := range gaps {
		gaps[i] = gap
		c.tcpLimit += gap
		if 2*gap <= 0xffff*ticks {
			gap *= 2
		}
	}
	c.air.Retry(gaps)
}
