package harness

import (
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/libfuzzer"
	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/report"
)

// drive runs what libFuzzer makes, until libFuzzer ends the process, or the first violation that was not known when the binary was built.
func (s *session[D]) drive(t *testing.T) {
	for _, sig := range libfuzzer.Known(s.target.Name) {
		s.known[sig] = &corpus.Entry{Want: sig}
	}
	libfuzzer.Drive(func(input []byte) {
		returned := false
		defer func() {
			if !returned { // the target or linkflap gave up, and nobody else keeps the input
				why := recover()
				if why == nil {
					why = "the test was ended, and said why above"
				}
				libfuzzer.Crash(libfuzzer.KindCrash, "", fmt.Sprintf("linkflap's own fault: %v\n%s\n", why, debug.Stack()), input)
			}
		}()
		s.input(t, input)
		returned = true
	})
}

// input runs one input of libFuzzer's.
func (s *session[D]) input(t *testing.T, input []byte) {
	world, calls, schedule := prog.Split(input)
	p := prog.Decode(s.spec, world, calls, schedule)
	if len(p.Calls) == 0 {
		return
	}
	v := s.judge(t, p)
	if v == nil {
		return
	}
	sig := v.Signature()
	if err := s.gate(t, p, sig); err != nil {
		libfuzzer.Crash(libfuzzer.KindCrash, "", err.Error()+"\n", input)
	}
	libfuzzer.Crash(libfuzzer.KindCrash, sig, s.finding(s.target.Run(t, p, true), v), input)
}

// finding is what a binary of libFuzzer's says of a new violation.
func (s *session[D]) finding(res *Result, v *oracle.Violation) string {
	sig := v.Signature()
	if v.Detail != "" {
		sig += "\n    (" + v.Detail + ")"
	}
	return fmt.Sprintf("\nnew violation in %s\n\n    %s\n\nwhat should hold: %s\n\n%s\n%s\nnext: linkflap replay --target %s FILE\n",
		s.title(), sig, s.contract(v.Oracle), indent(res.Prog.String()), report.Timeline(res.Trace, v.At, shownEvents), s.target.Name)
}
