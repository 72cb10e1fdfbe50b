// Package machine stands in for TinyGo's machine package, so that drivers written for boards compile and run under plain Go. It is the
// lowest layer: drivers call it, and the mocked chips (mocks/nina and others) are what hangs on its pins and buses.
//
// The hard word is attached. Hardware is global in TinyGo, so it is here. A pin or bus with nothing attached behaves like a bare board: it
// takes every write, an input reads low, a bus reads 0xff. Reset detaches everything; a run begins with it.
//
// There are no locks: one task runs at a time, and a lock here would hide the races of the drivers above.
package machine

// Reset detaches every device from every pin and bus, and drives every pin low.
func Reset() {
	clear(pins[:])
	for _, bus := range spis {
		bus.dev = nil
	}
	for _, port := range uarts {
		port.dev = nil
	}
}
