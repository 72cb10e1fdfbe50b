package oracle_test

import "testing"

func TestRefusal(t *testing.T) {
	const refused = "refusal: mac fails on a device that has just connected"
	judge(t, "refusal", []verdict{
		{"nothing but a connect came before", `
main: 0 connect
main: 0 returns
main: 1 mac
main: 1 fails`, refused},
		{"other questions change nothing, however they end", `
main: 0 connect
main: 0 returns
main: 1 mac
main: 1 fails
main: 2 mac
main: 2 fails`, refused},
		{"what comes later changes nothing", `
main: 0 connect
main: 0 returns
main: 1 mac
main: 1 fails
air: 2 down
air: 2 returns
main: fault lost`, refused},
		{"it is answered", `
main: 0 connect
main: 0 returns
main: 1 mac
main: 1 returns`, ""},
		{"the device does not have it", `
main: 0 connect
main: 0 returns
main: 1 mac
main: 1 unsupported`, ""},
		{"it is not up", `
main: 0 mac
main: 0 fails`, ""},
		{"it did not come up", `
main: 0 connect
main: 0 fails
main: 1 mac
main: 1 fails`, ""},
		{"something else was done since", `
main: 0 connect
main: 0 returns
main: 1 disconnect
main: 1 returns
main: 2 mac
main: 2 fails`, ""},
		{"or before", `
main: 0 dial
main: 0 fails
main: 1 connect
main: 1 returns
main: 2 mac
main: 2 fails`, ""},
		{"or meanwhile", `
main: 0 connect
main: 0 returns
main: 1 mac
air: 2 down
air: 2 returns
main: 1 fails`, ""},
		{"a fault fired", `
main: 0 connect
main: fault lost
main: 0 returns
main: 1 mac
main: 1 fails`, ""},
	})
}
