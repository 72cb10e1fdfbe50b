package main

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/linkflap/linkflap/harness/report"
)

// index writes the page of all reproducers in the folders.
func (c *reportCmd) index(to streams) error {
	out := cmp.Or(c.Out, "index.html")
	beside := filepath.Dir(out)
	if out == "-" {
		beside = "."
	}
	folders := c.Files
	if len(folders) == 0 {
		folders = []string{filepath.Join(c.Dir, "corpus")}
	}
	var entries []report.Entry
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) != ".txt" {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			e := report.ParseEntry(string(text))
			e.Name = strings.TrimSuffix(filepath.Base(path), ".txt")
			if e.Target == "" {
				e.Target = filepath.Base(filepath.Dir(path))
			}
			e.Link, e.Report = link(beside, folder, path)
			entries = append(entries, e)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return fmt.Errorf("found no reproducer in %s", strings.Join(folders, ", "))
	}
	var text strings.Builder
	if err := report.Index(&text, "", entries); err != nil {
		return err
	}
	return c.put(to, out, text.String())
}

// link is where the index refers to for a reproducer: its report, which is beside the index as target/name.html or name.html, or else the
// file itself. It is relative to the index.
func link(beside, folder, path string) (to string, isReport bool) {
	name := strings.TrimSuffix(path, ".txt") + ".html"
	if in, err := filepath.Rel(folder, name); err == nil {
		for _, page := range []string{in, filepath.Join(filepath.Base(filepath.Dir(path)), filepath.Base(name)), filepath.Base(name)} {
			if _, err := os.Stat(filepath.Join(beside, page)); err == nil {
				return filepath.ToSlash(page), true
			}
		}
	}
	from, err := filepath.Abs(beside)
	if err != nil {
		return filepath.ToSlash(path), false
	}
	if abs, err := filepath.Abs(path); err == nil {
		if rel, err := filepath.Rel(from, abs); err == nil {
			return filepath.ToSlash(rel), false
		}
	}
	return filepath.ToSlash(path), false
}
