package instrument

import (
	"fmt"
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// selectStmt rewrites a select to a switch over the index of the case that the shim chose. Labels, break and terminating
// statements mean the same in both:
//
//	switch c0__, c1__ := shim__.OnRecv(a), shim__.OnSend(b)(v); shim__.Select(false, c0__, c1__) {
//	case 0: x, ok := c0__.Get2(); ...
//	case 1: ...
//	default: panic("unreachable") }
func (r *rewriter) selectStmt(s *ast.SelectStmt) bool {
	if len(s.Body.List) == 0 {
		r.replace(s.Select, s.Select+token.Pos(len("select")), "for")
		r.insert(s.Body.Lbrace+1, " "+r.shim("Forever")+"();")
		return true
	}
	var names, values []string
	hasDefault := false
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CommClause)
		if clause.Comm == nil {
			hasDefault = true
			continue
		}
		names = append(names, "c"+strconv.Itoa(len(names))+"__")
		values = append(values, r.caseValue(clause.Comm))
	}
	r.replace(s.Select, s.Select+token.Pos(len("select")), r.selectHeader(hasDefault, names, values))
	if !hasDefault {
		r.insert(s.Body.Lbrace+1, ` default: panic("unreachable");`)
	}
	r.clauses(s, names, values)
	return true
}

func (r *rewriter) selectHeader(hasDefault bool, names, values []string) string {
	args := append([]string{strconv.FormatBool(hasDefault)}, names...)
	call := r.shim("Select") + "(" + strings.Join(args, ", ") + ")"
	if len(names) == 0 {
		return "switch " + call
	}
	return fmt.Sprintf("switch %s := %s; %s", strings.Join(names, ", "), strings.Join(values, ", "), call)
}

// caseValue is what the case waits for: its channel, and for a send the value, evaluated once and in order.
func (r *rewriter) caseValue(comm ast.Stmt) string {
	if s, ok := comm.(*ast.SendStmt); ok {
		return fmt.Sprintf("%s(%s)(%s)", r.shim("OnSend"), r.text(s.Chan), r.text(s.Value))
	}
	return fmt.Sprintf("%s(%s)", r.shim("OnRecv"), r.text(received(comm)))
}

// received is the channel of a receive clause: <-ch, v := <-ch or v, ok = <-ch.
func received(comm ast.Stmt) ast.Expr {
	x, ok := comm.(*ast.ExprStmt)
	if ok {
		return ast.Unparen(x.X).(*ast.UnaryExpr).X
	}
	return ast.Unparen(comm.(*ast.AssignStmt).Rhs[0]).(*ast.UnaryExpr).X
}

// clauses rewrites each "case comm:" to "case i: v := ci__.Get();".
func (r *rewriter) clauses(s *ast.SelectStmt, names, values []string) {
	i := 0
	for _, stmt := range s.Body.List {
		clause := stmt.(*ast.CommClause)
		if clause.Comm != nil {
			r.clauseHead(clause, i, names[i], newlines(values[i]))
			i++
		}
		for _, body := range clause.Body {
			r.collect(body)
		}
	}
}

// clauseHead rewrites one "case comm:". The moved line breaks of its channel are in the switch's head already.
func (r *rewriter) clauseHead(clause *ast.CommClause, i int, name string, moved int) {
	head := "case " + strconv.Itoa(i) + ":"
	if a, ok := clause.Comm.(*ast.AssignStmt); ok {
		r.assign(a)
		head += " " + r.caseAssign(a, name) + ";"
	}
	start, end := r.offset(clause.Case), r.offset(clause.Colon)+1
	want := newlines(string(r.src[start:end])) - moved
	r.edits = append(r.edits, edit{start, end, padTo(head, want)})
}

func (r *rewriter) caseAssign(a *ast.AssignStmt, name string) string {
	var lhs []string
	for _, x := range a.Lhs {
		lhs = append(lhs, r.text(x))
	}
	get := ".Get()"
	if len(lhs) == 2 {
		get = ".Get2()"
	}
	return strings.Join(lhs, ", ") + " " + a.Tok.String() + " " + name + get
}
