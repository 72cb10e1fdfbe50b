package report

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"time"
	"unicode"

	"github.com/linkflap/linkflap/harness/trace"
)

// GoTest writes a test in Go that fails as long as the bug is there.
//
// Where that is possible it needs nothing of linkflap but its stand-in for TinyGo's machine package: it makes the calls that were made, on a
// board whose pins and buses answer as they did (machine.Play), and fails if the driver panics, gets stuck, or does on the wires what it did.
// If the driver does something else there, the recording does not apply any more and the test is skipped: it cannot say whether the bug is gone.
// That is so for bugs which one task makes by itself, in firmware whose target is recorded. For all others the test runs the program on
// linkflap's target. Its first lines say what its module needs.
func GoTest(w io.Writer, d *Document) error {
	if d.Verdict == OK {
		return fmt.Errorf("got a run without violation, want one to test for")
	}
	text := replayTemplate
	t := &goTest{Doc: d, Name: testName(d)}
	if t.record() {
		text = playTemplate
	} else if d.Package == "" {
		return fmt.Errorf("got a run of an unknown package and without a recording, want the target's package")
	}
	var code bytes.Buffer
	if err := text.Execute(&code, t); err != nil {
		return err
	}
	source, err := format.Source(code.Bytes())
	if err != nil {
		return fmt.Errorf("the test that was made is no Go: %w", err)
	}
	_, err = w.Write(source)
	return err
}

// goTest is what the templates show.
type goTest struct {
	Doc     *Document
	Name    string
	Imports []string
	Makes   string
	Steps   []goStep
	Wire    string
	Endless bool // the last call goes on for as long as it is answered
}

// goStep is a call, with what is said about it.
type goStep struct {
	Wait    string // how long the application waits before it, "" if it does not
	Comment string // the line of the program that it is from, if it is the first from it
	Text    string
}

// enclosed are the oracles whose violations one task can show to a test: by what it does on the wires, or by not returning; ends are those of
// them that look at the whole run.
var (
	enclosed = words("panic deadlock hang spin stale double-free leak protocol delivery recovery")
	ends     = words("leak recovery")
	stuckBy  = words("panic deadlock hang spin")
)

// record makes the steps from the document's script. It reports false if they are not there, or not enough to show the violation.
func (t *goTest) record() bool {
	d := t.Doc
	if len(d.Script) == 0 || len(d.Script) > trace.MaxScript || !enclosed[d.Oracle()] || !d.alone() {
		return false
	}
	last := d.violation()
	if ends[d.Oracle()] {
		last = len(d.Events)
	}
	open, ok := t.steps(last)
	if !ok || len(t.Steps) == 0 || t.Makes == "" {
		return false
	}
	if open {
		t.Endless = d.Oracle() == "hang" || d.Oracle() == "spin"
		return stuckBy[d.Oracle()]
	}
	return true
}

// steps copies the script up to the end of the call in which event last is. It reports whether that call has none, and false if calls overlap or
// a line is no Go.
func (t *goTest) steps(last int) (open, ok bool) {
	var wire strings.Builder
	var until time.Duration
	comment, said := -1, ""
	for _, l := range t.Doc.Script {
		switch l.Kind {
		case trace.Imports:
			t.Imports = append(t.Imports, l.Text)
		case trace.Makes:
			t.Makes = l.Text
		case trace.Wire:
			fmt.Fprintln(&wire, clean(l.Text))
		case trace.Returns:
			open, until = false, l.At
		case trace.Calls:
			if l.Event > last {
				t.finish(wire.String())
				return open, true
			}
			if open || !isGo(l.Text) {
				return open, false
			}
			s := goStep{Text: l.Text}
			if l.At > until {
				s.Wait = strconv.FormatInt(int64(l.At-until), 10)
			}
			if call := t.Doc.callBefore(l.Event); call != comment {
				comment = call
				if line := t.Doc.line(call); line != said {
					s.Comment, said = line, line
				}
			}
			t.Steps, open = append(t.Steps, s), true
		}
	}
	t.finish(wire.String())
	return open, isGo(t.Makes)
}

// isGo says that a text is a statement in one line.
func isGo(text string) bool {
	_, err := parser.ParseExpr("func() { " + text + "\n}")
	return err == nil && !strings.ContainsAny(text, "\n\r`")
}

// finish keeps the imports that are needed, and the wires' script.
func (t *goTest) finish(wire string) {
	t.Wire = wire
	code := t.Makes
	for _, s := range t.Steps {
		code += "\n" + s.Text
	}
	t.Imports = slices.DeleteFunc(t.Imports, func(p string) bool { return path.Base(p) != "machine" && !strings.Contains(code, path.Base(p)+".") })
	t.Imports = append(t.Imports, "fmt", "testing", "testing/synctest", "time")
	slices.Sort(t.Imports)
	t.Imports = slices.Compact(t.Imports)
}

// alone says that one task after the other called the device, and nobody else did anything.
func (d *Document) alone() bool {
	for i := range d.Ops {
		if d.Ops[i].Task != d.Ops[0].Task || !d.Ops[i].Device {
			return false
		}
	}
	l := newLanes(d, nil)
	at := d.violation()
	for i := range d.Events {
		e := &d.Events[i]
		if l.byTask[e.Task].layer == layerFirmware {
			return false // it has tasks of its own
		}
		if i == at && e.Kind == trace.Block && e.A != int64(e.Task) {
			return false // it waits for another task
		}
	}
	return true
}

