package oracle_test

import "testing"

func TestCloseUnblocks(t *testing.T) { judge(t, "close-unblocks", outliving) }

const blockedAccept = `
main: 0 listen
main: 0 returns 7
a: 1 accept 0 forever
`

var outliving = []verdict{
	{"accept stays", blockedAccept + `
main: 2 close 0
main: 2 returns 0
+1m
a: stuck gadget.Accept sleep - 1`, "close-unblocks: accept on a handle from listen outlives close"},
	{"accept returns, but much later", blockedAccept + `
main: 2 close 0
main: 2 returns 0
+6s
a: 1 fails`, "close-unblocks: accept on a handle from listen outlives close"},
	{"a driver that polls notices a little later", blockedAccept + `
main: 2 close 0
main: 2 returns 0
+5s
a: 1 fails
+1m
main: phase end`, ""},
	{"the run ends before anybody can tell", blockedAccept + `
main: 2 close 0
main: 2 returns 0
+5s
a: stuck gadget.Accept sleep - 1`, ""},
	{"nobody closes the listener", blockedAccept + `
+1h
a: stuck gadget.Accept sleep - 1`, ""},
	{"the close failed", blockedAccept + `
main: 2 close 0
main: 2 fails
+1m
a: stuck gadget.Accept sleep - 1`, ""},
	{"another handle was closed", blockedAccept + `
main: 2 listen
main: 2 returns 8
main: 3 close 2
main: 3 returns 0
+1m
a: stuck gadget.Accept sleep - 1`, ""},
	{"the call began when the handle was closed already", `
main: 0 listen
main: 0 returns 7
main: 1 close 0
main: 1 returns 0
a: 2 accept 0 forever
+1m
a: stuck gadget.Accept sleep - 2`, ""},
	{"a call that had not looked its descriptor up yet waits on the next handle that has it", blockedAccept + `
a: block lock 1
main: 2 close 0
main: 2 returns 0
main: 3 listen
main: 3 returns 7
+1m
main: 4 close 3
main: 4 returns 0
a: 1 fails`, ""},
	{"it had surely looked it up, and nobody told it", `
main: 0 listen
main: 0 returns 7
a: 1 accept 0 forever
+1s
main: 2 close 0
main: 2 returns 0
main: 3 listen
main: 3 returns 7
+1m
main: 4 close 3
main: 4 returns 0
a: 1 fails`, "close-unblocks: accept on a handle from listen outlives close"},
	{"a call that waits for a lock is not to blame", blockedAccept + `
a: block lock 1
main: 2 close 0
main: 2 returns 0
+1m
a: stuck gadget.Accept lock main 1`, ""},
	{"nor if it gets it in the end", blockedAccept + `
a: block lock 1
main: 2 close 0
main: 2 returns 0
+1m
a: wake _
a: 1 fails`, ""},
	{"but it is if it got it in time", blockedAccept + `
a: block lock 1
main: 2 close 0
main: 2 returns 0
+1s
a: wake _
+1m
a: 1 fails`, "close-unblocks: accept on a handle from listen outlives close"},
	{"a chip that is deaf after a fault keeps everybody waiting", blockedAccept + `
main: fault lost 1
main: 2 close 0
main: 2 returns 0
+1m
a: stuck gadget.Accept sleep - 1`, ""},
}

func TestDoubleFree(t *testing.T) { judge(t, "double-free", releases) }

const openedSlot = `
main: 0 dial
main: take socket 3 1
main: 0 returns 7
`

