package harness

import (
	"testing"

	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/sim/shim"
)

// Replay runs the text of a program and fails if the run breaks the contract that signature says, or if the program is none. It is what
// regression tests outside this module call.
func Replay[D any](t *testing.T, tg Target[D], signature, program string) {
	t.Helper()
	if !tg.Model {
		if _, err := shim.Check(tg.Firmware); err != nil {
			t.Fatal(err)
		}
	}
	p, err := prog.Parse(tg.Spec(), "program", 1, program)
	if err != nil {
		t.Fatal(err)
	}
	res := tg.Run(t, p, true)
	if res.Has(signature) {
		t.Fatalf("%s\n\n%s\n%s", signature, indent(p.String()), report.Timeline(res.Trace, res.find(signature).At, shownEvents))
	}
}
