package oracle_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/trace"
)

// A trace in a test is text, one event a line:
//
//	+5s                              time passes
//	main: 1 send 0                   call 1 begins: send on handle 0
//	main: 2 accept 0 forever         ... which may block
//	main: 1 returns 16               call 1 returns 16; or fails, or is skipped
//	main: stuck gadget.send lock a 1 main is unwound in gadget.send, waiting for a lock that a holds, in call 1
//	main: take socket 0 1 0          any other event: kind, name, A, B, C
//
// In a name, _ stands for a space, alone for no name. Tasks are numbered in the order of their first mention; the harness is task 0.

// makers are the ops that return handles.
var makers = []string{"listen", "accept", "dial", "udp"}

// limit is the deadline of calls that may not block.
const limit = 3 * time.Minute

// parse makes the trace that a text stands for, and what the oracles are told of its calls.
func parse(t *testing.T, text string) (*trace.Trace, []oracle.Call) {
	t.Helper()
	p := parser{tr: &trace.Trace{Tasks: []string{"harness"}}}
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line != "" {
			require.NoError(t, p.line(line), "line %q", line)
		}
	}
	return p.tr, p.calls
}

type parser struct {
	tr    *trace.Trace
	calls []oracle.Call
	now   time.Duration
}

func (p *parser) line(s string) (err error) {
	if d, ok := strings.CutPrefix(s, "+"); ok {
		d, err := time.ParseDuration(d)
		p.now += d
		return err
	}
	task, rest, ok := strings.Cut(s, ":")
	words := strings.Fields(rest)
	if !ok || len(words) < 2 {
		return fmt.Errorf("got no task with an event")
	}
	e := trace.Event{At: p.now, Task: p.task(task)}
	n, isCall := strconv.Atoi(words[0])
	switch {
	case isCall == nil:
		err = p.call(&e, int64(n), words[1:])
	case words[0] == "stuck":
		err = p.stuck(&e, words[1:])
	default:
		err = p.other(&e, words)
	}
	p.tr.Add(e)
	return err
}

func (p *parser) task(name string) int {
	i := slices.Index(p.tr.Tasks, name)
	if i < 0 {
		p.tr.Tasks = append(p.tr.Tasks, name)
		i = len(p.tr.Tasks) - 1
	}
	return i
}

func (p *parser) call(e *trace.Event, n int64, words []string) (err error) {
	statuses := map[string]trace.Status{"returns": trace.OK, "fails": trace.Failed, "skipped": trace.Skipped, "unsupported": trace.Unsupported}
	e.A = n
	if status, ok := statuses[words[0]]; ok {
		e.Kind, e.C = trace.Return, int64(status)
		if len(words) > 1 {
			e.B, err = strconv.ParseInt(words[1], 0, 64)
		}
		return err
	}
	e.Kind, e.Name, e.B, e.C = trace.Call, words[0], -1, int64(limit/time.Millisecond)
	for _, w := range words[1:] {
		if w == "forever" {
			e.C = 0
		} else if e.B, err = strconv.ParseInt(w, 0, 64); err != nil {
			return err
		}
	}
	for len(p.calls) <= int(n) {
		p.calls = append(p.calls, oracle.Call{})
	}
	p.calls[n] = oracle.Call{Closes: e.Name == "close", Makes: slices.Contains(makers, e.Name), Ups: e.Name == "connect", Asks: e.Name == "mac"}
	return nil
}

func (p *parser) stuck(e *trace.Event, words []string) (err error) {
	waits := []string{"nothing", "sleep", "lock", "chan", "queue", "result"}
	if len(words) != 4 {
		return fmt.Errorf("got %d words after stuck, want function, wait, holder, call", len(words))
	}
	e.Kind, e.Name, e.A, e.B = trace.Stuck, name(words[0]), int64(slices.Index(waits, words[1])), -1
	if words[2] != "-" {
		e.B = int64(p.task(words[2]))
	}
	e.C, err = strconv.ParseInt(words[3], 10, 64)
	return err
}

func (p *parser) other(e *trace.Event, words []string) (err error) {
	for e.Kind = trace.Phase; e.Kind.String() != words[0]; e.Kind++ {
		if e.Kind.String() == "unknown" {
			return fmt.Errorf("got kind %q of event", words[0])
		}
	}
	e.Name = name(words[1])
	for i, to := range []*int64{&e.A, &e.B, &e.C} {
		if len(words) > 2+i && err == nil {
			*to, err = strconv.ParseInt(words[2+i], 0, 64)
		}
	}
	return err
}

// name is a word of the text as the trace has it.
func name(word string) string { return strings.TrimSpace(strings.ReplaceAll(word, "_", " ")) }

// verdict is one trace and what one oracle says of it: a signature a line, none if it is quiet.
type verdict struct {
	why  string // the reason for the verdict
	text string
	want string
}

// judge checks verdicts of the oracle with this name.
func judge(t *testing.T, name string, verdicts []verdict) {
	for _, v := range verdicts {
		t.Run(v.why, func(t *testing.T) {
			tr, calls := parse(t, v.text)
			var got []string
			for _, x := range oracle.Check(oracle.Named(name), tr, calls) {
				got = append(got, x.Signature())
			}
			require.Equal(t, v.want, strings.Join(got, "\n"))
		})
	}
}
