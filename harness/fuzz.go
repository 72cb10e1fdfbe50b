package harness

import (
	"flag"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/libfuzzer"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/tally"
)

// inventedSeeds is how many generated programs the engine starts from, besides the corpus.
const inventedSeeds = 64

// Fuzz is the body of a native fuzz target. It starts from the corpus and some generated programs, goes on past known bugs and counts
// them, and stops at the first violation that the corpus does not hold: that one is shrunk, written to the corpus and reported. Under
// `linkflap hunt` it does not stop: the violation is kept, and known from then on.
func Fuzz[D any](f *testing.F, tg Target[D]) {
	s := open(f, &tg)
	if q := asked(f); q != nil {
		f.Add([]byte{}, []byte{}, []byte{})
		f.Fuzz(func(t *testing.T, _, _, _ []byte) { s.answer(t, q) })
		return
	}
	if libfuzzer.On || isWorker() {
		runtime.GOMAXPROCS(sim.Processors)
	}
	if libfuzzer.On {
		f.Add([]byte{}, []byte{}, []byte{})
		f.Fuzz(func(t *testing.T, _, _, _ []byte) { s.drive(t) })
		return
	}
	for _, e := range s.seeds(flag.Lookup("test.fuzz").Value.String() != "") {
		f.Add(e.Prog.Encode())
	}
	r := rand.New(rand.NewSource(firstSeed()))
	for range inventedSeeds {
		f.Add(prog.Streams(r, s.spec))
	}
	if os.Getenv(tally.Env) == "" {
		dir := f.TempDir()
		f.Setenv(tally.Env, dir)
		start := time.Now()
		defer func() { s.summarise(dir, time.Since(start)) }()
	}
	find := s.find
	if os.Getenv(tally.GoOn) != "" {
		find = s.keep
	}
	f.Fuzz(func(t *testing.T, world, calls, schedule []byte) {
		p := prog.Decode(s.spec, world, calls, schedule)
		if len(p.Calls) == 0 {
			return
		}
		v := s.judge(t, p)
		if v == nil {
			return
		}
		text, err := find(t, p, v)
		if err != nil {
			t.Fatal(err)
		}
		if text != "" {
			t.Fatal(text)
		}
	})
	if s.stats.Programs > 0 {
		s.stats.Leave() // this is a worker, and its end
	}
}

// seeds are the reproducers that the engine starts from. Without an engine there are none: TestCorpus replays them, and go test must not fail
// because a reproducer, besides the violation that it is kept for, shows another one.
func (s *session[D]) seeds(fuzzing bool) []*corpus.Entry {
	if !fuzzing {
		return nil
	}
	return s.entries
}

// isWorker says that this process runs inputs for the engine, which is another process.
func isWorker() bool {
	worker := flag.Lookup("test.fuzzworker")
	return worker != nil && worker.Value.String() == "true"
}

// firstSeed is that of the programs that fuzzing begins with.
func firstSeed() int64 {
	if seed, err := strconv.ParseInt(os.Getenv(tally.Seed), 10, 64); err == nil {
		return seed
	}
	return 1
}

// summarise prints what the worker processes did.
func (s *session[D]) summarise(dir string, took time.Duration) {
	total, notes := tally.Collect(dir)
	if total.Programs == 0 {
		return // seeds only: go test says it all
	}
	for _, n := range notes {
		fmt.Print(n)
	}
	fmt.Printf("\nlinkflap %s: %d programs, %.0f a second, %.0f virtual seconds a second\n", s.target.Name, total.Programs,
		float64(total.Programs)/took.Seconds(), total.Virtual.Seconds()/took.Seconds())
	fmt.Print(s.knownTable(total.Hits))
}

// knownTable lists the known bugs, the one hit most first, and the shortest program of those hit.
func (s *session[D]) knownTable(hits map[string]int) string {
	if len(s.known) == 0 {
		return ""
	}
	var sigs []string
	for sig := range s.known {
		sigs = append(sigs, sig)
	}
	sort.Slice(sigs, func(i, j int) bool {
		a, b := sigs[i], sigs[j]
		return hits[a] > hits[b] || hits[a] == hits[b] && a < b
	})
	var b strings.Builder
	fmt.Fprintf(&b, "\nknown bugs, and how often they were hit:\n\n")
	for _, sig := range sigs {
		fmt.Fprintf(&b, "%9d  %s\n           %s\n", hits[sig], sig, s.relative(s.known[sig].Path))
	}
	if e := s.shortest(hits); e != nil {
		fmt.Fprintf(&b, "\nthe shortest of them, minimal (make repro F=%s):\n\n%s\n    %s\n", s.relative(e.Path), indent(e.Prog.String()), e.Want)
	}
	return b.String()
}

// shortest is the smallest reproducer among the known bugs that were hit, nil if none was.
func (s *session[D]) shortest(hits map[string]int) (best *corpus.Entry) {
	for sig, e := range s.known {
		if hits[sig] > 0 && (best == nil || prog.Less(e.Prog, best.Prog)) {
			best = e
		}
	}
	return best
}
