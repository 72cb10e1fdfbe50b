package instrument

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/packages"
)

// escaped reports the first construct of a rewritten package that the scheduler does not control. It knows nothing of how the
// rewriting works, and so catches its gaps, and locks that come in through types of packages that are not listed.
func (p *project) escaped(pkg *packages.Package) error {
	for _, f := range pkg.Syntax {
		var found error
		ast.Inspect(f, func(n ast.Node) bool {
			if what, instead := uncontrolled(pkg.TypesInfo, n); what != "" && found == nil {
				pos := pkg.Fset.Position(n.Pos())
				found = fmt.Errorf("%s:%d: %s is not supported: %s", p.label(pos.Filename), pos.Line, what, instead)
			}
			return found == nil
		})
		if found != nil {
			return found
		}
	}
	return nil
}

// uncontrolled names what n is if it starts, blocks or orders goroutines by itself, and what to do about it.
func uncontrolled(info *types.Info, n ast.Node) (what, instead string) {
	missed := "the rewriting missed it; please report it"
	switch n := n.(type) {
	case *ast.GoStmt:
		return "a go statement", missed
	case *ast.SelectStmt:
		return "a select statement", missed
	case *ast.SendStmt:
		return "a send statement", missed
	case *ast.UnaryExpr:
		if n.Op == token.ARROW {
			return "a receive expression", missed
		}
	case *ast.RangeStmt:
		if _, ok := core(info.TypeOf(n.X)).(*types.Chan); ok {
			return "a range over a channel", missed
		}
	case *ast.Ident:
		return uncontrolledName(info.Uses[n]), "it belongs to a package that is not rewritten; add that one to " + listFile
	}
	return "", ""
}

// uncontrolledName does so for a name: methods of the lock types count too.
func uncontrolledName(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil || obj.Name() == "Locker" {
		return ""
	}
	if name := qualified(obj); replacedNames[name] {
		return name
	}
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return ""
	}
	if named := namedOf(fn.Signature().Recv().Type()); named != nil && named.Obj().Name() != "Locker" && replacedNames[qualified(named.Obj())] {
		return qualified(fn)
	}
	return ""
}

// namedOf is the named type that t is or points to, or nil.
func namedOf(t types.Type) *types.Named {
	if ptr, ok := t.(*types.Pointer); ok {
		t = ptr.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}
