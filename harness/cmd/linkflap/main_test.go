package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRun(t *testing.T) {
	for _, c := range []struct {
		name     string
		args     []string
		status   int
		out, log string
	}{
		{name: "no command shows the help", status: 0, out: "Usage: linkflap <command>"},
		{name: "help", args: []string{"instrument", "--help"}, status: 0, out: "--check"},
		{name: "unknown command", args: []string{"fly"}, status: 1, log: "linkflap: unexpected argument fly: run linkflap --help\n"},
		{name: "no such directory", args: []string{"instrument", "-C", "/none"}, status: 1, log: "linkflap: --dir: stat /none: no such file or directory: run linkflap --help\n"},
		{name: "no module", args: []string{"instrument", "-C", t.TempDir()}, status: 1, log: "linkflap: no go.mod found: run linkflap in the module of your tests\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out, log bytes.Buffer
			require.Equal(t, c.status, run(c.args, streams{&out, &log}))
			require.Equal(t, c.log, log.String())
			require.Contains(t, out.String(), c.out)
		})
	}
}
