package report

import (
	"fmt"
	"io"
	"strings"
	"text/template"
)

// excerpt is how many lines of the timeline a short report has. Chosen.
const excerpt = 30

// Issue writes the run as Markdown for the tracker of the driver's project. Text of programs, firmware and files stands in code blocks or is
// escaped, so that it calls nobody and refers to no issue.
func Issue(w io.Writer, d *Document) error {
	return issueTemplate.Execute(w, d)
}

var issueTemplate = template.Must(template.New("issue").Funcs(template.FuncMap{
	"md": markdown, "code": codeBlock, "span": codeSpan, "paragraphs": paragraphs,
	"timeline": func(d *Document) string { return Timeline(d.Trace(), d.moment(), excerpt) },
}).Parse(`# {{md .Verdict}}

**{{if .Firmware}}{{span .Firmware}} {{md .FirmwareVersion}}{{else}}{{md .Target}}{{end}}**, found by [linkflap](` + home + `), which runs the unmodified driver
against a model of its chip, in virtual time, one deterministic step at a time.

## What happens
{{range paragraphs .Prose}}
{{md .}}
{{end}}
The calls, one a line; {{span "a:"}} is a task, {{span "(fault: …)"}} what the chip does during that call:

{{code .Calls}}
{{if eq .Verdict "ok"}}No contract is broken.
{{else}}{{span .Verdict}}{{if .Detail}} ({{md .Detail}}){{end}}
{{end}}{{if .Contract}}
## What should happen

{{md .Contract}}
{{end}}
## How it comes to that

Virtual time, task, event:

{{code (timeline .)}}
## To see it yourself
{{if .File}}
{{code (printf "git clone %s && cd linkflap && make instrument\ngo run ./harness/cmd/linkflap replay %s\n" "` + home + `" .File)}}
{{end}}Every run of this program leaves the same trace, of hash {{span .Hash}}.
`))

// markdown is a text in which nothing means anything to Markdown, HTML or GitHub's links to people and issues.
func markdown(s string) string {
	var b strings.Builder
	for _, r := range clean(s) {
		switch {
		case r == '@' || r == '#':
			fmt.Fprintf(&b, "%c<!-- -->", r)
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case strings.ContainsRune("\\`*_{}[]>!|~", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// codeBlock is a fenced block that no line of the text can end.
func codeBlock(s string) string {
	var b strings.Builder
	fence := strings.Repeat("`", max(3, ticks(s)+1))
	fmt.Fprintf(&b, "%s\n", fence)
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimRight(clean(line), " ") + "\n")
	}
	b.WriteString(fence + "\n")
	return b.String()
}

// codeSpan is a text in the line as code.
func codeSpan(s string) string {
	s = clean(s)
	fence := strings.Repeat("`", ticks(s)+1)
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// ticks is the length of the longest run of backticks.
func ticks(s string) (most int) {
	n := 0
	for _, r := range s {
		if n++; r != '`' {
			n = 0
		}
		most = max(most, n)
	}
	return most
}
