package instrument

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"
)

// replacedNames are the functions and types of the standard library that the shim has under the same name.
var replacedNames = table(map[string]string{
	"sync":    "Mutex RWMutex WaitGroup Once Cond Map Pool Locker NewCond OnceFunc OnceValue OnceValues",
	"time":    "Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker Timer Ticker",
	"runtime": "Gosched",
	"fmt":     "Print Printf Println",
})

// builtins are the predeclared functions that the shim has under another name.
var builtins = map[string]string{"close": "Close", "print": "BuiltinPrint", "println": "BuiltinPrintln"}

// refusedNames would escape the scheduler or make two runs differ, and no shim stands in for them.
var refusedNames = map[string]string{
	"runtime.LockOSThread":    "tasks have no threads of their own; leave it out",
	"runtime.UnlockOSThread":  "tasks have no threads of their own; leave it out",
	"runtime.SetFinalizer":    "finalizers run when the garbage collector likes; close by hand",
	"runtime.AddCleanup":      "cleanups run when the garbage collector likes; close by hand",
	"os/signal.Notify":        "signals come from outside the simulated world; take a channel instead",
	"os/signal.NotifyContext": "signals come from outside the simulated world; take a context instead",
	"maps.All":                "its order is random; range over the map itself",
	"maps.Keys":               "its order is random; range over the map itself",
	"maps.Values":             "its order is random; range over the map itself",
	"reflect.Select":          "its choice is random; use a select statement",
	"reflect.Value.MapKeys":   "its order is random; range over the map itself",
	"reflect.Value.MapRange":  "its order is random; range over the map itself",
	"reflect.Value.Send":      "it blocks outside the scheduler; use a send statement",
	"reflect.Value.Recv":      "it blocks outside the scheduler; use a receive expression",
	"net.Dial":                "it reaches the real network; use the driver's own sockets",
	"net.DialTimeout":         "it reaches the real network; use the driver's own sockets",
	"net.Listen":              "it reaches the real network; use the driver's own sockets",
	"net.ListenPacket":        "it reaches the real network; use the driver's own sockets",
	"net.LookupHost":          "it reaches the real network; use the driver's own resolver",
	"net.LookupIP":            "it reaches the real network; use the driver's own resolver",
	"crypto/rand.Int":         "it differs from run to run; take an io.Reader",
	"crypto/rand.Prime":       "it differs from run to run; take an io.Reader",
	"crypto/rand.Read":        "it differs from run to run; take an io.Reader",
	"crypto/rand.Reader":      "it differs from run to run; take an io.Reader",
	"crypto/rand.Text":        "it differs from run to run; take an io.Reader",
	"hash/maphash.MakeSeed":   "it differs from run to run; use another hash",
	"testing/synctest.Test":   "the simulated world is a bubble already; leave it out",
	"testing/synctest.Wait":   "the simulated world is a bubble already; leave it out",
	"context.AfterFunc":       "it starts a goroutine the scheduler cannot see; use a go statement",
}

// reserved are the names that the rewritten code uses.
var reserved = regexp.MustCompile(`^(shim|fn|[ac][0-9]+)__$|^linkflap(Reset|Zero|(Init|Error)[0-9]+)$`)

// seeded are the functions of math/rand that do not draw from the global source.
var seeded = table(map[string]string{
	"math/rand":    "New NewSource NewZipf Rand Source Source64 Zipf",
	"math/rand/v2": "New NewPCG NewChaCha8 NewZipf Rand Source PCG ChaCha8 Zipf",
})

// table turns "path" -> "Name Name" into the set of "path.Name".
func table(names map[string]string) map[string]bool {
	set := map[string]bool{}
	for path, list := range names {
		for name := range strings.FieldsSeq(list) {
			set[path+"."+name] = true
		}
	}
	return set
}

// selector rewrites sync.Mutex to shim__.Mutex and leaves fields and methods alone.
func (r *rewriter) selector(sel *ast.SelectorExpr) bool {
	obj := r.info.Uses[sel.Sel]
	if obj == nil {
		return false
	}
	r.checkName(sel, obj)
	pkg := r.pkgName(sel.X)
	if pkg == nil || !replacedNames[qualified(obj)] {
		return false
	}
	r.replace(sel.X.Pos(), sel.X.End(), strings.TrimSuffix(r.shim(""), "."))
	r.replaced[pkg]++
	return true
}

// ident rewrites names of dot imports and predeclared functions.
func (r *rewriter) ident(id *ast.Ident) bool {
	obj := r.info.Uses[id]
	if b, ok := obj.(*types.Builtin); ok && builtins[b.Name()] != "" {
		r.replace(id.Pos(), id.End(), r.shim(builtins[b.Name()]))
		return true
	}
	if pkg := r.dotImport(obj); pkg != nil {
		r.checkName(id, obj)
		if replacedNames[qualified(obj)] {
			r.insert(id.Pos(), r.shim(""))
			r.replaced[pkg]++
		}
	}
	if r.info.Defs[id] != nil && reserved.MatchString(id.Name) {
		r.refuse(id, "the name "+id.Name, "the rewritten code uses it; rename it")
	}
	return true
}

// checkName refuses names that no shim stands in for.
func (r *rewriter) checkName(n ast.Node, obj types.Object) {
	name := qualified(obj)
	if instead, ok := refusedNames[name]; ok {
		r.refuse(n, name, instead)
	}
	path, _ := strings.CutSuffix(name, "."+obj.Name())
	if (path == "math/rand" || path == "math/rand/v2") && !seeded[name] {
		r.refuse(n, name, "it differs from run to run; use rand.New with a source of your own")
	}
}

// qualified is path.Name for what a package declares, path.Type.Name for a method, and "" for the rest.
func qualified(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil {
		return ""
	}
	if obj.Parent() == obj.Pkg().Scope() {
		return obj.Pkg().Path() + "." + obj.Name()
	}
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		return strings.Trim(types.TypeString(f.Signature().Recv().Type(), nil), "*") + "." + f.Name()
	}
	return ""
}

// checkDirectives refuses //go:linkname into what the shim replaces.
func (r *rewriter) checkDirectives() {
	for _, group := range r.file.Comments {
		for _, c := range group.List {
			f := strings.Fields(c.Text)
			if len(f) != 3 || f[0] != "//go:linkname" {
				continue
			}
			for _, path := range []string{"runtime.", "sync.", "time.", "internal/"} {
				if strings.HasPrefix(f[2], path) {
					r.refuse(c, "go:linkname to "+f[2], "the scheduler cannot control it; call an exported function")
				}
			}
		}
	}
}