var releases = []verdict{
	{"a second close reaches the chip", openedSlot + `
main: 1 close 0
main: free socket 3 1
main: 1 returns 0
main: 2 close 0
main: misuse socket 3 1
main: 2 fails`, "double-free: close releases a socket twice"},
	{"disconnect released it before", openedSlot + `
main: 1 disconnect
main: free socket 3 1
main: 1 returns 0
main: 2 close 0
main: misuse socket 3 1
main: 2 returns 0`, "double-free: close releases a socket twice"},
	{"the slot is another handle's by now", openedSlot + `
main: 1 disconnect
main: free socket 3 1
main: 1 returns 0
main: 2 dial
main: take socket 3 2
main: 2 returns 8
main: 3 close 0
main: free socket 3 2
main: 3 returns 0
main: 4 send 2
main: 4 fails`, "double-free: close releases the socket of another handle"},
	{"the chip took the slot back by itself: the driver cannot know", openedSlot + `
main: free socket 3 1 1
main: 1 close 0
main: misuse socket 3 1
main: 1 returns 0`, ""},
	{"a reset freed everything", openedSlot + `
main: free socket 3 1 2
main: 1 close 0
main: misuse socket 3 1
main: 1 returns 0`, ""},
	{"the descriptor is another handle's by now: the program closes that", openedSlot + `
main: 1 close 0
main: free socket 3 1
main: 1 returns 0
main: 2 dial
main: take socket 3 2
main: 2 returns 7
main: 3 close 0
main: free socket 3 2
main: 3 returns 0`, ""},
	{"a close that failed may have freed the descriptor all the same", openedSlot + `
main: 1 close 0
main: free socket 3 1
main: 1 fails
main: 2 dial
main: take socket 3 2
main: 2 returns 7
main: 3 close 0
main: free socket 3 2
main: 3 returns 0`, ""},
	{"a close of the descriptor's former handle was under way when it was given out again", openedSlot + `
a: 1 close 0                 # b comes first
b: 2 close 0
b: free socket 3 1
b: 2 returns 0
b: 3 dial
b: take socket 3 2
b: 3 returns 7
a: free socket 3 2           # a closes what is now b's
a: 1 returns 0
b: 4 dial
b: take socket 3 3
b: 4 returns 7
b: 5 close 3                 # and so b closes its next one
b: free socket 3 3
b: 5 returns 0`, ""},
	{"accept gives up a connection that it took itself", `
main: 0 listen
main: take socket 0 1
main: 0 returns 7
a: 1 accept 0 forever
a: take socket 1 1
a: free socket 1 1
a: 1 fails`, ""},
	{"everybody closes their own", openedSlot + `
main: 1 close 0
main: free socket 3 1
main: 1 returns 0`, ""},
}

func TestLeak(t *testing.T) { judge(t, "leak", remains) }

// Two tasks close one handle; the second does so when its descriptor is another's already.
func TestTwoClosesRace(t *testing.T) {
	judge(t, "double-free", []verdict{{"the program's mistake", `
main: 0 dial
main: take socket 0 1
main: 0 returns 3
main: 2 close 0
main: free socket 0 1
b: 1 close 0
main: 2 returns 0
main: 3 listen
main: take socket 0 2
main: 3 returns 3
b: free socket 0 2
b: 1 returns 0`, ""}})
}

var remains = []verdict{
	{"a failed dial keeps its slot", `
main: 0 dial
main: take socket 3 1
main: 0 fails
harness: phase closed`, "leak: socket taken by dial is left after close"},
	{"so does a task of the firmware", `
harness: spawn keeper 1
keeper: take timer 0 1
harness: phase closed`, "leak: timer taken by keeper is left after close"},
	{"it was released in time, by whomever", `
main: 0 dial
main: take socket 3 1
main: 0 returns 7
main: free socket 3 1 1
harness: phase closed`, ""},
	{"the call that took it is still being made", `
main: 0 connect forever
main: take socket 3 1
harness: phase closed`, ""},
	{"a fault kept the firmware from releasing it", `
main: 0 dial
main: fault lost 1
main: take socket 3 1
main: 0 fails
harness: phase closed`, ""},
	{"a call still held a descriptor that was closed and given out again: the program's mistake", `
main: 0 udp
main: 0 returns 7
a: 1 aim 0
main: 2 close 0
main: 2 returns 0
main: 3 dial
main: take socket 3 1
main: 3 returns 7
a: take socket 4 1
a: 1 returns 0
harness: phase closed`, ""},
	{"the run did not get to where everything is closed", `
main: 0 dial
main: take socket 3 1
main: 0 fails`, ""},
	{"a task goes on when the device is down", `
main: 0 connect
main: spawn keeper 2
main: 0 returns 0
harness: phase closed
harness: phase end
keeper: stuck gadget.keep chan - -1`, "leak: task keeper is left after disconnect"},
	{"a task ended", `
main: 0 connect
main: spawn keeper 2
main: 0 returns 0
harness: phase closed
keeper: exit keeper
harness: phase end`, ""},
	{"a task of the program is no task of the firmware", `
harness: spawn a 1
harness: phase closed
harness: phase end
a: stuck gadget.Accept sleep - -1`, ""},
	{"the connect that started a task is still being made", `
main: 0 connect forever
main: spawn keeper 2
harness: phase closed
harness: phase end
keeper: stuck gadget.keep chan - -1`, ""},
	{"the device is not down yet", `
main: 0 connect
main: spawn keeper 2
main: 0 returns 0
harness: phase closed
keeper: stuck gadget.keep chan - -1`, ""},
}
