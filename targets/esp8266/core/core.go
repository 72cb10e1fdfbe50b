// Package core is a model of the ESP8266 under its Arduino core: what a sketch can call of the core, how the core shares the processor with
// the SDK, the three things that can reset the board by themselves, and how the board starts again. It stands between the sketch, which is
// firmware written against it by hand, and the watchdogs (mocks/watchdog).
//
// The hard word is context. The sketch runs in CONT, everything of the SDK's in SYS: its tasks, lwIP, the callbacks of Tickers. There is one
// processor, and neither takes it from the other: SYS runs when CONT yields (yield, delay, the end of loop), and CONT goes on when SYS has
// nothing to do (esp8266/Arduino, cores/esp8266/core_esp8266_main.cpp). Only interrupts come in between; the tick of the software watchdog is
// one. That a Ticker's callback is none is not confirmed for a sketch in a busy loop; the core's comments say SYS, and Espressif calls the
// SDK non-preemptive (espressif/ESP8266_AT issue 5).
package core

import (
	"fmt"
	"time"
)

// The times of the watchdogs.
const (
	// SoftInterval is the period of the software watchdog's timer: it bites after one to two of it. SoftIntervalSleep is the one in some of
	// the radio's sleep modes. Both are known from a disassembly of SDK 1.1 to 1.4 (pvvx, meSDK, wdt.c); 2 x 1.6 s is also what the Arduino
	// core's documentation says (esp8266/Arduino pull request 2533). Newer SDKs may count instead of keeping a flag.
	SoftInterval      = 1600 * time.Millisecond
	SoftIntervalSleep = 3000 * time.Millisecond
	// softPause is what system_soft_wdt_stop puts the timer off by (pvvx, meSDK, wdt.c).
	softPause = 70 * time.Second

	// HardUnit is one unit of the hardware watchdog's clock: its stages last 2^n of them. This one gives the table of
	// cesanta/mongoose-os, fw/platforms/esp8266/src/esp_hw_wdt.h (n = 10 to 15: 0.84 to 26.8 s), and a user measured 8.376 s from the
	// sketch's start of a busy loop to the bite (esp8266/Arduino issue 2942), which the other does not reach.
	HardUnit = 819200 * time.Nanosecond
	// HardUnitByClock is the other source's: 40 MHz divided by 32000.
	HardUnitByClock = 800 * time.Microsecond
)

// HardStages are the exponents that the SDK writes into the hardware watchdog's reload registers, 0x60000904 and 0x60000908 (pvvx, meSDK,
// wdt.c, wdt_init): 2^11 and 2^13 units, together 8.39 s, or 8.19 s by the other unit. Espressif says 6 s and means it as a limit.
var HardStages = []int{11, 13}

// Config is what may differ from board to board. The zero value is the board as the SDK sets it up.
type Config struct {
	SoftInterval time.Duration // 0: SoftInterval
	HardUnit     time.Duration // 0: HardUnit
	HardStages   []int         // nil: HardStages; each 1 to 15
}

// yieldTime is what SYS takes at least when the sketch yields. Chosen.
const yieldTime = 10 * time.Microsecond

// Reason is why the board was reset: rst_info.reason of the SDK's user_interface.h.
type Reason int64

// The reasons.
const (
	PowerOn       Reason = iota // REASON_DEFAULT_RST
	HardWDT                     // REASON_WDT_RST; the software watchdog's ticks write it into RTC memory beforehand (pvvx, meSDK, wdt.c)
	Exception                   // REASON_EXCEPTION_RST
	SoftWDT                     // REASON_SOFT_WDT_RST
	SoftRestart                 // REASON_SOFT_RESTART: system_restart, so also a bite of a sketch's own watchdog
	DeepSleepWake               // REASON_DEEP_SLEEP_AWAKE
	ExtReset                    // REASON_EXT_SYS_RST
)

var reasonTexts = [...]string{
	"Power on", "Hardware Watchdog", "Exception", "Software Watchdog", "Software/System restart", "Deep-Sleep Wake", "External System",
}

// String is what ESP.getResetReason returns (esp8266/Arduino, cores/esp8266/Esp.cpp): "Unknown" for a reason that it does not know.
func (r Reason) String() string {
	if r < 0 || int(r) >= len(reasonTexts) {
		return "Unknown"
	}
	return reasonTexts[r]
}

// Cause is the "rst cause" that the boot ROM prints: 1 power on, 2 the reset pin or software, and so the software watchdog too, 4 the
// hardware watchdog.
func (r Reason) Cause() int {
	switch r {
	case PowerOn:
		return 1
	case HardWDT:
		return 4
	}
	return 2
}

// Boot devices: bits 18 to 16 of the register at 0x60000318, and the first number of the ROM's "boot mode".
const (
	BootUART  = 1 // the ROM's boot loader waits for a sketch
	BootFlash = 3
)

// maxExponent is the largest exponent of a stage; 0 would switch the hardware watchdog off (esp_hw_wdt.h).
const maxExponent = 15

func (c *Config) complete() {
	if c.SoftInterval == 0 {
		c.SoftInterval = SoftInterval
	}
	if c.HardUnit == 0 {
		c.HardUnit = HardUnit
	}
	if c.HardStages == nil {
		c.HardStages = HardStages
	}
}

// stages are the lengths of the hardware watchdog's stages.
func (c *Config) stages() (ds []time.Duration, err error) {
	for i, n := range c.HardStages {
		if n < 1 || n > maxExponent {
			return nil, fmt.Errorf("hardware watchdog: got exponent %d of stage %d, want 1..%d", n, i, maxExponent)
		}
		ds = append(ds, c.HardUnit<<n)
	}
	return ds, nil
}
