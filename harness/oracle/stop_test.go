package oracle_test

import "testing"

func TestPanic(t *testing.T) {
	judge(t, "panic", []verdict{
		{"the function is named, whatever the call", `
main: 0 dial
main: panic gadget.exchange 0`, "panic: gadget.exchange"},
		{"one bug is one violation", `
main: panic gadget.exchange 0
a: panic gadget.exchange 0`, "panic: gadget.exchange"},
		{"without a function of the firmware, the op is named", `
main: 0 dial
main: panic _ 0`, "panic: dial"},
		{"no panic", `main: log panic`, ""},
	})
}

func TestSpin(t *testing.T) {
	judge(t, "spin", []verdict{
		{"the function is named", `
main: 0 dial
main: spin gadget.wait 0`, "spin: gadget.wait"},
		{"a limit of the run is nobody's bug", `
main: 0 dial
main: limit points`, ""},
	})
}

func TestDeadlock(t *testing.T) { judge(t, "deadlock", waits) }

var waits = []verdict{
	{
		"two tasks wait for each other", `
a: 0 disconnect
a: stuck gadget.Disconnect chan keeper 0
keeper: stuck gadget.keep lock a -1`,
		"deadlock: disconnect in gadget.Disconnect waits for a channel operation of keeper, which waits for a lock held by disconnect",
	},
	{
		"a cycle begins with the op that comes first in the alphabet, whoever is unwound first", `
a: 0 send
b: 1 close
a: stuck gadget.Send lock b 0
b: stuck gadget.Close lock a 1`,
		"deadlock: close in gadget.Close waits for a lock held by send, which waits for a lock held by close",
	},
	{
		"who queues up behind a cycle is no second one", `
c: 2 addr
a: 0 send
b: 1 close
c: stuck gadget.Addr lock a 2
a: stuck gadget.Send lock b 0
b: stuck gadget.Close lock a 1`,
		"deadlock: close in gadget.Close waits for a lock held by send, which waits for a lock held by close",
	},
	{"a call that may block for ever keeps the lock meanwhile", `
a: 0 accept forever
b: 1 close
a: stuck gadget.Accept sleep - 0
b: stuck gadget.Close lock a 1`, "deadlock: accept keeps for ever what other calls wait for"},
	{"a call that may block for ever keeps the lock, at a channel", `
a: 0 recv forever
b: 1 close
a: stuck gadget.Recv chan - 0
b: stuck gadget.Close lock a 1`, "deadlock: recv keeps for ever what other calls wait for"},
	{"a task of the firmware keeps the lock, at a channel where a call was once", `
a: 0 send
b: 1 close
b: 1 returns 0
a: stuck gadget.Send lock keeper 0
keeper: stuck gadget.keep chan b -1
b: stuck gadget.Close result - -1`, "deadlock: keeper keeps for ever what other calls wait for"},
	{"a task of the firmware keeps the lock, at a channel where the call that waits for it was last", `
a: 0 send
a: stuck gadget.Send lock keeper 0
keeper: stuck gadget.keep chan a -1`, "deadlock: keeper keeps for ever what other calls wait for"},
	{"a call that may block for ever keeps the lock, at a channel where the call that waits for it was last", `
a: 0 accept forever
b: 1 close
a: stuck gadget.Accept chan b 0
b: stuck gadget.Close lock a 1`, "deadlock: accept keeps for ever what other calls wait for"},
	{"the lock is held by nobody any more", `
a: 0 send
a: stuck gadget.Send lock - 0`, "deadlock: send in gadget.Send waits for what nobody will give"},
	{"who waits for a call that hangs: hang says it", `
a: 0 recv
b: 1 close
+4m
a: stuck gadget.Recv sleep - 0
b: stuck gadget.Close lock a 1`, ""},
	{"a call that may block", `
a: 0 accept forever
a: stuck gadget.Accept lock - 0`, ""},
	{"a task of the firmware outside a call", `
keeper: stuck gadget.keep chan - -1`, ""},
	{"a call waits for time", `
a: 0 send
a: stuck gadget.Send sleep - 0`, ""},
	{"the run was cut off by a panic: who waited might have gone on", `
a: 0 send
b: panic gadget.Close 1
a: stuck gadget.Send lock b 0`, ""},
	{"the run was cut off by its own limit", `
a: 0 send
a: limit points
a: stuck gadget.Send lock - 0`, ""},
}

