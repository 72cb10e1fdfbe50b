package instrument

import (
	"crypto/sha256"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/linkflap/linkflap/harness/sim/shim"
)

// shimVersion is what the generated code says it was made for.
const shimVersion = shim.Version

// The rewriting rules are this package's own source: any change of it makes all copies stale.
//
//go:embed *.go
var rules embed.FS

func rulesHash() string {
	h := sha256.New()
	files, _ := rules.ReadDir(".")
	for _, f := range files {
		data, _ := rules.ReadFile(f.Name())
		if !strings.HasSuffix(f.Name(), "_test.go") {
			fmt.Fprintf(h, "%s %d\n%s", f.Name(), len(data), data)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

func (p *project) stampFile() string { return filepath.Join(p.dir, buildDir, "linkflap.stamp") }

// stamp records everything that the copies depend on: one "key name value" a line.
func (p *project) stamp() string {
	var out strings.Builder
	fmt.Fprintf(&out, "linkflap rules %s shim %s\n", rulesHash(), shimVersion)
	fmt.Fprintf(&out, "go %s %s/%s cgo=%s %s\n", p.env.GOVERSION, p.env.GOOS, p.env.GOARCH, p.env.CGO_ENABLED, p.env.GOFLAGS)
	for _, m := range p.modules {
		fmt.Fprintf(&out, "module %s %s\n", m.Path, strings.TrimSpace(m.Version+" "+m.hash))
	}
	for _, path := range p.list {
		fmt.Fprintf(&out, "package %s\n", path)
	}
	return out.String()
}

// stale says in one clause why the copies cannot be used as they are. It is "" if they can.
func (p *project) stale() string {
	data, err := os.ReadFile(p.stampFile())
	if err != nil {
		return "instrumented copy is missing"
	}
	for _, m := range p.modules {
		if _, err := os.Stat(filepath.Join(p.dir, buildDir, m.copyName())); err != nil && string(data) == p.stamp() {
			return "instrumented copy of " + m.Path + " is missing"
		}
	}
	if string(data) != p.stamp() {
		return "instrumented copy is stale: " + p.difference(string(data))
	}
	if work, err := os.ReadFile(p.workFile()); err != nil {
		return "instrumented copy is not in use: go.work is missing"
	} else if string(work) != p.workText("./"+buildDir) {
		return "instrumented copy is not in use: go.work was changed"
	}
	return ""
}

// difference says what changed since a stamp was written.
func (p *project) difference(old string) string {
	had := map[string]string{}
	for line := range strings.Lines(old) {
		if f := strings.SplitN(strings.TrimSpace(line), " ", 3); len(f) == 3 && f[0] == "module" {
			had[f[1]] = f[2]
		}
	}
	for _, m := range p.modules {
		version, _, _ := strings.Cut(had[m.Path], " ")
		switch {
		case version == "":
			return m.Path + " has no copy yet"
		case version != m.Version:
			return fmt.Sprintf("%s is %s, copy is %s", m.Path, m.Version, version)
		case had[m.Path] != strings.TrimSpace(m.Version+" "+m.hash):
			return m.Path + " has changed in " + m.Dir
		}
	}
	oldLines, newLines := strings.Split(old, "\n"), strings.Split(p.stamp(), "\n")
	switch {
	case oldLines[0] != newLines[0]:
		return "linkflap has changed"
	case len(oldLines) > 1 && oldLines[1] != newLines[1]:
		return "the go command or its settings have changed"
	}
	return listFile + " has changed"
}
