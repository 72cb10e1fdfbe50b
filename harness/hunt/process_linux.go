package hunt

import (
	"os/exec"
	"syscall"
)

// tie ends cmd when this process ends, even if it is killed: the kernel then interrupts cmd, and Go's engine ends its workers and the files
// that it is writing. The kernel goes by threads: whoever starts cmd stays on its thread (runtime.LockOSThread) until it has ended. cmd gets a
// process group of its own, so that Ctrl-C reaches this process alone.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}
