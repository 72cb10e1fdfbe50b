package rtl8720

import (
	"encoding/binary"

	"github.com/linkflap/linkflap/harness/trace"
)

const (
	headerSize = 4    // of a frame: length and CRC of the message, both low byte first (eRPC, erpc_framed_transport.h, Header)
	maxMessage = 4096 // firmware, erpc_setup.cpp, MyMessageBufferFactory
	ringSize   = 127  // bytes that wait while a call is under way (2.1.3, wifi_rpc.h: Arduino's RingBuffer; further ones are lost)
)

// The types of messages (eRPC, erpc_codec.h, message_type_t).
const (
	typeInvocation = 0
	typeOneway     = 1
	typeReply      = 2
)

// codecVersion is kBasicCodecVersion (eRPC, erpc_basic_codec.cpp).
const codecVersion = 1

// crcStart is what the CRC begins with (eRPC, erpc_crc16.cpp).
const crcStart = 0xEF4A

// crcTable has the CRC of each byte: CRC-16 with polynomial 0x1021, high bit first (eRPC, erpc_crc16.cpp, computeCRC16).
var crcTable = func() (table [256]uint16) {
	for i := range table {
		crc := uint16(i) << 8
		for range 8 {
			carry := crc&0x8000 != 0
			if crc <<= 1; carry {
				crc ^= 0x1021
			}
		}
		table[i] = crc
	}
	return table
}()

func crc16(p []byte) uint16 {
	crc := uint16(crcStart)
	for _, b := range p {
		crc = crc<<8 ^ crcTable[byte(crc>>8)^b]
	}
	return crc
}

// input is what the board has sent and the module has not yet used.
type input struct {
	b      []byte
	headed bool // the header of a frame has been taken from b
	size   int
	crc    uint16
}

func (in *input) clear() { *in = input{b: in.b[:0]} }

// skip removes the first n bytes.
func (in *input) skip(n int) { in.b = in.b[:copy(in.b, in.b[n:])] }

// Receive is the module's end of the line. It is part of uart.Module.
func (m *Module) Receive(p []byte) {
	if !m.running {
		return
	}
	m.input.b = append(m.input.b, p...)
	if m.pending != nil && len(m.input.b) > ringSize {
		m.input.b = m.input.b[:ringSize]
	}
	m.look()
}

// serve takes frames from the input while no call is under way. A frame with a wrong length or CRC is not answered, and nothing tells the
// module where the next one begins (eRPC, erpc_framed_transport.cpp, receive; firmware, erpc_setup.cpp, run_erpc_server).
func (m *Module) serve() {
	in := &m.input
	for m.pending == nil {
		if !in.headed {
			if len(in.b) < headerSize {
				return
			}
			in.size, in.crc = int(binary.LittleEndian.Uint16(in.b)), binary.LittleEndian.Uint16(in.b[2:])
			in.skip(headerSize)
			if in.headed = in.size <= maxMessage; !in.headed {
				m.broken("a length beyond 4096 bytes", 0)
				continue
			}
		}
		if len(in.b) < in.size {
			return
		}
		message := append([]byte(nil), in.b[:in.size]...)
		in.skip(in.size)
		in.headed = false
		if crc16(message) != in.crc {
			m.broken("a wrong CRC", 0)
			continue
		}
		m.receive(message)
	}
}

// broken reports that the host breaks the protocol.
func (m *Module) broken(how string, opcode int64) { m.w.Emit(trace.Frame, how, opcode, 0, 0) }

// wrong reports a value that the host must not use in a well-formed call.
func (m *Module) wrong(how string, r *request) { m.w.Emit(trace.Frame, how, r.opcode(), 1, 0) }

// receive is a message from the host (eRPC, erpc_basic_codec.cpp, startReadMessage; erpc_transport_arbitrator.cpp, receive). A reply would
// be one to a call of the module's own, none of which wants one.
func (m *Module) receive(message []byte) {
	switch {
	case len(message) < 8:
		m.broken("less than a message's header", 0)
	case message[3] != codecVersion:
		m.broken("another codec's version", int64(message[3]))
	case message[0] == typeInvocation, message[0] == typeOneway:
		m.invoke(&request{
			m: m, oneway: message[0] == typeOneway, method: message[1], service: message[2],
			sequence: binary.LittleEndian.Uint32(message[4:]), in: message[8:], out: m.body[:0], fd: -1, length: -1,
		})
	default:
		m.broken("a message that is no call", int64(message[0]))
	}
}

// message starts a message: its header and sequence number (eRPC, erpc_basic_codec.cpp, startWriteMessage).
func (m *Module) message(typ, service, method byte, sequence uint32) {
	m.out = append(m.out[:0], 0, 0, 0, 0, typ, method, service, codecVersion)
	m.out = binary.LittleEndian.AppendUint32(m.out, sequence)
}

// seal completes the frame of the message.
func (m *Module) seal() {
	p := m.out[headerSize:]
	binary.LittleEndian.PutUint16(m.out, uint16(len(p)))
	binary.LittleEndian.PutUint16(m.out[2:], crc16(p))
}

// reply answers a call, and ends it.
func (m *Module) reply(r *request) {
	m.w.Emit(trace.Bus, r.call.name, r.opcode(), int64(r.fd), int64(r.result))
	if r.oneway {
		return
	}
	sequence := r.sequence
	if _, ok := m.w.Fault("noreply"); ok {
		return
	}
	if _, ok := m.w.Fault("sequence"); ok {
		sequence--
	}
	m.message(typeReply, r.service, r.method, sequence)
	m.out = append(m.out, r.out...)
	m.body = r.out
	if r.length >= 0 {
		if v, ok := m.w.Fault("oversize"); ok {
			binary.LittleEndian.PutUint32(m.out[headerSize+8+r.length:], uint32(v))
		}
	}
	m.seal()
	m.spoil(r)
	m.line.SendAt(m.w.Now()+HandleTime, m.out)
}

// spoil is what can go wrong with a frame after its CRC was computed.
func (m *Module) spoil(r *request) {
	if r.received > 0 {
		if v, ok := m.w.Fault("garbled"); ok {
			m.out[headerSize+8+4+int(v)%r.received] ^= 0x20
		}
	}
	if v, ok := m.w.Fault("badcrc"); ok {
		m.out[2] ^= byte(v)
	}
	if v, ok := m.w.Fault("length"); ok {
		binary.LittleEndian.PutUint16(m.out, uint16(v))
	}
}
