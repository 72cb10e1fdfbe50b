// Package ask is how the command line reaches a target. Only the target's own test binary has the firmware and its ops, so the command line
// runs `go test` on it with a question in the environment, and the test (harness.TestCorpus) writes the answer to a file.
//
// The hard word is question: one reproducer and what to do with it.
package ask

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/report"
)

// Env names the file with the question.
const Env = "LINKFLAP_ASK"

// Do is what to do with a reproducer.
type Do string

// The things to do.
const (
	Replay  Do = "replay"  // run it
	Shrink  Do = "shrink"  // find the smallest program with its verdict
	Explain Do = "explain" // see from where on it cannot be avoided any more
	Ops     Do = "ops"     // none: say which ops the target has
	Score   Do = "score"   // none: run generated programs of some ops, and sum up
	Add     Do = "add"     // make a reproducer of an input of the engine's
	Audit   Do = "audit"   // say what is wrong with the target's reproducers
	Min     Do = "min"     // say which inputs and reproducers add nothing
	Convert Do = "convert" // write programs in another form
)

// Form is what a file with a program can be.
type Form string

// The forms. Text is that of reproducers; it has no profile, which says what bytes mean, and it alone has prose and a verdict.
const (
	Text      Form = "text"
	Native    Form = "go"        // of Go's own engine
	LibFuzzer Form = "libfuzzer" // see prog.Join
)

// Question is what the test is asked.
type Question struct {
	Do     Do
	File   string // of the reproducer, absolute; Add: of the input; Min: the folder of the inputs; Convert: either; Ops and Score: none
	Target string // the one that it is for; "" if only that one is asked
	Runs   int    // Explain: random continuations of each prefix; Score: programs
	Seed   int64  // Score: of the programs
	Ops    []Op   // Score: that the programs consist of
	Form   Form   // Convert: to be written
	Out    string // Convert: the folder, absolute; "" is that of new reproducers
	Answer string // file for the answer
}

// Answer is what it says. Document is of the program that was asked about; for Shrink, of the smallest.
type Answer struct {
	Document *report.Document
	Shrunk   string   // Shrink: the reproducer's new text
	File     string   // Add: of the new reproducer; Convert: the folder
	Runs     int      // Shrink: programs that were run
	Minimal  bool     // Shrink: no call, fault or step can go
	Risks    []Risk   // Explain: by number of calls, from none to all
	Target   string   // Audit: the target's name
	Stale    []string // Audit: what is wrong, one clause each, which begins with the file
	Drop     []string // Min: files that add nothing; Convert: those that have no such form
	Kept     int      // Min, Convert: the others
	States   int      // Min: that all together pass through
	Ops      []Op     // Ops: all of the target, in its order
	Score    *Summary // Score
}

// Op names an operation.
type Op struct{ Class, Name string }

// Summary sums up the runs of a set of programs.
type Summary struct {
	Programs   string         // a hash of their texts: equal for equal sets
	Signatures map[string]int // of the violations, and how many runs show each
	Recovered  int            // runs whose probe succeeded
	Median     time.Duration  // virtual time that the probe took in these, from the end of the trouble on
	Longest    time.Duration
}

// Risk is how often random continuations of a prefix ended in the violation.
type Risk struct{ Failed, Tried int }

// Asked is the question in the environment, nil if there is none.
func Asked() (*Question, error) {
	path := os.Getenv(Env)
	if path == "" {
		return nil, nil
	}
	var q Question
	return &q, read(path, &q)
}

// Reply writes the answer.
func (q *Question) Reply(a *Answer) error { return write(q.Answer, a) }

// Ask runs the test of q.Target in the module that dir is in, and returns its answer. It fills q.Answer.
func Ask(ctx context.Context, dir string, q Question) (*Answer, error) {
	cmd := exec.CommandContext(ctx, "go", "test", packages(dir, q.Target), "-run", "^TestCorpus$", "-count", "1")
	cmd.Dir, cmd.Env = dir, os.Environ()
	a, err := Through(cmd, "", q)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.Is(err, ErrSilent):
		return nil, fmt.Errorf("found no target %q in the tests of %s: its file says so in the line \"target: ...\"", q.Target, dir)
	}
	return a, err
}

// ErrSilent is that a test passed and gave no answer: it is not there, or for another target.
var ErrSilent = errors.New("the test gave no answer")

// Through asks the test that cmd runs, whose environment must be set. Question and answer pass through dir; "" is the folder for temporary
// files. It fills q.Answer.
func Through(cmd *exec.Cmd, dir string, q Question) (*Answer, error) {
	tmp, err := os.MkdirTemp(dir, "linkflap-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	question := filepath.Join(tmp, "question.json")
	q.Answer = filepath.Join(tmp, "answer.json")
	if err := write(question, q); err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, Env+"="+question)
	out, testErr := cmd.CombinedOutput()
	var a Answer
	switch err := read(q.Answer, &a); {
	case err == nil:
		return &a, nil
	case testErr != nil:
		return nil, errors.New(cmp.Or(failures(string(out)), testErr.Error()))
	}
	return nil, ErrSilent
}

// packages is where to look for a target: the folder that has its name, else everywhere.
func packages(dir, target string) string {
	if info, err := os.Stat(filepath.Join(dir, "targets", target)); err == nil && info.IsDir() {
		return "./targets/" + target
	}
	return "./..."
}

// failures is what go test said, without its lines about packages that are all right.
func failures(out string) string {
	var bad []string
	for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		if !strings.HasPrefix(line, "ok  \t") && !strings.HasPrefix(line, "?   \t") {
			bad = append(bad, line)
		}
	}
	return strings.Join(bad, "\n")
}

func read(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func write(path string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, fs.FileMode(0o600))
}
