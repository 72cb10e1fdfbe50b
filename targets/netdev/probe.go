package netdev

import (
	"fmt"
	"time"

	"tinygo.org/x/drivers/netdev"
	"tinygo.org/x/drivers/netlink"

	"github.com/linkflap/linkflap/harness"
	"github.com/linkflap/linkflap/mocks/air"
)

const (
	probePort    = 4242
	probeTag     = 1 // of the bytes that ProbeOut sends: no handle's
	probeBytes   = 16
	probeTimeout = 10 * time.Second
)

// Probe is what must work again: disconnect, connect, and serve one remote client.
func Probe(s *harness.Steps, d *Device) error {
	if err := d.reconnect(s); err != nil {
		return err
	}
	l, err := s.Do("listen", func() (int64, error) { return d.listen(probePort) })
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return d.serve(s, int(l))
}

// ProbeOut is Probe for a driver that cannot accept connections: disconnect, connect, and be the client of a remote server.
func ProbeOut(s *harness.Steps, d *Device) error {
	if err := d.reconnect(s); err != nil {
		return err
	}
	c, err := s.Do("dial", func() (int64, error) { return d.dial("echo", "", netdev.IPPROTO_TCP) })
	if err != nil {
		return fmt.Errorf("dial: %w", err)
	}
	var out, in [probeBytes]byte
	air.Fill(out[:], probeTag, 0)
	if err := d.send(s, int(c), out[:]); err != nil {
		return err
	}
	for got := 0; got < probeBytes; {
		n, err := d.recv(s, int(c), in[got:])
		if err != nil {
			return err
		}
		got += n
	}
	if in != out {
		return fmt.Errorf("recv: got %x, want %x", in, out)
	}
	return d.close(s, int(c))
}

func (d *Device) reconnect(s *harness.Steps) error {
	if _, err := s.Do("disconnect", func() (int64, error) { d.NetDisconnect(); return 0, nil }); err != nil {
		return err
	}
	home := &netlink.ConnectParams{Ssid: networks[0].ssid, Passphrase: networks[0].passphrase, Retries: 3}
	if _, err := s.Do("connect", func() (int64, error) { return 0, d.NetConnect(home) }); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// serve lets a remote client connect to listener l and have its bytes echoed.
func (d *Device) serve(s *harness.Steps, l int) error {
	client := d.Air.Peer("p3")
	if err := client.Dial(probePort); err != nil {
		return fmt.Errorf("a client cannot connect: %w", err)
	}
	if err := client.Send(probeBytes); err != nil {
		return fmt.Errorf("a client cannot send: %w", err)
	}
	c, err := s.Wait("accept", func() (int64, error) {
		fd, _, err := d.Accept(l)
		return int64(fd), err
	})
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	var buf [probeBytes]byte
	n, err := d.recv(s, int(c), buf[:])
	if err != nil {
		return err
	}
	if err := d.send(s, int(c), buf[:n]); err != nil {
		return err
	}
	if err := d.close(s, int(c)); err != nil {
		return err
	}
	return d.close(s, l)
}

func (d *Device) recv(s *harness.Steps, fd int, buf []byte) (int, error) {
	n, err := s.Do("recv", func() (int64, error) {
		n, err := d.Recv(fd, buf, 0, s.World.Time().Add(probeTimeout))
		return int64(fitting(s.World, n, buf)), err
	})
	if err != nil {
		return 0, fmt.Errorf("recv: %w", err)
	}
	return int(n), nil
}

func (d *Device) send(s *harness.Steps, fd int, buf []byte) error {
	_, err := s.Do("send", func() (int64, error) {
		n, err := d.Send(fd, buf, 0, s.World.Time().Add(probeTimeout))
		return int64(n), err
	})
	if err != nil {
		return fmt.Errorf("send: %w", err)
	}
	return nil
}

func (d *Device) close(s *harness.Steps, fd int) error {
	if _, err := s.Do("close", func() (int64, error) { return 0, d.Driver.Close(fd) }); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
