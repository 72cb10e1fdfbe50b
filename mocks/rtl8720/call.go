package rtl8720

import (
	"encoding/binary"
	"strings"
	"time"
)

// The services, in the order of the IDL (rpc_system.erpc and what it imports); 2 to 13 are Bluetooth's. The numbers are in
// owhinata/wio-lite-ai, app/wifi_rpc.h.
const (
	serviceSystem   = 1
	serviceWifi     = 14 // rpc_wifi_drv
	serviceTCPIP    = 15 // rpc_wifi_tcpip
	serviceLwIP     = 16 // rpc_wifi_lwip
	serviceTLS      = 17 // rpc_wifi_mbedtls
	serviceCallback = 19 // rpc_wifi_callback, which the host serves
)

// call is one function of the module.
type call struct {
	service, method byte
	name            string
	params          []value // what goes to the module
	results         []value // what comes back: "out" and "inout" parameters, then the function's own result
	run             func(r *request)
}

// value is how something is sent (eRPC, erpc_basic_codec.cpp, write and read).
type value struct {
	width    int  // of a number; 0: a string or a binary
	nullable bool // a flag comes before it
}

// values reads types as in the IDL; "?" is @nullable.
func values(types string) (all []value) {
	for _, typ := range strings.Fields(types) {
		base, nullable := strings.CutSuffix(typ, "?")
		all = append(all, value{widths[base], nullable})
	}
	return all
}

var widths = map[string]int{"int32": 4, "uint32": 4, "uint16": 2, "uint8": 1, "int8": 1, "bool": 1, "uint8[18]": macSize}

