package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/linkflap/linkflap/harness/corpus"
)

// trackRecord is a table for each target that has a known bug, folded.
func trackRecord(heads []corpus.Head) string {
	var targets []string
	for i := range heads {
		if !slices.Contains(targets, heads[i].Target) {
			targets = append(targets, heads[i].Target)
		}
	}
	slices.Sort(targets)
	var b strings.Builder
	for _, target := range targets {
		rows := trackRows(heads, target)
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n<details>\n<summary><b>%s</b>: %s</summary>\n\n", cell(target), tell(heads, target))
		fmt.Fprintf(&b, "| violation | calls | contract | reported | last reproduced at |\n| --- | --- | --- | --- | --- |\n%s", strings.Join(rows, ""))
		fmt.Fprintf(&b, "\n</details>\n")
	}
	return b.String() + "\n"
}

// trackRows are a target's known bugs, each with the reproducer that says most.
func trackRows(heads []corpus.Head, target string) (rows []string) {
	best := map[string]*corpus.Head{}
	var wants []string
	for i := range heads {
		h := &heads[i]
		if h.Target != target || h.Want == corpus.OK {
			continue
		}
		if best[h.Want] == nil {
			wants = append(wants, h.Want)
		}
		if best[h.Want] == nil || better(h, best[h.Want]) {
			best[h.Want] = h
		}
	}
	slices.Sort(wants)
	for _, want := range wants {
		h := best[want]
		contract, since := contractOf(h)
		if !h.Explained() {
			contract = "not yet explained"
		}
		at := h.Firmware[strings.LastIndexByte(h.Firmware, ' ')+1:]
		rows = append(rows, fmt.Sprintf("| [%s](%s) | %d | %s | %s | %s |\n",
			cell(h.Want), path.Clean(h.Path), h.Calls, cell(contract), cell(reported(since)), cell(at)))
	}
	return rows
}

// better says that a shows the same bug better than b: explained rather than not, and in fewer calls.
func better(a, b *corpus.Head) bool {
	if a.Explained() != b.Explained() {
		return a.Explained()
	}
	return a.Calls < b.Calls
}

// sentence is the first of a paragraph.
var sentence = regexp.MustCompile(`^.*?\.["”]?(?:\s|$)`)

// contractOf is the paragraph of the prose that begins with "Contract:", cut after its first sentence: which contract is broken, and what came
// of it. Both are "" if there is none.
func contractOf(h *corpus.Head) (contract, since string) {
	_, rest, ok := strings.Cut("\n"+h.Prose, "\nContract: ")
	if !ok {
		return "", ""
	}
	rest, _, _ = strings.Cut(rest, "\n\n")
	rest = strings.Join(strings.Fields(rest), " ")
	contract = sentence.FindString(rest)
	if contract == "" {
		contract = rest
	}
	return strings.TrimSuffix(strings.TrimSpace(contract), "."), strings.TrimSpace(rest[len(contract):])
}

// reference matches what names a report: an issue or a pull request, with or without its repository, or a commit.
var reference = regexp.MustCompile(`(?:[\w.-]+/[\w.-]+ )?\b(?:issue|pull request|commit) #?\w+|[\w.-]+/[\w.-]+#\d+|https?://\S+\w`)

// reported says where the bug was reported or fixed, by what the prose says after the contract; "" if it says nothing.
func reported(since string) string {
	if strings.HasPrefix(since, "Not reported upstream") {
		return "no"
	}
	var all []string
	for _, r := range reference.FindAllString(since, -1) {
		if !slices.Contains(all, r) {
			all = append(all, r)
		}
	}
	return strings.Join(all, ", ")
}

var cellEscapes = strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "[", `\[`, "]", `\]`, "`", "\\`", "*", `\*`, "_", `\_`)

// cell is a text as the cell of a table in Markdown.
func cell(text string) string {
	return cellEscapes.Replace(escape(strings.Join(strings.Fields(text), " ")))
}
