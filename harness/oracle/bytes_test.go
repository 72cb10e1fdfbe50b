package oracle_test

import "testing"

// Handle h sends with tag 0xc0+h; connections are numbered from 1.

func TestStale(t *testing.T) { judge(t, "stale", staleUses) }

const closedHandle = `
main: 0 dial
main: 0 returns 7
main: 1 close 0
main: 1 returns 0
`

var staleUses = []verdict{
	{"a send on a closed handle succeeds", closedHandle + `
main: 2 send 0
main: 2 returns 16`, "stale: send succeeds after close"},
	{"a recv on a closed handle gets bytes", closedHandle + `
main: 2 recv 0
main: 2 returns 16`, "stale: recv succeeds after close"},
	{"nothing was sent", closedHandle + `
main: 2 send 0
main: 2 returns 0`, ""},
	{"it fails, as it should", closedHandle + `
main: 2 send 0
main: 2 fails`, ""},
	{"the close was under way", `
main: 0 dial
main: 0 returns 7
a: 1 close 0
main: 2 send 0
a: 1 returns 0
main: 2 returns 16`, ""},
	{"the descriptor was given out again: the program uses the new one", closedHandle + `
main: 2 dial
main: 2 returns 7
main: 3 send 0
main: 3 returns 16
main: 4 close 2
main: 4 returns 0`, ""},
	{"also by accept", closedHandle + `
main: 2 listen
main: 2 returns 8
main: 3 accept 2 forever
main: 3 returns 7
main: 4 send 0
main: 4 returns 16
main: 5 close 3
main: 5 returns 0`, ""},
	{"a result that is no handle does not give a descriptor out", `
main: 0 dial
main: 0 returns 0
main: 1 close 0
main: 1 returns 0
main: 2 sleep
main: 2 returns 0
main: 3 send 0
main: 3 returns 16`, "stale: send succeeds after close"},
}

func TestFreedMemory(t *testing.T) {
	judge(t, "stale", []verdict{
		{"memory is used after it was freed", `main: touch close_uses_a_socket_that_off_freed 0x2000 1`, "stale: close uses a socket that off freed"},
		{"whatever fault there was: firmware owns its memory", `
main: fault garble 1
main: touch close_uses_a_socket_that_off_freed 0x2000 1`, "stale: close uses a socket that off freed"},
		{"freed again: double-free says it", `main: touch close_frees_a_socket_that_off_freed 0x2000 1 1`, ""},
	})
	judge(t, "double-free", []verdict{
		{"memory is freed again", `main: touch close_frees_a_socket_that_off_freed 0x2000 1 1`, "double-free: close frees a socket that off freed"},
		{"only used", `main: touch close_uses_a_socket_that_off_freed 0x2000 1`, ""},
	})
}

func TestCrossedStreams(t *testing.T) { judge(t, "stale", crossings) }

const twoHandles = `
main: 0 dial
main: 0 returns 0
main: 1 dial
main: 1 returns 1
main: 2 send 0
main: data peer 1 0xc0 16
main: 2 returns 16
main: 3 send 1
main: data peer 2 0xc1 16
main: 3 returns 16
main: 4 send 0
`

var crossings = []verdict{
	{"bytes of a handle break another's stream", twoHandles + `
main: data peer.bad 2 0xc1c0 16
main: data peer 2 0xc1 32`, "stale: send reaches another connection"},
	{"a handle's bytes begin a second connection", twoHandles + `
main: data peer 3 0xc0 16`, "stale: send reaches another connection"},
	{"the device was down in between", `
main: 0 dial
main: 0 returns 0
main: 1 send 0
main: data peer 1 0xc0 16
main: 1 returns 16
main: 2 disconnect
main: 2 returns 0
main: 3 send 0
main: data peer 2 0xc0 16
main: 3 returns 16`, "stale: send on a handle from before disconnect reaches another connection"},
	{"a byte that was damaged in a send may be any", twoHandles + `
main: fault txflipped 16 3
main: data peer.bad 2 0xc1c0 16
main: data peer 2 0xc1 32`, ""},
	{"a fault that keeps to the protocol damages nothing", twoHandles + `
main: fault short 1 3 1
main: data peer 3 0xc0 16`, "stale: send reaches another connection"},
	{"a send that was skipped sent nothing", `
main: 0 dial
main: 0 returns 0
main: 1 dial
main: 1 fails
main: 2 send 0
main: data peer 1 0xc0 8
main: 3 send 1
main: 3 skipped
main: data peer.bad 1 0xc0c1 8`, ""},
	{"every handle keeps to its connection", twoHandles + `
main: data peer 1 0xc0 32`, ""},
	{"at odd offsets a byte is no tag", twoHandles + `
main: data peer.bad 2 0x0840 17`, ""},
	{"after a gap of odd length a byte may look like a tag that nobody sends with", twoHandles + `
main: data peer.bad 2 0xc17f 16`, ""},
	{"the descriptor was given out again after a close", `
main: 0 dial
main: 0 returns 7
main: 1 send 0
main: data peer 1 0xc0 16
main: 1 returns 16
main: 2 close 0
main: 2 returns 0
main: 3 dial
main: 3 returns 7
main: 4 send 0
main: data peer 2 0xc0 16
main: 4 returns 16
main: 5 send 3
main: data peer.bad 2 0xc0c3 16
main: 5 returns 16`, ""},
	{"the descriptor was given out again, but nobody had closed it", `
main: 0 dial
main: 0 returns 7
main: 1 send 0
main: data peer 1 0xc0 16
main: 1 returns 16
main: 2 dial
main: 2 returns 7
main: 3 send 0
main: data peer 2 0xc0 16
main: 3 returns 16
main: 4 send 2
main: 4 returns 16`, "stale: send reaches another connection"},
}

