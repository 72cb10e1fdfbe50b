package w5500

// region is a socket's part of a memory. Offset addresses of 16 bits wrap within it (section 3.3).
type region struct{ base, size int }

// at is where an offset address is in the memory.
func (r region) at(addr uint16) int { return (r.base + int(addr)&(max(r.size, 1)-1)) & (memory - 1) }

// until is how many bytes from an offset address on lie in one piece.
func (r region) until(addr uint16) int { return min(r.size-int(addr)&(r.size-1), memory-r.at(addr)) }

// kilobytes is the size that a size register stands for. Others than these do not work (section 4.2, Sn_RXBUF_SIZE): the socket then has no
// memory (chosen).
func kilobytes(v byte) int {
	switch v {
	case 1, 2, 4, 8, 16:
		return int(v) << 10
	}
	return 0
}

// allot gives each socket its parts of the memories, one after the other (section 3.3).
func (c *Chip) allot() {
	tx, rx := 0, 0
	for i := range c.sockets {
		s := &c.sockets[i]
		s.tx = region{tx, kilobytes(s.reg[snTXBUF])}
		s.rx = region{rx, kilobytes(s.reg[snRXBUF])}
		tx += s.tx.size
		rx += s.rx.size
	}
	c.crowded = max(tx, rx) > memory
}

// room is how much the receive memory can still take.
func (s *socket) room() int { return max(s.rx.size-int(s.get16(snRXRSR)), 0) }

// store puts p, which must fit, into the receive memory.
func (s *socket) store(p []byte) {
	for len(p) > 0 {
		wr := s.get16(snRXWR)
		n := copy(s.c.rx[s.rx.at(wr):][:s.rx.until(wr)], p)
		s.received(n)
		p = p[n:]
	}
}

// received notes that n bytes more are in the receive memory.
func (s *socket) received(n int) {
	s.put16(snRXWR, s.get16(snRXWR)+uint16(n))
	s.put16(snRXRSR, s.get16(snRXRSR)+uint16(n))
}

// unsent is at most n bytes, in one piece, from the transmit memory's read pointer on.
func (s *socket) unsent(n int) []byte {
	rd := s.get16(snTXRD)
	return s.c.tx[s.tx.at(rd):][:min(n, s.tx.until(rd))]
}

// free is Sn_TX_FSR: what the transmit memory has room for. With TCP a byte stays until it is acknowledged (section 4.2).
func (s *socket) free() uint16 {
	used := s.get16(snTXWR) - s.get16(snTXRD)
	if s.conn != nil {
		used += uint16(s.conn.Unacknowledged())
	}
	return uint16(s.tx.size) - used
}
