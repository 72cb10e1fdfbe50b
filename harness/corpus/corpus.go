// Package corpus keeps reproducers: text files that say in prose what the bug is, hold the smallest program that shows it, and the verdict
// wanted. It stands at the end of the pipeline and at its beginning: `go test` replays what is there, and fuzzing starts from it.
//
// The hard word is want: the verdict that a replay must give. If it is a violation the entry is a known bug, which fuzzing counts and goes
// past; if it is "ok" the bug is gone, and must not come back.
package corpus

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"unicode/utf8"

	"github.com/linkflap/linkflap/harness/prog"
)

// OK is the verdict of a run without violations.
const OK = "ok"

// Entry is one reproducer.
type Entry struct {
	Path   string // of its file
	Prose  string // what and why, in the driver's own terms; ends with the line that names target and version
	Prog   *prog.Prog
	Want   string // signature of a violation, or OK
	Target string // as in the line `target: name (module version)`, without "target: "
}

// Name is the entry's file name without folder and ending.
func (e *Entry) Name() string { return strings.TrimSuffix(filepath.Base(e.Path), ".txt") }

// NewEnv names the folder that takes new reproducers instead of the corpus, for runs that must not change it.
const NewEnv = "LINKFLAP_NEW"

// What the prose says until somebody, or `linkflap shrink`, changes it.
const (
	Unexplained = "Not yet explained."
	Unshrunk    = "Not yet shrunk."
)

const (
	progMark   = "-- prog --"
	wantMark   = "-- want --"
	targetMark = "target: "
	ending     = ".txt"
)

// String is the entry as it is in its file.
func (e *Entry) String() string {
	return fmt.Sprintf("%s\n\n%s%s\n\n%s\n%s\n%s\n%s\n", strings.TrimSpace(e.Prose), targetMark, e.Target, progMark, e.Prog, wantMark, e.Want)
}

// Parse reads an entry. Errors begin with file:line and say what is wrong.
func Parse(spec *prog.Spec, file, text string) (*Entry, error) {
	if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
		return nil, fmt.Errorf("%s:1: got binary data, want text", file)
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	prose, rest, ok := cutLine(text, progMark)
	if !ok {
		return nil, fmt.Errorf("%s:%d: got no line %q, want one before the program", file, lines(text), progMark)
	}
	first := lines(prose) + 2
	body, want, ok := cutLine(rest, wantMark)
	if !ok {
		return nil, fmt.Errorf("%s:%d: got no line %q, want one with the verdict after it", file, lines(text), wantMark)
	}
	e := &Entry{Path: file, Want: strings.TrimSpace(want)}
	if n := len(strings.FieldsFunc(e.Want, func(r rune) bool { return r == '\n' })); n != 1 {
		return nil, fmt.Errorf("%s:%d: got %d lines of verdict, want one: ok, or an oracle and what it saw", file, lines(text)-1, n)
	}
	if e.Prose, e.Target, ok = cutTarget(prose); !ok {
		return nil, fmt.Errorf("%s:%d: got no line %q, want one with name and version at the end of the prose", file, max(1, first-2), targetMark)
	}
	var err error
	e.Prog, err = prog.Parse(spec, file, first, body)
	return e, err
}

// cutLine cuts text around the first line that is mark.
func cutLine(text, mark string) (before, after string, ok bool) {
	if after, ok = strings.CutPrefix(text, mark+"\n"); ok {
		return "", after, true
	}
	before, after, ok = strings.Cut(text, "\n"+mark+"\n")
	return before, after, ok
}

func cutTarget(prose string) (before, target string, ok bool) {
	prose = strings.TrimSpace(prose)
	last := strings.LastIndexByte(prose, '\n') + 1
	target, ok = strings.CutPrefix(prose[last:], targetMark)
	return strings.TrimSpace(prose[:last]), strings.TrimSpace(target), ok
}

func lines(text string) int { return strings.Count(text, "\n") + 1 }

// Read reads every entry in dir, in the order of their names. A missing dir has none. Files that cannot be read are reported together and
// stay as they are.
func Read(spec *prog.Spec, dir string) ([]*Entry, error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil, nil
	}
	files, err := os.ReadDir(dir) // sorted
	if err != nil {
		return nil, err
	}
	var entries []*Entry
	var errs []error
	for _, f := range files {
		if filepath.Ext(f.Name()) != ending {
			continue
		}
		e, err := ReadFile(spec, filepath.Join(dir, f.Name()))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		entries = append(entries, e)
	}
	return entries, errors.Join(errs...)
}

// maxFile is the largest entry read: the largest program with a page of prose is a tenth of it.
const maxFile = 1 << 16

// ReadFile reads one entry.
func ReadFile(spec *prog.Spec, file string) (*Entry, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("%s:1: got %d bytes, want at most %d", file, info.Size(), maxFile)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return Parse(spec, file, string(text))
}

// Write writes e to its Path: first to a temporary file beside it, which then takes its place, so that a reader never sees half of it and a
// failed write leaves what was there.
func Write(e *Entry) error {
	if err := write(e.Path, e.String(), os.Rename); err != nil {
		return fmt.Errorf("cannot write %s: %w: make its folder writable; the program is printed above", e.Path, cause(err))
	}
	return nil
}

// Create writes an entry that is not there yet, whole or not at all. If its Path is taken the error is fs.ErrExist; of two processes that
// create the same Path one gets it.
func Create(e *Entry) error {
	if err := write(e.Path, e.String(), link); err != nil {
		return fmt.Errorf("cannot write %s: %w", e.Path, cause(err))
	}
	return nil
}

// Replace writes a text in place of what is in the file, whole or not at all.
func Replace(file, text string) error {
	if err := write(file, text, os.Rename); err != nil {
		return fmt.Errorf("cannot write %s: %w", file, cause(err))
	}
	return nil
}

// link gives the file from the name to, if there is no file of that name. File systems without links take their chance.
func link(from, to string) error {
	err := os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return &os.LinkError{Op: "link", Old: from, New: to, Err: fs.ErrExist}
	}
	return os.Rename(from, to)
}

// write writes a temporary file and lets put give it its place.
func write(file, text string, put func(from, to string) error) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.WriteString(text)
	if err := cmp.Or(err, tmp.Chmod(0o644), tmp.Close()); err != nil {
		return err
	}
	return put(tmp.Name(), file)
}

// cause is err without the paths that it names: the temporary file is nobody's business.
func cause(err error) error {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		return p.Err
	case errors.As(err, &l):
		return l.Err
	}
	return err
}

// maxName is how long a file's name gets, without its ending.
const maxName = 60

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// FileName is the name for a new entry about the bug with this signature: readable, and the same for the same bug.
func FileName(signature string) string {
	words := strings.Split(strings.Trim(notWord.ReplaceAllString(strings.ToLower(signature), "-"), "-"), "-")
	name := words[0][:min(maxName, len(words[0]))]
	for _, w := range words[1:] {
		if len(name)+1+len(w) > maxName {
			break
		}
		name += "-" + w
	}
	return cmp.Or(name, "entry") + ending
}
