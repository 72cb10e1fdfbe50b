package harness_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/tools/go/packages"
)

const module = "github.com/linkflap/linkflap/"

// mayImport says what the packages of a folder may import besides the standard library, in code that is no test. Names are folders of the
// module, and x/... is x and everything below it; tools are other people's modules that are not firmware. The first row that fits counts.
var mayImport = []struct{ folder, imports string }{
	{"harness", "harness/prog harness/trace harness/sim harness/sim/shim harness/oracle harness/shrink harness/corpus harness/report harness/ask harness/tally harness/libfuzzer tools"},
	{"harness/prog", "tools"},
	{"harness/trace", ""},
	{"harness/sim", "harness/prog harness/trace"},
	{"harness/sim/shim", "harness/sim harness/trace"},
	{"harness/oracle", "harness/prog harness/trace"},
	{"harness/shrink", "harness/prog"},
	{"harness/corpus", "harness/prog"},
	{"harness/report", "harness/prog harness/trace"},
	{"harness/tally", ""},
	{"harness/libfuzzer", ""},
	{"harness/...", "harness/... tools"}, // the command line and the instrumenter
	{"mocks/...", "harness/sim harness/trace mocks/... machine"},
	{"machine", ""},
	{"targets/...", "harness/... mocks/... targets/... machine firmware tools"},
}

func TestImports(t *testing.T) {
	pkgs, err := packages.Load(&packages.Config{Mode: packages.NeedName | packages.NeedImports, Dir: ".."}, "./...", "machine")
	require.NoError(t, err)
	require.Greater(t, len(pkgs), 10)
	for _, p := range pkgs {
		require.Empty(t, p.Errors, p.PkgPath)
		allowed := allowedImports(t, strings.TrimPrefix(p.PkgPath, module))
		for path := range p.Imports {
			if name := classify(path); name != "" && !matchesAny(allowed, name) {
				t.Errorf("%s imports %s, want nothing but %q", p.PkgPath, path, allowed)
			}
		}
	}
}

// classify is what mayImport calls a package, "" for the standard library's.
func classify(path string) string {
	name, ours := strings.CutPrefix(path, module)
	host, _, _ := strings.Cut(path, "/")
	switch {
	case ours || path == "machine":
		return name
	case matchesAny([]string{"tinygo.org/x/...", "github.com/soypat/..."}, path):
		return "firmware"
	case strings.Contains(host, "."):
		return "tools"
	}
	return ""
}

func allowedImports(t *testing.T, pkg string) []string {
	for _, row := range mayImport {
		if matchesAny([]string{row.folder}, pkg) {
			return strings.Fields(row.imports)
		}
	}
	t.Errorf("%s: no row of mayImport says what it may import", pkg)
	return nil
}

func matchesAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		folder, below := strings.CutSuffix(pattern, "/...")
		return name == folder || below && strings.HasPrefix(name, folder+"/")
	})
}

func TestTheRulesCatchWhatTheyForbid(t *testing.T) {
	for _, c := range []struct {
		pkg, imports string
		ok           bool
	}{
		{"harness/oracle", module + "harness/sim", false},
		{"harness/oracle", module + "harness/trace", true},
		{"harness/oracle", "tinygo.org/x/drivers/wifinina", false},
		{"harness/oracle", module + "mocks/nina", false},
		{"harness", module + "mocks/nina", false},
		{"harness/cmd/linkflap", module + "targets/wifinina", false},
		{"mocks/nina", "tinygo.org/x/drivers", false},
		{"mocks/nina", module + "harness/oracle", false},
		{"mocks/nina", module + "mocks/air", true},
		{"mocks/nina", "machine", true},
		{"targets/wifinina", "tinygo.org/x/drivers/wifinina", true},
		{"targets/wifinina", module + "harness", true},
		{"harness/trace", "time", true},
	} {
		name := classify(c.imports)
		require.Equal(t, c.ok, name == "" || matchesAny(allowedImports(t, c.pkg), name), "%s imports %s", c.pkg, c.imports)
	}
}

func TestTopLevel(t *testing.T) {
	allowed := strings.Fields("harness targets corpus mocks go.mod go.sum Makefile README.md LICENSE instrument.txt " +
		"build out go.work go.work.sum") // the last ones are made, and git-ignored
	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	for _, e := range entries {
		dot := strings.HasPrefix(e.Name(), ".")
		test := strings.HasSuffix(e.Name(), ".test") // git-ignored too
		require.True(t, dot || test || slices.Contains(allowed, e.Name()), "got %s in the top level, want it in one of the folders", e.Name())
	}
}

// source is one Go file of the repository.
type source struct {
	path  string // from the top level
	lines int
	file  *ast.File
	fset  *token.FileSet
}

func (s *source) test() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s *source) in(folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return strings.HasPrefix(s.path, f+"/") })
}

// sources are the files written by hand, in all modules of the repository.
func sources(t *testing.T) (all []*source) {
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		path, _ := filepath.Rel("..", file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (path == "build" || path == "out" || d.Name() == "testdata" || len(path) > 1 && path[0] == '.'):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		s := &source{path: filepath.ToSlash(path), lines: strings.Count(string(text), "\n"), fset: token.NewFileSet()}
		s.file, err = parser.ParseFile(s.fset, s.path, text, parser.ParseComments)
		require.NoError(t, err)
		if !ast.IsGenerated(s.file) {
			all = append(all, s)
		}
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 50)
	return all
}

