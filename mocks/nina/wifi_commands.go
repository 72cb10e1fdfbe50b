package nina

import (
	"math"
	"time"

	"github.com/linkflap/linkflap/mocks/air"
)

// Version is the firmware's version (CommandHandler.cpp FIRMWARE_VERSION, sent with its zero).
const Version = "1.4.8"

// MAC is the chip's hardware address.
var MAC = [6]byte{0x24, 0x0a, 0xc4, 0x01, 0x02, 0x03}

// The longest strings that the firmware has room for.
const (
	maxSSID = 32
	maxPass = 64
	maxKey  = 26
	maxHost = 255
)

// after answers the command when d has passed.
func (c *Chip) after(d time.Duration, then func()) {
	at := c.w.Now() + d
	c.until(func() bool {
		if c.w.Now() < at {
			return false
		}
		then()
		return true
	})
}

// setNet is CommandHandler.cpp setNet.
func (c *Chip) setNet() {
	c.wifi.begin(c.str(3, maxSSID), "")
	c.after(StartTime, c.done)
}

// setPassphrase is CommandHandler.cpp setPassPhrase.
func (c *Chip) setPassphrase() {
	ssid := c.str(3, maxSSID)
	c.wifi.begin(ssid, c.str(4+c.argLen(3), maxPass))
	c.after(StartTime, c.done)
}

// setKey is CommandHandler.cpp setKey.
func (c *Chip) setKey() {
	ssid := c.str(3, maxSSID)
	c.wifi.begin(ssid, c.str(6+c.argLen(3), maxKey))
	c.after(StartTime, c.done)
}

// setIPConfig is CommandHandler.cpp setIPconfig; it leaves its parameter as it finds it, 0.
func (c *Chip) setIPConfig() {
	w := &c.wifi
	w.static, w.ip, w.gateway, w.mask = true, c.ip(6), c.ip(11), c.ip(16)
	if !w.softAP {
		c.air.SetAddress(w.ip)
	}
	c.reply.byte(0)
}

// setDNSConfig is CommandHandler.cpp setDNSconfig. Every server is as good as another here.
func (c *Chip) setDNSConfig() { c.done() }

// setHostname is CommandHandler.cpp setHostname. Nobody sees the name here.
func (c *Chip) setHostname() { c.done() }

// setAPNet is CommandHandler.cpp setApNet. It takes the channel from where a second parameter's value stands, sent or not.
func (c *Chip) setAPNet() {
	ssid := c.str(3, maxSSID)
	c.beginAP(c.wifi.beginAP(ssid, "", true, c.cmd[5+c.argLen(3)]))
}

// setAPPassphrase is CommandHandler.cpp setApPassPhrase; of the channel see setAPNet.
func (c *Chip) setAPPassphrase() {
	ssid := c.str(3, maxSSID)
	at := 4 + c.argLen(3)
	pass := c.str(at, maxPass)
	c.beginAP(c.wifi.beginAP(ssid, pass, false, c.cmd[at+2+c.argLen(at)]))
}

func (c *Chip) beginAP(ok bool) {
	if !ok {
		c.reply.byte(0)
		return
	}
	c.after(StartTime, c.done)
}

// getTemperature is CommandHandler.cpp getTemperature: a float. The sensor reads 128, 53.3 degrees.
func (c *Chip) getTemperature() { c.reply.uint32(math.Float32bits((128 - 32) / 1.8)) }

// getReasonCode is CommandHandler.cpp getReasonCode.
func (c *Chip) getReasonCode() { c.reply.byte(c.wifi.reason) }

// getConnStatus is CommandHandler.cpp getConnStatus.
func (c *Chip) getConnStatus() {
	status := c.wifi.status
	if v, ok := c.w.Fault("status"); ok {
		status = byte(v)
	}
	c.reply.byte(status)
}

// getIPAddr is CommandHandler.cpp getIPaddr: address, mask, gateway, each in network order.
func (c *Chip) getIPAddr() {
	w := &c.wifi
	c.reply.bytes(w.ip[:]...)
	c.reply.bytes(w.mask[:]...)
	c.reply.bytes(w.gateway[:]...)
}

// getMACAddr is CommandHandler.cpp getMACaddr.
func (c *Chip) getMACAddr() {
	mac := reversed(MAC)
	c.reply.bytes(mac[:]...)
}

