package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A varID names a package-level variable across packages: path.Name.
type varID = string

// changes finds the package-level variables, of this package and of others, that the package may change after initialisation:
// assigned to, counted up or down, address taken, a pointer method called, an element assigned, or the pointer, slice, map
// or channel in it handed to somebody who may do so. What only init functions change belongs to the initial value.
func (s *source) changes() map[varID]bool {
	u := useFinder{info: s.pkg.TypesInfo, changed: map[varID]bool{}}
	for _, f := range s.pkg.Syntax {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && !isInit(fn) {
				ast.Inspect(fn, u.visit)
			}
		}
	}
	u.closures()
	return u.changed
}

// closures adds what function literals in the initialisers of variables change.
func (u *useFinder) closures() {
	for _, init := range u.info.InitOrder {
		ast.Inspect(init.Rhs, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				ast.Inspect(lit, u.visit)
				return false
			}
			return true
		})
	}
}

func isInit(d *ast.FuncDecl) bool { return d.Recv == nil && d.Name.Name == "init" }

// A useFinder walks a function with the path to each identifier at hand.
type useFinder struct {
	info    *types.Info
	path    []ast.Node
	changed map[varID]bool
}

func (u *useFinder) visit(n ast.Node) bool {
	if n == nil {
		u.path = u.path[:len(u.path)-1]
		return true
	}
	u.path = append(u.path, n)
	if id, ok := n.(*ast.Ident); ok {
		if v := packageVar(u.info.Uses[id]); v != nil && u.changes(id) {
			u.changed[idOf(v)] = true
		}
	}
	return true
}

// packageVar is the package-level variable that obj is, or nil.
func packageVar(obj types.Object) *types.Var {
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() || v.Pkg() == nil || v.Parent() != v.Pkg().Scope() {
		return nil
	}
	return v
}

func idOf(v *types.Var) varID { return v.Pkg().Path() + "." + v.Name() }

// changes reports whether this use of a variable may change it, or what it refers to.
func (u *useFinder) changes(id *ast.Ident) bool {
	var x ast.Expr = id
	i := len(u.path) - 2
	for ; i >= 0; i-- {
		up, ok := u.path[i].(ast.Expr)
		if !ok {
			break
		}
		part, changed := u.part(up, x)
		if changed {
			return true
		}
		if !part {
			break
		}
		x = up
	}
	return i >= 0 && u.changedBy(u.path[i], x)
}

// part reports whether up is a part of the variable that x is, such as x.f, x[i] or *x, and whether up changes it.
func (u *useFinder) part(up, x ast.Expr) (part, changed bool) {
	switch up := up.(type) {
	case *ast.ParenExpr, *ast.StarExpr:
		return true, false
	case *ast.SelectorExpr:
		if up.Sel == x {
			return true, false // pkg.Var
		}
		return true, u.mutatingMethod(up)
	case *ast.IndexExpr:
		return up.X == x, false
	case *ast.SliceExpr:
		_, isArray := core(u.info.TypeOf(x)).(*types.Array)
		return up.X == x, up.X == x && isArray
	case *ast.TypeAssertExpr:
		return true, false
	}
	return false, false
}

// mutatingMethod reports whether sel is a method that can change what it is called on.
func (u *useFinder) mutatingMethod(sel *ast.SelectorExpr) bool {
	s := u.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	recv := s.Obj().(*types.Func).Signature().Recv().Type()
	return refers(recv)
}

// changedBy reports whether node n, which has x as a part, changes x or passes on what x refers to.
func (u *useFinder) changedBy(n ast.Node, x ast.Expr) bool {
	switch n := n.(type) {
	case *ast.IncDecStmt:
		return true
	case *ast.UnaryExpr:
		return n.Op == token.AND || n.Op == token.ARROW
	case *ast.SendStmt:
		return n.Chan == x || refers(u.info.TypeOf(x))
	case *ast.AssignStmt:
		for _, lhs := range n.Lhs {
			if lhs == x {
				return true
			}
		}
	case *ast.RangeStmt:
		return n.Key == x || n.Value == x || u.rangeChanges(n)
	case *ast.BinaryExpr, *ast.SwitchStmt, *ast.IfStmt, *ast.IndexExpr, *ast.CaseClause:
		return false
	case *ast.CallExpr:
		if n.Fun == x {
			return false
		}
		if name, ok := builtinName(u.info, n.Fun); ok && (name == "len" || name == "cap") {
			return false
		}
	}
	return refers(u.info.TypeOf(x))
}

// rangeChanges reports whether a range over the variable hands out what it refers to.
func (u *useFinder) rangeChanges(n *ast.RangeStmt) bool {
	switch t := core(u.info.TypeOf(n.X)).(type) {
	case *types.Slice:
		return refers(t.Elem())
	case *types.Array:
		return refers(t.Elem())
	case *types.Map:
		return refers(t.Elem()) || refers(t.Key())
	case *types.Basic:
		return false
	}
	return true
}

func builtinName(info *types.Info, x ast.Expr) (string, bool) {
	if id, ok := ast.Unparen(x).(*ast.Ident); ok {
		b, ok := info.Uses[id].(*types.Builtin)
		return id.Name, ok && b != nil
	}
	return "", false
}

// refers reports whether a copy of a value of type t shares memory with the original. Errors count as values.
func refers(t types.Type) bool {
	if t == nil || isError(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer, *types.Slice, *types.Map, *types.Chan, *types.Interface:
		return true
	case *types.Array:
		return refers(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if refers(f.Type()) {
				return true
			}
		}
	}
	return false
}

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

func isError(t types.Type) bool {
	return types.IsInterface(t) && types.Implements(t, errorType)
}
