package machine

// idle is what a bus with nothing attached reads: the data line is pulled up.
const idle = 0xff

// SPIConfig is the argument of SPI.Configure.
type SPIConfig struct {
	Frequency uint32
	SDO       Pin
	SDI       Pin
	SCK       Pin
	LSBFirst  bool
	Mode      uint8
}

// SPIDevice is what a mocked chip puts on an SPI bus.
type SPIDevice interface {
	// Transfer clocks one byte out to the device, and one in from it.
	Transfer(out byte) (in byte)
}

// SPI is an SPI bus. Like TinyGo's, it is used by pointer.
type SPI struct {
	dev SPIDevice
}

// The buses. NINA_SPI is the one that boards with a NINA-W102 module wire to it.
var (
	SPI0     = &SPI{}
	SPI1     = &SPI{}
	NINA_SPI = &SPI{} // TinyGo's name
)

var spis = [...]*SPI{SPI0, SPI1, NINA_SPI}

// Attach puts dev on the bus, in place of what was there. A nil dev detaches.
func (s *SPI) Attach(dev SPIDevice) { s.dev = dev }

// Configure accepts every configuration and never fails.
func (s *SPI) Configure(SPIConfig) error { return nil }

// Transfer exchanges one byte; the error is always nil.
func (s *SPI) Transfer(out byte) (byte, error) {
	if s.dev == nil {
		return idle, nil
	}
	return s.dev.Transfer(out), nil
}

// Tx exchanges as many bytes as the longer of w and r has, as TinyGo's SPI does: a nil w sends zeros, a nil r drops what comes in, and
// what is read goes to r, which must be as long as w if both are given. The error is always nil.
func (s *SPI) Tx(w, r []byte) error {
	for i := range max(len(w), len(r)) {
		var out byte
		if i < len(w) {
			out = w[i]
		}
		in, _ := s.Transfer(out)
		if i < len(r) {
			r[i] = in
		}
	}
	return nil
}