// calls are the functions that are modelled. The methods of a service are numbered from 1 in the order of the IDL.
var calls = []call{
	{serviceSystem, 1, "system_version", values(""), values("string"), (*request).version},
	{serviceSystem, 2, "system_ack", values("uint8"), values("uint8"), (*request).ack},

	{serviceWifi, 1, "wifi_connect", values("string string? uint32 int32 uint32"), values("int32"), (*request).wifiConnect},
	{serviceWifi, 3, "wifi_disconnect", values(""), values("int32"), (*request).wifiDisconnect},
	{serviceWifi, 4, "wifi_is_connected_to_ap", values(""), values("int32"), (*request).wifiIsConnected},
	{serviceWifi, 8, "wifi_get_mac_address", values(""), values("uint8[18] int32"), (*request).wifiMAC},
	{serviceWifi, 19, "wifi_get_rssi", values(""), values("int32 int32"), (*request).wifiRSSI},
	{serviceWifi, 27, "wifi_on", values("uint32"), values("int32"), (*request).wifiOn},
	{serviceWifi, 28, "wifi_off", values(""), values("int32"), (*request).wifiOff},
	{serviceWifi, 38, "wifi_start_ap", values("string string? uint32 int32"), values("int32"), (*request).wifiStartAP},
	{serviceWifi, 64, "wifi_scan_start", values(""), values("int32"), (*request).scanStart},
	{serviceWifi, 65, "wifi_is_scaning", values(""), values("bool"), (*request).isScanning},
	{serviceWifi, 66, "wifi_scan_get_ap_records", values("uint16"), values("binary int32"), (*request).scanRecords},
	{serviceWifi, 67, "wifi_scan_get_ap_num", values(""), values("uint16"), (*request).scanNumber},

	{serviceTCPIP, 1, "tcpip_adapter_init", values(""), values("int32"), (*request).adapterInit},
	{serviceTCPIP, 4, "tcpip_adapter_stop", values("uint32"), values("int32"), (*request).adapterStop},
	{serviceTCPIP, 7, "tcpip_adapter_get_ip_info", values("uint32"), values("binary int32"), (*request).adapterInfo},
	{serviceTCPIP, 11, "tcpip_adapter_dhcps_start", values("uint32"), values("int32"), (*request).ok},
	{serviceTCPIP, 12, "tcpip_adapter_dhcps_stop", values("uint32"), values("int32"), (*request).ok},
	{serviceTCPIP, 13, "tcpip_adapter_dhcpc_start", values("uint32"), values("int32"), (*request).dhcpStart},
	{serviceTCPIP, 14, "tcpip_adapter_dhcpc_stop", values("uint32"), values("int32"), (*request).adapterStop},

	{serviceLwIP, 1, "lwip_accept", values("int32 binary uint32"), values("uint32 int32"), (*request).accept},
	{serviceLwIP, 2, "lwip_bind", values("int32 binary uint32"), values("int32"), (*request).bind},
	{serviceLwIP, 3, "lwip_shutdown", values("int32 int32"), values("int32"), (*request).shutdown},
	{serviceLwIP, 4, "lwip_getpeername", values("int32 uint32"), values("binary uint32 int32"), (*request).getpeername},
	{serviceLwIP, 5, "lwip_getsockname", values("int32 uint32"), values("binary uint32 int32"), (*request).getsockname},
	{serviceLwIP, 7, "lwip_setsockopt", values("int32 int32 int32 binary uint32"), values("int32"), (*request).setsockopt},
	{serviceLwIP, 8, "lwip_close", values("int32"), values("int32"), (*request).close},
	{serviceLwIP, 9, "lwip_connect", values("int32 binary uint32"), values("int32"), (*request).connect},
	{serviceLwIP, 10, "lwip_listen", values("int32 int32"), values("int32"), (*request).listen},
	{serviceLwIP, 11, "lwip_available", values("int32"), values("int32"), (*request).available},
	{serviceLwIP, 12, "lwip_recv", values("int32 uint32 int32 uint32"), values("binary int32"), (*request).recv},
	{serviceLwIP, 14, "lwip_recvfrom", values("int32 uint32 int32 uint32 uint32"), values("binary binary uint32 int32"), (*request).recvfrom},
	{serviceLwIP, 15, "lwip_send", values("int32 binary int32"), values("int32"), (*request).send},
	{serviceLwIP, 17, "lwip_sendto", values("int32 binary int32 binary uint32"), values("int32"), (*request).sendto},
	{serviceLwIP, 18, "lwip_socket", values("int32 int32 int32"), values("int32"), (*request).socket},
	{serviceLwIP, 23, "lwip_fcntl", values("int32 int32 int32"), values("int32"), (*request).fcntl},
	{serviceLwIP, 24, "lwip_errno", values(""), values("int32"), (*request).errno},
	{serviceLwIP, 25, "netconn_gethostbyname", values("string"), values("binary int8"), (*request).gethostbyname},

	{serviceTLS, 1, "wifi_ssl_client_create", values(""), values("uint32"), (*request).tlsCreate},
	{serviceTLS, 2, "wifi_ssl_client_destroy", values("uint32"), values(""), (*request).tlsDestroy},
	{serviceTLS, 3, "wifi_ssl_init", values("uint32"), values(""), (*request).tlsInit},
	{serviceTLS, 5, "wifi_ssl_set_timeout", values("uint32 uint32"), values(""), (*request).tlsTimeout},
	{serviceTLS, 6, "wifi_ssl_get_socket", values("uint32"), values("int32"), (*request).tlsSocket},
	{serviceTLS, 18, "wifi_start_ssl_client", values("uint32 string? uint32 int32"), values("int32"), (*request).tlsStart},
	{serviceTLS, 19, "wifi_stop_ssl_socket", values("uint32"), values(""), (*request).tlsStop},
	{serviceTLS, 21, "wifi_send_ssl_data", values("uint32 binary uint16"), values("int32"), (*request).tlsSend},
	{serviceTLS, 22, "wifi_get_ssl_receive", values("uint32 int32"), values("binary int32"), (*request).tlsReceive},
}

// function is the one of that number, nil if there is none.
func (m *Module) function(service, method byte) *call {
	for i := range m.calls {
		if c := &m.calls[i]; c.service == service && c.method == method {
			return c
		}
	}
	return nil
}

// request is one call that the host has made.
type request struct {
	m               *Module
	call            *call
	service, method byte
	sequence        uint32
	oneway          bool

	in   []byte // what is not read of the parameters
	nums []uint32
	data [][]byte // of strings and binaries; nil: null

	numbers [4]uint32 // where nums and data begin
	blobs   [2][]byte

	out      []byte // the results, in the order of the IDL: what goes back of the parameters, then the function's own
	result   int32  // the function's own, for the trace
	fd       int    // the socket that it is about, -1 for none
	length   int    // where in out the length of a binary stands, -1 if there is none
	received int    // bytes from the network at the beginning of out, behind their length

	step func() bool // of a call that waits: does what is left to do, and reports whether that is done
}

