package instrument

import (
	"cmp"
	"slices"
	"strings"
)

// An edit replaces the bytes [start, end) of a file with text. start == end inserts.
type edit struct {
	start, end int
	text       string
}

// apply returns src[from:to] with the edits in that range applied. Edits with the same start are applied in the order given.
func apply(src []byte, from, to int, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	at := from
	for _, e := range edits {
		out.Write(src[at:e.start])
		out.WriteString(e.text)
		at = e.end
	}
	out.Write(src[at:to])
	return out.String()
}

// newlines counts the line breaks in s.
func newlines(s string) int { return strings.Count(s, "\n") }

// padTo appends line breaks to s until it has want of them, so that what follows keeps its line number.
func padTo(s string, want int) string {
	return s + strings.Repeat("\n", max(0, want-newlines(s)))
}
