package air

import "time"

// How long things take. A value marked "chosen" is a plausible one of our own; the others have a source.
const (
	RTT      = 20 * time.Millisecond   // chosen: to every host and back
	ScanTime = 1200 * time.Millisecond // chosen: finding the access point; ESP-IDF's fast scan takes up to about 1.5 s over 13 channels
	AuthTime = 300 * time.Millisecond  // chosen: authentication, association, four-way handshake
	LinkTime = 2 * time.Second         // chosen: a cable's auto-negotiation (IEEE 802.3 clause 28), with parallel detection and LED debouncing
	DHCPTime = 500 * time.Millisecond  // chosen: discover to ack
	// DHCPRetry is how often a station without an address asks again. Chosen; lwIP's dhcp_discover waits 2, 4, 8, ... s.
	DHCPRetry = 4 * time.Second
	// BeaconLoss is how long a station takes to notice that its access point has vanished: ESP-IDF programming guide, Wi-Fi driver,
	// "Wi-Fi beacon timeout": 6 s.
	BeaconLoss = 6 * time.Second
)

// The sizes of TCP on the board: the sdkconfig of nina-fw, which has ESP-IDF's defaults. The remote hosts have the same.
const (
	MSS    = 1436    // CONFIG_TCP_MSS
	SndBuf = 4 * MSS // CONFIG_TCP_SND_BUF_DEFAULT=5744
	Window = 4 * MSS // CONFIG_TCP_WND_DEFAULT=5744
	UDPBox = 6       // CONFIG_UDP_RECVMBOX_SIZE: datagrams that wait at a socket; more are dropped
)

// The board's SYN is sent again every 3 s (LWIP_TCP_RTO_TIME; lwIP tcp_slowtmr does not back off in SYN_SENT), six times
// (CONFIG_TCP_SYNMAXRTX=6), and given up on the next 500 ms tick. Derived from lwIP's source, not measured.
var synTimes = schedule{3 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second, 3 * time.Second, 500 * time.Millisecond}

// A DNS question is asked four times (lwIP DNS_MAX_RETRIES), after 1, 1 and 2 s, and given up after 3 s more (dns_check_entry). Derived.
var dnsTimes = schedule{1 * time.Second, 1 * time.Second, 2 * time.Second, 3 * time.Second}

// GiveUp is how long the board's stack keeps sending bytes that nobody acknowledges: CONFIG_TCP_MAXRTX=12 with lwIP's tcp_backoff from a
// timeout of 500 ms: 1+2+4+8+16+32+6*64 s. Derived.
const GiveUp = 447 * time.Second

// A peer's SYN is sent again after 1, 2, 4 and 8 s, as Linux does (RFC 6298, initial RTO 1 s), and given up after PeerLimit.
var peerSynTimes = schedule{0, 1 * time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second}

// PeerLimit is the longest that one operation of a peer waits.
const PeerLimit = 20 * time.Second

// schedule is the gaps after each try; after the last one the attempt is given up.
type schedule []time.Duration

// retry is where an attempt stands.
type retry struct {
	at   time.Duration // next try, answer or surrender; never when it is over
	try  int           // tries sent
	gaps schedule
	ok   bool // answered: at is when the answer arrives
}

// sent notes a try at time now and reports false if that was one too many.
func (r *retry) sent(now time.Duration) bool {
	if r.try == len(r.gaps) {
		r.at = never
		return false
	}
	r.at = now + r.gaps[r.try]
	r.try++
	return true
}

// answered makes the answer arrive one round trip after now.
func (r *retry) answered(now time.Duration) { r.ok, r.at = true, now+RTT }
