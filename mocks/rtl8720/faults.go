package rtl8720

import "github.com/linkflap/linkflap/mocks/fault"

// Faults is everything that the module can be told to do wrong besides what its line can. A garbled byte is lawful: that lines garble bytes is
// what the CRC is for, and where it strikes, in bytes from the network, a host can fail without leaving anything behind.
var Faults = []fault.Kind{
	{Name: "noreply", Doc: "a call is made and not answered", Site: "reply"},
	{Name: "sequence", Doc: "a reply has the sequence number of the call before", Site: "reply"},
	{Name: "badcrc", Doc: "the bits of value are inverted in a reply's CRC", Site: "reply", HasValue: true, Min: 1, Max: 0xff, Nice: []int64{0x01, 0xff, 0x80}, Unit: "byte", Hex: true},
	{Name: "length", Doc: "the length of a reply's frame reads value", Site: "reply", HasValue: true, Max: 0xff00, Nice: []int64{0, 1, 8, 12, 100, 2049, 0xff00}, Unit: "count"},
	{Name: "oversize", Doc: "the length of the bytes in a reply reads value", Site: "reply that carries bytes", HasValue: true, Max: 0xff00, Nice: []int64{5000, 0, 2048, 100, 0xff00}, Unit: "count"},
	{Name: "error", Doc: "a call is not made, and says -1", Site: "call"},
	{Name: "garbled", Lawful: true, Doc: "a byte of what was received from the network is damaged on the line; the CRC shows it", Site: "reply with received bytes", HasValue: true, Max: 1435, Nice: []int64{0, 1, 15}, Unit: "count"},
	{Name: "short", Lawful: true, Doc: "no more than value bytes are taken, and the call says so", Site: "lwip_send on a TCP connection, with MSG_DONTWAIT", HasValue: true, Min: 1, Max: 1435, Nice: []int64{1, 100, 15}, Unit: "count"},
	{Name: "sockets", Lawful: true, Doc: "there is no socket left", Site: "lwip_socket"},
	{Name: "nomem", Lawful: true, Doc: "there is no memory left, and the result is a null pointer", Site: "wifi_ssl_client_create"},
}
