//go:build !linux

package hunt

import "os/exec"

// tie does nothing: only Linux ends a process together with the one that started it.
func tie(*exec.Cmd) {}