func (r *request) opcode() int64 { return int64(r.service)<<8 | int64(r.method) }

// invoke makes a call. One that the module does not know, or cannot read, is not answered (eRPC, erpc_server.cpp, processMessage;
// erpc_basic_codec.cpp, readBinary).
func (m *Module) invoke(r *request) {
	if r.call = m.function(r.service, r.method); r.call == nil {
		m.broken("an unknown call", r.opcode())
		return
	}
	if !r.read() {
		m.broken("parameters longer than the message", r.opcode())
		return
	}
	if _, ok := m.w.Fault("error"); ok && !r.oneway {
		r.fail()
		m.reply(r)
		return
	}
	r.call.run(r)
	switch {
	case !m.running: // it was the firmware's end
	case r.step == nil:
		m.reply(r)
	default:
		m.pending = r
		m.poll()
	}
}

// read reads the parameters; false if the message is too short for them.
func (r *request) read() bool {
	r.nums, r.data = r.numbers[:0], r.blobs[:0]
	for _, v := range r.call.params {
		null := false
		if v.nullable {
			flag, ok := r.number(1)
			if !ok {
				return false
			}
			null = flag == 1
		}
		if v.width == 0 {
			if !r.blob(null) {
				return false
			}
			continue
		}
		n, ok := r.number(v.width)
		if !ok {
			return false
		}
		r.nums = append(r.nums, n)
	}
	return true
}

func (r *request) number(width int) (n uint32, ok bool) {
	if len(r.in) < width {
		return 0, false
	}
	for i := range width {
		n |= uint32(r.in[i]) << (8 * i)
	}
	r.in = r.in[width:]
	return n, true
}

// blob reads a string or a binary: its length, then its bytes. A null one is not there.
func (r *request) blob(null bool) bool {
	if null {
		r.data = append(r.data, nil)
		return true
	}
	n, ok := r.number(4)
	if !ok || uint64(n) > uint64(len(r.in)) {
		return false
	}
	r.data = append(r.data, r.in[:n:n])
	r.in = r.in[n:]
	return true
}

// int is parameter i of those that are numbers.
func (r *request) int(i int) int32 { return int32(r.nums[i]) }

// ret is the function's own result, an int32; it comes last.
func (r *request) ret(v int32) {
	r.result = v
	r.out = binary.LittleEndian.AppendUint32(r.out, uint32(v))
}

// put is a number that goes back.
func (r *request) put(v uint32) { r.out = binary.LittleEndian.AppendUint32(r.out, v) }

// binary is a binary or a string that goes back.
func (r *request) binary(p []byte) {
	r.length = len(r.out)
	r.put(uint32(len(p)))
	r.out = append(r.out, p...)
}

func (r *request) ok() { r.ret(0) }

// until leaves the call under way until step reports that it is done. step is asked at once, whenever something has changed outside, and
// after each of the times.
func (r *request) until(step func() bool, times ...time.Duration) {
	r.step = step
	for _, d := range times {
		r.m.after(d, r.m.look)
	}
}

// poll ends the call under way if it is done.
func (m *Module) poll() {
	if r := m.pending; r != nil && r.step() {
		m.pending = nil
		m.reply(r)
	}
}

// fail is what fault "error" makes of a call: what comes back is empty, and the function's own result is -1 in its type.
func (r *request) fail() {
	r.out, r.length, r.result = r.out[:0], -1, -1
	for i, v := range r.call.results {
		switch {
		case v.width == 0:
			r.binary(dummy)
		case i < len(r.call.results)-1:
			r.out = append(r.out, make([]byte, v.width)...)
		default:
			r.out = append(r.out, []byte{0xff, 0xff, 0xff, 0xff}[:v.width]...)
		}
	}
}

// dummy is what a call gives back for bytes if it failed (2.1.3, rpc_lwip_recv: a binary of one byte).
var dummy = []byte{0}
