package instrument

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// goStmt rewrites go f(a, b) to shim.Go("name", ...). As Go does, it evaluates f and the arguments at once, in their order:
//
//	{ fn__, a0__ := f, a; shim__.Go("pkg.f", func() { fn__(a0__, 5) }) }
func (r *rewriter) goStmt(s *ast.GoStmt) bool {
	start := r.shim("Go") + "(" + strconv.Quote(r.taskName(s.Call)) + ", "
	if r.isPlain(s.Call) {
		r.replace(s.Pos(), s.Call.Fun.Pos(), start)
		r.collect(s.Call.Fun)
		r.replace(s.Call.Fun.End(), s.End(), ")")
		return true
	}
	var b binder
	fn := r.bindFunc(&b, s.Call.Fun)
	args := r.bindArgs(&b, s.Call)
	if s.Call.Ellipsis.IsValid() {
		args += "..."
	}
	text := fmt.Sprintf("%sfunc() { %s(%s) })", start, fn, args)
	if bound := b.String(); bound != "" {
		text = "{ " + bound + text + " }"
	}
	r.replace(s.Pos(), s.End(), text)
	return true
}

// isPlain reports whether the call is of a func() without arguments, which the shim can take as it is.
func (r *rewriter) isPlain(call *ast.CallExpr) bool {
	sig, ok := core(r.typeOf(call.Fun)).(*types.Signature)
	return ok && !r.isBuiltin(call.Fun) && sig.Params().Len() == 0 && sig.Results().Len() == 0
}

// A binder collects the values that a go statement evaluates at once.
type binder struct {
	names, values []string
	done          string
}

func (b *binder) bind(name, value string) string {
	b.names = append(b.names, name)
	b.values = append(b.values, value)
	return name
}

// flush ends the current assignment: what is bound later is evaluated later.
func (b *binder) flush() {
	if len(b.names) > 0 {
		b.done += strings.Join(b.names, ", ") + " := " + strings.Join(b.values, ", ") + "; "
	}
	b.names, b.values = nil, nil
}

func (b *binder) String() string {
	b.flush()
	return b.done
}

func (r *rewriter) bindFunc(b *binder, fun ast.Expr) string {
	if r.isStatic(fun) {
		return r.text(fun)
	}
	return b.bind("fn__", r.text(fun))
}

func (r *rewriter) bindArgs(b *binder, call *ast.CallExpr) string {
	if len(call.Args) == 1 {
		if results, ok := r.typeOf(call.Args[0]).(*types.Tuple); ok {
			return bindResults(b, results, r.text(call.Args[0]))
		}
	}
	var args []string
	for i, x := range call.Args {
		if tv := r.info.Types[x]; tv.Value != nil || tv.IsNil() || tv.IsType() || r.isStatic(x) {
			args = append(args, r.text(x))
		} else {
			args = append(args, b.bind("a"+strconv.Itoa(i)+"__", r.converted(x)))
		}
	}
	return strings.Join(args, ", ")
}

// bindResults binds all results of the call that is the only argument.
func bindResults(b *binder, results *types.Tuple, call string) string {
	b.flush()
	var names []string
	for i := range results.Len() {
		names = append(names, "a"+strconv.Itoa(i)+"__")
	}
	b.done += strings.Join(names, ", ") + " := " + call + "; "
	return strings.Join(names, ", ")
}

// isStatic reports whether x is a declared function or a builtin, which nothing can change after the go statement.
func (r *rewriter) isStatic(x ast.Expr) bool {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		_, isFunc := r.info.Uses[x].(*types.Func)
		return isFunc || r.isBuiltin(x)
	case *ast.SelectorExpr:
		_, isFunc := r.info.Uses[x.Sel].(*types.Func)
		return isFunc && r.info.Selections[x] == nil
	case *ast.IndexExpr:
		return r.isStatic(x.X)
	case *ast.IndexListExpr:
		return r.isStatic(x.X)
	}
	return false
}

// converted is the text of an argument with the type that its parameter gives it, should it have none of its own (1 << n, a == b).
func (r *rewriter) converted(x ast.Expr) string {
	switch x := ast.Unparen(x).(type) {
	case *ast.BinaryExpr:
	case *ast.UnaryExpr:
		if x.Op == token.AND || x.Op == token.ARROW {
			return r.text(x)
		}
	default:
		return r.text(x)
	}
	return "(" + types.TypeString(r.typeOf(x), r.localName) + ")(" + r.text(x) + ")"
}

// localName is how this file names another package.
func (r *rewriter) localName(p *types.Package) string {
	if p == r.pkg.Types {
		return ""
	}
	for _, spec := range r.file.Imports {
		if obj, ok := r.importObject(spec).(*types.PkgName); ok && obj.Imported() == p {
			return obj.Name()
		}
	}
	return p.Name()
}

// taskName names a goroutine after the function that it runs: wifinina.watchdog, or wifinina.start.func1 for a literal.
func (r *rewriter) taskName(call *ast.CallExpr) string {
	pkg, name := r.pkg.Types.Name(), r.enclosing+".go"
	switch x := callee(call.Fun).(type) {
	case *ast.FuncLit:
		name = r.funcNames[x]
	case *ast.Ident:
		name = x.Name
		if f, ok := r.info.Uses[x].(*types.Func); ok {
			pkg = f.Pkg().Name()
		}
	case *ast.SelectorExpr:
		name = x.Sel.Name
		if f, ok := r.info.Uses[x.Sel].(*types.Func); ok && f.Pkg() != nil {
			pkg = f.Pkg().Name()
		}
	}
	return pkg + "." + name
}

// callee is x without parentheses and type arguments.
func callee(x ast.Expr) ast.Expr {
	switch x := ast.Unparen(x).(type) {
	case *ast.IndexExpr:
		return callee(x.X)
	case *ast.IndexListExpr:
		return callee(x.X)
	default:
		return x
	}
}
