package esp

import (
	"fmt"
	"strconv"
)

// Err is an esp_err_t.
type Err int32

// The error codes (components/esp_common/include/esp_err.h, esp_wifi/include/esp_wifi.h, esp_netif/include/esp_netif_types.h).
const (
	OK               Err = 0
	Fail             Err = -1
	ErrNoMem         Err = 0x101
	ErrInvalidArg    Err = 0x102
	ErrInvalidState  Err = 0x103
	ErrNotFound      Err = 0x105
	ErrTimeout       Err = 0x107
	ErrWifiNotInit   Err = wifiBase + 1
	ErrNotStarted    Err = wifiBase + 2
	ErrNotStopped    Err = wifiBase + 3
	ErrWifiIf        Err = wifiBase + 4
	ErrWifiMode      Err = wifiBase + 5
	ErrWifiState     Err = wifiBase + 6
	ErrWifiConn      Err = wifiBase + 7
	ErrWifiNVS       Err = wifiBase + 8
	ErrWifiMAC       Err = wifiBase + 9
	ErrWifiSSID      Err = wifiBase + 10
	ErrWifiPassword  Err = wifiBase + 11
	ErrWifiTimeout   Err = wifiBase + 12
	ErrNotConnect    Err = wifiBase + 15
	ErrWifiPost      Err = wifiBase + 18
	ErrInitState     Err = wifiBase + 19
	ErrStopState     Err = wifiBase + 20
	ErrInvalidParams Err = netifBase + 1

	wifiBase  Err = 0x3000
	netifBase Err = 0x5000
)

var errNames = map[Err]string{
	OK: "ESP_OK", Fail: "ESP_FAIL", ErrNoMem: "ESP_ERR_NO_MEM", ErrInvalidArg: "ESP_ERR_INVALID_ARG", ErrInvalidState: "ESP_ERR_INVALID_STATE",
	ErrNotFound: "ESP_ERR_NOT_FOUND", ErrTimeout: "ESP_ERR_TIMEOUT", ErrWifiNotInit: "ESP_ERR_WIFI_NOT_INIT",
	ErrNotStarted: "ESP_ERR_WIFI_NOT_STARTED", ErrNotStopped: "ESP_ERR_WIFI_NOT_STOPPED", ErrWifiIf: "ESP_ERR_WIFI_IF",
	ErrWifiMode: "ESP_ERR_WIFI_MODE", ErrWifiState: "ESP_ERR_WIFI_STATE", ErrWifiConn: "ESP_ERR_WIFI_CONN", ErrWifiNVS: "ESP_ERR_WIFI_NVS",
	ErrWifiMAC: "ESP_ERR_WIFI_MAC", ErrWifiSSID: "ESP_ERR_WIFI_SSID", ErrWifiPassword: "ESP_ERR_WIFI_PASSWORD",
	ErrWifiTimeout: "ESP_ERR_WIFI_TIMEOUT", ErrNotConnect: "ESP_ERR_WIFI_NOT_CONNECT", ErrWifiPost: "ESP_ERR_WIFI_POST",
	ErrInitState: "ESP_ERR_WIFI_INIT_STATE", ErrStopState: "ESP_ERR_WIFI_STOP_STATE", ErrInvalidParams: "ESP_ERR_ESP_NETIF_INVALID_PARAMS",
}

// Error is esp_err_to_name.
func (e Err) Error() string {
	if name, ok := errNames[e]; ok {
		return name
	}
	return "UNKNOWN ERROR"
}

// Abort is what makes the chip print a reason, panic and reboot. A mock does not panic for the firmware: the modelled function whose call it
// was does so with the Abort that the call returned.
type Abort struct {
	Err  Err // of ESP_ERROR_CHECK; OK: it was an assert
	File string
	Line int // 0: not known
	Func string
	Expr string
}

// Error is what the chip prints: as _esp_error_check_failed does (components/esp_common/src/esp_err.c), or __assert_func (components/newlib),
// without the program counter; "?" stands for a line that is not known.
func (a *Abort) Error() string {
	if a.Err == OK {
		return fmt.Sprintf("assert failed: %s %s (%s)", a.Func, a.File, a.Expr)
	}
	line := "?"
	if a.Line > 0 {
		line = strconv.Itoa(a.Line)
	}
	return fmt.Sprintf("ESP_ERROR_CHECK failed: esp_err_t %#x (%s)\nfile: %q line %s\nfunc: %s\nexpression: %s",
		int(a.Err), a.Err.Error(), a.File, line, a.Func, a.Expr)
}
