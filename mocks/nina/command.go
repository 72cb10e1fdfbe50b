package nina

// command is one entry of CommandHandler.cpp commandHandlers.
type command struct {
	name string
	run  func(c *Chip)
}

// commands is the firmware's table, by opcode. The names are those of WiFiNINA wifi_spi.h.
var commands = [0x70]command{
	0x10: {"SET_NET", (*Chip).setNet},
	0x11: {"SET_PASSPHRASE", (*Chip).setPassphrase},
	0x12: {"SET_KEY", (*Chip).setKey},
	0x14: {"SET_IP_CONFIG", (*Chip).setIPConfig},
	0x15: {"SET_DNS_CONFIG", (*Chip).setDNSConfig},
	0x16: {"SET_HOSTNAME", (*Chip).setHostname},
	0x17: {"SET_POWER_MODE", (*Chip).done},
	0x18: {"SET_AP_NET", (*Chip).setAPNet},
	0x19: {"SET_AP_PASSPHRASE", (*Chip).setAPPassphrase},
	0x1a: {"SET_DEBUG", (*Chip).done},
	0x1b: {"GET_TEMPERATURE", (*Chip).getTemperature},
	0x1f: {"GET_REASON_CODE", (*Chip).getReasonCode},
	0x20: {"GET_CONN_STATUS", (*Chip).getConnStatus},
	0x21: {"GET_IPADDR", (*Chip).getIPAddr},
	0x22: {"GET_MACADDR", (*Chip).getMACAddr},
	0x23: {"GET_CURR_SSID", (*Chip).getCurrSSID},
	0x24: {"GET_CURR_BSSID", (*Chip).getCurrBSSID},
	0x25: {"GET_CURR_RSSI", (*Chip).getCurrRSSI},
	0x26: {"GET_CURR_ENCT", (*Chip).getCurrEnct},
	0x27: {"SCAN_NETWORKS", (*Chip).scanNetworks},
	0x28: {"START_SERVER_TCP", (*Chip).startServer},
	0x29: {"GET_STATE_TCP", (*Chip).getState},
	0x2a: {"DATA_SENT_TCP", (*Chip).dataSent},
	0x2b: {"AVAIL_DATA_TCP", (*Chip).availData},
	0x2c: {"GET_DATA_TCP", (*Chip).getData},
	0x2d: {"START_CLIENT_TCP", (*Chip).startClient},
	0x2e: {"STOP_CLIENT_TCP", (*Chip).stopClient},
	0x2f: {"GET_CLIENT_STATE_TCP", (*Chip).getClientState},
	0x30: {"DISCONNECT", (*Chip).disconnect},
	0x32: {"GET_IDX_RSSI", (*Chip).getIdxRSSI},
	0x33: {"GET_IDX_ENCT", (*Chip).getIdxEnct},
	0x34: {"REQ_HOST_BY_NAME", (*Chip).reqHostByName},
	0x35: {"GET_HOST_BY_NAME", (*Chip).getHostByName},
	0x36: {"START_SCAN_NETWORKS", (*Chip).done},
	0x37: {"GET_FW_VERSION", (*Chip).getFWVersion},
	0x39: {"SEND_UDP_DATA", (*Chip).sendUDP},
	0x3a: {"GET_REMOTE_DATA", (*Chip).getRemoteData},
	0x3b: {"GET_TIME", (*Chip).getTime},
	0x3c: {"GET_IDX_BSSID", (*Chip).getIdxBSSID},
	0x3d: {"GET_IDX_CHANNEL", (*Chip).getIdxChannel},
	0x3e: {"PING", (*Chip).ping},
	0x3f: {"GET_SOCKET", (*Chip).getSocket},
	0x44: {"SEND_DATA_TCP", (*Chip).sendData},
	0x45: {"GET_DATABUF_TCP", (*Chip).getDataBuf},
	0x46: {"INSERT_DATABUF", (*Chip).insertDataBuf},
	0x50: {"SET_PIN_MODE", (*Chip).done},
	0x51: {"SET_DIGITAL_WRITE", (*Chip).done},
	0x52: {"SET_ANALOG_WRITE", (*Chip).done},
}

// done answers 1, the firmware's answer when there is nothing to say; and it is all that the chip's own pins, power modes and debug output
// have to do with the outside.
func (c *Chip) done() { c.reply.byte(1) }

// str is a string parameter whose length stands at cmd[at]. The firmware copies it into max bytes on its stack, whatever its length.
func (c *Chip) str(at, limit int) string {
	n := c.argLen(at)
	if n > limit {
		c.wrong("string longer than the firmware's buffer")
		n = limit
	}
	return string(cString(c.cmd[at+1 : at+1+n]))
}

// argLen is the 8-bit length at cmd[at]; the firmware trusts it.
func (c *Chip) argLen(at int) int { return int(c.cmd[at]) }

// cString cuts p at its first zero, as C does.
func cString(p []byte) []byte {
	for i, b := range p {
		if b == 0 {
			return p[:i]
		}
	}
	return p
}

// be16 is a 16-bit value at cmd[at], high byte first; le16 low byte first.
func (c *Chip) be16(at int) uint16 { return uint16(c.cmd[at])<<8 | uint16(c.cmd[at+1]) }
func (c *Chip) le16(at int) uint16 { return uint16(c.cmd[at+1])<<8 | uint16(c.cmd[at]) }

// ip is an address at cmd[at], in network order.
func (c *Chip) ip(at int) (ip [4]byte) {
	copy(ip[:], c.cmd[at:])
	return ip
}

// slotAt is the slot number at cmd[at]. The firmware does not check it: one that is out of range reads and writes the memory behind its
// tables; here it is reported, and ok is false.
func (c *Chip) slotAt(at int) (s *slot, ok bool) {
	i := int(c.cmd[at])
	c.socket = int64(i)
	if i >= numSlots {
		c.wrong("slot out of range")
		return nil, false
	}
	return &c.slots[i], true
}
