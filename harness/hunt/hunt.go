// Package hunt fuzzes all targets of a module in turn, for as long as it is given. It stands at the front of the pipeline and drives it from
// outside: it builds the packages' own test binaries, runs the native engine in them, and reads the tallies that they leave. It imports no
// target and knows no program.
//
// The hard word is slice: the time for which a target is fuzzed before the next one gets its turn. Half of a round's time is dealt out evenly,
// the other half by how many new states each target's last slice met.
package hunt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/report"
	"github.com/linkflap/linkflap/harness/tally"
)

// Config says what to hunt, and for how long.
type Config struct {
	Dir      string        // any folder of the module
	Packages []string      // patterns as for the go tool
	For      time.Duration // building and the last shrinking come on top
	Jobs     int           // targets that are fuzzed side by side; together they use all cores
	Seed     int64         // of the programs that every target begins with
	Cache    string        // folder for the engine's inputs; "" is the go tool's own, which go test -fuzz uses too
}

// View shows a hunt. It is called by one goroutine at a time.
type View interface {
	Tick(all []Status)  // now and then, with all targets
	Sliced(s Status)    // a target's slice is over
	Found(f Finding)    // a new violation is in the corpus, as it was met
	Shrunk(f Finding)   // and is as small as it gets, or cannot be shrunk
	Trouble(err error)  // a target cannot be fuzzed any further
	Say(message string) // what the hunt is doing before it begins
}

// Status is how far a target is.
type Status struct {
	Name     string        // of the fuzz function
	Running  bool          // it is its turn
	Off      bool          // it gets no more turns
	Took     time.Duration // of real time, in all slices
	Programs int           // in all slices
	Rate     float64       // programs a second, in this slice or the last one
	Slice    time.Duration // this slice's length so far, or the last one's
	States   int           // different ones, in all slices
	Gained   int           // of them new in this slice or the last one
	New      int           // new violations
	Known    int           // violations that the corpus had already, and that were met
	Quiet    time.Duration // fuzzing time since the last new state or violation
}

// Finding is a new violation, or one that a hunt which was killed left unshrunk.
type Finding struct {
	Fuzz      string // name of the fuzz function
	Signature string
	File      string           // of the reproducer
	Earlier   bool             // it is an earlier hunt's
	Document  *report.Document // once it is shrunk
	Err       error            // why it is not

	target *target
}

// Summary is a hunt that is over.
type Summary struct {
	Targets  []Status
	Took     time.Duration
	New      []Finding
	Troubles int // targets that could not be fuzzed to the end
}

const (
	tickEvery   = 500 * time.Millisecond
	endWithin   = 10 * time.Second // for a process that was interrupted; the engine needs up to three
	leastSlice  = 2 * time.Second  // for a process to start, and to run what is in the corpus
	rounds      = 4                // turns that every target gets
	leastShare  = 5 * time.Second  // of a round, for each target
	largestPart = time.Minute      // of a round, for each target
)

// hunt is the state of one Run.
type hunt struct {
	cfg     Config
	scratch string
	procs   int // cores for each job
	view    View
	end     time.Time

	mu       sync.Mutex
	targets  []*target
	new      []Finding
	troubles int
	reported map[string]bool // reproducers, by file
	unshrunk chan Finding
}

// target is one fuzz function.
type target struct {
	pkg    *Package
	binary string
	name   string

	notes   string      // folder for the tallies of the slice under way, "" if there is none
	began   time.Time   // of that slice
	before  tally.Tally // of earlier slices
	now     tally.Tally // of the slice under way, or of the last one
	took    time.Duration
	slice   time.Duration // the last one, or so far
	gained  int           // states that were new in it
	lastNew time.Duration // of fuzzing time
	turns   int
	off     bool
	swept   bool
}

// Run hunts until the time is up or ctx is done, and says what it found. The error is one that ended the hunt before its time: what to mend in
// the module or its surroundings.
func Run(ctx context.Context, cfg Config, view View) (*Summary, error) {
	runtime.LockOSThread() // see tie
	defer runtime.UnlockOSThread()
	h := &hunt{cfg: cfg, view: view, reported: map[string]bool{}, unshrunk: make(chan Finding, maxUnshrunk)}
	if err := h.prepare(ctx); err != nil {
		if h.scratch != "" {
			_ = os.RemoveAll(h.scratch)
		}
		return nil, err
	}
	defer func() { _ = os.RemoveAll(h.scratch) }()
	jobs := min(max(1, cfg.Jobs), len(h.targets))
	h.procs = (runtime.GOMAXPROCS(0) + jobs - 1) / jobs
	start := time.Now()
	h.end = start.Add(cfg.For)
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	shrinking := make(chan struct{})
	go func() { defer close(shrinking); h.shrinkAll(stop) }()
	h.fuzzAll(stop, jobs, cancel)
	took := time.Since(start)
	close(h.unshrunk)
	<-shrinking
	s := &Summary{Took: took, New: h.new, Troubles: h.troubles}
	for _, t := range h.targets {
		s.Targets = append(s.Targets, t.status())
	}
	var fatal *environment
	if errors.As(context.Cause(stop), &fatal) {
		return s, fatal.error
	}
	return s, nil
}

// environment is an error that concerns all targets.
type environment struct{ error }

