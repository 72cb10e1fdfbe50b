package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable writes text to people: what a terminal would obey is shown as an escape instead. Programs, firmware and corpus files may hold
// anything.
type printable struct{ w io.Writer }

func (p printable) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.w, escape(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

// escape replaces what is neither print nor layout.
func escape(text string) string {
	if !strings.ContainsFunc(text, hidden) {
		return text // and valid UTF-8: utf8.RuneError is hidden
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case !hidden(r):
			b.WriteRune(r)
		case r == utf8.RuneError:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

func hidden(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' || r == utf8.RuneError }

// screen draws lines that change at the bottom of a terminal. A nil screen draws nothing.
type screen struct {
	file  *os.File
	drawn int // lines
}

// newScreen is the terminal that w writes to, nil if it is none.
func newScreen(w io.Writer) *screen {
	p, _ := w.(printable)
	f, ok := p.w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return nil
	}
	if _, _, err := windowSize(f); err != nil {
		return nil
	}
	return &screen{file: f}
}

// draw replaces the lines that are drawn.
func (s *screen) draw(rows []string) {
	if s == nil {
		return
	}
	width, height, err := windowSize(s.file)
	if err != nil {
		return
	}
	rows = rows[:min(len(rows), max(1, height-1))]
	var b strings.Builder
	b.WriteString(s.up())
	for _, r := range rows {
		runes := []rune(escape(strings.ReplaceAll(r, "\n", " ")))
		b.WriteString(string(runes[:min(len(runes), max(0, width-1))]))
		b.WriteString("\x1b[K\n")
	}
	_, _ = io.WriteString(s.file, b.String())
	s.drawn = len(rows)
}

// clear removes the lines that are drawn.
func (s *screen) clear() {
	if s != nil && s.drawn > 0 {
		_, _ = io.WriteString(s.file, s.up())
		s.drawn = 0
	}
}

// up goes back to the first line that is drawn, and clears from there.
func (s *screen) up() string {
	if s.drawn == 0 {
		return ""
	}
	return fmt.Sprintf("\x1b[%dA\x1b[J", s.drawn)
}
