package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Head is what can be said of an entry without knowing its target's ops.
type Head struct {
	Path     string
	Target   string // name
	Firmware string // what stands in parentheses after the name, "" if nothing
	Prose    string
	Want     string
	Calls    int
}

// Explained says that somebody wrote why.
func (h *Head) Explained() bool { return !strings.Contains(h.Prose, Unexplained) }

// Shrunk says that the program is as small as it gets.
func (h *Head) Shrunk() bool { return !strings.Contains(h.Prose, Unshrunk) }

// Skim reads the heads of all entries below dir, in the order of their paths. Each is in the folder of its target. The errors, one for each
// file that is no entry, begin with file:line.
func Skim(dir string) (heads []Head, errs []error) {
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"+ending))
	if err != nil {
		return nil, []error{err}
	}
	for _, f := range files { // sorted
		text, err := os.ReadFile(f)
		if err == nil {
			var h Head
			if h, err = head(f, string(text)); err == nil {
				heads = append(heads, h)
			}
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return heads, errs
}

// head is Parse for those who have no spec.
func head(file, text string) (Head, error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	prose, rest, ok := cutLine(text, progMark)
	body, want, found := cutLine(rest, wantMark)
	if !ok || !found {
		return Head{}, fmt.Errorf("%s:%d: got no lines %q and %q, want both", file, lines(text), progMark, wantMark)
	}
	h := Head{Path: file, Want: strings.TrimSpace(want)}
	var target string
	if h.Prose, target, ok = cutTarget(prose); !ok {
		return Head{}, fmt.Errorf("%s:%d: got no line %q, want one at the end of the prose", file, max(1, lines(prose)-1), targetMark)
	}
	h.Target, h.Firmware, _ = strings.Cut(target, " ")
	h.Firmware = strings.Trim(h.Firmware, "()")
	calls, _, _ := cutLine(body+"\n", "-- schedule --")
	for line := range strings.SplitSeq(calls, "\n") {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			h.Calls++
		}
	}
	return h, nil
}
