package deviceos

import (
	"time"

	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/mocks/wiced"
)

// The cloud and the Internet are hosts of the air: one that answers, for the cloud, and one that takes connections on every port.
const (
	cloudHost    = "echo"
	cloudPort    = air.EchoPort
	internetHost = "sink" // 8.8.8.8
	internetPort = 53
)

// The cloud protocol's times. keepAlive and ackTime are chosen so that the connection counts as lost 15 to 20 s after the uplink was cut, as
// users saw it (community.particle.io, "Active TCPServer / Client appears to crash Photon"); the others are chosen.
const (
	lookupTime    = 5 * time.Second // of the cloud's name
	handshakeTime = 10 * time.Second
	keepAlive     = 12 * time.Second // between the last answer and the next ping
	ackTime       = 6 * time.Second  // for its answer
	pollTime      = 100 * time.Millisecond
	handshakeSize = 64 // bytes
	pingSize      = 2
)

// cloudTag fills what is sent to the cloud: no stream of an application has it.
const cloudTag = 0x01

// maxErrors is how many errors reset the WLAN (system_task.cpp, MAX_FAILED_CONNECTS).
const maxErrors = 2

// cloud is the connection to the cloud.
type cloud struct {
	wanted    bool   // spark_cloud_flag_auto_connect
	socketed  bool   // SPARK_CLOUD_SOCKETED
	connected bool   // SPARK_CLOUD_CONNECTED
	sock      handle // sparkSocket

	failures int           // cloud_failed_connection_attempts
	failedAt time.Duration // cloud_backoff_start
	errors   int           // cfod_count

	sent   int64         // bytes
	heard  time.Duration // when the cloud answered last
	pinged time.Duration // when it was asked; 0: it has answered
}

// backoff is the time between the last failure and the next attempt: 1, 2, 4, ... 64 s, five times each, then 128 s.
func (c *cloud) backoff() time.Duration {
	if c.failures == 0 {
		return 0
	}
	return time.Second << min((c.failures-1)/5, 7)
}

// cloudDue is when the cloud's connection needs attention, 0 if it does not.
func (d *Device) cloudDue() time.Duration {
	c, now := &d.cloud, d.w.Now()
	switch {
	case !c.wanted || !d.net.ready() || d.net.sleep:
		return 0
	case !c.socketed || !c.connected:
		return max(c.failedAt+c.backoff(), now+passGap)
	case c.pinged > 0:
		return now + pollTime
	}
	return c.heard + keepAlive
}

// manageCloud is manage_cloud_connection.
func (d *Device) manageCloud(events bool) {
	c := &d.cloud
	if !c.wanted {
		d.cloudDisconnect(true)
		return
	}
	if d.net.ready() && !d.net.sleep && !c.socketed {
		d.show(CloudConnecting)
		if c.failures > 0 && d.w.Now()-c.failedAt < c.backoff() {
			return
		}
		d.establish()
	}
	if c.socketed && !c.connected {
		d.handshake()
	}
	if c.connected && (events || d.cfg.Mode != Manual || d.cfg.Threaded) {
		d.keepAlive()
	}
}

// cloudDisconnect is cloud_disconnect. Without closing, the socket stays until the next attempt closes it, whatever has become of it by
// then; that the handle is kept over socket_close_all is inferred from system_cloud_internal.cpp.
func (d *Device) cloudDisconnect(closing bool) {
	c := &d.cloud
	if !c.socketed && !c.connected {
		return
	}
	c.socketed, c.connected = false, false
	if !closing {
		return
	}
	d.closeCloud()
	if d.net.ready() {
		d.show(NetworkConnected)
	}
}

// closeCloud is spark_cloud_socket_disconnect.
func (d *Device) closeCloud() {
	if h := d.cloud.sock; valid(h) {
		d.cloud.sock = invalid
		d.socketClose(h)
	}
}

// establish is establish_cloud_connection.
func (d *Device) establish() {
	if d.dialCloud() {
		d.cloud.socketed = true
		return
	}
	if !d.net.reset && !d.net.listening {
		d.cloudFailed()
	}
}

// dialCloud is spark_cloud_socket_connect.
func (d *Device) dialCloud() bool {
	c := &d.cloud
	d.closeCloud()
	ip, r := d.stack.Resolve(cloudHost, lookupTime)
	if r != wiced.Success {
		return false
	}
	if c.sock = d.socketCreate(); !valid(c.sock) {
		return false
	}
	if d.socketConnect(c.sock, ip, cloudPort) != 0 {
		d.closeCloud()
		return false
	}
	c.sent = 0
	return true
}

// handshake exchanges keys, so to speak.
func (d *Device) handshake() {
	c := &d.cloud
	d.show(CloudHandshake)
	if d.tell(handshakeSize) && d.hear(handshakeSize, handshakeTime) {
		c.connected, c.failures, c.errors = true, 0, 0
		c.heard, c.pinged = d.w.Now(), 0
		d.show(CloudConnected)
		return
	}
	if !d.net.reset && !d.net.listening && c.socketed {
		d.cloudFailed()
		d.show(CloudFailed)
		d.w.Sleep(handshakeShown)
	}
	d.cloudDisconnect(true)
}

// tell sends n bytes to the cloud.
func (d *Device) tell(n int) bool {
	c := &d.cloud
	buf := make([]byte, n)
	air.Fill(buf, cloudTag, c.sent)
	c.sent += int64(n)
	return d.socketSend(c.sock, buf, d.cfg.Variant.SendTimeout) == n
}

// hear waits for n bytes from it.
func (d *Device) hear(n int, limit time.Duration) bool {
	buf := make([]byte, n)
	for end := d.w.Now() + limit; n > 0; {
		left := end - d.w.Now()
		if left <= 0 || !d.cloud.socketed {
			return false
		}
		k := d.socketReceive(d.cloud.sock, buf[:n], left)
		if k < 0 {
			return false
		}
		n -= k
	}
	return true
}

// keepAlive asks the cloud now and then whether it is there, and disconnects if it does not say so.
func (d *Device) keepAlive() {
	c, now := &d.cloud, d.w.Now()
	ok := true
	switch {
	case c.pinged == 0 && now >= c.heard+keepAlive:
		ok = d.tell(pingSize)
		c.pinged = now
	case c.pinged > 0:
		var buf [pingSize]byte
		n := d.socketReceive(c.sock, buf[:], 0)
		if n > 0 {
			c.heard, c.pinged = now, 0
		}
		ok = n >= 0 && (n > 0 || now < c.pinged+ackTime)
	}
	if !ok {
		d.cloudDisconnect(true)
		d.changed()
	}
}

// cloudFailed is cloud_connection_failed and handle_cfod: two errors reset the WLAN, and a connection that fails while the Internet cannot
// be reached either is two errors at once. The network is ready all the while.
func (d *Device) cloudFailed() {
	c := &d.cloud
	c.failures = min(c.failures+1, 255)
	c.failedAt = d.w.Now()
	c.errors++
	if c.errors >= maxErrors {
		d.net.reset = true
	}
	if !d.internet() {
		c.errors++
		if c.errors >= maxErrors {
			d.net.reset = true
		}
	}
	d.changed()
}

// internet is Internet_Test: whether a connection to a name server can be made.
func (d *Device) internet() bool {
	h := d.socketCreate()
	if !valid(h) {
		return false
	}
	ip, _ := d.air.HostIP(internetHost)
	r := d.socketConnect(h, ip, internetPort)
	d.socketClose(h)
	return r == 0
}
