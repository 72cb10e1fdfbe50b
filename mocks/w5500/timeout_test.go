package w5500_test

import (
	"testing"
	"time"
)

// The defaults of section 4.1, RCR: "ARPTO = 1.8s, TCPTO = 31.8s".
const (
	arpTO = 1800 * time.Millisecond
	tcpTO = 31800 * time.Millisecond
)

// until waits for Sn_IR to show bits and returns how long that took, to the millisecond.
func (b *board) until(n, bits int) time.Duration {
	start := b.w.Now()
	for b.sn(n, SnIR)&bits == 0 {
		b.Less(b.w.Now()-start, 10*time.Minute, "no such interrupt")
		b.pass(time.Millisecond)
	}
	return b.w.Now() - start
}

// Section 4.1, RTR and RCR: nobody has the address.
func TestARPTimeout(t *testing.T) {
	onBoard(t, func(b *board) {
		b.open(0, TCP, 5000)
		b.aim(0, []byte{10, 0, 0, 99}, 80)
		b.command(0, CONNECT)
		b.Equal(arpTO, b.until(0, TIMEOUT))
		b.state(0, CLOSED)

		b.open(1, UDP, 5000)
		b.aim(1, []byte{10, 0, 0, 99}, 80)
		b.send(1, tagged(2))
		b.Equal(arpTO, b.until(1, TIMEOUT))
		b.state(1, UDPOPEN)
		b.interrupts(1, TIMEOUT)
		b.Equal(0x800, b.sn16(1, TXFSR), "the datagram is given up")

		b.write(common, RTR, 0x0f, 0xa0, 1)
		b.open(0, TCP, 5000)
		b.clear(0, TIMEOUT)
		b.command(0, CONNECT)
		b.Equal(800*time.Millisecond, b.until(0, TIMEOUT), "400 ms x 2")
	})
}

// A request is repeated, so what comes back in time is found.
func TestARPIsRepeated(t *testing.T) {
	onBoard(t, func(b *board) {
		b.a.Uplink(false)
		b.dial(0, "echo", 7)
		b.pass(time.Second)
		b.state(0, SYNSENT)
		b.a.Uplink(true)
		b.Less(b.until(0, CON), 300*time.Millisecond)
	})
}

// MR, bit FARP: every datagram is asked for anew.
func TestForceARP(t *testing.T) {
	onBoard(t, func(b *board) {
		b.open(0, UDP, 5000)
		b.aim(0, b.host("echo"), 7)
		b.send(0, tagged(2))
		b.pass(time.Second)
		b.a.Uplink(false)
		b.clear(0, SENDOK)
		b.send(0, tagged(2))
		b.interrupts(0, SENDOK|RECEIVED)
		b.clear(0, SENDOK)
		b.write(common, MR, 2)
		b.send(0, tagged(2))
		b.Equal(arpTO, b.until(0, TIMEOUT))
	})
}

// A SYN that is not answered.
func TestConnectTimeout(t *testing.T) {
	onBoard(t, func(b *board) {
		b.dial(0, "echo", 7)
		b.pass(20 * time.Millisecond) // ARP is answered
		b.a.Uplink(false)
		b.InDelta(tcpTO, b.until(0, TIMEOUT), float64(40*time.Millisecond))
		b.state(0, CLOSED)
	})
}

// Section 4.1, RCR: what is sent is repeated RCR+1 times.
func TestSendTimeout(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		b.a.Down("home")
		b.send(0, tagged(10))
		b.Equal(0x800-10, b.sn16(0, TXFSR), "not acknowledged")
		b.Equal(tcpTO, b.until(0, TIMEOUT))
		b.state(0, CLOSED)
		b.interrupts(0, TIMEOUT)
	})
}

// The link may be gone for less than that.
func TestSendSurvivesTheCable(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		b.a.Down("home")
		b.send(0, tagged(10))
		b.pass(10 * time.Second)
		b.a.Up("home")
		b.Equal(2*time.Second, b.until(0, SENDOK))
		b.Equal(tagged(10), b.recv(0))
		b.state(0, ESTABLISHED)
	})
}

// A connection on which nothing is sent does not see that the other side is gone.
func TestIdleConnection(t *testing.T) {
	onBoard(t, func(b *board) {
		b.connected(0, "echo", 7)
		b.a.Down("home")
		b.pass(10 * time.Minute)
		b.state(0, ESTABLISHED)
		b.interrupts(0, 0)
	})
}

// Section 4.2, Sn_CR, DISCON: a FIN that nobody answers.
func TestDisconnectTimeout(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Vanish())
		b.command(0, DISCON)
		b.Equal(tcpTO, b.until(0, TIMEOUT))
		b.state(0, CLOSED)
		b.a.Heal()

		b.served(1)
		b.command(1, DISCON)
		b.Equal(tcpTO, b.until(1, TIMEOUT), "nor does the peer say anything of its own")
		b.state(1, CLOSED)
	})
}

// Section 4.2, Sn_CR, SEND_KEEP; Sn_KPALVTR.
func TestKeepAlive(t *testing.T) {
	onBoard(t, func(b *board) {
		p := b.served(0)
		b.NoError(p.Vanish())
		b.command(0, SENDKEEP)
		b.pass(time.Minute)
		b.state(0, ESTABLISHED) // no data has passed yet
		b.command(0, CLOSE)
		b.a.Heal()

		p = b.served(0)
		b.NoError(p.Send(2))
		b.recv(0)
		b.clear(0, RECEIVED)
		b.command(0, SENDKEEP)
		b.pass(time.Minute)
		b.state(0, ESTABLISHED)
		b.NoError(p.Vanish())
		b.pass(time.Minute)
		b.state(0, ESTABLISHED)
		b.command(0, SENDKEEP)
		b.Equal(tcpTO, b.until(0, TIMEOUT))
		b.state(0, CLOSED)
		b.clear(0, TIMEOUT)
		b.a.Heal()

		p = b.served(0)
		b.write(regs(0), SnKPA, 2)
		b.NoError(p.Send(2))
		b.recv(0)
		b.NoError(p.Vanish())
		b.InDelta(10*time.Second+tcpTO, b.until(0, TIMEOUT), float64(10*time.Millisecond))
		b.state(0, CLOSED)
	})
}
