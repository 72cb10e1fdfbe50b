package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/hunt"
	"github.com/linkflap/linkflap/harness/report"
)

// nasty is what a terminal would obey: it clears, renames the window, rings, turns the text around.
const nasty = "\x1b[2J\x1b]0;gone\a\u009b31m\u202e\r"

func TestNothingThatATerminalObeysIsPrinted(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"connect(home)\n\tüber 5 µs", "connect(home)\n\tüber 5 µs"},
		{nasty, `\x1b[2J\x1b]0;gone\x07\x9b31m\u202e\x0d`},
		{"\xff\xfe", `\xff\xfe`},
		{"<script>", "<script>"},
	} {
		require.Equal(t, c.want, escape(c.text))
	}
}

func TestACorpusFileCannotChangeTheTerminal(t *testing.T) {
	text := entryText("Why "+nasty, "a"+nasty+" (m v1)", "open()"+nasty, "leak: "+nasty)
	dir := inCorpus(t, map[string]string{"corpus/a/x\x1b[2J.txt": text, "README.md": "<!-- track-record -->\n<!-- /track-record -->\n"})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "corpus", "a", "torn\x1b[2J.txt"), []byte(nasty), 0o644))
	var out, log bytes.Buffer
	for _, args := range [][]string{{"corpus", "list"}, {"corpus", "audit"}, {"corpus", "track"}, {"replay", filepath.Join(dir, "corpus", "a", "x\x1b[2J.txt")}} {
		run(append(args, "-C", dir), streams{&out, &log})
	}
	for _, printed := range []string{out.String(), log.String()} {
		require.Contains(t, printed, `\x1b[2J`)
		require.NotRegexp(t, "[\x00-\x08\x0b-\x1f\u0080-\u009f\u202e]", printed)
	}
}

func TestAHuntIsShown(t *testing.T) {
	var out bytes.Buffer
	v := &huntView{out: printable{&out}, dir: "/m"}
	toy := hunt.Status{
		Name: "FuzzToy", Running: true, Took: 90 * time.Second, Programs: 123456, Rate: 2345.6, Slice: 30 * time.Second,
		States: 987, Gained: 12, New: 1, Known: 3, Quiet: 61 * time.Second,
	}
	v.Tick([]hunt.Status{toy})
	require.Empty(t, out.String(), "no live lines where there is no terminal")
	require.Equal(t, "> FuzzToy           2346/s    987 states   1 new    3 known  last new 1m1s ago", live(&toy))
	require.LessOrEqual(t, len(live(&toy)), 79)
	v.Sliced(toy)
	f := hunt.Finding{Fuzz: "FuzzToy", Signature: "leak: " + nasty, File: "/m/corpus/toy/x.txt"}
	v.Found(f)
	f.Document = &report.Document{Program: "open()\n", Verdict: f.Signature, Detail: "a door", Contract: "shut it", Ops: make([]report.Op, 1)}
	v.Shrunk(f)
	f.Document, f.Err = nil, errors.New("the hunt ended before")
	v.Shrunk(f)
	v.summary(&hunt.Summary{Targets: []hunt.Status{toy}, Took: 2 * time.Minute, New: []hunt.Finding{f}})
	require.Equal(t, strings.ReplaceAll(`FuzzToy              30s at  2346/s; in all    123456 programs    987 states (+12)    1 new    3 known  last new 1m1s ago

new violation in FuzzToy, to be shrunk: leak: NASTY
    corpus/toy/x.txt

corpus/toy/x.txt, shrunk to 1 calls:

    open()

    leak: NASTY
    (a door)

what should hold: shut it
next: linkflap replay corpus/toy/x.txt


corpus/toy/x.txt was not shrunk: the hunt ended before
next: linkflap shrink corpus/toy/x.txt

  FuzzToy              1m30s    123456 programs   1372/s    987 states    1 new    3 known

hunted for 2m: 123456 programs, 1029 a second, 987 states, 3 known violations, 1 new

    leak: NASTY
        linkflap replay corpus/toy/x.txt
`, "NASTY", escape(nasty)), out.String())
}

func TestDurationsAreShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1400 * time.Millisecond: "1s", time.Minute: "1m", 90 * time.Second: "1m30s", 10 * time.Minute: "10m", 2 * time.Hour: "2h0m",
	} {
		require.Equal(t, want, short(d))
	}
}
