package air

// Bytes are tagged, so that whoever receives them can tell whose they are and where in their stream they belong: the byte at stream
// offset i is the sender's tag if i is even, and byte(i>>1) if it is odd.

// RemoteTag is the tag of what peers send on connection number conn. The board's own senders use tags from 0xC0 on.
func RemoteTag(conn int) byte { return 0x80 | byte(conn)&0x3f }

// Fill writes into buf the bytes from stream offset off on of the sender with that tag.
func Fill(buf []byte, tag byte, off int64) {
	for i := range buf {
		buf[i] = patternAt(tag, off+int64(i))
	}
}

// Check compares buf with what Fill would write and returns the index of the first byte that differs, -1 if none does.
func Check(buf []byte, tag byte, off int64) int {
	for i, b := range buf {
		if b != patternAt(tag, off+int64(i)) {
			return i
		}
	}
	return -1
}

func patternAt(tag byte, i int64) byte {
	if i&1 == 0 {
		return tag
	}
	return byte(i >> 1)
}
