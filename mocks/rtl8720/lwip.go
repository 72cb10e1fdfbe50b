package rtl8720

import (
	"errors"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/air"
)

// The limits of the SDK's lwipopts.h.
const (
	numSockets = 8 // MEMP_NUM_NETCONN; lwIP's NUM_SOCKETS is as many. Connections that wait to be accepted count, too
	numListen  = 5 // MEMP_NUM_TCP_PCB_LISTEN
	numUDP     = 4 // MEMP_NUM_UDP_PCB, less those of DHCP and DNS
	acceptBox  = 6 // DEFAULT_ACCEPTMBOX_SIZE: connections that wait at one listener
)

// The errors that calls leave in errno (lwIP, lwip/errno.h).
const (
	eBADF        = 9
	eWOULDBLOCK  = 11
	eNOMEM       = 12
	eINVAL       = 22
	eNFILE       = 23
	eNOPROTOOPT  = 92
	eOPNOTSUPP   = 95
	eAFNOSUPPORT = 97
	eADDRINUSE   = 98
	eCONNABORTED = 103
	eCONNRESET   = 104
	eNOBUFS      = 105
	eISCONN      = 106
	eNOTCONN     = 107
	eHOSTUNREACH = 113
)

// Numbers of lwIP's lwip/sockets.h.
const (
	afINET       = 2
	sockStream   = 1
	sockDgram    = 2
	sockaddrSize = 16
	msgDontWait  = 0x08
	oNonblock    = 1
	fGetFL       = 3
	fSetFL       = 4
)

// noFD is no descriptor.
const noFD = -1

// ledgerSockets is the ledger of the sockets.
const ledgerSockets = "rtl8720.socket"

// errnos are what the air's errors are to lwIP (lwip/err.c, err_to_errno): a SYN that nobody answers, or bytes that nobody acknowledges, end in ERR_ABRT, a RST in ERR_RST.
var errnos = []struct {
	err   error
	errno int32
}{
	{air.ErrRefused, eCONNRESET},
	{air.ErrReset, eCONNRESET},
	{air.ErrTimeout, eCONNABORTED},
	{air.ErrAborted, eCONNABORTED},
	{air.ErrUnreachable, eHOSTUNREACH},
	{air.ErrInUse, eADDRINUSE},
	{air.ErrWouldBlock, eWOULDBLOCK},
	{air.ErrNoConn, eNOTCONN},
	{air.ErrClosed, eNOTCONN},
}

func errnoOf(err error) int32 {
	for _, e := range errnos {
		if errors.Is(err, e.err) {
			return e.errno
		}
	}
	return eINVAL
}

// lwip is the socket layer.
type lwip struct {
	sockets [numSockets]socket
	errno   int32
}

type kind uint8

const (
	free kind = iota
	tcp
	listening
	udp
)

// socket is one lwIP socket; descriptors begin at 0 (LWIP_SOCKET_OFFSET).
type socket struct {
	kind     kind
	gen      int64
	nonblock bool
	port     uint16 // of tcp and listening: bound to
	dead     bool   // of tcp: a connect has failed, and the protocol's part is gone

	conn     *air.Conn // of tcp: connected, or connecting
	listener *air.Listener
	waiting  []*air.Conn // of listening
	udp      *air.UDP
	ip       air.IP // of udp: where datagrams go
	remote   uint16
}

// Who frees a socket, in C of Free events.
const (
	byHost  = 0
	byReset = 2
)

// used is how many netconns there are.
func (l *lwip) used() (n int) {
	for i := range l.sockets {
		if l.sockets[i].kind != free {
			n += 1 + len(l.sockets[i].waiting)
		}
	}
	return n
}

func (l *lwip) count(k kind) (n int) {
	for i := range l.sockets {
		if l.sockets[i].kind == k {
			n++
		}
	}
	return n
}

// take gives the lowest free descriptor to a socket (lwIP, sockets.c, alloc_socket); noFD if there is none.
func (m *Module) take(s socket) int {
	for fd := range m.lwip.sockets {
		if m.lwip.sockets[fd].kind == free {
			m.taken++
			s.gen = m.taken
			m.lwip.sockets[fd] = s
			m.w.Emit(trace.Take, ledgerSockets, int64(fd), s.gen, byHost)
			return fd
		}
	}
	return noFD
}

// free ends a socket; that of a listener resets what waits at it (lwIP, netconn_drain).
func (m *Module) free(fd int, who int64) {
	s := m.lwip.sockets[fd]
	if s.kind == free {
		return
	}
	m.lwip.sockets[fd] = socket{}
	m.w.Emit(trace.Free, ledgerSockets, int64(fd), s.gen, who)
	if who == byReset {
		return // the network finds out by itself
	}
	switch {
	case s.conn != nil:
		s.conn.Close()
	case s.listener != nil:
		for _, c := range s.waiting {
			c.Abort()
		}
		s.listener.Close()
	case s.udp != nil:
		s.udp.Close()
	}
}

// admit takes connections from the network into the listeners' boxes. One for which there is no netconn, or no room, is reset
// (lwIP, api_msg.c, accept_function; tcp_in.c).
func (m *Module) admit() {
	for fd := range m.lwip.sockets {
		s := &m.lwip.sockets[fd]
		if s.kind != listening {
			continue
		}
		for c := s.listener.Accept(); c != nil; c = s.listener.Accept() {
			if len(s.waiting) >= acceptBox || m.lwip.used() >= numSockets {
				c.Abort()
				continue
			}
			s.waiting = append(s.waiting, c)
		}
	}
}