// callBefore is the last call that had begun when there were n events, -1 if there was none.
func (d *Document) callBefore(n int) int {
	for i := min(n, len(d.Events)) - 1; i >= 0; i-- {
		if e := &d.Events[i]; e.Kind == trace.Call {
			return int(e.A)
		}
	}
	return -1
}

// line is a call's line of the program; what comes after the program has none.
func (d *Document) line(call int) string {
	if call >= 0 && call < len(d.Ops) {
		return clean(d.Ops[call].Text)
	}
	return "what an application does that starts over"
}

// ident is an identifier as near to the text as can be.
func ident(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_') {
			return r
		}
		return -1
	}, s)
	if s == "" || unicode.IsDigit(rune(s[0])) {
		return "x" + s
	}
	return s
}

// testName is a name for the test.
func testName(d *Document) string {
	base := strings.TrimSuffix(d.File[strings.LastIndexByte(d.File, '/')+1:], ".txt")
	if base == "" {
		base = d.Verdict
	}
	var name strings.Builder
	up := true
	for _, r := range base {
		switch {
		case r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = true
		case up:
			name.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			name.WriteRune(r)
		}
	}
	return "Test" + name.String()
}

// comment is a text as lines of a comment.
func comment(text string) string {
	const width = 110
	var b strings.Builder
	for i, p := range paragraphs(text) {
		if i > 0 {
			b.WriteString("//\n")
		}
		line := "//"
		for _, w := range strings.Fields(p) {
			if len(line)+1+len(w) > width && line != "//" {
				b.WriteString(line + "\n")
				line = "//"
			}
			line += " " + w
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// raw is a text as Go, in several lines if that can be.
func raw(text string) string {
	if strings.Contains(text, "`") || strings.ContainsFunc(strings.ReplaceAll(text, "\n", ""), func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(text)
	}
	return "`" + text + "`"
}

var goFuncs = template.FuncMap{
	"comment": comment, "raw": raw, "clean": clean, "ident": ident,
	"quote": func(s string) string { return strconv.Quote(clean(s)) },
	"base":  func(s string) string { return clean(path.Base(s)) },
}

var playTemplate = template.Must(template.New("play").Funcs(goFuncs).Parse(`{{comment .Doc.Verdict}}//
{{comment .Doc.Prose}}//
// Made by linkflap report --go from {{if .Doc.File}}{{base .Doc.File}}{{else}}a program{{end}},
// for {{clean .Doc.Firmware}} {{clean .Doc.FirmwareVersion}}.
// It belongs into the driver's folder. TinyGo's package machine is not for plain Go; linkflap's stand-in plays what was recorded:
//
//	go get github.com/linkflap/linkflap
//	go mod edit -require=machine@v0.0.0 -replace=machine=$(go list -m -f '{{"{{.Dir}}"}}' github.com/linkflap/linkflap)/mocks/machine
//	go test -run {{.Name}} .
package {{ident (base .Doc.Firmware)}}_test

import (
{{range .Imports}}	{{quote .}}
{{end}})

func {{.Name}}(t *testing.T) {
	const bug = {{quote .Doc.Verdict}}
	stuck := time.AfterFunc(10*time.Second, func() { panic(bug + ": the last call does not return") }) // of real time
	defer stuck.Stop()
	other := ""
	synctest.Test(t, func(t *testing.T) { // in virtual time
		machine.Play({{.Name}}Wire, func(got, want string) {
			{{if .Endless}}if want == "" {
				t.Fatal(bug + ": as long as it is answered it goes on")
			}
			{{end}}other = fmt.Sprintf("the driver does %q where %q was recorded: the bug may be gone, or it looks otherwise now", got, want)
			t.SkipNow()
		})
		dev := {{.Makes}}
{{range .Steps}}{{if .Comment}}
		// {{.Comment}}
{{end}}{{if .Wait}}		time.Sleep({{.Wait}})
{{end}}		{{.Text}}
{{end}}
		t.Fatal(bug)
	})
	if other != "" {
		t.Skip(other)
	}
}

// {{.Name}}Wire is what the driver did with its pins and buses.
const {{.Name}}Wire = {{raw .Wire}}
`))

var replayTemplate = template.Must(template.New("replay").Funcs(goFuncs).Parse(`{{comment .Doc.Verdict}}//
{{comment .Doc.Prose}}//
// Made by linkflap report --go from {{if .Doc.File}}{{base .Doc.File}}{{else}}a program{{end}},
// for {{clean .Doc.Firmware}} {{clean .Doc.FirmwareVersion}}.
// It takes several tasks, or something outside, to show this bug, so linkflap's scheduler and mocks run it. That needs a module like that of
// linkflap's README, "Your own driver": with the replaces of linkflap's own go.mod, its command as a tool, and the driver in instrument.txt.
package regression_test

import (
	"testing"

	"github.com/linkflap/linkflap/harness"
	target {{quote .Doc.Package}}
)

func {{.Name}}(t *testing.T) {
	harness.Replay(t, target.Target, {{quote .Doc.Verdict}}, {{raw .Doc.Calls}})
}
`))

// Calls is the program with its schedule, as text.
func (d *Document) Calls() string {
	if d.Schedule == "" {
		return d.Program
	}
	return d.Program + "-- schedule --\n" + d.Schedule
}
