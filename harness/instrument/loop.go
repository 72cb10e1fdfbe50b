package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
)

// loop lets the scheduler in at the top of every turn of a loop that may not end.
func (r *rewriter) loop(body *ast.BlockStmt) bool {
	r.insert(body.Lbrace+1, " "+r.shim("Loop")+"();")
	return false
}

// branch does the same for loops made of goto.
func (r *rewriter) branch(s *ast.BranchStmt) bool {
	if s.Tok != token.GOTO || r.info.Uses[s.Label] == nil || r.info.Uses[s.Label].Pos() > s.Pos() {
		return false
	}
	r.insert(s.Pos(), "{ "+r.shim("Loop")+"(); ")
	r.insert(s.End(), " }")
	return true
}

// rangeStmt rewrites ranges over channels and maps; the others have a fixed order, and end unless they are functions.
func (r *rewriter) rangeStmt(s *ast.RangeStmt) bool {
	switch t := core(r.typeOf(s.X)).(type) {
	case *types.Chan:
		r.rangeFunc(s, "RangeChan")
		r.loop(s.Body)
	case *types.Map:
		return r.rangeMap(s, t)
	case *types.Signature:
		return r.loop(s.Body)
	default:
		return false
	}
	r.collect(s.Body)
	return true
}

func (r *rewriter) rangeMap(s *ast.RangeStmt, m *types.Map) bool {
	if onlyDeletes(s, r) {
		return false
	}
	if !ordered(m.Key()) {
		key := types.TypeString(m.Key(), types.RelativeTo(r.pkg.Types))
		r.refuse(s, "range over a map with keys of type "+key, "its order is random and "+key+" cannot be sorted; keep a slice next to it")
		return false
	}
	r.rangeFunc(s, "RangeMap")
	r.collect(s.Body)
	return true
}

// rangeFunc turns the range into one over an iterator of the shim.
func (r *rewriter) rangeFunc(s *ast.RangeStmt, name string) {
	if version.Compare("go"+r.goVer, "go1.22") < 0 {
		r.refuse(s, "range over a map or channel in a module of go "+r.goVer, "its go.mod must say go 1.22 or later")
	}
	for _, x := range []ast.Expr{s.Key, s.Value} {
		if x != nil {
			r.collect(x)
		}
	}
	r.wrap(name, s.X)
}

// onlyDeletes reports whether the loop is the idiom that empties a map, whose order does not matter.
func onlyDeletes(s *ast.RangeStmt, r *rewriter) bool {
	if len(s.Body.List) != 1 || s.Key == nil || s.Value != nil {
		return false
	}
	x, ok := s.Body.List[0].(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := x.X.(*ast.CallExpr)
	if !ok || !r.isBuiltin(call.Fun) || len(call.Args) != 2 {
		return false
	}
	return types.ExprString(call.Args[0]) == types.ExprString(s.X) && types.ExprString(call.Args[1]) == types.ExprString(s.Key)
}

// ordered reports whether values of type t have an order that is the same in every run.
func ordered(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsOrdered|types.IsBoolean) != 0
	case *types.Array:
		return ordered(u.Elem())
	case *types.Struct:
		for f := range u.Fields() {
			if !ordered(f.Type()) {
				return false
			}
		}
		return true
	case *types.Interface:
		_, isParam := types.Unalias(t).(*types.TypeParam)
		return isParam && orderedSet(u)
	}
	return false
}

// orderedSet does so for a type parameter with constraint u.
func orderedSet(u *types.Interface) bool {
	for e := range u.EmbeddedTypes() {
		switch e := types.Unalias(e).(type) {
		case *types.Union:
			for term := range e.Terms() {
				if !ordered(term.Type()) {
					return false
				}
			}
			return true
		default:
			if under, ok := e.Underlying().(*types.Interface); ok && orderedSet(under) || !ok && ordered(e) {
				return true
			}
		}
	}
	return false
}

// core is the underlying type of t; of a type parameter, that of the first type in its set.
func core(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	iface, ok := t.Underlying().(*types.Interface)
	if _, param := types.Unalias(t).(*types.TypeParam); !ok || !param {
		return t.Underlying()
	}
	for e := range iface.EmbeddedTypes() {
		if u, ok := e.(*types.Union); ok && u.Len() > 0 {
			return core(u.Term(0).Type())
		}
		return core(e)
	}
	return iface
}
