package rtl8720

import (
	"errors"
	"io"

	"github.com/linkflap/linkflap/mocks/air"
)

// maxReceive is what a reply has room for.
const maxReceive = maxMessage - 64

// nowait says that a call on s with these flags does not wait.
func (s *socket) nowait(flags int32) bool { return s.nonblock || flags&msgDontWait != 0 }

// recv is rpc_lwip_recv: what has arrived, at most as much as asked for. Its timeout is not used (owhinata/wio-lite-ai, fw/rtl8720/README.md).
func (r *request) recv() {
	r.receive(int(min(r.nums[1], maxReceive)), r.int(2), func(n int, p []byte, _ air.Datagram) {
		r.bytes(n, p)
		r.ret(int32(n))
	})
}

// recvfrom is rpc_lwip_recvfrom: recv, and who sent it.
func (r *request) recvfrom() {
	r.receive(int(min(r.nums[1], maxReceive)), r.int(2), func(n int, p []byte, d air.Datagram) {
		r.bytes(n, p)
		length := r.length
		r.name(d.From, d.Port, d.Port != 0)
		r.length = length
		r.ret(int32(n))
	})
}

// bytes gives back n bytes that were received, or the dummy (2.1.3, rpc_lwip_recv).
func (r *request) bytes(n int, p []byte) {
	if n <= 0 {
		r.binary(dummy)
		return
	}
	r.binary(p[:n])
	r.received = n
}

// receive calls done with the result of lwip_recv, once there is one.
func (r *request) receive(size int, flags int32, done func(n int, p []byte, d air.Datagram)) {
	s := r.lookup()
	if s == nil {
		done(-1, nil, air.Datagram{})
		return
	}
	p := make([]byte, size)
	r.until(func() bool {
		var d air.Datagram
		var n int
		err := error(air.ErrNoConn)
		switch {
		case s.kind == udp:
			n, err = s.receiveFrom(p, &d)
		case s.conn != nil:
			n, err = s.conn.Read(p)
		}
		if errors.Is(err, air.ErrWouldBlock) && !s.nowait(flags) {
			return false
		}
		done(int(r.resultOf(n, err)), p, d)
		return true
	})
}

// receiveFrom takes one datagram; what does not fit into p is lost (lwIP, lwip_recvfrom).
func (s *socket) receiveFrom(p []byte, d *air.Datagram) (int, error) {
	if s.udp == nil {
		return 0, air.ErrWouldBlock
	}
	got, ok := s.udp.Recv()
	if !ok {
		return 0, air.ErrWouldBlock
	}
	*d = got
	return copy(p, got.Data), nil
}

// send is lwip_send.
func (r *request) send() {
	s := r.lookup()
	switch {
	case s == nil:
		r.ret(-1)
	case s.kind == udp:
		r.sendDatagram(s, s.ip, s.remote)
	case s.conn == nil:
		r.bad(eNOTCONN)
	case s.nowait(r.int(1)):
		r.sendSome(s)
	default:
		r.sendAll(s)
	}
}

// sendto is lwip_sendto, which on a TCP connection is lwip_send.
func (r *request) sendto() {
	s := r.lookup()
	ip, port, ok := r.sockaddr(1)
	switch {
	case s == nil:
		r.ret(-1)
	case s.kind != udp:
		r.send()
	case ok:
		r.sendDatagram(s, ip, port)
	default:
		r.sendDatagram(s, s.ip, s.remote)
	}
}

// sendDatagram succeeds if there is a network; a destination of zero gets lost on it.
func (r *request) sendDatagram(s *socket, ip air.IP, port uint16) {
	if s.udp == nil {
		r.m.bindUDP(s, 0)
	}
	if s.udp == nil || !r.m.wifi.addressed {
		r.bad(eHOSTUNREACH)
		return
	}
	if err := s.udp.Send(ip, port, r.data[0]); err != nil {
		r.bad(errnoOf(err))
		return
	}
	r.ret(int32(len(r.data[0])))
}

// sendSome takes what there is room for, and says how much that was (lwIP, netconn_write_partly with NETCONN_DONTBLOCK).
func (r *request) sendSome(s *socket) {
	p := r.data[0]
	if v, ok := r.m.w.Fault("short"); ok {
		p = p[:min(len(p), int(v))]
	}
	n, err := s.conn.Write(p)
	if err != nil {
		r.bad(errnoOf(err))
		return
	}
	r.ret(int32(n))
}

// sendAll waits until all is in the send buffer.
func (r *request) sendAll(s *socket) {
	p, c := r.data[0], s.conn
	if err := c.WriteAll(p); err != nil {
		r.bad(errnoOf(err))
		return
	}
	r.until(func() bool {
		switch err := c.Err(); {
		case err != nil:
			r.bad(errnoOf(err))
		case c.Unwritten() > 0:
			return false
		default:
			r.ret(int32(len(p)))
		}
		return true
	})
}

// errVal is lwIP's ERR_VAL, which a name that is not known ends in (api_msg.c, lwip_netconn_do_dns_found).
const errVal = -6

// gethostbyname is netconn_gethostbyname: it waits for the answer; the result is an err_t.
func (r *request) gethostbyname() {
	q := r.m.air.Resolve(string(r.data[0]))
	r.until(func() bool {
		ip, found, done := q.Answer()
		if !done {
			return false
		}
		if !found {
			ip, r.result = air.IP{}, errVal
		}
		r.binary(ip[:])
		r.out = append(r.out, byte(r.result))
		return true
	})
}

// resultOf is lwip_recv's: 0 at the end of what the other side sent.
func (r *request) resultOf(n int, err error) int32 {
	if err == nil {
		return int32(n)
	}
	if errors.Is(err, io.EOF) {
		return 0
	}
	r.m.lwip.errno = errnoOf(err)
	return -1
}
