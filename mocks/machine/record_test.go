package machine_test

import (
	"slices"
	"strings"
	"testing"

	"machine"
)

// board is what a driver does: it waits for a pin, exchanges bytes, and talks on a serial port.
func board() (got []byte) {
	machine.Pin(1).Low()
	for range 3 {
		machine.Pin(2).Get()
	}
	r := make([]byte, 2)
	_ = machine.SPI0.Tx([]byte{1, 2}, r)
	machine.Pin(1).High()
	_, _ = machine.UART1.Write([]byte("AT"))
	got = append(r, byte(machine.UART1.Buffered()))
	n, _ := machine.UART1.Read(r)
	return append(got, r[:n]...)
}

const script = `pin1 = 0
pin2 ? 1 *3
spi0 x 0102 0203
pin1 = 1
uart1 w 4154
uart1 b 2
uart1 r 4154
`

func TestRecord(t *testing.T) {
	defer machine.Reset()
	machine.Reset()
	machine.AttachPin(1, &wire{})
	machine.AttachPin(2, &wire{answer: true})
	machine.SPI0.Attach(&adder{})
	machine.UART1.Attach(&loopback{})
	var steps []string
	flush := machine.Record(func(s string) { steps = append(steps, s) })
	want := board()
	flush()
	if got := strings.Join(steps, "\n") + "\n"; got != script {
		t.Errorf("got %s, want %s", got, script)
	}
	machine.Play(script, func(got, want string) { t.Errorf("got %q, want %q", got, want) })
	if got := board(); !slices.Equal(got, want) {
		t.Errorf("played, got %v, want %v", got, want)
	}
}

func TestPlayNotices(t *testing.T) {
	defer machine.Reset()
	for _, c := range []struct{ change, by, got, want string }{
		{"pin1 = 0", "pin1 = 1", "pin1 = 0", "pin1 = 1"},
		{"pin2 ? 1 *3", "pin2 ? 1 *2", "pin2 ?", "spi0 x 0102 0203"},
		{"spi0 x 0102", "spi0 x 0103", "spi0 x 02, after 1 bytes", "spi0 x 0103 0203"},
		{"uart1 w 4154", "uart1 w 41", "uart1 w 4154", "uart1 w 41"},
		{"uart1 r 4154\n", "", "uart1 r ", ""},
	} {
		var got, want string
		machine.Play(strings.Replace(script, c.change, c.by, 1), func(g, w string) {
			if got == "" {
				got, want = g, w
			}
		})
		board()
		if got != c.got || want != c.want {
			t.Errorf("with %q: got %q instead of %q, want %q instead of %q", c.by, got, want, c.got, c.want)
		}
	}
}
