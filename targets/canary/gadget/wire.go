package gadget

import "github.com/linkflap/linkflap/harness/sim/shim"

// A command is one frame: op, slot, length of the payload, payload. Its reply is status, length of the data, data.
const (
	headerSize = 3
	replySize  = 2
	maxPayload = 254 // even, so that the streams that tests send stay aligned
)

// NumSlots is how many sockets the chip has.
const NumSlots = 6

// The commands.
const (
	Join    byte = iota + 1 // the network
	Leave                   // it
	Ping                    // says whether the link is up
	Resolve                 // starts to ask for an address
	Answer                  // is the address, if it has come
	Listen                  // takes a slot for a port, 2 bytes
	Open                    // takes a slot and starts to connect it to a host, 1 byte
	Opened                  // says how that went
	Take                    // takes a slot for a connection that waits at a listener
	Write                   // gives bytes to a connection; the reply says how many it took
	Read                    // takes up to as many bytes, 1 byte, from a connection
	Free                    // gives a slot back
)

// The statuses of a reply.
const (
	OK      byte = iota
	Nothing      // not yet, ask again
	Bad          // no such slot, or not for this
	Refused
	Down // no link
	Full // no free slot
	End  // of the stream
)

var statusErrors = map[byte]error{
	Nothing: errNothing, Bad: ErrReset, Refused: ErrRefused, Down: ErrDown, Full: ErrFull, End: ErrEnd,
}

type command struct {
	op, slot byte
	payload  []byte
	want     int // bytes that the reply has at least
}

// ask is exchange with the lock held for as long.
func (d *Driver) ask(c command) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.exchange(c)
}

// exchange sends a command and waits for its reply, whose data it returns; they are valid until the next exchange. The lock is held.
func (d *Driver) exchange(c command) ([]byte, error) {
	if d.dead {
		return nil, ErrDead
	}
	d.bus.Write(append(append(d.buf[:0], c.op, c.slot, byte(len(c.payload))), c.payload...))
	if err := d.wait(); err != nil {
		return nil, err
	}
	n := d.bus.Read(d.reply[:])
	length := int(d.reply[1])
	if replySize+length > n && d.bug != TrustedLength {
		return nil, ErrGarbled
	}
	data := d.reply[replySize : replySize+length]
	if status := d.reply[0]; status != OK {
		return nil, statusErrors[status]
	}
	if len(data) < c.want {
		return nil, ErrGarbled
	}
	return data, nil
}

// wait waits until the chip has a reply, and takes it for dead if that lasts too long.
func (d *Driver) wait() error {
	shim.Sleep(busyTime)
	for waited := busyTime; !d.bus.Ready(); waited += busyTime {
		shim.Loop()
		if d.bug == NoTimeout {
			continue
		}
		if waited >= replyTime {
			d.dead = true
			return ErrDead
		}
		shim.Sleep(busyTime)
	}
	return nil
}
