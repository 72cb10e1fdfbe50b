package espat

import "github.com/linkflap/linkflap/mocks/fault"

// Faults is everything that the module can be told to do wrong besides what its line can.
var Faults = []fault.Kind{
	{Name: "error", Doc: "the module answers ERROR and does nothing", Site: "command"},
	{Name: "busy", Doc: "the module answers busy p... and does nothing", Site: "command"},
	{Name: "sendfail", Lawful: true, Doc: "the module drops what is to be sent and says SEND FAIL", Site: "bytes of AT+CIPSEND complete"},
}
