package uart

import "time"

// transmit is what a module has sent and the board has not received: messages back to back or with pauses between them.
type transmit struct {
	byteTime time.Duration
	data     []byte
	messages []message // of the bytes from head on; the first may have begun
	head     int
	free     time.Duration // when the last of it will have left
}

// message is the bytes of one Send.
type message struct {
	start time.Duration // of the first of the bytes left
	left  int
	begun bool
}

// push queues p, to start at time at or when what is before it has left.
func (t *transmit) push(at time.Duration, p []byte) {
	if len(p) == 0 {
		return
	}
	if t.head == len(t.data) {
		t.data, t.head, t.messages = t.data[:0], 0, t.messages[:0]
	}
	t.data = append(t.data, p...)
	m := message{start: max(at, t.free), left: len(p)}
	t.messages = append(t.messages, m)
	t.free = m.end(t.byteTime)
}

func (m message) end(byteTime time.Duration) time.Duration {
	return m.start + time.Duration(m.left)*byteTime
}

// next is when the next byte arrives; false if there is none.
func (t *transmit) next() (time.Duration, bool) {
	if len(t.messages) == 0 {
		return 0, false
	}
	return t.messages[0].start + t.byteTime, true
}

// batch is when the message under way, but no more than n bytes of it, has arrived; false if there is none.
func (t *transmit) batch(n int) (time.Duration, bool) {
	if len(t.messages) == 0 {
		return 0, false
	}
	m := t.messages[0]
	m.left = min(m.left, n)
	return m.end(t.byteTime), true
}

// first reports that the next byte is a message's first.
func (t *transmit) first() bool { return !t.messages[0].begun }

// take removes the next byte.
func (t *transmit) take() byte {
	m := &t.messages[0]
	m.start += t.byteTime
	m.begun = true
	if m.left--; m.left == 0 {
		t.messages = append(t.messages[:0], t.messages[1:]...)
	}
	t.head++
	return t.data[t.head-1]
}

// takeBy removes what of the first message has arrived by now, at least a byte. The bytes stay valid until the next push.
func (t *transmit) takeBy(now time.Duration) []byte {
	m := &t.messages[0]
	n := min(m.left, int((now-m.start)/t.byteTime))
	m.start += time.Duration(n) * t.byteTime
	m.begun = true
	if m.left -= n; m.left == 0 {
		t.messages = append(t.messages[:0], t.messages[1:]...)
	}
	t.head += n
	return t.data[t.head-n : t.head]
}

// delay makes the next byte arrive d later, and what follows no sooner than it can.
func (t *transmit) delay(d time.Duration) {
	t.free = 0
	for i := range t.messages {
		m := &t.messages[i]
		if i == 0 {
			m.start += d
		}
		m.start = max(m.start, t.free)
		t.free = m.end(t.byteTime)
	}
}

// hurry makes what is queued start by now, one message right after the other.
func (t *transmit) hurry(now time.Duration) {
	t.free = now
	for i := range t.messages {
		m := &t.messages[i]
		m.start = min(m.start, t.free)
		t.free = max(t.free, m.end(t.byteTime))
	}
}

// cut forgets what has not arrived by now.
func (t *transmit) cut(now time.Duration) {
	kept, bytes := 0, 0
	for _, m := range t.messages {
		m.left = min(m.left, max(0, int((now-m.start)/t.byteTime)))
		if m.left == 0 {
			break
		}
		t.messages[kept] = m
		kept++
		bytes += m.left
	}
	t.messages, t.data, t.free = t.messages[:kept], t.data[:t.head+bytes], now
}

// clear forgets everything.
func (t *transmit) clear(now time.Duration) {
	t.data, t.head, t.messages, t.free = t.data[:0], 0, t.messages[:0], now
}
