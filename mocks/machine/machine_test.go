package machine_test

import (
	"bytes"
	"testing"

	"machine"
)

// wire is a device that remembers what was driven and answers what it is told to.
type wire struct{ driven, answer bool }

func (d *wire) Write(high bool) { d.driven = high }
func (d *wire) Read() bool      { return d.answer }

// adder answers every byte with the next number.
type adder struct{ got []byte }

func (d *adder) Transfer(out byte) byte { d.got = append(d.got, out); return out + 1 }

// loopback is a serial device that sends back what it gets.
type loopback struct{ bytes.Buffer }

func (d *loopback) Write(p []byte)    { d.Buffer.Write(p) }
func (d *loopback) Read(p []byte) int { n, _ := d.Buffer.Read(p); return n }
func (d *loopback) Buffered() int     { return d.Len() }

func TestUnattached(t *testing.T) {
	machine.Reset()
	p := machine.Pin(7)
	if p.Get() {
		t.Error("a pin with nothing on it reads high")
	}
	if p.High(); !p.Get() {
		t.Error("an output with nothing on it does not keep its level")
	}
	if machine.NoPin.High(); machine.NoPin.Get() {
		t.Error("NoPin reads high")
	}
	if b, _ := machine.NINA_SPI.Transfer(1); b != 0xff {
		t.Errorf("bus with nothing on it: got %#x, want 0xff", b)
	}
	if n, _ := machine.UART1.Write([]byte{1}); n != 1 || machine.UART1.Buffered() != 0 {
		t.Error("a port with nothing on it does not swallow what is sent")
	}
	if _, err := machine.UART1.ReadByte(); err == nil {
		t.Error("a port with nothing on it delivers a byte")
	}
}

func TestAttachedPin(t *testing.T) {
	defer machine.Reset()
	d := &wire{answer: true}
	p := machine.Pin(7)
	machine.AttachPin(p, d)
	if !p.Get() || machine.Pin(8).Get() {
		t.Error("the device is not on its pin, and on its pin only")
	}
	if p.High(); !d.driven {
		t.Error("the device does not see the level")
	}
	if p.Toggle(); d.driven {
		t.Error("toggle of a pin that reads high does not drive it low")
	}
	if machine.Reset(); p.Get() {
		t.Error("reset does not detach")
	}
}

func TestSPI(t *testing.T) {
	defer machine.Reset()
	d := &adder{}
	machine.NINA_SPI.Attach(d)
	r := make([]byte, 3)
	for _, c := range []struct{ w, r, sent []byte }{
		{[]byte{1, 2, 3}, r, []byte{1, 2, 3}},
		{[]byte{1, 2, 3}, nil, []byte{1, 2, 3}},
		{nil, r, []byte{0, 0, 0}},
	} {
		d.got = nil
		if err := machine.NINA_SPI.Tx(c.w, c.r); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(d.got, c.sent) {
			t.Errorf("Tx(%v, %v) sends %v, want %v", c.w, c.r, d.got, c.sent)
		}
	}
	if !bytes.Equal(r, []byte{1, 1, 1}) {
		t.Errorf("Tx reads %v, want 1 1 1", r)
	}
}

func TestUART(t *testing.T) {
	defer machine.Reset()
	machine.UART1.Attach(&loopback{})
	if _, err := machine.UART1.Write([]byte("ab")); err != nil {
		t.Fatal(err)
	}
	if err := machine.UART1.WriteByte('c'); err != nil {
		t.Fatal(err)
	}
	if n := machine.UART1.Buffered(); n != 3 {
		t.Errorf("buffered %d, want 3", n)
	}
	if b, err := machine.UART1.ReadByte(); b != 'a' || err != nil {
		t.Errorf("read %q, %v, want a", b, err)
	}
	p := make([]byte, 8)
	if n, _ := machine.UART1.Read(p); string(p[:n]) != "bc" {
		t.Errorf("read %q, want bc", p[:n])
	}
}

func BenchmarkSPI(b *testing.B) {
	defer machine.Reset()
	machine.NINA_SPI.Attach(echo{})
	for range b.N {
		_, _ = machine.NINA_SPI.Transfer(1)
	}
}

type echo struct{}

func (echo) Transfer(out byte) byte { return out }