// prepare builds the test binaries and finds the targets in them. What cannot work fails here, before there is anything to lose.
func (h *hunt) prepare(ctx context.Context) error {
	pkgs, err := Packages(ctx, h.cfg.Dir, h.cfg.Packages)
	if err != nil {
		return err
	}
	module := pkgs[0].Module.Dir
	if err := instrumented(ctx, module); err != nil {
		return err
	}
	if h.cfg.Cache == "" {
		out, err := goTool(ctx, module, "", "env", "GOCACHE")
		if err != nil {
			return err
		}
		h.cfg.Cache = filepath.Join(string(out[:max(0, len(out)-1)]), "fuzz")
	}
	for _, dir := range []string{cmp.Or(os.Getenv(corpus.NewEnv), filepath.Join(module, "corpus")), h.cfg.Cache, os.TempDir()} {
		if err := writable(dir); err != nil {
			return err
		}
	}
	if h.scratch, err = makeScratch(); err != nil {
		return err
	}
	for i := range pkgs {
		if err := h.build(ctx, &pkgs[i], i); err != nil {
			return err
		}
	}
	if len(h.targets) == 0 {
		return errors.New("found no fuzz targets: write func FuzzX(f *testing.F) { harness.Fuzz(f, Target) } in a test")
	}
	return nil
}

func (h *hunt) build(ctx context.Context, p *Package, index int) error {
	h.view.Say("building the tests of " + p.ImportPath)
	binary := filepath.Join(h.scratch, fmt.Sprintf("%s-%d.test", filepath.Base(p.Dir), index))
	names, err := build(ctx, p, binary)
	for _, name := range names {
		h.targets = append(h.targets, &target{pkg: p, binary: binary, name: name})
	}
	return err
}

// fuzzAll lets the jobs take turns until the time is up, and shows how far they are.
func (h *hunt) fuzzAll(ctx context.Context, jobs int, fail context.CancelCauseFunc) {
	var all sync.WaitGroup
	for range jobs {
		all.Go(func() {
			runtime.LockOSThread() // see tie
			defer runtime.UnlockOSThread()
			for t, slice := h.next(ctx); t != nil; t, slice = h.next(ctx) {
				if err := h.fuzz(ctx, t, slice); err != nil {
					fail(&environment{err})
				}
			}
		})
	}
	over := make(chan struct{})
	go func() { all.Wait(); close(over) }()
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	for {
		select {
		case <-over:
			h.look()
			return
		case <-tick.C:
			h.look()
		}
	}
}

// look reads the tallies of what is running and shows everything.
func (h *hunt) look() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []Status
	for _, t := range h.targets {
		if t.notes != "" {
			h.collect(t)
		}
		all = append(all, t.status())
	}
	h.view.Tick(all)
}

// next is the target whose turn it is, and for how long; nil if there is none for this job. It is then taken.
func (h *hunt) next(ctx context.Context) (*target, time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := time.Until(h.end)
	if ctx.Err() != nil || left < leastSlice/2 {
		return nil, 0
	}
	var best *target
	on := 0
	for _, t := range h.targets {
		if !t.off {
			on++
		}
		if t.off || t.notes != "" {
			continue
		}
		if best == nil || t.turns < best.turns {
			best = t
		}
	}
	if best == nil {
		return nil, 0
	}
	slice := left
	if on > max(1, h.cfg.Jobs) { // somebody waits for a turn
		slice = min(left, h.share(best, on))
	}
	best.begin(h.scratch)
	return best, slice
}

// begin begins a slice.
func (t *target) begin(scratch string) {
	t.turns++
	t.notes = filepath.Join(scratch, fmt.Sprintf("notes-%s-%d", t.name, t.turns))
	_ = os.MkdirAll(t.notes, 0o700) // or there will be no numbers
	t.began, t.slice, t.gained, t.now = time.Now(), 0, 0, tally.Tally{}
}

// share is the length of a target's next slice when on targets take turns.
func (h *hunt) share(t *target, on int) time.Duration {
	part := h.cfg.For * time.Duration(max(1, h.cfg.Jobs)) / time.Duration(rounds*on) // of a round, for each target
	part = max(leastShare, min(largestPart, part))
	gained := 0
	for _, o := range h.targets {
		if !o.off {
			gained += o.gained
		}
	}
	bonus := part / 2
	if gained > 0 && t.turns > 0 {
		bonus = time.Duration(float64(part) / 2 * float64(on) * float64(t.gained) / float64(gained))
	}
	return max(leastSlice, part/2+bonus)
}

// status is how far the target is.
func (t *target) status() Status {
	s := Status{
		Name: t.name, Running: t.notes != "", Off: t.off, Took: t.took, Slice: t.slice, Gained: t.gained,
		Programs: t.before.Programs, States: t.before.States.Count(), New: len(t.before.New),
	}
	if s.Running {
		var sum tally.Tally
		sum.Add(&t.before)
		sum.Add(&t.now)
		s.Programs, s.States, s.New = sum.Programs, sum.States.Count(), len(sum.New)
		s.Took += t.slice
	}
	s.Rate = float64(t.now.Programs) / max(t.slice, time.Millisecond).Seconds()
	s.Quiet = s.Took - t.lastNew
	met := map[string]bool{}
	for _, c := range []*tally.Tally{&t.before, &t.now} {
		for sig := range c.Hits {
			met[sig] = true
		}
	}
	s.Known = len(met) - s.New
	return s
}
