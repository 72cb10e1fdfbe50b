package nina

import "github.com/linkflap/linkflap/mocks/fault"

// Faults is everything that the chip can be told to do wrong.
var Faults = []fault.Kind{
	{Name: "bus", Doc: "a byte of a reply reads as value", Site: "byte clocked in a reply", HasValue: true, Max: 0xff, Nice: []int64{0xff, 0x00, cmdErr, cmdEnd, cmdStart, 0x7f}, Unit: "byte", Hex: true},
	{Name: "noack", Doc: "ready is not raised when the chip is selected; the bytes count all the same", Site: "transaction"},
	{Name: "stuck", Doc: "the chip stays busy until it is reset", Site: "command handled"},
	{Name: "late", Doc: "the reply comes value later", Site: "command handled", HasValue: true, Min: 1e6, Max: 60e9, Nice: []int64{1e6, 50e6, 1e9, 5e9, 11e9}, Unit: "ns"},
	{Name: "short", Doc: "the last parameter of a reply is empty", Site: "reply with parameters"},
	{Name: "oversize", Doc: "the first parameter of a reply claims value bytes (where lengths have 8 bits, their low byte), and as many follow", Site: "reply with parameters", HasValue: true, Min: 1, Max: 4000, Nice: []int64{255, 65, 64, 5, 2000}, Unit: "count"},
	{Name: "error", Doc: "the reply is the firmware's error, EF 00 EE", Site: "command handled"},
	{Name: "status", Doc: "the connection status reads as value", Site: "GET_CONN_STATUS", HasValue: true, Max: 0xff, Nice: []int64{statusDisconnected, statusConnectionLost, statusIdle, statusConnectFailed, statusConnected, 255}, Unit: "status"},
	{Name: "reset", Doc: "the chip resets instead of handling a command", Site: "command"},
	{Name: "slots", Lawful: true, Doc: "no slot is free", Site: "GET_SOCKET"},
	{Name: "write", Lawful: true, Doc: "only value bytes are taken, and the reply says so", Site: "SEND_DATA_TCP", HasValue: true, Max: 1436, Nice: []int64{0, 1, 100}, Unit: "count"},
}