const (
	maxFunction = 70 // lines
	maxFile     = 400
)

func TestStyle(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines > maxFile {
			t.Errorf("%s: got %d lines, want at most %d", s.path, s.lines, maxFile)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			at := s.fset.Position(f.Pos())
			if n := s.fset.Position(f.End()).Line - at.Line + 1; n > maxFunction {
				t.Errorf("%s: got %s with %d lines, want at most %d", at, f.Name.Name, n, maxFunction)
			}
			if f.Recv == nil && f.Name.Name == "init" {
				t.Errorf("%s: got func init, want a table or an explicit call", at)
			}
		}
	}
}

// The world's randomness is in the program and its time is virtual: whoever sleeps or throws dice by himself makes replays lie.
func TestNobodySleepsOrThrowsDice(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.file.Imports {
			if path := strings.Trim(i.Path.Value, `"`); s.in("mocks", "harness/sim") && !s.test() && strings.HasPrefix(path, "math/rand") {
				t.Errorf("%s: got an import of %s, want nothing random in a run", s.fset.Position(i.Pos()), path)
			}
		}
		if s.test() || s.in("harness/sim") {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "Sleep" {
				if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "time" {
					t.Errorf("%s: got time.Sleep, want the world's", s.fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
}

// Of packages that others import every exported name says what it promises, and an example shows how the names fit together.
func TestPackagesAreDocumented(t *testing.T) {
	type pkg struct{ comment, example bool }
	pkgs := map[string]*pkg{}
	for _, s := range sources(t) {
		if !s.in("harness", "mocks") || s.file.Name.Name == "main" {
			continue
		}
		folder := path.Dir(s.path)
		if pkgs[folder] == nil {
			pkgs[folder] = &pkg{}
		}
		p := pkgs[folder]
		if s.test() {
			p.example = p.example || slices.ContainsFunc(doc.Examples(s.file), func(e *doc.Example) bool { return e.Output != "" })
			continue
		}
		p.comment = p.comment || strings.HasPrefix(s.file.Doc.Text(), "Package "+s.file.Name.Name+" ")
		for _, name := range undocumented(s.file) {
			t.Errorf("%s: got no comment that begins with %s, want its contract", s.fset.Position(name.Pos()), name.Name)
		}
	}
	for folder, p := range pkgs {
		if !p.comment {
			t.Errorf("%s: got no package comment, want one", folder)
		}
		if !p.example {
			t.Errorf("%s: got no example with output, want one", folder)
		}
	}
}

// undocumented are the exported names of a file whose comment is missing, or begins with something else. Of constants and variables
// together, one comment is enough.
func undocumented(f *ast.File) (names []*ast.Ident) {
	check := func(name *ast.Ident, ok bool) {
		if name.IsExported() && !ok {
			names = append(names, name)
		}
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			check(d.Name, begins(d.Doc, d.Name) || d.Recv != nil && !receiver(d.Recv.List[0].Type).IsExported())
		case *ast.GenDecl:
			together := d.Lparen.IsValid()
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.TypeSpec:
					check(s.Name, begins(d.Doc, s.Name) || begins(s.Doc, s.Name))
				case *ast.ValueSpec:
					check(s.Names[0], begins(d.Doc, s.Names[0]) || together && (d.Doc != nil || s.Doc != nil || s.Comment != nil))
				}
			}
		}
	}
	return names
}

// begins reports whether a comment begins with name, or with an article and name.
func begins(comment *ast.CommentGroup, name *ast.Ident) bool {
	words := strings.FieldsFunc(comment.Text(), func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) > 1 && slices.Contains([]string{"A", "An", "The"}, words[0]) {
		words = words[1:]
	}
	return len(words) > 0 && words[0] == name.Name
}

// receiver is the name of a receiver's type.
func receiver(t ast.Expr) *ast.Ident {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	}
	return t.(*ast.Ident)
}

func TestACommentBeginsWithTheName(t *testing.T) {
	for _, c := range []struct{ decl, want string }{
		{"// F returns nothing.\nfunc F() {}", ""},
		{"// This returns nothing.\nfunc F() {}", "F"},
		{"func F() {}\nfunc f() {}", "F"},
		{"// Fx returns nothing.\nfunc F() {}", "F"},
		{"// A T is a type.\ntype T[X any] struct{}\nfunc (t *T[X]) M() {}\ntype u struct{}\nfunc (u) M() {}", "M"},
		{"type (\n\t// T is a type.\n\tT int\n\tU int\n)", "U"},
		{"// The limits.\nconst (\n\tA = 1\n\tB = 2\n)", ""},
		{"const (\n\tA = 1 // one\n\tB = 2\n)", "B"},
		{"// The limit.\nconst A = 1", "A"},
		{"// ErrX is that x failed.\nvar ErrX error", ""},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n\n"+c.decl, parser.ParseComments)
		require.NoError(t, err)
		var got []string
		for _, name := range undocumented(f) {
			got = append(got, name.Name)
		}
		require.Equal(t, c.want, strings.Join(got, " "), c.decl)
	}
}
