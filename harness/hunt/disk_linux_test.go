package hunt_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// mounted mounts a file system on a folder of the toy. Most machines let only root do so.
func mounted(t *testing.T, dir, source, kind string, flags uintptr, data string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	err := syscall.Mount(source, dir, kind, flags, data)
	if errors.Is(err, syscall.EPERM) {
		t.Skip("may not mount a file system")
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
}

// oneLine says that a hunt ended with one line of complaint.
func oneLine(t *testing.T, status int, out, want string) {
	t.Helper()
	require.Equal(t, 2, status, out)
	require.Equal(t, want, lastLine(out))
	require.Equal(t, 1, strings.Count(out, "linkflap: "), out)
}

func TestAReadOnlyFolderIsOneLine(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	dir := filepath.Join(y.dir, "corpus")
	mounted(t, dir, "tmpfs", "tmpfs", syscall.MS_RDONLY, "")
	status, out := y.run(t, "--for", "1m")
	oneLine(t, status, out, "linkflap: cannot write to "+dir+": read-only file system\n")
}

// The target's own folder is not known before its tests run.
func TestAReadOnlyFolderOfATargetIsOneLine(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	dir := filepath.Join(y.dir, "corpus", "toy")
	mounted(t, dir, "tmpfs", "tmpfs", syscall.MS_RDONLY, "")
	status, out := y.run(t, "--for", "1m")
	oneLine(t, status, out, "linkflap: cannot write to "+dir+": read-only file system\n")
}

func TestAFullDiskIsOneLine(t *testing.T) {
	for _, c := range []struct {
		name, folder string
		size         string // in bytes: what is full at once, and what gets full during the hunt
	}{
		{"corpus, at once", "corpus", "4k"},
		{"corpus, later", "corpus", "84k"},
		{"cache, at once", "cache", "4k"},
		{"cache, later", "cache", "160k"},
		{"temporary files", "tmp", "1m"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			y := newToy(t)
			dir := filepath.Join(y.dir, c.folder)
			mounted(t, dir, "tmpfs", "tmpfs", 0, "size="+c.size)
			switch c.folder {
			case "cache":
				y.cache = dir
				y.env = append(y.env, "TOY_IS_TAME=1")
			case "tmp":
				y.env = append(y.env, "TMPDIR="+dir)
			}
			status, out := y.run(t, "--for", "2m")
			require.Equal(t, 2, status, out)
			require.Regexp(t, `^linkflap: (cannot write to |write |open |mkdir )`+dir+`.*: no space left on device\n$`, lastLine(out))
			require.Equal(t, 1, strings.Count(out, "linkflap: "), out)
		})
	}
}
