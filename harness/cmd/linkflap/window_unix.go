//go:build unix

package main

import (
	"os"
	"syscall"
	"unsafe"
)

// windowSize is how many characters a terminal is wide and high. The error says that f is none.
func windowSize(f *os.File) (width, height int, err error) {
	var size struct{ rows, columns, x, y uint16 }
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
	if e != 0 {
		return 0, 0, e
	}
	if size.columns == 0 || size.rows == 0 {
		return 80, 24, nil // a terminal that does not know
	}
	return int(size.columns), int(size.rows), nil
}
