package machine

import "errors"

// errNoData is what ReadByte returns when nothing has arrived; TinyGo's UART fails likewise.
var errNoData = errors.New("uart: no data")

// UARTConfig is the argument of UART.Configure.
type UARTConfig struct {
	BaudRate uint32
	TX       Pin
	RX       Pin
	RTS      Pin
	CTS      Pin
}

// UARTDevice is what a mocked chip puts on a serial port.
type UARTDevice interface {
	// Write takes the bytes that the board sends.
	Write(p []byte)
	// Read moves bytes that have arrived at the board into p and returns how many; it never waits.
	Read(p []byte) int
	// Buffered is how many bytes Read could return now.
	Buffered() int
}

// UART is a serial port. Like TinyGo's, it is used by pointer, and none of its methods waits.
type UART struct {
	dev UARTDevice
	one [1]byte
}

// The serial ports.
var (
	UART0 = &UART{}
	UART1 = &UART{}
	UART2 = &UART{}
)

var uarts = [...]*UART{UART0, UART1, UART2}

// Attach puts dev on the port, in place of what was there. A nil dev detaches.
func (u *UART) Attach(dev UARTDevice) { u.dev = dev }

// Configure accepts every configuration and never fails.
func (u *UART) Configure(UARTConfig) error { return nil }

// Write sends p; it takes all of it, and the error is always nil.
func (u *UART) Write(p []byte) (int, error) {
	if u.dev != nil {
		u.dev.Write(p)
	}
	return len(p), nil
}

// WriteByte sends one byte; the error is always nil.
func (u *UART) WriteByte(b byte) error {
	u.one[0] = b
	_, err := u.Write(u.one[:])
	return err
}

// Read moves what has arrived into p: 0 and no error if nothing has.
func (u *UART) Read(p []byte) (int, error) {
	if u.dev == nil {
		return 0, nil
	}
	return u.dev.Read(p), nil
}

// ReadByte returns the next byte that has arrived, or an error if none has.
func (u *UART) ReadByte() (byte, error) {
	if n, _ := u.Read(u.one[:]); n == 0 {
		return 0, errNoData
	}
	return u.one[0], nil
}

// Buffered is how many bytes have arrived and are not yet read.
func (u *UART) Buffered() int {
	if u.dev == nil {
		return 0
	}
	return u.dev.Buffered()
}
