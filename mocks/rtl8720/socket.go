package rtl8720

import "github.com/linkflap/linkflap/mocks/air"

// lookup is the socket that parameter 0 names, nil after EBADF if there is none (lwIP, sockets.c, get_socket).
func (r *request) lookup() *socket {
	r.fd = int(r.int(0))
	if r.fd < 0 || r.fd >= numSockets || r.m.lwip.sockets[r.fd].kind == free {
		r.m.lwip.errno = eBADF
		return nil
	}
	return &r.m.lwip.sockets[r.fd]
}

// bad is the result -1, with errno.
func (r *request) bad(errno int32) {
	r.m.lwip.errno = errno
	r.ret(-1)
}

// simple is a call with no results but 0 or -1: do returns errno, 0 for none.
func (r *request) simple(do func(s *socket) int32) {
	s := r.lookup()
	if s == nil {
		r.ret(-1)
		return
	}
	if errno := do(s); errno != 0 {
		r.bad(errno)
		return
	}
	r.ret(0)
}

// errno is what the last call that failed left behind.
func (r *request) errno() { r.ret(r.m.lwip.errno) }

// socket is lwip_socket.
func (r *request) socket() {
	m, l := r.m, &r.m.lwip
	domain, typ := r.int(0), r.int(1)
	_, gone := m.w.Fault("sockets")
	switch {
	case domain != afINET || typ != sockStream && typ != sockDgram:
		r.bad(eAFNOSUPPORT)
		return
	case gone || l.used() >= numSockets || typ == sockDgram && l.count(udp) >= numUDP:
		r.bad(eNOBUFS)
		return
	}
	s := socket{kind: tcp}
	if typ == sockDgram {
		s = socket{kind: udp}
	}
	r.fd = m.take(s)
	r.ret(int32(r.fd))
}

// sockaddr reads parameter i, a struct sockaddr_in: length, family, port and address in network order.
func (r *request) sockaddr(i int) (ip air.IP, port uint16, ok bool) {
	p := r.data[i]
	if len(p) < 8 || p[1] != afINET {
		return ip, 0, false
	}
	return air.IP(p[4:8]), uint16(p[2])<<8 | uint16(p[3]), true
}

// name gives back a struct sockaddr_in, zero if there is none, and its length.
func (r *request) name(ip air.IP, port uint16, ok bool) {
	p := make([]byte, sockaddrSize)
	if ok {
		p[0], p[1], p[2], p[3] = sockaddrSize, afINET, byte(port>>8), byte(port)
		copy(p[4:], ip[:])
	}
	r.binary(p)
	r.put(sockaddrSize)
}

// bind is lwip_bind. Whether the port is in use, the air knows for what listens and what is connected.
func (r *request) bind() {
	r.simple(func(s *socket) int32 {
		_, port, ok := r.sockaddr(0)
		switch {
		case !ok || s.kind == listening || s.port != 0:
			return eINVAL
		case s.kind == udp:
			return r.m.bindUDP(s, port)
		}
		for i := range r.m.lwip.sockets {
			if o := &r.m.lwip.sockets[i]; o.kind == tcp && port != 0 && o.port == port {
				return eADDRINUSE
			}
		}
		l, err := r.m.air.Listen(port, 1)
		if err != nil {
			return errnoOf(err)
		}
		s.port = l.Port
		l.Close()
		return 0
	})
}

func (m *Module) bindUDP(s *socket, port uint16) int32 {
	u, err := m.air.OpenUDP(port)
	if err != nil {
		return errnoOf(err)
	}
	s.udp, s.port = u, u.Port
	return 0
}

// listen is lwip_listen. The backlog is not used (lwIP, TCP_LISTEN_BACKLOG 0).
func (r *request) listen() {
	r.simple(func(s *socket) int32 {
		switch {
		case s.kind == udp:
			return eOPNOTSUPP
		case s.kind == listening:
			return 0
		case s.conn != nil || s.dead:
			return eINVAL
		case r.m.lwip.count(listening) >= numListen:
			return eNOMEM
		}
		l, err := r.m.air.Listen(s.port, numSockets)
		if err != nil {
			return errnoOf(err)
		}
		s.kind, s.listener, s.port = listening, l, l.Port
		return 0
	})
}

// accept is lwip_accept. The address goes nowhere, and the length that comes back is the one that came (2.1.3, rpc_lwip_accept).
func (r *request) accept() {
	s := r.lookup()
	addrlen := r.nums[1]
	switch {
	case s == nil:
	case s.kind != listening:
		r.m.lwip.errno = eINVAL
		s = nil
	}
	if s == nil {
		r.put(addrlen)
		r.ret(-1)
		return
	}
	r.m.admit()
	done := func() bool {
		if len(s.waiting) == 0 && !s.nonblock {
			return false
		}
		r.put(addrlen)
		r.accepted(s)
		return true
	}
	r.until(done)
}

