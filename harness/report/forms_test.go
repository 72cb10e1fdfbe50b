package report_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/trace"
)

// sarifOf is the SARIF of documents, which must be valid: by the schema of SARIF 2.1.0, and without properties that it does not have.
func sarifOf(t *testing.T, docs ...*report.Document) (*sarif.Report, string) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.SARIF(&out, docs))
	log, err := sarif.FromBytes(out.Bytes())
	require.NoError(t, err)
	for _, run := range log.Runs { // the library writes what is not there as empty: these are the format's defaults
		run.NewlineSequences, run.Language, run.Tool.Driver.Language = []string{"\n"}, "en-US", "en-US"
	}
	require.NoError(t, log.Validate())
	known, err := json.Marshal(log)
	require.NoError(t, err)
	require.Subset(t, flatten(t, known), flatten(t, out.Bytes()), "a property that SARIF does not have is lost")
	return log, out.String()
}

// flatten is the paths of all values in a JSON text.
func flatten(t *testing.T, text []byte) (paths []string) {
	var v any
	require.NoError(t, json.Unmarshal(text, &v))
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, w := range v {
				walk(at+"."+k, w)
			}
		case []any:
			for _, w := range v {
				walk(at+"[]", w)
			}
		default:
			paths = append(paths, at)
		}
	}
	walk("", v)
	return paths
}

func TestSARIF(t *testing.T) {
	second, fine := document(), document()
	second.Verdict, second.Contract, second.File = "leak: a slot", "", "corpus/a b/ü.txt"
	fine.Verdict = report.OK
	log, text := sarifOf(t, document(), second, fine, document())
	require.Len(t, log.Runs[0].Results, 3)
	require.Len(t, log.Runs[0].Tool.Driver.Rules, 2)
	require.Contains(t, text, `"uri": "corpus/a%20b/%C3%BC.txt"`)
	require.Contains(t, text, `"ruleIndex": 1`)
	require.Contains(t, text, "gadget: panic: gadget.send (index out of range)")
	_, text = sarifOf(t)
	require.Contains(t, text, `"results": []`)
	_, text = sarifOf(t, hostileDocument())
	requireTame(t, text)
}

// junitRules are the elements and attributes that Jenkins's schema of JUnit's XML knows (jenkinsci/xunit-plugin, junit-10.xsd), of those that
// can be in ours: with ! an attribute that must be there; behind > the elements within.
var junitRules = map[string]string{
	"testsuites": "name tests failures errors time > testsuite",
	"testsuite":  "name! tests! failures! errors! time skipped timestamp hostname id package file > testsuite properties testcase system-out system-err",
	"testcase":   "name! time classname group > skipped error failure system-out system-err",
	"failure":    "type message >",
}

func requireJUnit(t *testing.T, text string) {
	t.Helper()
	dec := xml.NewDecoder(strings.NewReader(text))
	inside := []string{"> testsuites"}
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			rule, ok := junitRules[e.Name.Local]
			require.True(t, ok, e.Name.Local)
			_, within, _ := strings.Cut(inside[len(inside)-1], ">")
			require.Contains(t, strings.Fields(within), e.Name.Local)
			attrs, _, _ := strings.Cut(rule, ">")
			for _, a := range e.Attr {
				require.Contains(t, strings.Fields(strings.ReplaceAll(attrs, "!", "")), a.Name.Local)
				attrs = strings.Replace(attrs, a.Name.Local+"!", "", 1)
			}
			require.NotContains(t, attrs, "!", "of %s", e.Name.Local)
			inside = append(inside, rule)
		case xml.EndElement:
			inside = inside[:len(inside)-1]
		}
	}
}

func TestJUnit(t *testing.T) {
	fine := document()
	fine.Verdict, fine.File = report.OK, ""
	var out bytes.Buffer
	require.NoError(t, report.JUnit(&out, []*report.Document{document(), fine, hostileDocument()}))
	requireJUnit(t, out.String())
	require.Contains(t, out.String(), `<testsuites name="linkflap" tests="3" failures="2" errors="0">`)
	require.Contains(t, out.String(), `<testsuite name="gadget" tests="2" failures="1" errors="0">`)
	require.Contains(t, out.String(), `<testcase name="panic-gadget" classname="gadget">`)
	require.Contains(t, out.String(), `<failure message="panic: gadget.send" type="panic">`)
	require.Contains(t, out.String(), "PANIC in gadget.send")
	require.Contains(t, out.String(), `<testcase name="program 2" classname="gadget"></testcase>`)
	requireTame(t, out.String())
}

func TestIssue(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Issue(&out, document()))
	for _, want := range []string{
		"# panic: gadget.send\n", "**`example.com/gadget` v0.1.0**", "\nIt panics.\n", "```\nconnect(home)\na: send(c0, 1) (fault: short@1)\nair: down(home)\n-- schedule --\na done\n```",
		"`panic: gadget.send` (index out of range)", "## What should happen\n\nfirmware does not panic\n", "PANIC in gadget.send", "replay corpus/gadget/panic-gadget.txt",
	} {
		require.Contains(t, out.String(), want)
	}
}

