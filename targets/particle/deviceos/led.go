package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Signal is what the RGB LED shows: a colour with its pattern, and the pattern's period.
type Signal struct {
	Name   string
	Period time.Duration
}

// The signals (device-os v0.7.0, system/src/system_led_signal.cpp). The source gives the period of breathing for a connected network; that
// the others breathe alike is chosen.
var (
	NetworkOff        = Signal{"white breathe", breath}
	NetworkOn         = Signal{"blue breathe", breath}
	NetworkConnecting = Signal{"green blink", 200 * time.Millisecond}
	NetworkDHCP       = Signal{"green blink", 100 * time.Millisecond}
	NetworkConnected  = Signal{"green breathe", breath}
	CloudConnecting   = Signal{"cyan blink", 200 * time.Millisecond}
	CloudHandshake    = Signal{"cyan blink", 100 * time.Millisecond}
	CloudConnected    = Signal{"cyan breathe", breath}
	CloudFailed       = Signal{"red", 0} // a handshake failed; shown for handshakeShown
	ListeningMode     = Signal{"blue blink", 500 * time.Millisecond}
)

const (
	breath         = 4 * time.Second
	handshakeShown = 250 * time.Millisecond
)

// Panic codes: how often the LED blinks red after SOS (device-os, services/inc/panic_codes.h).
const (
	PanicHardFault = 1
	PanicOutOfHeap = 8
)

// resetByPanic is the reset reason of a panic (device-os, hal/inc/core_hal.h, RESET_REASON_PANIC).
const resetByPanic = 130

// SOSTime is how long the LED signals a panic before the board starts again: with interrupts off, twice S, O, S, a pause and the code's
// blinks (device-os v0.6.0, services/src/panic.c). S is three times 150 ms on and 100 ms off, O three times 300 and 100, with 100 ms after the
// first S and the O, 900 after the last S; a blink of the code is 300 on and 300 off; 800 end a round.
func SOSTime(code int) time.Duration {
	const s, o = 3 * 250, 3 * 400
	return 2 * time.Duration(s+100+o+100+s+900+code*600+800) * time.Millisecond
}

// show lets the LED show s.
func (d *Device) show(s Signal) {
	if d.shown == s {
		return
	}
	d.shown = s
	d.w.Emit(trace.Light, s.Name, s.Period.Milliseconds(), 0, 0)
}
