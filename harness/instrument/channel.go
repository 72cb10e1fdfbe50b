package instrument

import (
	"go/ast"
	"go/token"
	"go/types"
)

// send rewrites ch <- v to shim.SendTo(ch)(v), so that v converts to the element type as it does in a send.
func (r *rewriter) send(s *ast.SendStmt) bool {
	r.insert(s.Chan.Pos(), r.shim("SendTo")+"(")
	r.collect(s.Chan)
	r.replace(s.Chan.End(), s.Value.Pos(), ")(")
	r.collect(s.Value)
	r.insert(s.Value.End(), ")")
	return true
}

// receive rewrites <-ch to shim.Recv(ch), or shim.Recv2(ch) where two values are wanted.
func (r *rewriter) receive(x *ast.UnaryExpr) bool {
	if x.Op != token.ARROW {
		return false
	}
	name := "Recv"
	if _, two := r.typeOf(x).(*types.Tuple); two {
		name = "Recv2"
	}
	r.replace(x.OpPos, x.OpPos+2, r.shim(name)+"(")
	r.collect(x.X)
	r.insert(x.End(), ")")
	return true
}

// assign refuses v, ok = <-ch for an ok that is not a plain bool: the shim returns bool.
func (r *rewriter) assign(s *ast.AssignStmt) bool {
	if len(s.Lhs) == 2 && len(s.Rhs) == 1 && isReceive(s.Rhs[0]) {
		r.checkOk(s.Lhs[1])
	}
	return false
}

func (r *rewriter) valueSpec(s *ast.ValueSpec) bool {
	if len(s.Names) == 2 && len(s.Values) == 1 && isReceive(s.Values[0]) {
		r.checkOk(s.Names[1])
	}
	return false
}

func (r *rewriter) checkOk(ok ast.Expr) {
	t := r.typeOf(ok)
	if t == nil || types.IsInterface(t) || types.Identical(t, types.Typ[types.Bool]) || t == types.Typ[types.UntypedBool] {
		return
	}
	r.refuse(ok, "a receive into an ok of type "+types.TypeString(t, types.RelativeTo(r.pkg.Types)), "declare it as bool")
}

func isReceive(x ast.Expr) bool {
	u, ok := ast.Unparen(x).(*ast.UnaryExpr)
	return ok && u.Op == token.ARROW
}