func TestDelivery(t *testing.T) { judge(t, "delivery", arrivals) }

const openedHandle = `
main: 0 dial
main: 0 returns 0
`

const sendGap = `
main: 1 send 0
main: data peer.bad 1 0x0810 17
main: data peer 1 0xc0 32
main: 1 returns 64
main: data sent 0 0 64
`

const shortSend = `
main: 1 send 0
main: data peer 1 0xc0 100
main: 1 returns 250
main: data sent 0 0 250
`

const sendDenied = `
main: 1 send 0
main: data peer 1 0xc0 100
main: data denied 0 0 100
main: 1 fails
`

const udpHandle = `
main: 0 udp
main: 0 returns 0
main: 1 recv 0
`

var arrivals = []verdict{
	{"a gap, in the first bytes that arrive too", openedHandle + sendGap, "delivery: send loses bytes"},
	{"the end arrives before all that was counted", openedHandle + shortSend + "main: conn end 1", "delivery: send loses bytes"},
	{"recv gets a gap", openedHandle + `
main: 1 recv 0
main: data got.bad 0 0x0810 17
main: 1 returns 32`, "delivery: recv gets bytes out of sequence"},
	{"bytes may still be under way: the peer does not read, or vanished", openedHandle + shortSend, ""},
	{"everything arrives", openedHandle + `
main: 1 send 0
main: data peer 1 0xc0 100
main: 1 returns 100
main: data sent 0 0 100
main: conn end 1`, ""},
	{"a fault fired", openedHandle + "main: fault garble 1" + sendGap, ""},
	{"the connection was reset: the tail may be lost", openedHandle + shortSend + "main: conn rst 1\nmain: conn end 1", ""},
	{"the connection was lost", openedHandle + shortSend + "main: conn lost 1\nmain: conn end 1", ""},
	{"the link went down", openedHandle + shortSend + "main: link disconnected\nmain: conn end 1", ""},
	{"a reset is no excuse for a gap in what had arrived", openedHandle + sendGap + "main: conn rst 1", "delivery: send loses bytes"},
	{"the probe takes the link down: no excuse for what was before", openedHandle + shortSend + `
main: conn end 1
harness: phase closed
probe: link disconnected`, "delivery: send loses bytes"},
	{"a send on the handle failed before: nobody knows how much of it arrived", openedHandle + `
main: 2 send 0
main: 2 fails` + sendGap, ""},
	{"the echo of a gap is the same bug", openedHandle + `
main: 1 send 0
main: data peer.bad 1 0x0810 17
main: data peer 1 0xc0 32
main: 1 returns 64
main: 2 recv 0
main: data got.bad 0 0x0810 17
main: 2 returns 32`, "delivery: send loses bytes"},
	{"and so its echo", openedHandle + `
main: 1 send 0
main: 1 fails
main: 2 recv 0
main: data got.bad 0 0x0810 17
main: 2 returns 32`, ""},
	{"everything arrives, and send says that it failed", openedHandle + sendDenied, "delivery: send fails, but its bytes arrive"},
	{"not everything had arrived", openedHandle + `
main: 1 send 0
main: data peer 1 0xc0 99
main: data denied 0 0 100
main: data peer 1 0xc0 100
main: 1 fails`, ""},
	{"the connection was reset then", openedHandle + "main: conn rst 1" + sendDenied, ""},
	{"another connection was", openedHandle + "main: conn rst 2" + sendDenied, "delivery: send fails, but its bytes arrive"},
	{"the link went down", openedHandle + "main: link disconnected" + sendDenied, ""},
	{"another task closes the handle meanwhile", openedHandle + "a: 2 close 0" + sendDenied + "a: 2 returns 0", ""},
	{"a fault fired, so send may be wrong", openedHandle + "main: fault garble 1" + sendDenied, ""},
	{"it may have been an earlier send whose bytes came late", openedHandle + `
main: 2 send 0
main: 2 fails` + sendDenied, ""},
	{"a datagram of bytes that nobody sent", udpHandle + `
main: data foreign 0 0x0a00 0
main: 1 returns 18`, "delivery: recv gets a datagram that nobody sent"},
	{"a fault fired, so recv may be wrong", udpHandle + "main: fault garble 1\nmain: data foreign 0 0x0a00 0\nmain: 1 returns 18", ""},
	{"two tasks send on one handle at once", openedHandle + "a: 2 send 0" + sendGap + "a: 2 returns 1", ""},
	{"or receive", openedHandle + `
a: 1 recv 0
b: 2 recv 0
b: data got.bad 0 0x0810 17
b: 2 returns 32`, ""},
	{"one after the other is no excuse", openedHandle + `
a: 1 recv 0
a: 1 returns 16
b: 2 recv 0
b: data got.bad 0 0x0810 17
b: 2 returns 32`, "delivery: recv gets bytes out of sequence"},
	{"a closed handle takes bytes from the one that has its descriptor now", openedHandle + `
main: 1 close 0
main: 1 returns 0
main: 2 dial
main: 2 returns 0
main: 3 recv 0
main: 3 returns 16
main: 4 recv 2
main: data got.bad 2 0x8000 0
main: 4 returns 16`, ""},
	{"foreign bytes: stale says it", openedHandle + `
main: 1 close 0
main: 1 returns 0
main: 2 dial
main: 2 returns 1
main: 3 send 0
main: 3 returns 16
main: 4 recv 2
main: data got.bad 2 0xc008 16
main: 4 returns 32`, ""},
}
