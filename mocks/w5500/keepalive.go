package w5500

import "time"

// keepUnit is the unit of Sn_KPALVTR (section 4.2).
const keepUnit = 5 * time.Second

// keepalive is a connection's looking whether the other side still answers. It does so only once data has passed.
type keepalive struct {
	talked bool
	at     time.Duration // of the next packet that Sn_KPALVTR asks for; 0: not set
	until  time.Duration // TCP_TO of one that has not been answered; 0: none
}

// sendKeep is SEND_KEEP: one such packet; ignored while Sn_KPALVTR sends them.
func (s *socket) sendKeep() {
	switch {
	case s.protocol() != protoTCP:
		s.c.wrong("SEND_KEEP outside TCP mode", 0x22)
	case s.state() == sockEstablished && s.keep.talked && s.reg[snKPALVTR] == 0:
		s.knock()
	}
}

// knock sends a packet that has to be answered.
func (s *socket) knock() {
	if s.keep.until == 0 {
		s.keep.until = s.c.w.Now() + s.c.tcpLimit
	}
}

// keepAlive brings that up to now.
func (s *socket) keepAlive() {
	k, now := &s.keep, s.c.w.Now()
	every := time.Duration(s.reg[snKPALVTR]) * keepUnit
	switch {
	case every == 0 || !k.talked:
		k.at = 0
	case k.at == 0:
		k.at = now + every
	case now >= k.at:
		k.at = now + every
		s.knock()
	}
	switch {
	case k.until == 0:
	case s.conn.Answers():
		k.until = 0
	case now >= k.until:
		s.timeout()
	}
}
