package harness

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // libFuzzer's name for an input
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
)

// streams are a program as a fuzz function gets it: world, calls, schedule.
type streams [3][]byte

func streamsOf(world, calls, schedule []byte) streams { return streams{world, calls, schedule} }

func (b streams) decode(spec *prog.Spec) *prog.Prog { return prog.Decode(spec, b[0], b[1], b[2]) }

// nativeHead is the first line of the native engine's files.
const nativeHead = "go test fuzz v1"

// read reads a program in any of its forms: a reproducer, a file of the native engine's, which is what broke a fuzz function, in testdata/fuzz,
// or what it found interesting, in its cache; all else is an input of libFuzzer's, or a file that libFuzzer kept.
func (s *session[D]) read(file string) (streams, error) {
	text, err := os.ReadFile(file)
	switch {
	case err != nil:
		return streams{}, err
	case bytes.HasPrefix(text, []byte(nativeHead)):
		return native(file, string(text))
	case isReproducer(file, text):
		e, err := corpus.ReadFile(s.spec, file)
		if err != nil {
			return streams{}, err
		}
		return streamsOf(e.Prog.Encode()), nil
	}
	return streamsOf(prog.Split(text)), nil
}

func isReproducer(file string, text []byte) bool {
	return filepath.Ext(file) == ".txt" || bytes.Contains(text, []byte("\n-- prog --\n"))
}

func native(file, text string) (b streams, err error) {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if lines[0] != nativeHead || len(lines) != 4 {
		return b, fmt.Errorf("%s:1: got no input of a fuzz function of harness.Fuzz, want the line %q and three of []byte(...)", file, nativeHead)
	}
	for i, line := range lines[1:] {
		quoted, ok := strings.CutPrefix(line, "[]byte(")
		value, err := strconv.Unquote(strings.TrimSuffix(quoted, ")"))
		if !ok || err != nil {
			return b, fmt.Errorf("%s:%d: got %q, want []byte(...)", file, i+2, line)
		}
		b[i] = []byte(value)
	}
	return b, nil
}

// convert writes programs in another form. They are those in a file or in the files of a folder, or the target's reproducers.
func (s *session[D]) convert(t *testing.T, q *ask.Question, a *ask.Answer) error {
	files, err := s.sources(q.File)
	if err != nil {
		return err
	}
	a.File = q.Out
	if a.File == "" {
		a.File = s.newDir()
	}
	if err := os.MkdirAll(a.File, 0o755); err != nil {
		return err
	}
	for _, file := range files {
		b, err := s.read(file)
		if err != nil {
			return err
		}
		name, text := s.form(t, b, q.Form)
		if name == "" {
			a.Drop = append(a.Drop, file)
			continue
		}
		a.Kept++
		if err := corpus.Replace(filepath.Join(a.File, name), text); err != nil {
			return err
		}
	}
	return nil
}

// sources are the files to convert.
func (s *session[D]) sources(from string) (files []string, err error) {
	if from == "" {
		from = s.dir()
	}
	if info, err := os.Stat(from); err != nil || !info.IsDir() {
		return []string{from}, err
	}
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && !strings.HasPrefix(d.Name(), ".") {
			files = append(files, path)
		}
		return err
	})
	if err == nil && len(files) == 0 {
		err = errors.New("found no files in " + s.relative(from))
	}
	return files, err
}

// form is a program in one form, and a name for the file, as the engine would call it. The name is "" if the program has no such form: text has
// none of a program without calls.
func (s *session[D]) form(t *testing.T, b streams, form ask.Form) (name, text string) {
	switch form {
	case ask.LibFuzzer:
		buffer := prog.Join(b[0], b[1], b[2])
		return fmt.Sprintf("%x", sha1.Sum(buffer)), string(buffer) //nolint:gosec // as above
	case ask.Native:
		text = fmt.Sprintf("%s\n[]byte(%q)\n[]byte(%q)\n[]byte(%q)\n", nativeHead, b[0], b[1], b[2])
		return fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16], text
	}
	p := b.decode(s.spec)
	if len(p.Calls) == 0 {
		return "", ""
	}
	e := s.unexplained(p, s.target.Run(t, p, false).Verdict())
	sum := sha256.Sum256([]byte(p.String()))
	return fmt.Sprintf("%s-%x.txt", strings.TrimSuffix(corpus.FileName(e.Want), ".txt"), sum[:4]), e.String()
}

// unexplained is a reproducer that nobody has looked at.
func (s *session[D]) unexplained(p *prog.Prog, want string) *corpus.Entry {
	return &corpus.Entry{Prog: p, Want: want, Prose: corpus.Unexplained, Target: s.title()}
}

// entry reads a reproducer, or makes one of an input.
func (s *session[D]) entry(t *testing.T, file string) (*corpus.Entry, error) {
	if text, err := os.ReadFile(file); err == nil && isReproducer(file, text) {
		return corpus.ReadFile(s.spec, file)
	}
	b, err := s.read(file)
	if err != nil {
		return nil, err
	}
	p := b.decode(s.spec)
	if len(p.Calls) == 0 {
		return nil, fmt.Errorf("%s: got a program without calls, want some", file)
	}
	e := s.unexplained(p, s.target.Run(t, p, false).Verdict())
	e.Path = file
	return e, nil
}
