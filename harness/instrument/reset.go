package instrument

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// resetFile is generated into each rewritten package.
const resetFile = "linkflap_reset.go"

// A resetPlan says how a package gets back to the state that it has when a program starts. Its variables persist from run to
// run otherwise, and a replay would depend on what ran before.
type resetPlan struct {
	*source
	vars    map[*types.Var]bool      // to initialise again
	errors  []*types.Var             // to put the same value back into: who compares errors has a copy of it
	inits   map[*ast.FuncDecl]string // init functions to run again, by the name that they get
	refused refusals
}

// planReset decides what to put back. foreign are the variables that other rewritten packages change.
func (s *source) planReset(foreign map[varID]bool) *resetPlan {
	p := &resetPlan{source: s, vars: map[*types.Var]bool{}, inits: map[*ast.FuncDecl]string{}}
	running := s.changes()
	embedded := s.embedded()
	scope := s.pkg.Types.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		switch {
		case !ok || embedded[v] || !running[idOf(v)] && !foreign[idOf(v)]:
		case isError(v.Type()):
			p.errors = append(p.errors, v)
		default:
			p.vars[v] = true
		}
	}
	p.addStateful()
	p.addDerived()
	p.addInits()
	return p
}

// embedded are the variables that go:embed fills: they have no initialiser to run again.
func (s *source) embedded() map[*types.Var]bool {
	found := map[*types.Var]bool{}
	for _, f := range s.pkg.Syntax {
		ast.Inspect(f, func(n ast.Node) bool {
			d, ok := n.(*ast.GenDecl)
			if !ok {
				return true
			}
			for _, spec := range d.Specs {
				v, ok := spec.(*ast.ValueSpec)
				if !ok || !hasEmbed(d.Doc) && !hasEmbed(v.Doc) {
					continue
				}
				for _, name := range v.Names {
					if obj, ok := s.pkg.TypesInfo.Defs[name].(*types.Var); ok {
						found[obj] = true
					}
				}
			}
			return false
		})
	}
	return found
}

func hasEmbed(doc *ast.CommentGroup) bool {
	return doc != nil && slices.ContainsFunc(doc.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//go:embed ") })
}

// addStateful adds variables whose initialiser leaves something behind: a function that may close over state, or a timer, lock
// or time from outside the simulated world.
func (p *resetPlan) addStateful() {
	for _, init := range p.pkg.TypesInfo.InitOrder {
		_, isCall := ast.Unparen(init.Rhs).(*ast.CallExpr)
		for _, v := range init.Lhs {
			_, isFunc := v.Type().Underlying().(*types.Signature)
			if v.Name() != "_" && (isFunc && isCall || p.startsSomething(init.Rhs)) {
				p.vars[v] = true
			}
		}
	}
}

// startsSomething reports whether evaluating x, not a function literal in it, calls what the shim replaces.
func (p *resetPlan) startsSomething(x ast.Expr) bool {
	found := false
	ast.Inspect(x, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && replacedNames[qualified(p.pkg.TypesInfo.Uses[id])] {
			found = true
		}
		_, isLit := n.(*ast.FuncLit)
		return !isLit
	})
	return found
}

// addDerived adds variables whose initial value is made from one that is put back, and may refer to it.
func (p *resetPlan) addDerived() {
	for _, init := range p.pkg.TypesInfo.InitOrder {
		if !p.mentions(init.Rhs, map[types.Object]bool{}) {
			continue
		}
		for _, v := range init.Lhs {
			if refers(v.Type()) && v.Name() != "_" {
				p.vars[v] = true
			}
		}
	}
}

// addInits adds the init functions that, themselves or through what they call, touch a variable that is put back.
func (p *resetPlan) addInits() {
	for _, f := range p.pkg.Syntax {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && isInit(fn) && fn.Body != nil && p.mentions(fn.Body, map[types.Object]bool{}) {
				p.inits[fn] = "linkflapInit" + strconv.Itoa(len(p.inits)+1)
			}
		}
	}
}

// mentions reports whether n, or a function of the package that it names, uses a variable that is put back.
func (p *resetPlan) mentions(n ast.Node, seen map[types.Object]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || found {
			return !found
		}
		obj := p.pkg.TypesInfo.Uses[id]
		if v := packageVar(obj); v != nil && (p.vars[v] || slices.Contains(p.errors, v)) {
			found = true
		}
		if fn, ok := obj.(*types.Func); ok && !seen[obj] && fn.Pkg() == p.pkg.Types {
			seen[obj] = true
			if body := p.bodyOf(fn); body != nil {
				found = found || p.mentions(body, seen)
			}
		}
		return true
	})
	return found
}

