package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// saved is the run of a reproducer, in a file.
func saved(t *testing.T, program string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "run.json")
	require.Contains(t, invoke(t, "report", "-C", module, "--json", "-o", file, program), "written to ")
	return file
}

func TestReportForms(t *testing.T) {
	run := saved(t, reproducerFile(t, deadlocks))
	for flag, want := range map[string]string{
		"--sarif": `"ruleId": "deadlock"`, "--junit": `<testsuite name="wifinina" tests="1" failures="1" errors="0">`,
		"--issue": "# deadlock: connect in wifinina.Addr", "--go": "func Test", "--json": `"Verdict":"deadlock: connect`, "-o-": "<!doctype html>",
	} {
		require.Contains(t, invoke(t, "report", flag, run), want)
	}
	require.Contains(t, invoke(t, "report", "--junit", run, run), `tests="2"`)
	t.Chdir(t.TempDir())
	require.Equal(t, "written to report.html\n", invoke(t, "report", run))
	require.FileExists(t, "report.html")
}

func TestReportRefuses(t *testing.T) {
	run1 := saved(t, reproducerFile(t, deadlocks))
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"Version": 99}`), 0o644))
	for _, c := range []struct{ args, want string }{
		{"", "want one: linkflap report FILE"},
		{"--pcap " + run1 + " " + run1, "got 2 reproducers, want one"},
		{"--pcap --sarif " + run1, "can't be used together"},
		{bad, "got a document of version 99"},
		{"/none.txt", "no such file"},
		{"--index -o x.html " + t.TempDir(), "found no reproducer in"},
		{"-o /none/x.html " + run1, "no such file or directory"},
	} {
		var out, log bytes.Buffer
		require.Equal(t, 1, run(append([]string{"report"}, strings.Fields(c.args)...), streams{&out, &log}), c.args)
		require.Contains(t, log.String(), c.want)
		require.Equal(t, 1, strings.Count(log.String(), "\n"), "one line: %s", log.String())
	}
}

// Wireshark's own dissectors read what was in the air, and find nothing wrong with it.
func TestPcapInWireshark(t *testing.T) {
	tshark := need(t, "tshark")
	for _, name := range []string{
		"wifinina/stale-send-reaches-another-connection", "wifinina/leak-nina-slot-taken-by-accept-is-left-after-close",
		"espat/delivery-send-loses-bytes", "particle/matrix-off-then-client-v0",
	} {
		file := filepath.Join(t.TempDir(), "x.pcap")
		invoke(t, "report", "-C", module, "--pcap", "-o", file, filepath.Join(module, "corpus", name+".txt"))
		ask := func(filter string, fields ...string) string {
			args := []string{"-r", file, "-Y", filter}
			for _, check := range []string{"ip.check_checksum", "tcp.check_checksum", "udp.check_checksum"} {
				args = append(args, "-o", check+":TRUE")
			}
			cmd := exec.CommandContext(t.Context(), tshark, append(args, fields...)...)
			var log bytes.Buffer
			cmd.Stderr = &log
			out, err := cmd.Output()
			require.NoError(t, err, log.String())
			return string(out)
		}
		require.Empty(t, ask("_ws.malformed || _ws.short || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"), name)
		require.Empty(t, ask("tcp.analysis.out_of_order || tcp.analysis.ack_lost_segment || tcp.analysis.lost_segment"), name)
		all := ask("frame", "-T", "fields", "-e", "_ws.col.Protocol")
		require.Contains(t, all, "DHCP\n", name)
		require.Contains(t, all, "TCP\n", name)
	}
}

func TestIndexOfTheCorpus(t *testing.T) {
	dir := t.TempDir()
	corpus := filepath.Join(module, "corpus")
	const name = "panic-wifinina-getip"
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "wifinina"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "wifinina", name+".html"), nil, 0o644))
	file := filepath.Join(dir, "index.html")
	require.Equal(t, "written to "+file+"\n", invoke(t, "report", "--index", "-o", file, corpus))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(text), `<a href="wifinina/`+name+`.html">`)
	entries, err := filepath.Glob(filepath.Join(corpus, "*", "*.txt"))
	require.NoError(t, err)
	require.Equal(t, len(entries), strings.Count(string(text), `<li class="entry`))
	abs, err := filepath.Abs(filepath.Join(corpus, "wifinina", "panic-wifinina-transfer.txt"))
	require.NoError(t, err)
	rel, err := filepath.Rel(dir, abs)
	require.NoError(t, err)
	require.Contains(t, string(text), `href="`+rel+`"`, "without a report the file itself")
}

// What a terminal is shown has no controls of its own, whatever the file says.
func TestHostileReproducerOnATerminal(t *testing.T) {
	const evil = "x\x1b[2J\x1b]0;owned\x07\u009b31m\u202ey"
	run := saved(t, reproducerFile(t, strings.Replace(deadlocks, "Not minimal.", evil, 1)))
	for _, flag := range []string{"--sarif", "--junit", "--issue", "--go", "--json", "-o-"} {
		out := invoke(t, "report", flag, run)
		if flag == "--json" {
			require.True(t, json.Valid([]byte(out)))
		}
		require.NotContains(t, out, "\x1b", flag)
		require.NotContains(t, out, "\x07", flag)
		require.NotContains(t, out, "\u009b", flag)
		require.NotContains(t, out, "\u202e", flag)
	}
}
