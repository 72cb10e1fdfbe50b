package oracle_test

import "testing"

// recv(2): "When a stream socket peer has performed an orderly shutdown, the return value will be 0 (the traditional end-of-file return)."
func TestPeersCloseUnblocks(t *testing.T) { judge(t, "close-unblocks", endless) }

// blockedRecv has sent on connection 3, so that it is known to be handle 0's.
const blockedRecv = `
main: 0 dial
main: 0 returns 7
main: 1 send 0
main: data peer 3 0xc0 16
main: 1 returns 16
a: 2 recv 0 forever
`

const peersClose = "close-unblocks: recv on a handle from dial outlives the peer's close"

var endless = []verdict{
	{"recv stays", blockedRecv + `
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, peersClose},
	{"recv returns, but much later", blockedRecv + `
p1: conn fin 3
+6s
a: 2 fails`, peersClose},
	{"recv begins when the peer has closed already", `
main: 0 dial
main: 0 returns 7
main: 1 recv 0
main: data got 0 0x83 16
main: 1 returns 16
p1: conn fin 3
+1m
main: 2 recv 0 forever
+6s
main: stuck gadget.Recv sleep - 2`, peersClose},
	{"a driver that polls notices a little later", blockedRecv + `
p1: conn fin 3
+5s
a: 2 fails
+1m
main: phase end`, ""},
	{"the run ends before anybody can tell", blockedRecv + `
p1: conn fin 3
+5s
a: stuck gadget.Recv sleep - 2`, ""},
	{"the peer has not closed", blockedRecv + `
+1h
a: stuck gadget.Recv sleep - 2`, ""},
	{"the peer of another connection has closed", blockedRecv + `
p1: conn fin 4
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"the board's own end has arrived, not the peer's", blockedRecv + `
main: conn end 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"no byte has passed, but only one call can have opened the connection", `
main: 0 dial
p1: conn open 3
main: 0 returns 7
a: 1 recv 0 forever
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 1`, peersClose},
	{"another call may have opened it", `
main: 0 dial
a: 1 dial
p1: conn open 3
main: 0 returns 7
a: 1 returns 8
a: 2 recv 0 forever
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"a call that gave up before may have opened it", `
main: 0 dial
main: 0 fails
main: 1 dial
p1: conn open 3
main: 1 returns 7
a: 2 recv 1 forever
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"the connection that another handle has opened", `
main: 0 dial
p1: conn open 3
main: 0 returns 7
main: 1 dial
p1: conn open 4
main: 1 returns 8
a: 2 recv 1 forever
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"nobody can tell which connection is the handle's", `
main: 0 dial
main: 0 returns 7
a: 1 recv 0 forever
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 1`, ""},
	{"somebody may have called in, and nobody can tell who took it", `
main: 0 listen
main: 0 returns 7
a: 1 accept forever
p1: conn open 3
a: 1 returns 8
a: 2 recv 1 forever
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"a recv with a deadline says so in its own time", `
main: 0 dial
main: 0 returns 7
main: 1 send 0
main: data peer 3 0xc0 16
main: 1 returns 16
a: 2 recv 0
p1: conn fin 3
+1m
a: 2 fails`, ""},
	{"the board closes the handle, or tries to: what then holds is said elsewhere", blockedRecv + `
main: 3 close 0
p1: conn fin 3
main: 3 fails
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"it waits for a lock: who holds that is to blame", blockedRecv + `
p1: conn fin 3
a: block lock 1
+1m
a: stuck gadget.Recv lock main 2`, ""},
	{"two tasks receive on one handle: the other may have been told", blockedRecv + `
b: 3 recv 0 forever
p1: conn fin 3
+1s
b: 3 fails
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"the link is lost", blockedRecv + `
main: link disconnected 200
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
	{"a fault may have kept the chip from telling", blockedRecv + `
a: fault lost 1 0 0
p1: conn fin 3
+1m
a: stuck gadget.Recv sleep - 2`, ""},
}