// getCurrSSID is CommandHandler.cpp getCurrSSID.
func (c *Chip) getCurrSSID() { c.reply.bytes([]byte(c.wifi.ap.SSID)...) }

// getCurrBSSID is CommandHandler.cpp getCurrBSSID.
func (c *Chip) getCurrBSSID() {
	mac := c.wifi.ap.BSSID
	if c.wifi.softAP {
		mac = MAC
	}
	mac = reversed(mac)
	c.reply.bytes(mac[:]...)
}

// getCurrRSSI is CommandHandler.cpp getCurrRSSI.
func (c *Chip) getCurrRSSI() { c.reply.uint32(uint32(c.wifi.ap.RSSI)) }

// getCurrEnct is CommandHandler.cpp getCurrEnct. Without an access point the record is all zeros, which means open.
func (c *Chip) getCurrEnct() { c.reply.byte(encryption(c.wifi.ap)) }

// scanNetworks is CommandHandler.cpp scanNetworks: one parameter for each name found.
func (c *Chip) scanNetworks() {
	c.wifi.stop()
	c.after(ScanTime, func() {
		c.wifi.scan()
		for _, ap := range c.wifi.scanned {
			c.reply.bytes([]byte(ap.SSID)...)
		}
		c.reply.result = int64(len(c.wifi.scanned))
	})
}

// scannedAt is the scan's result that a command asks for; the firmware does not check the index, and what it has never found is zeros.
func (c *Chip) scannedAt() (ap air.AP) {
	i := int(c.cmd[4])
	switch {
	case i < len(c.wifi.scanned):
		return c.wifi.scanned[i]
	case i >= maxScan:
		c.wrong("scan result out of range")
	}
	return ap
}

// getIdxRSSI is CommandHandler.cpp getIdxRSSI.
func (c *Chip) getIdxRSSI() { c.reply.uint32(uint32(c.scannedAt().RSSI)) }

// getIdxEnct is CommandHandler.cpp getIdxEnct.
func (c *Chip) getIdxEnct() { c.reply.byte(encryption(c.scannedAt())) }

// getIdxBSSID is CommandHandler.cpp getIdxBSSID.
func (c *Chip) getIdxBSSID() {
	mac := reversed(c.scannedAt().BSSID)
	c.reply.bytes(mac[:]...)
}

// getIdxChannel is CommandHandler.cpp getIdxChannel.
func (c *Chip) getIdxChannel() { c.reply.byte(c.scannedAt().Channel) }

// disconnect is CommandHandler.cpp disconnect.
func (c *Chip) disconnect() {
	c.wifi.stop()
	c.done()
}

// reqHostByName is CommandHandler.cpp reqHostByName: it waits for DNS; the address is asked for later.
func (c *Chip) reqHostByName() {
	q := c.air.Resolve(c.str(3, maxHost))
	c.resolved = air.IP{255, 255, 255, 255}
	c.until(func() bool {
		ip, found, done := q.Answer()
		if done && found {
			c.resolved = ip
			c.done()
		} else if done {
			c.reply.byte(0)
		}
		return done
	})
}

// getHostByName is CommandHandler.cpp getHostByName.
func (c *Chip) getHostByName() { c.reply.bytes(c.resolved[:]...) }

// getFWVersion is CommandHandler.cpp getFwVersion.
func (c *Chip) getFWVersion() { c.reply.bytes(append([]byte(Version), 0)...) }

// epoch is the Unix time at which every run begins.
const epoch = 1_700_000_000

// getTime is CommandHandler.cpp getTime: 0 until SNTP has answered, which it has once the board had an address here.
func (c *Chip) getTime() {
	w := &c.wifi
	w.synced = w.synced || w.status == statusConnected
	now := uint32(0)
	if w.synced {
		now = epoch + uint32(c.w.Now()/time.Second)
	}
	c.reply.uint32(now)
}

// ping is CommandHandler.cpp ping: milliseconds, or -1.
func (c *Chip) ping() {
	answered := c.air.Reaches(c.ip(4))
	d, result := PingLimit, uint16(math.MaxUint16)
	if answered {
		d, result = air.RTT, uint16(air.RTT/time.Millisecond)
	}
	c.after(d, func() { c.reply.uint16(result) })
}
