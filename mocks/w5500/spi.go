package w5500

// floating is what the board reads while the chip does not drive the line: it is pulled up (chosen).
const floating = 0xff

// The control byte (section 2.2.2): five bits select the block, one says whether it is written, two are the operation mode.
const (
	ctlWrite = 0x04
	ctlMode  = 0x03
)

// header is the bytes before the data: offset address, high byte first, and control byte (section 2.2).
const header = 3

// lengths are the fixed lengths of the data, by operation mode; variable: until chip select rises (sections 2.3, 2.4).
var lengths = [4]int{variable, 1, 2, 4}

const variable = -1

// What a frame addresses, by the two lower bits of the block; the upper three are the socket (section 2.2.2).
const (
	blockCommon = iota // with any socket but 0: reserved
	blockSocket
	blockTX
	blockRX
)

// frame is the SPI frame under way.
type frame struct {
	n      int // bytes so far
	addr   uint16
	block  byte
	write  bool
	length int // of the data
	short  bool
	deaf   bool
}

// forGood is more frames than any run has.
const forGood = 1 << 62

// chosen is the falling edge of chip select.
func (c *Chip) chosen() {
	c.w.Point("spi")
	c.frame = frame{}
	if _, ok := c.w.Fault("reset"); ok {
		c.softReset(CauseFault)
	}
	if _, ok := c.w.Fault("link"); ok {
		c.air.Deauth(cable)
	}
	if v, ok := c.w.Fault("stuck"); ok {
		if c.deaf = v; v == 0 {
			c.deaf = forGood
		}
	}
	if c.deaf > 0 {
		c.deaf--
		c.frame.deaf = true
	}
	_, c.frame.short = c.w.Fault("short")
	c.look()
}

// frameCost is what a frame costs the bus besides its bytes, as so many bytes: chip select's set-up and hold times and the board's way
// through its SPI driver. Chosen: at 8 MHz it is 60 microseconds.
const frameCost = 60

// count is the frame on the bus's account. Only those that read are on it: they are what a host waits with, and a loop that never ends is
// cut in one place, wherever it writes besides.
func (c *Chip) count() {
	if f := &c.frame; !f.write {
		c.w.Transfer(f.n + frameCost)
	}
}

// deselect is the rising edge of chip select.
func (c *Chip) deselect() {
	f := &c.frame
	c.count()
	switch {
	case f.n == 0 || !c.hears():
	case f.n <= header:
		c.violation("no data phase", 0)
	case f.length != variable && f.n != header+f.length:
		c.violation("fewer bytes than its fixed length", 0)
	default:
		c.written()
	}
}

// hears reports whether the chip takes part in the bus.
func (c *Chip) hears() bool { return c.rstn.High && !c.frame.deaf }

// Transfer is one byte on the bus.
func (c *Chip) Transfer(out byte) (in byte) {
	f := &c.frame
	if c.cs.High {
		return floating
	}
	i := f.n
	f.n++
	switch {
	case !c.hears():
		if i == header-1 {
			f.write = out&ctlWrite != 0
		}
		return floating
	case i < header:
		// The chip numbers the bytes of a header (chosen after what logic analysers show; the datasheet leaves it open).
		c.head(i, out)
		return byte(i + 1)
	case f.short && i > header:
		return floating
	case f.write:
		if v, ok := c.w.Fault("write"); ok {
			out = byte(v)
		}
		c.put(f.block, f.addr, out)
	default:
		in = c.get(f.block, f.addr)
		if v, ok := c.w.Fault("bus"); ok {
			in = byte(v)
		}
	}
	f.addr++ // sequential access (section 2.2)
	c.fixed()
	return in
}

// head takes byte i of the header.
func (c *Chip) head(i int, b byte) {
	f := &c.frame
	if i < header-1 {
		f.addr = f.addr<<8 | uint16(b)
		return
	}
	f.block, f.write, f.length = b>>3, b&ctlWrite != 0, lengths[b&ctlMode]
	if f.block&3 == blockCommon && f.block != blockCommon {
		c.violation("a reserved block", int64(b))
	}
}

// fixed ends a frame of fixed length: with chip select tied low the next one follows at once (section 2.4).
func (c *Chip) fixed() {
	f := &c.frame
	if f.length == variable || f.n < header+f.length {
		return
	}
	c.written()
	c.count()
	*f = frame{short: f.short, deaf: f.deaf}
}
