package machine

// Pin is one pin of the board, by number.
type Pin uint8

// NoPin is no pin at all: writes are lost, and it reads low.
const NoPin Pin = 0xff

// PinMode is what a pin is configured as.
type PinMode uint8

// The modes that the drivers ask for.
const (
	PinInput PinMode = iota
	PinInputPullup
	PinInputPulldown
	PinOutput
)

// PinConfig is the argument of Pin.Configure.
type PinConfig struct {
	Mode PinMode
}

// PinDevice is what a mocked chip puts on a pin: the chip's end of the wire.
type PinDevice interface {
	// Write is called with the level that the board drives, at every write, changed or not.
	Write(high bool)
	// Read is the level that the chip drives, or sees.
	Read() bool
}

// Input is a chip's end of a wire that only the board drives, a PinDevice: it keeps the level and tells the chip of edges. It belongs to the
// chip and must not be copied once it is attached.
type Input[C any] struct {
	Chip       *C
	High       bool       // the level
	Rise, Fall func(c *C) // called at each edge, when High has the new level
}

// Write is part of PinDevice.
func (p *Input[C]) Write(high bool) {
	if high == p.High {
		return
	}
	p.High = high
	if high {
		p.Rise(p.Chip)
	} else {
		p.Fall(p.Chip)
	}
}

// Read is part of PinDevice.
func (p *Input[C]) Read() bool { return p.High }

// pins holds the device on each pin and, for a pin with none, the level last written.
var pins [256]struct {
	dev   PinDevice
	level bool
}

// AttachPin puts dev on p, in place of what was there. A nil dev detaches.
func AttachPin(p Pin, dev PinDevice) { pins[p].dev = dev }

// Configure accepts every mode: no mocked chip can see the direction of the board's pin.
func (p Pin) Configure(PinConfig) {}

// Set drives the pin.
func (p Pin) Set(high bool) {
	if dev := pins[p].dev; dev != nil {
		dev.Write(high)
		return
	}
	pins[p].level = high && p != NoPin
}

// High drives the pin high.
func (p Pin) High() { p.Set(true) }

// Low drives the pin low.
func (p Pin) Low() { p.Set(false) }

// Toggle drives the pin to the other level.
func (p Pin) Toggle() { p.Set(!p.Get()) }

// Get is the level on the pin: the device's, or with nothing attached the level last written.
func (p Pin) Get() bool {
	if dev := pins[p].dev; dev != nil {
		return dev.Read()
	}
	return pins[p].level
}
