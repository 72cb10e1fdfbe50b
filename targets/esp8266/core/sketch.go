package core

import (
	"fmt"
	"time"
)

// What a sketch can call. CONT is the context of all of it unless it says otherwise.

// ResetReason is ESP.getResetReason: why the board started.
func (b *Board) ResetReason() Reason { return b.reason }

// BootDevice is what a sketch reads at 0x60000318: BootUART or BootFlash.
func (b *Board) BootDevice() int {
	if b.uart {
		return BootUART
	}
	return BootFlash
}

// Millis is millis, in any context.
func (b *Board) Millis() uint32 { return b.clock.Millis() }

// Micros is micros, in any context.
func (b *Board) Micros() uint32 { return b.clock.Micros() }

// Yield is yield: SYS runs. Outside CONT the core panics.
func (b *Board) Yield() {
	if b.inSYS || !b.busy {
		panic("yield outside CONT")
	}
	b.yield(yieldTime)
}

// Delay is delay: SYS has the processor for d. Outside CONT it does nothing, not even wait (core_esp8266_main.cpp, __esp_yield).
func (b *Board) Delay(d time.Duration) {
	if b.inSYS || !b.busy {
		return
	}
	b.yield(max(d, yieldTime))
}

// Idle is while (1) { yield(); } and while (1) { delay(n); }: SYS has the processor for ever.
func (b *Board) Idle() { b.yield(-1) }

// Busy is a call that keeps the processor for d, such as delayMicroseconds: SYS does not run.
func (b *Board) Busy(d time.Duration) { b.pass(max(d, 0), b.starts) }

// Spin is while (1) {}.
func (b *Board) Spin() { b.pass(-1, b.starts) }

// WdtEnable is ESP.wdtEnable: it starts the software watchdog and ignores its argument, whatever that is (Esp.cpp).
func (b *Board) WdtEnable(time.Duration) {
	b.soft.Start()
	b.hard.Feed()
}

// WdtDisable is ESP.wdtDisable: it puts the software watchdog off by 70 s, and feeds the hardware watchdog for the last time. After that
// nobody does, since that is the software watchdog's business: "don't stop software watchdog too long (less than 6 seconds), otherwise it
// will trigger hardware watchdog reset" (Esp.cpp). That yielding does not help follows from the disassembly (pvvx, meSDK, wdt.c), in which
// only the job that the software watchdog posts feeds; nobody has said it of a real board.
func (b *Board) WdtDisable() {
	b.soft.Pause()
	b.hard.Feed()
}

// WdtFeed is ESP.wdtFeed: it feeds both watchdogs, in any context. The software watchdog's next tick stays when it was.
func (b *Board) WdtFeed() {
	b.soft.Feed()
	b.hard.Feed()
}

// Restart is ESP.restart, in any context: the board starts again with SoftRestart, and in CONT the call does not return.
func (b *Board) Restart() {
	cont := b.busy && !b.inSYS
	start := b.starts
	b.reset(SoftRestart)
	if cont {
		b.pass(-1, start)
	}
}

// Attach is Ticker.attach_ms: SYS calls f every period, until the board starts again. If CONT keeps the processor for longer than that, the
// calls that were missed are one; that is chosen. The error says that the period is none.
func (b *Board) Attach(period time.Duration, f func()) error {
	if period <= 0 {
		return fmt.Errorf("ticker: got a period of %v, want more than 0", period)
	}
	j := &job{do: f}
	b.tickers = append(b.tickers, b.w.After(period, period, func(time.Time) { b.post(j) }))
	return nil
}
