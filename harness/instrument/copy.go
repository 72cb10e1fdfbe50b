package instrument

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"go/version"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"
)

// files calls f for each file of the module that a copy needs: not tests, nor, unless listed packages are there, test data,
// examples, hidden directories and nested modules.
func (m *module) files(f func(rel string) error) error {
	return filepath.WalkDir(m.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(m.Dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel != "." && m.skips(path, d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		return f(rel)
	})
}

func (m *module) skips(path, name string) bool {
	for _, dir := range m.packages {
		if strings.HasPrefix(dir+string(filepath.Separator), path+string(filepath.Separator)) {
			return false
		}
	}
	if name == "testdata" || name == "examples" || name == "vendor" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(path, "go.mod"))
	return err == nil
}

// copyModule copies m to the new directory to, writable, with the go.mod that the go command uses for it.
func copyModule(to string, m *module) error {
	err := m.files(func(rel string) error {
		data, err := os.ReadFile(filepath.Join(m.Dir, rel))
		if err != nil {
			return err
		}
		return writeFile(filepath.Join(to, rel), data)
	})
	if err != nil {
		return err
	}
	data, err := os.ReadFile(m.GoMod)
	if err != nil {
		return err
	}
	if data, err = raiseGo(m.GoMod, data); err != nil {
		return err
	}
	return writeFile(filepath.Join(to, "go.mod"), data)
}

// raiseGo gives a go.mod the language version that rewritten code needs: 1.21, for generic functions.
func raiseGo(name string, data []byte) ([]byte, error) {
	f, err := modfile.ParseLax(name, data, nil)
	if err != nil {
		return nil, err
	}
	had := "1.16" // what the go command takes for a go.mod without a go line
	if f.Go != nil {
		had = f.Go.Version
	}
	if version.Compare("go"+had, "go1.21") >= 0 {
		return data, nil
	}
	if err := f.AddGoStmt("1.21"); err != nil {
		return nil, err
	}
	return f.Format()
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// contents is a hash of what copyModule would copy.
func (m *module) contents() (string, error) {
	h := sha256.New()
	err := m.files(func(rel string) error {
		data, err := os.ReadFile(filepath.Join(m.Dir, rel))
		fmt.Fprintf(h, "%s %d\n%s", filepath.ToSlash(rel), len(data), data)
		return err
	})
	return fmt.Sprintf("%x", h.Sum(nil)[:8]), err
}

// writePackage overwrites a package in the copies below dir. Its files that a build constraint excludes go: nobody rewrote them.
func (p *project) writePackage(dir string, s *source, files map[string]string) error {
	m := p.moduleOf(s.pkg.PkgPath)
	to := filepath.Join(dir, m.copyName(), strings.TrimPrefix(m.packages[s.pkg.PkgPath], m.Dir))
	for _, name := range s.pkg.IgnoredFiles {
		if err := os.RemoveAll(filepath.Join(to, filepath.Base(name))); err != nil {
			return err
		}
	}
	for name, text := range files {
		if err := writeFile(filepath.Join(to, filepath.Base(name)), []byte(text)); err != nil {
			return err
		}
	}
	return nil
}

func (p *project) moduleOf(pkgPath string) *module {
	return p.modules[slices.IndexFunc(p.modules, func(m *module) bool { return m.packages[pkgPath] != "" })]
}

// install moves the copies from tmp to their places in build/, and writes go.work and the stamp last.
func (p *project) install(tmp string) error {
	if err := os.Remove(p.stampFile()); err != nil && !os.IsNotExist(err) {
		return err
	}
	for _, m := range p.modules {
		to := filepath.Join(p.dir, buildDir, m.copyName())
		if err := os.RemoveAll(to); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(tmp, m.copyName()), to); err != nil {
			return err
		}
	}
	if err := replaceFile(p.workFile(), p.workText("./"+buildDir)); err != nil {
		return err
	}
	return replaceFile(p.stampFile(), p.stamp())
}

// replaceFile writes a file so that a reader sees all of it or what was there before.
func replaceFile(name, text string) error {
	if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, []byte(text)) {
		return nil
	}
	if err := os.WriteFile(name+".tmp", []byte(text), 0o666); err != nil {
		return err
	}
	return os.Rename(name+".tmp", name)
}