func TestHang(t *testing.T) {
	judge(t, "hang", []verdict{
		{"a call never returns", `
a: 0 resolve
+4m
a: stuck gadget.Resolve sleep - 0`, "hang: resolve in gadget.Resolve"},
		{"a call returns too late", `
a: 0 resolve
+3m1s
a: 0 returns 0`, "hang: resolve"},
		{"a call returns just in time", `
a: 0 resolve
+3m
a: 0 returns 0`, ""},
		{"a call is cut off before its time is up", `
a: 0 resolve
+2m
a: stuck gadget.Resolve sleep - 0`, ""},
		{"a call that may block", `
a: 0 accept forever
+1h
a: stuck gadget.Accept sleep - 0`, ""},
		{"a call that waits for a lock: deadlock says it", `
a: 0 send
+4m
a: stuck gadget.Send lock - 0`, ""},
		{"a call that queued for a lock is late because of another", `
a: 0 send
a: block lock
+4m
a: 0 returns 1`, ""},
		{"a task that waits for a handle is in no call", `
a: 0 accept
+4m
a: stuck _ result - 0`, ""},
	})
}

func TestWatchdog(t *testing.T) {
	judge(t, "watchdog", []verdict{
		{"the watchdog is named, not who starved it", `
main: 0 send
+4s
main: bite hardware 1 8389`, "watchdog: the hardware watchdog bites"},
		{"that it was fed in time, or not, is two bugs", `
+15s
main: bite loop 4 15001
+15s
main: bite loop_(fed_in_time) 4 10`, "watchdog: the loop watchdog bites\nwatchdog: the loop (fed in time) watchdog bites"},
		{"a watchdog that bites again, after another time, is the same bug", `
main: bite software 3 3200
a: bite software 3 1700`, "watchdog: the software watchdog bites"},
		{"a reset that no watchdog asked for", `main: reset esp8266 6`, ""},
	})
}

func TestRecovery(t *testing.T) {
	judge(t, "recovery", []verdict{
		{"the probe's last step is named", `
probe: 0 disconnect
probe: 0 returns 0
probe: 1 connect
probe: 1 fails
harness: phase not_recovered`, "recovery: connect fails after the faults stopped"},
		{"a step that may block never ends", `
probe: 0 accept forever
harness: phase not_recovered
probe: stuck gadget.Accept sleep - 0`, "recovery: accept never returns after the faults stopped"},
		{"a step in a deadlock: deadlock says it", `
probe: 0 connect
harness: phase not_recovered
probe: stuck gadget.Connect lock - 0`, ""},
		{"a step that hangs: hang says it", `
probe: 0 connect
+4m
harness: phase not_recovered
probe: stuck gadget.Connect sleep - 0`, ""},
		{"a call that outlives the close of its handle takes what was meant for the probe: close-unblocks says it", `
main: 0 listen
main: 0 returns 0
a: 1 accept 0 forever
main: 2 close 0
main: 2 returns 0
+1m
harness: phase closed
probe: 3 accept forever
harness: phase not_recovered
a: stuck gadget.Accept sleep - 1
probe: stuck gadget.Accept sleep - 3`, ""},
		{"the probe succeeds", `
probe: 0 connect
probe: 0 returns 0
harness: phase recovered`, ""},
	})
}

func TestProtocol(t *testing.T) {
	judge(t, "protocol", []verdict{
		{"the op and what is wrong are named, not the opcode", `
main: 0 send
main: frame a_wrong_length 0x44`, "protocol: send sends a frame with a wrong length"},
		{"a task of the firmware outside a call", `
keeper: frame a_wrong_length 3`, "protocol: keeper sends a frame with a wrong length"},
		{"after a fault the two sides may be out of step", `
main: fault garble
main: frame a_wrong_length 3`, ""},
		{"a lawful fault is no excuse", `
main: fault unanswered 1 0 1
main: frame a_wrong_length 3`, "protocol: main sends a frame with a wrong length"},
		{"a wrong value is the same bug whichever op passes it on", `
main: 0 accept 1
main: frame slot_out_of_range 0x3a 1`, "protocol: a frame with slot out of range"},
		{"the two sides are out of step: one bug, and what follows is a consequence", `
main: 0 dial
main: frame no_start_byte 0xff
main: frame a_wrong_length 3`, "protocol: command and reply get out of step"},
		{"a descriptor was closed and given out again under a call: the program's mistake", `
main: 0 udp
main: 0 returns 7
a: 1 recv 0 forever
main: 2 close 0
main: 2 returns 0
main: 3 dial
main: 3 returns 7
a: frame slot_out_of_range 0x45`, ""},
		{"a good frame is only a bus command", `main: bus send 3`, ""},
	})
}

func TestRace(t *testing.T) {
	judge(t, "race", []verdict{
		{"the functions are named", `main: race gadget.Send_and_gadget.write`, "race: gadget.Send and gadget.write"},
		{"none", `main: log race`, ""},
	})
}
