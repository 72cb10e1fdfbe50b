package instrument

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const loadMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo

// load type-checks the listed packages in their original form.
func (p *project) load(ctx context.Context) ([]*source, error) {
	pkgs, err := p.loadPackages(ctx, "off")
	if err != nil {
		return nil, err
	}
	var sources []*source
	for _, pkg := range pkgs {
		s, err := p.newSource(pkg)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
	}
	return sources, nil
}

// loadPackages type-checks the listed packages as go.work file work sees them. What does not build is an error with its place.
func (p *project) loadPackages(ctx context.Context, work string) ([]*packages.Package, error) {
	cfg := &packages.Config{Context: ctx, Mode: loadMode, Dir: p.dir, Env: append(os.Environ(), "GOWORK="+work)}
	pkgs, err := packages.Load(cfg, p.list...)
	if err != nil {
		return nil, err
	}
	var broken []packages.Error // what a package imports comes first: its errors cause the others
	packages.Visit(pkgs, nil, func(pkg *packages.Package) { broken = append(broken, pkg.Errors...) })
	if len(broken) > 0 {
		return nil, p.loadError(broken)
	}
	slices.SortFunc(pkgs, func(a, b *packages.Package) int { return strings.Compare(a.PkgPath, b.PkgPath) })
	return pkgs, nil
}

// loadError is one line for all errors of a load: the first cause, not a package that could not be imported because of it.
func (p *project) loadError(errs []packages.Error) error {
	cause := slices.IndexFunc(errs, func(e packages.Error) bool {
		return strings.Contains(e.Pos, ":") && !strings.HasPrefix(e.Msg, "could not import")
	})
	first := errs[max(cause, 0)]
	more := ""
	if len(errs) > 1 {
		more = fmt.Sprintf(" (and %d more)", len(errs)-1)
	}
	if file, rest, ok := strings.Cut(first.Pos, ":"); ok {
		line, _, _ := strings.Cut(rest, ":")
		return fmt.Errorf("%s:%s: %s%s", p.label(file), line, oneLine(first.Msg), more)
	}
	return fmt.Errorf("%s%s", oneLine(first.Msg), more)
}

// oneLine is the first line of a go command's message that says something, and the next where it ends in a colon.
func oneLine(msg string) string {
	first, rest, more := strings.Cut(strings.TrimSpace(msg), "\n")
	if more && strings.HasPrefix(first, "# ") {
		return oneLine(rest)
	}
	if strings.HasSuffix(first, ":") {
		first += " " + oneLine(rest)
	}
	return first
}

func (p *project) newSource(pkg *packages.Package) (*source, error) {
	i := slices.IndexFunc(p.modules, func(m *module) bool { return m.packages[pkg.PkgPath] != "" })
	m := p.modules[i]
	s := &source{pkg: pkg, version: m.Version, goVer: m.GoVersion, files: map[string][]byte{}, label: p.label}
	for _, name := range pkg.GoFiles {
		if !slices.Contains(pkg.CompiledGoFiles, name) {
			return nil, fmt.Errorf(`%s:1: import "C" is not supported: exclude the file with a build constraint, or set CGO_ENABLED=0`, p.label(name))
		}
	}
	for _, name := range pkg.CompiledGoFiles {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		s.files[name] = data
	}
	return s, nil
}

// label names a file of a module, or of its copy, as errors show it: tinygo.org/x/drivers@v0.37.0/wifinina/pins.go.
func (p *project) label(file string) string {
	for _, m := range p.modules {
		rel, err := filepath.Rel(m.Dir, file)
		if err != nil || !filepath.IsLocal(rel) {
			_, rel, _ = strings.Cut(file, string(filepath.Separator)+m.copyName()+string(filepath.Separator))
		}
		if rel != "" {
			return m.Path + "@" + m.Version + "/" + filepath.ToSlash(rel)
		}
	}
	return file
}
