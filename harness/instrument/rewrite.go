package instrument

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"
)

const (
	shimPath = "github.com/linkflap/linkflap/harness/sim/shim"
	shimName = "shim__" // the name the rewritten files import it by
	shimDot  = shimName + "."
)

// A source is one firmware package: type-checked, with the bytes of its files.
type source struct {
	pkg     *packages.Package
	version string            // of its module, or "local"
	goVer   string            // language version of its module, such as "1.24"
	files   map[string][]byte // by the name the package's FileSet knows
	label   func(name string) string
}

// rewrite returns the new text of each file of the package that changes, and the generated reset file, by file name.
// The error names every construct that it refuses, one a line.
func (s *source) rewrite(foreign map[string]bool) (map[string]string, error) {
	plan := s.planReset(foreign)
	out := map[string]string{}
	var refused refusals
	for i, name := range s.pkg.CompiledGoFiles {
		r := s.newRewriter(i, plan.inits)
		text := r.rewriteFile()
		refused = append(refused, r.refused...)
		if text != string(r.src) {
			out[name] = text
		}
	}
	text, errs := plan.render()
	refused = append(refused, errs...)
	out[resetFile] = text
	return out, refused.err()
}

// A rewriter turns one file into its instrumented form by edits at byte offsets: nothing is reprinted, so every line keeps its number.
type rewriter struct {
	*source
	file      *ast.File
	tok       *token.File
	src       []byte
	info      *types.Info
	edits     []edit
	usesShim  bool
	funcNames map[*ast.FuncLit]string
	enclosing string
	reruns    map[*ast.FuncDecl]string // init functions that a reset runs again, and their new names
	replaced  map[types.Object]int     // uses of an imported package that are gone, by its PkgName
	refused   refusals
}

// newRewriter is the rewriter of the package's i-th file.
func (s *source) newRewriter(i int, reruns map[*ast.FuncDecl]string) *rewriter {
	f := s.pkg.Syntax[i]
	return &rewriter{
		source: s, file: f, tok: s.pkg.Fset.File(f.FileStart), src: s.files[s.pkg.CompiledGoFiles[i]],
		info: s.pkg.TypesInfo, funcNames: closureNames(f), reruns: reruns, replaced: map[types.Object]int{},
	}
}

func (r *rewriter) rewriteFile() string {
	r.checkDirectives()
	for _, d := range r.file.Decls {
		r.enclosing = declName(d)
		r.collect(d)
	}
	if r.usesShim {
		r.insert(r.file.Name.End(), "; import "+shimName+" "+strconv.Quote(shimPath))
		r.blankImports()
	}
	return apply(r.src, 0, len(r.src), r.edits)
}

// collect adds the edits for n and everything below it.
func (r *rewriter) collect(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool { return n != nil && !r.visit(n) })
}

// text returns the rewritten source of n, for use in another place than its own.
func (r *rewriter) text(n ast.Node) string {
	saved := r.edits
	r.edits = nil
	r.collect(n)
	s := apply(r.src, r.offset(n.Pos()), r.offset(n.End()), r.edits)
	r.edits = saved
	return s
}

// visit adds the edits for n. It reports whether it dealt with what is below n too.
func (r *rewriter) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return true
	case *ast.FuncDecl:
		return r.funcDecl(n)
	case *ast.GoStmt:
		return r.goStmt(n)
	case *ast.SendStmt:
		return r.send(n)
	case *ast.UnaryExpr:
		return r.receive(n)
	case *ast.SelectStmt:
		return r.selectStmt(n)
	case *ast.ForStmt:
		return r.loop(n.Body)
	case *ast.RangeStmt:
		return r.rangeStmt(n)
	case *ast.BranchStmt:
		return r.branch(n)
	case *ast.SelectorExpr:
		return r.selector(n)
	case *ast.Ident:
		return r.ident(n)
	case *ast.AssignStmt:
		return r.assign(n)
	case *ast.ValueSpec:
		return r.valueSpec(n)
	}
	return false
}

// replace puts text in the place of [from, to). It adds the line breaks that would be lost.
func (r *rewriter) replace(from, to token.Pos, text string) {
	start, end := r.offset(from), r.offset(to)
	r.edits = append(r.edits, edit{start, end, padTo(text, newlines(string(r.src[start:end])))})
}

func (r *rewriter) insert(at token.Pos, text string) { r.replace(at, at, text) }

