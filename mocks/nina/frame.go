package nina

// A command is cmdStart, opcode, parameter count, then each parameter behind its length, then cmdEnd; a reply likewise, its opcode with
// flagReply. Opcodes 0x40 to 0x4f send lengths of 16 bits, high byte first. (CommandHandler.cpp; WiFiNINA wifi_spi.h, DATA_FLAG.)
const (
	cmdStart  = 0xe0
	cmdEnd    = 0xee
	cmdErr    = 0xef
	flagReply = 0x80
)

// wide says whether a command's parameters have 16-bit lengths.
func wide(opcode byte) bool { return opcode&0xf0 == 0x40 }

// violation says how a command breaks the protocol, "" if it does not. The firmware does not look: it is an oracle's business.
func violation(cmd []byte) string {
	if len(cmd) < 4 {
		return "command shorter than four bytes"
	}
	if cmd[0] != cmdStart {
		return "no start byte"
	}
	if int(cmd[1]) >= len(commands) || commands[cmd[1]].run == nil {
		return "unknown opcode"
	}
	if ended(cmd, int(cmd[2])) {
		if len(cmd)%4 != 0 {
			// ESP-IDF, SPI slave driver: with DMA the last bytes of a transaction can be lost unless it is a multiple of four long.
			return "length not a multiple of four"
		}
		return ""
	}
	for n := range 8 {
		if ended(cmd, n) {
			return "wrong parameter count"
		}
	}
	if end := skip(cmd, int(cmd[2])); end > len(cmd) {
		return "parameters longer than the transaction"
	}
	return "no end byte"
}

// skip returns where the end byte belongs after n parameters.
func skip(cmd []byte, n int) int {
	pos := 3
	for range n {
		switch {
		case pos+1 >= len(cmd):
			return len(cmd) + 1
		case wide(cmd[1]):
			pos += 2 + int(cmd[pos])<<8 + int(cmd[pos+1])
		default:
			pos += 1 + int(cmd[pos])
		}
	}
	return pos
}

// ended reports whether the end byte stands after n parameters, with nothing but padding behind it.
func ended(cmd []byte, n int) bool {
	pos := skip(cmd, n)
	if pos >= len(cmd) || cmd[pos] != cmdEnd {
		return false
	}
	for _, b := range cmd[pos+1:] {
		if b != 0 && b != 0xff {
			return false
		}
	}
	return true
}

// reply collects a reply's parameters; how they are framed is decided when it is encoded.
type reply struct {
	data     []byte
	ends     [numSlots + 2]int // of the parameters in data
	n        int
	wide     bool  // 16-bit lengths
	failed   bool  // the firmware's answer to what it cannot handle
	result   int64 // for the trace
	short    bool  // fault: the last parameter is empty
	oversize int   // fault: the first parameter's length
}

func (r *reply) reset() { *r = reply{data: r.data[:0]} }

func (r *reply) bytes(p ...byte) {
	r.data = append(r.data, p...)
	r.ends[r.n] = len(r.data)
	r.n++
}

// byte is a parameter of one byte.
func (r *reply) byte(b byte) {
	if r.n == 0 {
		r.result = int64(b)
	}
	r.bytes(b)
}

// uint16 is a parameter as the firmware's memcpy makes it: low byte first.
func (r *reply) uint16(v uint16) {
	r.result = int64(v)
	r.bytes(byte(v), byte(v>>8))
}

// uint32 is like uint16.
func (r *reply) uint32(v uint32) {
	r.result = int64(v)
	r.bytes(byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}

// encode appends the framed reply to out, padded with zeros to a multiple of four (CommandHandler.cpp handle).
func (r *reply) encode(out []byte, opcode byte) []byte {
	if r.failed {
		return append(out, cmdErr, 0, cmdEnd, 0)
	}
	out = append(out, cmdStart, opcode|flagReply, byte(r.n))
	for i := range r.n {
		out = r.param(out, i)
	}
	out = append(out, cmdEnd)
	for len(out)%4 != 0 {
		out = append(out, 0)
	}
	return out
}

// filler is what an oversized parameter is filled up with.
const filler = 0x55

func (r *reply) param(out []byte, i int) []byte {
	start := 0
	if i > 0 {
		start = r.ends[i-1]
	}
	p := r.data[start:r.ends[i]]
	n := len(p)
	if r.short && i == r.n-1 {
		p, n = nil, 0
	}
	if r.oversize > 0 && i == 0 {
		n = r.oversize
	}
	if r.wide {
		out = append(out, byte(n>>8))
	}
	out = append(out, byte(n))
	if !r.wide {
		n = int(byte(n))
	}
	p = p[:min(n, len(p))]
	out = append(out, p...)
	for range n - len(p) {
		out = append(out, filler)
	}
	return out
}
