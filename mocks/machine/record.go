package machine

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// What the board does with its pins and buses can be written down while a mocked chip answers (Record), and a test can have the same answers
// without the chip (Play). It is text, a step a line: who, what, and how often in a row.
//
//	pin1 = 0        the board drives pin 1 low
//	pin2 ? 1 *37    it reads pin 2 high, 37 times
//	spi2 x e037 ffff   it sends e0 37 on the third SPI bus, and reads ff ff
//	uart1 w 4154    it writes "AT" to the second serial port
//	uart1 r 4f4b    it reads "OK"; with nothing behind the r, nothing
//	uart1 b 2       it asks how many bytes have arrived: two

// Record hands log every step that the board does with what is attached now, until Reset. Steps are handed over late, to be counted; flush
// hands over the last one.
func Record(log func(step string)) (flush func()) {
	r := &recorder{log: log}
	for i := range pins {
		if pins[i].dev != nil {
			pins[i].dev = recordedPin{r, pins[i].dev, "pin" + strconv.Itoa(i)}
		}
	}
	for i, bus := range spis {
		if bus.dev != nil {
			bus.dev = recordedSPI{r, bus.dev, "spi" + strconv.Itoa(i) + " x"}
		}
	}
	for i, port := range uarts {
		if port.dev != nil {
			port.dev = recordedUART{r, port.dev, "uart" + strconv.Itoa(i)}
		}
	}
	return r.flush
}

// recorder holds the step that may go on.
type recorder struct {
	log     func(string)
	head    string // who and what
	out, in []byte
	text    string
	times   int
}

func (r *recorder) flush() {
	if r.head == "" {
		return
	}
	text := r.head
	for _, word := range []string{r.text, hex.EncodeToString(r.out), hex.EncodeToString(r.in)} {
		if word != "" {
			text += " " + word
		}
	}
	if r.times > 1 {
		text += " *" + strconv.Itoa(r.times)
	}
	r.log(text)
	*r = recorder{log: r.log, out: r.out[:0], in: r.in[:0]}
}

// step is one step, or the last one again.
func (r *recorder) step(head, text string) {
	if r.head != head || r.text != text {
		r.flush()
		r.head, r.text = head, text
	}
	r.times++
}

type recordedPin struct {
	r    *recorder
	dev  PinDevice
	name string
}

var levels = map[bool]string{false: "0", true: "1"}

func (p recordedPin) Write(high bool) {
	p.r.step(p.name+" =", levels[high])
	p.dev.Write(high)
}

func (p recordedPin) Read() bool {
	high := p.dev.Read()
	p.r.step(p.name+" ?", levels[high])
	return high
}

type recordedSPI struct {
	r    *recorder
	dev  SPIDevice
	head string
}

func (s recordedSPI) Transfer(out byte) (in byte) {
	if s.r.head != s.head {
		s.r.flush()
		s.r.head = s.head
	}
	in = s.dev.Transfer(out)
	s.r.out, s.r.in = append(s.r.out, out), append(s.r.in, in)
	return in
}

type recordedUART struct {
	r    *recorder
	dev  UARTDevice
	name string
}

func (u recordedUART) Write(p []byte) {
	u.r.step(u.name+" w", hex.EncodeToString(p))
	u.dev.Write(p)
}

func (u recordedUART) Read(p []byte) int {
	n := u.dev.Read(p)
	u.r.step(u.name+" r", hex.EncodeToString(p[:n]))
	return n
}

func (u recordedUART) Buffered() int {
	n := u.dev.Buffered()
	u.r.step(u.name+" b", strconv.Itoa(n))
	return n
}

// Play attaches what answers as the script says, to the pins and buses that it names. As soon as the board does something else, off is called
// with that and with the step of the script, which is empty at the script's end; off should not return. The script may be one of Record's only.
func Play(script string, off func(got, want string)) {
	Reset()
	p := &player{off: off}
	for line := range strings.Lines(script) {
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		s := step{head: words[0] + " " + words[1], times: 1}
		for _, w := range words[2:] {
			if n, err := strconv.Atoi(strings.TrimPrefix(w, "*")); err == nil && w[0] == '*' {
				s.times = n
				continue
			}
			s.args = append(s.args, w)
		}
		p.steps = append(p.steps, s)
		p.attach(words[0])
	}
}

// step is one line of a script.
type step struct {
	head  string
	args  []string
	times int
}

func (s step) String() string { return strings.Join(append([]string{s.head}, s.args...), " ") }

// arg is argument i, "" if there is none.
func (s step) arg(i int) string {
	if i < len(s.args) {
		return s.args[i]
	}
	return ""
}

// player answers as its script says.
type player struct {
	steps []step
	at    int // bytes of the first step that are over
	off   func(got, want string)
}

func (p *player) attach(name string) {
	n := func(prefix string) (int, bool) {
		number, ok := strings.CutPrefix(name, prefix)
		i, err := strconv.Atoi(number)
		return i, ok && err == nil && i >= 0
	}
	if i, ok := n("pin"); ok && i < len(pins) {
		pins[i].dev = playedPin{p, name}
	}
	if i, ok := n("spi"); ok && i < len(spis) {
		spis[i].dev = playedSPI{p, name + " x"}
	}
	if i, ok := n("uart"); ok && i < len(uarts) {
		uarts[i].dev = playedUART{p, name}
	}
}

// next is the answer to a step of the board's: its first argument is arg, unless that is "", and then the answer itself.
func (p *player) next(head, arg string) string {
	if len(p.steps) == 0 {
		p.off(head+" "+arg, "")
		return ""
	}
	s := &p.steps[0]
	if s.head != head || arg != "" && s.arg(0) != arg {
		p.off(strings.TrimSpace(head+" "+arg), s.String())
		return ""
	}
	answer := s.arg(0)
	if s.times--; s.times == 0 {
		p.steps = p.steps[1:]
	}
	return answer
}

type playedPin struct {
	p    *player
	name string
}

func (d playedPin) Write(high bool) { d.p.next(d.name+" =", levels[high]) }
func (d playedPin) Read() bool      { return d.p.next(d.name+" ?", "") == "1" }

type playedSPI struct {
	p    *player
	head string
}

func (d playedSPI) Transfer(out byte) byte {
	p := d.p
	if len(p.steps) == 0 {
		p.off(fmt.Sprintf("%s %02x", d.head, out), "")
		return idle
	}
	s := p.steps[0]
	sent, _ := hex.DecodeString(s.arg(0))
	read, _ := hex.DecodeString(s.arg(1))
	if s.head != d.head || p.at >= min(len(sent), len(read)) || sent[p.at] != out {
		p.off(fmt.Sprintf("%s %02x, after %d bytes", d.head, out, p.at), s.String())
		return idle
	}
	in := read[p.at]
	if p.at++; p.at == len(sent) {
		p.steps, p.at = p.steps[1:], 0
	}
	return in
}

type playedUART struct {
	p    *player
	name string
}

func (d playedUART) Write(b []byte) { d.p.next(d.name+" w", hex.EncodeToString(b)) }

func (d playedUART) Read(b []byte) int {
	read, _ := hex.DecodeString(d.p.next(d.name+" r", ""))
	return copy(b, read)
}

func (d playedUART) Buffered() int {
	n, _ := strconv.Atoi(d.p.next(d.name+" b", ""))
	return n
}
