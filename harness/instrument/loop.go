package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"strings"
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
		return r.rangeChan(s)
	case *types.Map:
		return r.rangeMap(s, t)
	case *types.Signature:
		return r.loop(s.Body)
	}
	return false
}

// rangeChan rewrites a range over a channel to
//
//	for e__ := (ch); ; { shim__.Loop(); v__, ok__ := shim__.Recv2(e__); if !ok__ { break }; v := v__; ...
func (r *rewriter) rangeChan(s *ast.RangeStmt) bool {
	r.rangeHead(s, "e__ := (", "); ;")
	r.loop(s.Body)
	text := " _, ok__ := "
	if len(r.assigned(s)) > 0 {
		text = " v__, ok__ := "
	}
	r.rangeBody(s, text+r.shim("Recv2")+"(e__); if !ok__ { break };", "v__")
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
	r.rangeHead(s, "_, e__ := range "+r.shim("Entries")+"(", ")")
	r.rangeBody(s, " if e__.Gone() { continue };", "e__.Key", "e__.Value()")
	return true
}

// rangeHead puts what is ranged over between two texts, in place of "k, v := range x".
func (r *rewriter) rangeHead(s *ast.RangeStmt, before, after string) {
	from := s.Range
	if s.Key != nil {
		from = s.Key.Pos()
	}
	if len(r.assigned(s)) > 0 && version.Compare("go"+r.goVer, "go1.22") < 0 && r.outlivesTurn(s) {
		r.refuse(s, "a variable that outlives its turn of a range over a map or channel, in a module of go "+r.goVer,
			"the turns share it; copy it in the body, or let go.mod say go 1.22 or later")
	}
	r.replace(from, s.X.Pos(), before)
	r.collect(s.X)
	r.insert(s.X.End(), after)
}

// assigned are the variables that the range gives a value, nil for those that it does not.
func (r *rewriter) assigned(s *ast.RangeStmt) []ast.Expr {
	vars := []ast.Expr{s.Key, s.Value}
	used := false
	for i, x := range vars {
		if id, ok := x.(*ast.Ident); ok && id.Name == "_" {
			vars[i] = nil
		}
		used = used || vars[i] != nil
	}
	if !used {
		return nil
	}
	return vars
}

// rangeBody rewrites the body. Before it come text and what gives the range's variables their values; it is then a block of its own, which
// may declare the same names.
func (r *rewriter) rangeBody(s *ast.RangeStmt, text string, values ...string) {
	var lhs, rhs []string
	for i, x := range r.assigned(s) {
		if x != nil {
			lhs, rhs = append(lhs, r.text(x)), append(rhs, values[i])
		}
	}
	end := ""
	if len(lhs) > 0 {
		text += " " + strings.Join(lhs, ", ") + " " + s.Tok.String() + " " + strings.Join(rhs, ", ") + "; {"
		end = "}"
	}
	r.insert(s.Body.Lbrace+1, text)
	r.collect(s.Body)
	r.insert(s.Body.Rbrace, end)
}

// outlivesTurn reports whether a closure or a pointer may still hold a variable that s declares when its next turn begins. Since go 1.22 each
// turn has its own.
func (r *rewriter) outlivesTurn(s *ast.RangeStmt) (found bool) {
	if s.Tok != token.DEFINE {
		return false
	}
	declared := map[types.Object]bool{}
	for _, x := range r.assigned(s) {
		if id, ok := x.(*ast.Ident); ok {
			declared[r.info.Defs[id]] = true
		}
	}
	uses := func(n ast.Node) {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && declared[r.info.Uses[id]]
			return true
		})
	}
	ast.Inspect(s.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			uses(n)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				uses(n.X)
			}
		case *ast.SliceExpr:
			uses(n.X)
		case *ast.SelectorExpr:
			if r.takesAddress(n) {
				uses(n.X)
			}
		}
		return true
	})
	return found
}

// takesAddress reports whether x.f takes the address of x, for a method with a pointer receiver.
func (r *rewriter) takesAddress(x *ast.SelectorExpr) bool {
	sel := r.info.Selections[x]
	if sel == nil || sel.Kind() != types.MethodVal {
		return false
	}
	_, byPointer := sel.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, pointer := sel.Recv().Underlying().(*types.Pointer)
	return byPointer && !pointer
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
