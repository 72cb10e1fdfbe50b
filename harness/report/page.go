package report

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

var (
	//go:embed page.css
	pageCSS string
	//go:embed page.js
	pageJS string
	//go:embed page.html.tmpl
	pageHTML string
)

// frame is what every page has: its style and its script, and the policy that lets these two run and nothing be fetched.
type frame struct {
	Tool string
	CSS  template.CSS
	JS   template.JS
}

func newFrame(tool, css, js string) frame {
	return frame{Tool: short(tool), CSS: template.CSS(css), JS: template.JS(js)}
}

// Policy is the page's Content-Security-Policy (W3C CSP Level 3): style and script are named by their hashes.
func (f frame) Policy() string {
	return fmt.Sprintf("default-src 'none'; img-src data:; style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'",
		digest(string(f.CSS)), digest(string(f.JS)))
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// page is the report of one run.
type page struct {
	frame
	Doc      *Document
	Oracle   string
	Where    string // the rest of the signature
	When     string
	Who      string
	Contract string
	Detail   string
	Prose    []string // paragraphs
	Others   []string
	Calls    []pageCall
	Steps    []string
	Lanes    []pageLane
	Rows     []pageRow
	At       int // the row of the violation, 0 if there is none
	Earlier  int // rows that are not shown
	Later    int
	Width    int  // of all lanes
	Narrow   bool // the lanes are, so that their heads need to be turned
	Facts    []facts
	Over     overview
}

// pageCall is a line of the program.
type pageCall struct {
	Text string
	Row  int  // where it begins, 0 if it is not shown
	Bad  bool // the violation is in it
}

// pageLane is the head of a lane.
type pageLane struct {
	Name  []string // in pieces that may be on lines of their own
	Layer string
	X     int
	Class string
}

// HTML writes the run as one page that needs no network. The error is w's.
func HTML(w io.Writer, d *Document) error {
	b := newBuilder(d)
	p := &page{
		Doc: d.cleaned(), Oracle: d.Oracle(), Where: clean(d.Verdict), When: seconds(d.moment()), Contract: clean(d.Contract), Detail: clean(d.Detail),
		Prose: paragraphs(d.Prose), Steps: linesOf(d.Schedule), Width: b.width * len(b.lanes.all),
		Earlier: b.first, Later: len(b.rows) - b.last + d.Dropped,
	}
	if p.Oracle != "" {
		p.Where = strings.TrimPrefix(p.Where, p.Oracle+": ")
	}
	if d.Verdict != OK && d.Task < len(d.Tasks) {
		p.Who = short(d.Tasks[d.Task])
	}
	for _, other := range d.Others {
		p.Others = append(p.Others, clean(other))
	}
	p.Rows, p.Lanes, p.Calls, p.Over = b.build(), b.heads(), b.calls(), b.overview()
	p.Facts, p.Narrow = b.facts, b.width < 60
	if b.violation >= 0 {
		p.At = b.rowOf(b.violation)
	}
	p.frame = newFrame(d.Tool, pageCSS+b.style(), pageJS)
	return pageTemplate.Execute(w, p)
}

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// heads are the heads of the lanes.
func (b *builder) heads() (heads []pageLane) {
	for i, l := range b.lanes.all {
		heads = append(heads, pageLane{
			Name: strings.SplitAfter(short(l.name), "."), Layer: layerNames[l.layer], X: b.centre(i), Class: fmt.Sprintf("lane%d", i),
		})
	}
	return heads
}

// calls are the lines of the program.
func (b *builder) calls() (calls []pageCall) {
	bad := b.callUnderWay(b.violation)
	for i := range b.d.Ops {
		c := pageCall{Text: clean(b.d.Ops[i].Text), Bad: i == bad}
		if e, ok := b.began[int64(i)]; ok && b.first < b.last && e >= b.rows[b.first].event {
			c.Row = b.rowOf(e)
		}
		calls = append(calls, c)
	}
	return calls
}

// style is the part of the style that depends on the run: numbers only.
func (b *builder) style() string {
	var css strings.Builder
	fmt.Fprintf(&css, ":root{--lane:%dpx;--graph:%dpx}", b.width, b.width*len(b.lanes.all))
	for i := range b.lanes.all {
		fmt.Fprintf(&css, ".lane%d{left:%dpx;width:%dpx}", i, i*b.width, b.width)
	}
	for ms := range maxPeriodLED + 1 {
		if ms > 0 && b.periods[ms] {
			fmt.Fprintf(&css, ".ms%d{animation-duration:%dms}", ms, ms)
		}
	}
	return css.String()
}

// maxText is how much of a text is shown; the file has the rest. Chosen.
const maxText = 2000

// cut is the beginning of a text.
func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + " …"
	}
	return s
}

// short is a name that fits into a head.
func short(s string) string { return cut(clean(s), 60) }

// paragraphs are those of a text, each on a line.
func paragraphs(text string) (all []string) {
	for p := range strings.SplitSeq(text, "\n\n") {
		if p = strings.Join(strings.Fields(clean(p)), " "); p != "" {
			all = append(all, p)
		}
	}
	return all
}

// linesOf are the lines of a text that are not empty.
func linesOf(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(clean(line)); line != "" {
			all = append(all, line)
		}
	}
	return all
}
