package wiced

import (
	"errors"
	"slices"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/heap"
)

// The sizes of blocks on the heap; both are chosen.
const (
	netconnSize = 72
	packetSize  = 32 // and the bytes
)

// netconn is lwIP's: what a socket has below. At most one of the three is set.
type netconn struct {
	self     heap.Pointer
	pcb      *pcb
	listener *listener
	udp      *air.UDP
	err      Result // last_err

	from *listener    // that it came to
	slot AcceptSocket // where it was announced, or accepted; null if nowhere
	told bool         // Received waits at the worker
	gone bool         // deleted
}

// newNetconn is netconn_new, in the firmware function named maker.
func (s *Stack) newNetconn(maker string) (*netconn, Result) {
	if len(s.conns) == MaxNetconns {
		return nil, SocketCreateFail
	}
	n := &netconn{}
	if n.self = s.mem.Alloc("netconn", maker, netconnSize, n); n.self.Null() {
		return nil, OutOfHeap
	}
	s.conns = append(s.conns, n)
	return n, Success
}

// follow is the netconn that a socket points to, as seen by the firmware function named user; nil if it points nowhere. One that was freed
// is reported, and seen as it was left.
func (s *Stack) follow(p heap.Pointer, user string) *netconn {
	if p.Null() {
		return nil
	}
	return heap.Get[netconn](s.mem, p, user)
}

// free is netconn_delete, in the firmware function named freer: whatever netconn is at p's address by now loses its connection, listener or
// port, and its memory. If something else is there it is a hard fault.
func (s *Stack) free(p heap.Pointer, freer string) {
	if _, ok := heap.Peek[netconn](s.mem, p); !ok && !p.Null() {
		panic(heap.HardFault{Why: freer + " finds something else at its pointer"})
	}
	i := slices.IndexFunc(s.conns, func(n *netconn) bool { return n.self.Addr == p.Addr })
	if !p.Null() && i >= 0 {
		n := s.conns[i]
		s.conns = slices.Delete(s.conns, i, i+1)
		s.detach(n)
		n.gone = true
	}
	s.mem.Free(p, freer)
	s.q.WakeAll(s.w)
}

// detach takes from a netconn what it has.
func (s *Stack) detach(n *netconn) {
	if n.pcb != nil {
		s.closePCB(n.pcb)
	}
	if n.listener != nil {
		s.closeListener(n.listener)
	}
	if n.udp != nil {
		n.udp.Close()
	}
	n.pcb, n.listener, n.udp = nil, nil, nil
}

// look is what the netconn says of its connection.
func (n *netconn) look() Result {
	if n.err == Success && n.pcb != nil && n.pcb.conn != nil {
		n.err = result(n.pcb.conn.Err())
	}
	return n.err
}

// result is what lwIP's names for errors become (err_t to wiced_result_t; inferred from the names).
func result(err error) Result {
	for _, e := range [...]struct {
		err error
		r   Result
	}{
		{nil, Success},
		{air.ErrReset, ConnectionReset},
		{air.ErrRefused, ConnectionReset}, // lwIP 1.4 tcp_process: RST in SYN_SENT
		{air.ErrAborted, Aborted},
		{air.ErrTimeout, Timeout},
		{air.ErrUnreachable, Routing},
		{air.ErrNoConn, NotConnected},
		{air.ErrClosed, ConnectionClosed},
		{air.ErrWouldBlock, WouldBlock},
	} {
		if errors.Is(err, e.err) {
			return e.r
		}
	}
	return Error
}