// shim is the name of a shim function or type in this file.
func (r *rewriter) shim(name string) string {
	r.usesShim = true
	return shimDot + name
}

func (r *rewriter) offset(p token.Pos) int { return r.tok.Offset(p) }

func (r *rewriter) typeOf(x ast.Expr) types.Type { return r.info.TypeOf(x) }

// isBuiltin reports whether x names the predeclared function.
func (r *rewriter) isBuiltin(x ast.Expr) bool {
	id, ok := ast.Unparen(x).(*ast.Ident)
	if !ok {
		return false
	}
	_, ok = r.info.Uses[id].(*types.Builtin)
	return ok
}

// funcDecl splits an init function that a reset has to run again into one with a name and one that calls it.
func (r *rewriter) funcDecl(d *ast.FuncDecl) bool {
	if name, ok := r.reruns[d]; ok {
		r.insert(d.Body.Lbrace+1, fmt.Sprintf(" %s() }; func %s() {", name, name))
	}
	return false
}

// blankImports renames imports that nothing uses any more to _.
func (r *rewriter) blankImports() {
	left := r.importUses()
	for _, spec := range r.file.Imports {
		obj := r.importObject(spec)
		if r.replaced[obj] == 0 || left[obj] > r.replaced[obj] {
			continue
		}
		if spec.Name != nil {
			r.replace(spec.Name.Pos(), spec.Name.End(), "_")
		} else {
			r.insert(spec.Path.Pos(), "_ ")
		}
	}
}

// importUses counts how often the file uses each of its imports.
func (r *rewriter) importUses() map[types.Object]int {
	uses := map[types.Object]int{}
	ast.Inspect(r.file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && r.pkgName(sel.X) != nil {
			uses[r.pkgName(sel.X)]++
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			if obj := r.dotImport(r.info.Uses[id]); obj != nil {
				uses[obj]++
			}
		}
		return true
	})
	return uses
}

// pkgName is the import that x names, or nil.
func (r *rewriter) pkgName(x ast.Expr) types.Object {
	if id, ok := x.(*ast.Ident); ok {
		if obj, ok := r.info.Uses[id].(*types.PkgName); ok {
			return obj
		}
	}
	return nil
}

// dotImport is the dot import of this file that an object comes from, or nil.
func (r *rewriter) dotImport(obj types.Object) types.Object {
	if obj == nil || obj.Pkg() == nil || obj.Pkg() == r.pkg.Types || obj.Parent() != obj.Pkg().Scope() {
		return nil
	}
	for _, spec := range r.file.Imports {
		if spec.Name != nil && spec.Name.Name == "." {
			if p, ok := r.importObject(spec).(*types.PkgName); ok && p.Imported() == obj.Pkg() {
				return p
			}
		}
	}
	return nil
}

func (r *rewriter) importObject(spec *ast.ImportSpec) types.Object {
	if spec.Name != nil {
		return r.info.Defs[spec.Name]
	}
	return r.info.Implicits[spec]
}

// declName is what the runtime would call the function d is, or the place closures of a variable declaration are in.
func declName(d ast.Decl) string {
	if f, ok := d.(*ast.FuncDecl); ok {
		return f.Name.Name
	}
	return "init"
}

// closureNames names the function literals of a file as the runtime does: start.func1, start.func2.
func closureNames(f *ast.File) map[*ast.FuncLit]string {
	names := map[*ast.FuncLit]string{}
	for _, d := range f.Decls {
		n := 0
		ast.Inspect(d, func(node ast.Node) bool {
			if lit, ok := node.(*ast.FuncLit); ok {
				n++
				names[lit] = declName(d) + ".func" + strconv.Itoa(n)
			}
			return true
		})
	}
	return names
}

// A refusal is one construct that cannot be controlled, with its place and what to do.
type refusals []string

func (r *rewriter) refuse(n ast.Node, what, instead string) {
	r.refused = append(r.refused, r.refusal(n.Pos(), what, instead))
}

func (s *source) refusal(at token.Pos, what, instead string) string {
	pos := s.pkg.Fset.Position(at)
	return fmt.Sprintf("%s:%d: %s is not supported: %s", s.label(pos.Filename), pos.Line, what, instead)
}

// err joins the refusals in the order of the source, or returns nil if there are none.
func (r refusals) err() error {
	if len(r) == 0 {
		return nil
	}
	return fmt.Errorf("%s", strings.Join(slices.Compact(r), "\n"))
}