// accepted takes the oldest connection that waits. One that has broken meanwhile fails the call, since lwip_accept asks for its address.
func (r *request) accepted(s *socket) {
	if len(s.waiting) == 0 {
		r.bad(eWOULDBLOCK)
		return
	}
	c := s.waiting[0]
	s.waiting = s.waiting[:copy(s.waiting, s.waiting[1:])]
	if c.Err() != nil {
		c.Close()
		r.bad(eNOTCONN)
		return
	}
	fd := r.m.take(socket{kind: tcp, conn: c, port: s.port})
	if fd == noFD {
		c.Close()
		r.bad(eNFILE)
		return
	}
	r.ret(int32(fd))
}

// connect is lwip_connect: of TCP it waits, of UDP it says where datagrams go and where they may come from.
func (r *request) connect() {
	s := r.lookup()
	if s == nil {
		r.ret(-1)
		return
	}
	ip, port, ok := r.sockaddr(0)
	switch {
	case !ok || s.kind == listening:
		r.bad(eINVAL)
	case s.kind == udp:
		s.ip, s.remote = ip, port
		if s.udp == nil {
			r.m.bindUDP(s, 0)
		}
		r.ret(0)
	case s.conn != nil:
		r.bad(eISCONN)
	case s.dead:
		r.bad(eNOTCONN)
	case !r.m.wifi.addressed:
		r.bad(eHOSTUNREACH)
	default:
		s.conn = r.m.air.Dial(ip, port)
		r.until(func() bool { return r.connected(s) })
	}
}

func (r *request) connected(s *socket) bool {
	switch s.conn.State() {
	case air.Opening:
		return false
	case air.Failed:
		err := s.conn.Err()
		s.conn, s.dead = nil, true
		r.bad(errnoOf(err))
	default:
		r.ret(0)
	}
	return true
}

// established is a TCP socket's connection, nil if it has none that works (lwIP, netconn_getaddr: ERR_CONN).
func (s *socket) established() *air.Conn {
	if s.conn == nil || s.conn.Err() != nil {
		return nil
	}
	return s.conn
}

// address gives back one end's address.
func (r *request) address(of func(s *socket) (ip air.IP, port uint16, ok bool)) {
	s := r.lookup()
	if s == nil {
		r.name(air.IP{}, 0, false)
		r.ret(-1)
		return
	}
	ip, port, ok := of(s)
	r.name(ip, port, ok)
	if !ok {
		r.bad(eNOTCONN)
		return
	}
	r.ret(0)
}

func (r *request) getpeername() {
	r.address(func(s *socket) (air.IP, uint16, bool) {
		if s.kind == udp {
			return s.ip, s.remote, s.remote != 0
		}
		if c := s.established(); c != nil {
			return c.RemoteIP, c.RemotePort, true
		}
		return air.IP{}, 0, false
	})
}

func (r *request) getsockname() {
	r.address(func(s *socket) (air.IP, uint16, bool) {
		if c := s.established(); c != nil {
			return r.m.wifi.ip, c.LocalPort, true
		}
		return air.IP{}, s.port, !s.dead
	})
}

// shutdown is lwip_shutdown; that of the sending half alone is not modelled, and ends both.
func (r *request) shutdown() {
	r.simple(func(s *socket) int32 {
		if s.kind != tcp || s.conn == nil {
			return eNOTCONN
		}
		s.conn.Close()
		return 0
	})
}

// setsockopt takes every option and uses none.
func (r *request) setsockopt() {
	r.simple(func(*socket) int32 {
		if len(r.data[0]) == 0 {
			return eNOPROTOOPT
		}
		return 0
	})
}

func (r *request) close() {
	r.simple(func(*socket) int32 {
		r.m.free(r.fd, byHost)
		return 0
	})
}

// fcntl knows one flag, O_NONBLOCK.
func (r *request) fcntl() {
	s := r.lookup()
	cmd, val := r.int(1), r.int(2)
	switch {
	case s == nil:
		r.ret(-1)
	case cmd == fGetFL:
		r.ret(int32(bit(s.nonblock)) * oNonblock)
	case cmd == fSetFL && val&^oNonblock == 0:
		s.nonblock = val&oNonblock != 0
		r.ret(0)
	default:
		r.bad(eINVAL)
	}
}

// available is rpc_lwip_available: how many bytes wait.
func (r *request) available() {
	s := r.lookup()
	switch {
	case s == nil:
		r.ret(-1)
	case s.conn != nil:
		r.ret(int32(s.conn.Avail()))
	default:
		r.ret(0)
	}
}
