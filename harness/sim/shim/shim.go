// Package shim is what instrumented firmware calls instead of sync, the go statement, channel operations, select, sleeps and timers,
// runtime.Gosched and fmt.Print. Within a run all of them end in sim's scheduler; outside of one each behaves like the original, so an
// instrumented package still works in ordinary tests.
//
// The hard word is Version: the instrumenter writes it into the code that it makes, and code of another version is refused (see Check).
package shim

import (
	"fmt"
	"slices"
	"time"

	"github.com/linkflap/linkflap/harness/sim"
)

// Version changes when this API or the rewriting does: copies made before are then stale.
const Version = "1"

// module is an instrumented package.
type module struct {
	path, version, shim string
	reset               func()
}

// registry holds the instrumented packages of this binary in the order in which they were initialised, dependencies first. Only their
// generated init functions write it.
var registry []module

// Register is called by the one generated file of each instrumented package: reset puts its package-level variables back.
func Register(pkgPath, moduleVersion, shimVersion string, reset func()) {
	registry = append(registry, module{pkgPath, moduleVersion, shimVersion, reset})
}

// Check returns the version of the instrumented package, or an error that says what to type.
func Check(pkgPath string) (version string, err error) {
	i := slices.IndexFunc(registry, func(m module) bool { return m.path == pkgPath })
	if i < 0 {
		return "", fmt.Errorf("%s is not instrumented: run linkflap instrument (here: make instrument)", pkgPath)
	}
	if m := registry[i]; m.shim != Version {
		return "", fmt.Errorf("the instrumented copy of %s is stale: got shim version %s, want %s: run linkflap instrument (here: make instrument)", pkgPath, m.shim, Version)
	}
	return registry[i].version, nil
}

// Reset puts the package-level variables of every instrumented package back to what they are when a program starts.
func Reset() {
	for _, m := range registry {
		m.reset()
	}
}

// Go is the go statement.
func Go(name string, f func()) {
	if t := sim.Current(); t != nil {
		t.World().Go(name, f)
		t.World().Point("go")
		return
	}
	go f()
}

// Loop is inserted at the top of every loop body that may not end.
func Loop() {
	if t := sim.Current(); t != nil {
		t.Loop()
	}
}

// Gosched is runtime.Gosched.
func Gosched() {
	if t := sim.Current(); t != nil {
		t.Gosched()
		return
	}
	gosched()
}

// Forever is the body of select {}.
func Forever() { Select(false) }

// Print is fmt.Print; within a run it goes to the trace.
func Print(a ...any) (int, error) { return print("print", fmt.Sprint, fmt.Print, a) }

// Println is fmt.Println; within a run it goes to the trace.
func Println(a ...any) (int, error) { return print("println", fmt.Sprintln, fmt.Println, a) }

// Printf is fmt.Printf; within a run it goes to the trace.
func Printf(format string, a ...any) (int, error) {
	sprintf := func(a ...any) string { return fmt.Sprintf(format, a...) }
	printf := func(a ...any) (int, error) { return fmt.Printf(format, a...) }
	return print(format, sprintf, printf, a)
}

// BuiltinPrint is the builtin print.
func BuiltinPrint(a ...any) { _, _ = Print(a...) }

// BuiltinPrintln is the builtin println.
func BuiltinPrintln(a ...any) { _, _ = Println(a...) }

// print logs under name within a run, where the text is only made if someone wants to read it.
func print(name string, text func(...any) string, original func(...any) (int, error), a []any) (int, error) {
	t := sim.Current()
	if t == nil {
		return original(a...)
	}
	w := t.World()
	w.Log(name)
	if w.Verbose() {
		w.Trace.Detail(text(a...))
	}
	return 0, nil
}

// Sleep is time.Sleep.
func Sleep(d time.Duration) {
	if t := sim.Current(); t != nil {
		t.World().Sleep(d)
		return
	}
	time.Sleep(d)
}

// Now is time.Now.
func Now() time.Time {
	if t := sim.Current(); t != nil {
		return t.World().Time()
	}
	return time.Now()
}

// Since is time.Since.
func Since(t time.Time) time.Duration { return Now().Sub(t) }

// Until is time.Until.
func Until(t time.Time) time.Duration { return t.Sub(Now()) }
