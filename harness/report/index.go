package report

import (
	"cmp"
	_ "embed"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
)

var (
	//go:embed index.css
	indexCSS string
	//go:embed index.js
	indexJS string
	//go:embed index.html.tmpl
	indexHTML string
)

// Entry is a reproducer as the index shows it: what its file says, without its target.
type Entry struct {
	Target  string
	Version string // of the firmware, as the file names it
	Verdict string // the signature that it should show, or OK
	Name    string // of the file
	Link    string // to its report, or to the file; relative to the index
	Report  bool   // it is to a report
	Calls   []string
	Prose   string // its first paragraph
}

// ParseEntry reads a reproducer's text. What is not there stays empty: only the target can say whether the file is right.
func ParseEntry(text string) Entry {
	prose, rest, _ := strings.Cut("\n"+text, "\n-- prog --\n")
	program, want, _ := strings.Cut("\n"+rest, "\n-- want --\n")
	program, _, _ = strings.Cut(program, "\n-- schedule --\n")
	e := Entry{Calls: linesOf(program), Verdict: clean(strings.TrimSpace(want))}
	var said []string
	for line := range strings.SplitSeq(prose, "\n") {
		if target, ok := strings.CutPrefix(line, "target: "); ok {
			e.Target, e.Version, _ = strings.Cut(strings.TrimSpace(clean(target)), " ")
			e.Version = strings.Trim(e.Version, "()")
			continue
		}
		said = append(said, line)
	}
	if all := paragraphs(strings.Join(said, "\n")); len(all) > 0 {
		e.Prose = cut(all[0], 400)
	}
	return e
}

// Oracle is the name of the oracle whose contract is broken, OK if none is.
func (e *Entry) Oracle() string {
	oracle, _, _ := strings.Cut(e.Verdict, ": ")
	return cmp.Or(oracle, OK)
}

// What is the rest of the signature.
func (e *Entry) What() string {
	_, what, _ := strings.Cut(e.Verdict, ": ")
	return cmp.Or(what, e.Name)
}

// Fine says that the entry shows that something works.
func (e *Entry) Fine() bool { return e.Oracle() == OK }

// index is the page of a corpus.
type index struct {
	frame
	Bugs    int
	Fine    int
	Oracles []string
	Targets []indexTarget
}

// indexTarget is what the corpus has of a target.
type indexTarget struct {
	Name    string
	Version string
	Cells   []indexCell // by oracle
	Total   int
	Entries []Entry
}

// indexCell is how many entries an oracle has in a target.
type indexCell struct {
	Oracle string
	Count  int
	Heat   int // 0 to 4
}

// Index writes the page of a corpus: which oracle found what in which target, with links.
func Index(w io.Writer, tool string, entries []Entry) error {
	p := index{frame: newFrame(tool, indexCSS, indexJS)}
	byTarget := map[string][]Entry{}
	oracles := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		byTarget[e.Target] = append(byTarget[e.Target], *e)
		oracles[e.Oracle()] = true
		if e.Fine() {
			p.Fine++
		} else {
			p.Bugs++
		}
	}
	delete(oracles, OK)
	p.Oracles = slices.Sorted(maps.Keys(oracles))
	if p.Fine > 0 {
		p.Oracles = append(p.Oracles, OK)
	}
	for _, name := range slices.Sorted(maps.Keys(byTarget)) {
		p.Targets = append(p.Targets, newIndexTarget(name, byTarget[name], p.Oracles))
	}
	return indexTemplate.Execute(w, p)
}

var indexTemplate = template.Must(template.New("index").Parse(indexHTML))

func newIndexTarget(name string, entries []Entry, oracles []string) indexTarget {
	rank := func(e *Entry) int { return slices.Index(oracles, e.Oracle()) }
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(a.What(), b.What()), cmp.Compare(a.Name, b.Name))
	})
	t := indexTarget{Name: name, Entries: entries, Total: len(entries)}
	counts := map[string]int{}
	for i := range entries {
		counts[entries[i].Oracle()]++
		t.Version = cmp.Or(t.Version, entries[i].Version)
	}
	for _, o := range oracles {
		n := counts[o]
		t.Cells = append(t.Cells, indexCell{o, n, min(4, (n+2)/3)})
	}
	return t
}
