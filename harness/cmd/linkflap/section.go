package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/linkflap/linkflap/harness/corpus"
)

// section is a part of a file that a command writes: what is between the lines <!-- name --> and <!-- /name -->.
type section struct {
	file, name string
	command    string // that writes it
}

// put writes content there, if it is not there yet. If it may only check, other content is an error.
func (s section) put(content string, check bool) (changed bool, err error) {
	text, err := os.ReadFile(s.file)
	if err != nil {
		return false, err
	}
	whole, err := between(string(text), s.name, content)
	switch {
	case err != nil:
		return false, fmt.Errorf("%s: %w", s.file, err)
	case whole == string(text):
		return false, nil
	case check:
		return false, fmt.Errorf("%s: what is between the %s marks is not current: run %s", s.file, s.name, s.command)
	}
	return true, corpus.Replace(s.file, whole)
}

// between replaces what is between the marks.
func between(text, name, content string) (string, error) {
	first, last := "<!-- "+name+" -->\n", "<!-- /"+name+" -->\n"
	before, rest, ok := strings.Cut(text, first)
	_, after, end := strings.Cut(rest, last)
	if !ok || !end {
		return "", fmt.Errorf("got no lines %q and %q, want both", strings.TrimSpace(first), strings.TrimSpace(last))
	}
	return before + first + "\n" + strings.TrimSpace(content) + "\n\n" + last + after, nil
}