// outsideSpans is a line of Markdown without its code spans: a span goes from some backticks to the next as many (CommonMark 0.31, 6.1).
func outsideSpans(line string) (left string) {
	runs := regexp.MustCompile("`+").FindAllStringIndex(line, -1)
	at := 0
	for i := 0; i < len(runs); i++ {
		for k := i + 1; k < len(runs); k++ {
			if runs[k][1]-runs[k][0] == runs[i][1]-runs[i][0] {
				left, at, i = left+line[at:runs[i][0]], runs[k][1], k
				break
			}
		}
	}
	return left + line[at:]
}

func TestHostileIssue(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Issue(&out, hostileDocument()))
	requireTame(t, out.String())
	fence := ""
	for line := range strings.Lines(out.String()) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case fence == "" && strings.HasPrefix(line, "```") && !strings.Contains(strings.TrimLeft(line, "`"), "`"):
			fence = line
		case line == fence:
			fence = ""
		case fence == "":
			outside := outsideSpans(line)
			require.NotRegexp(t, `<(script|img)|@all|(^|\s)#1`, outside)
		}
	}
	require.Empty(t, fence, "every block ends")
}

// frames are the frames in a capture file, and their times.
func frames(t *testing.T, d *report.Document) (all [][]byte, at []time.Duration) {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Pcap(&out, d))
	b := out.Bytes()
	le := binary.LittleEndian
	require.Equal(t, uint32(0xa1b23c4d), le.Uint32(b))
	require.Equal(t, uint32(1), le.Uint32(b[20:]), "Ethernet")
	for b = b[24:]; len(b) > 0; {
		n := le.Uint32(b[8:])
		at = append(at, time.Duration(le.Uint32(b))*time.Second+time.Duration(le.Uint32(b[4:])))
		all = append(all, b[16:16+n])
		b = b[16+n:]
	}
	return all, at
}

func TestPcap(t *testing.T) {
	all, at := frames(t, document())
	require.Equal(t, []time.Duration{time.Second, time.Second, 2 * time.Second, 2 * time.Second, 2 * time.Second, 3 * time.Second}, at, "in order of time")
	be := binary.BigEndian
	var seqs []uint32
	for i, f := range all {
		ip := f[14:]
		require.Equal(t, len(ip), int(be.Uint16(ip[2:])), "total length of %d", i)
		require.Zero(t, sum(ip[:20]), "the header's checksum of %d", i)
		pseudo := append(append([]byte{}, ip[12:20]...), 0, ip[9], byte((len(ip)-20)>>8), byte(len(ip)-20))
		require.Zero(t, sum(append(pseudo, ip[20:]...)), "the payload's checksum of %d", i)
		if ip[9] == 6 {
			seqs = append(seqs, be.Uint32(ip[24:]))
		}
	}
	require.Equal(t, []uint32{1000, 2000, 1001, 2437, 3873}, seqs)
	require.Equal(t, uint32(2001), be.Uint32(all[2][14+28:]), "what the other end sent is acknowledged")

	d := document()
	d.Packets = []trace.Packet{{From: netip.MustParseAddrPort("[::1]:1"), To: netip.MustParseAddrPort("10.0.0.1:1")}}
	require.ErrorContains(t, report.Pcap(io.Discard, d), "want one of IPv4")
}

// sum is what the Internet checksum makes 0: of a text with its checksum (RFC 1071, section 1).
func sum(b []byte) uint16 {
	var s uint32
	for i, c := range b {
		if i%2 == 0 {
			s += uint32(c) << 8
		} else {
			s += uint32(c)
		}
	}
	for s>>16 != 0 {
		s = s&0xffff + s>>16
	}
	return ^uint16(s)
}

func TestParseEntry(t *testing.T) {
	e := report.ParseEntry("It is\nwrong.\n\nMore.\n\ntarget: gadget (example.com/gadget v0.1.0)\n\n-- prog --\na()\nb: c()\n-- schedule --\nb done\n\n-- want --\nleak: a slot\n")
	require.Equal(t, report.Entry{
		Target: "gadget", Version: "example.com/gadget v0.1.0", Verdict: "leak: a slot", Calls: []string{"a()", "b: c()"}, Prose: "It is wrong.",
	}, e)
	require.Equal(t, "leak", e.Oracle())
	require.Equal(t, "a slot", e.What())
	none := report.ParseEntry("")
	require.True(t, none.Fine())
	bare := report.ParseEntry("-- prog --\na()\n-- want --\nok\n")
	require.Equal(t, []string{"a()"}, bare.Calls)
}

func TestIndex(t *testing.T) {
	entry := func(target, verdict, link string) report.Entry {
		return report.Entry{Target: target, Verdict: verdict, Name: "n", Link: link, Report: true, Calls: []string{"a()", "b()"}, Prose: "Why."}
	}
	var out bytes.Buffer
	require.NoError(t, report.Index(&out, "", []report.Entry{
		entry("z", "leak: y", "z/1.html"), entry("a", "leak: x", "a/1.html"), entry("a", "ok", "a/2.html"), entry("a", hostile+": "+hostile, "javascript:alert(1)"),
	}))
	text := out.String()
	require.Contains(t, text, "3 programs that break a contract in 2 targets, and 1 that must stay fine")
	require.Contains(t, text, `<a href="a/1.html"><span class="oracle">leak</span> <b>x</b></a>`)
	require.Less(t, strings.Index(text, `href="a/1.html"`), strings.Index(text, `href="z/1.html"`))
	require.Equal(t, 1, strings.Count(text, "<script"))
	require.NotContains(t, text, "javascript:")
	require.NotContains(t, text, "<img")
}