func (p *resetPlan) bodyOf(fn *types.Func) *ast.BlockStmt {
	for _, f := range p.pkg.Syntax {
		for _, d := range f.Decls {
			if decl, ok := d.(*ast.FuncDecl); ok && decl.Name.Pos() == fn.Origin().Pos() {
				return decl.Body
			}
		}
	}
	return nil
}

// render writes the generated file: it registers the package with the shim, and puts its variables back.
func (p *resetPlan) render() (string, refusals) {
	imports := importSet{}
	var body strings.Builder
	for _, v := range p.zeroed() {
		fmt.Fprintf(&body, "\tlinkflapZero(&%s)\n", v.Name())
	}
	for _, init := range p.pkg.TypesInfo.InitOrder {
		if lhs, any := p.lhs(init); any {
			fmt.Fprintf(&body, "\t%s = %s\n", lhs, p.initialiser(init.Rhs, imports))
		}
	}
	for i, v := range p.errors {
		fmt.Fprintf(&body, "\t%s = linkflapError%d\n", v.Name(), i+1)
	}
	for _, name := range slices.Sorted(maps.Values(p.inits)) {
		fmt.Fprintf(&body, "\t%s()\n", name)
	}
	return p.resetText(imports, body.String()), p.refused
}

func (p *resetPlan) resetText(imports importSet, body string) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\npackage %s\n\nimport (\n\t%s %q\n", generatedMark, p.pkg.Types.Name(), shimName, shimPath)
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&out, "\t%s %q\n", name, imports[name])
	}
	fmt.Fprintf(&out, ")\n\nfunc init() {\n\t%sRegister(%q, %q, %q, linkflapReset)\n}\n\n", shimDot, p.pkg.PkgPath, p.version, shimVersion)
	for i, v := range p.errors {
		fmt.Fprintf(&out, "var linkflapError%d = %s\n\n", i+1, v.Name())
	}
	out.WriteString("// linkflapReset puts back the variables that the package itself changes.\n")
	fmt.Fprintf(&out, "func linkflapReset() {\n%s}\n", body)
	if strings.Contains(body, "linkflapZero(") {
		out.WriteString("\nfunc linkflapZero[T any](v *T) { *v = *new(T) }\n")
	}
	return out.String()
}

// zeroed are the variables to put back that have no initialiser, by name.
func (p *resetPlan) zeroed() []*types.Var {
	zero := maps.Clone(p.vars)
	for _, init := range p.pkg.TypesInfo.InitOrder {
		for _, v := range init.Lhs {
			delete(zero, v)
		}
	}
	return slices.SortedFunc(maps.Keys(zero), func(a, b *types.Var) int { return strings.Compare(a.Name(), b.Name()) })
}

// lhs names the variables of an initialiser that are put back, with _ for the others, and reports whether there is any.
func (p *resetPlan) lhs(init *types.Initializer) (string, bool) {
	var names []string
	found := false
	for _, v := range init.Lhs {
		if p.vars[v] {
			names = append(names, v.Name())
			found = true
		} else {
			names = append(names, "_")
		}
	}
	return strings.Join(names, ", "), found
}

// An importSet maps the names that the generated file imports to their paths.
type importSet map[string]string

// initialiser is the rewritten text of a variable's initialiser, with the imports it needs added.
func (p *resetPlan) initialiser(x ast.Expr, imports importSet) string {
	i := slices.IndexFunc(p.pkg.Syntax, func(f *ast.File) bool { return f.FileStart <= x.Pos() && x.Pos() < f.FileEnd })
	r := p.newRewriter(i, p.inits)
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if pkg, ok := r.pkgName(n.X).(*types.PkgName); ok {
				if !replacedNames[qualified(p.pkg.TypesInfo.Uses[n.Sel])] {
					p.addImport(imports, n, pkg)
				}
				return false
			}
		case *ast.Ident:
			obj := p.pkg.TypesInfo.Uses[n]
			if r.dotImport(obj) != nil && !replacedNames[qualified(obj)] {
				p.refused = append(p.refused, p.refusal(n.Pos(), "an initialiser with names of a dot import", "import the package under its name"))
			}
		}
		return true
	})
	return r.text(x)
}

func (p *resetPlan) addImport(imports importSet, at ast.Node, pkg *types.PkgName) {
	path := pkg.Imported().Path()
	if had, ok := imports[pkg.Name()]; ok && had != path {
		p.refused = append(p.refused, p.refusal(at.Pos(), "an initialiser that calls "+path+" "+pkg.Name(), "another file's calls "+had+" so; give one of the imports another name"))
	}
	imports[pkg.Name()] = path
}
