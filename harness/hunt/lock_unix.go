//go:build unix

package hunt

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

const lockFile = "lock"

// lock locks a folder. The kernel unlocks it when this process ends.
func lock(dir string) error {
	fd, err := syscall.Open(filepath.Join(dir, lockFile), syscall.O_CREAT|syscall.O_RDWR|syscall.O_CLOEXEC, 0o600) // an os.File would be closed
	if err != nil {
		return err
	}
	return syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB)
}

// unlocked says that the process which locked the folder has ended.
func unlocked(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0o600)
	if err != nil {
		return false
	}
	defer f.Close()
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// killRest kills what is left of the process group that cmd was started with.
func killRest(cmd *exec.Cmd) {
	if a := cmd.SysProcAttr; a != nil && a.Setpgid && cmd.Process != nil {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	}
}
