// Package tally is what a fuzzing process counts, and how those who watch it get to know. The native engine runs the fuzz function in worker
// processes whose output it throws away; each worker leaves its tally in a folder named in the environment, in a file of its own that is
// replaced as a whole, so that whoever reads it never sees half of it, whenever either of them dies.
//
// The hard word is state: what feedback tells the engine after every call, which is the op made, the ops that other tasks are in the middle
// of, and the device's own state. States counts different ones; it is the measure of whether fuzzing still gets anywhere.
package tally

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/bits"
	"os"
	"path/filepath"
	"time"
)

const (
	// Env names the folder that tallies and notes are left in.
	Env = "LINKFLAP_NOTES"
	// GoOn, if it is not empty, lets fuzzing go on past a new violation: its reproducer is put into the corpus as it is, and shrunk by whoever
	// set this.
	GoOn = "LINKFLAP_GO_ON"
	// Seed, if it is not empty, is that of the generated programs which fuzzing begins with; otherwise it is 1.
	Seed = "LINKFLAP_SEED"
)

// Tally is what one process counted, or several together.
type Tally struct {
	Target   string            `json:"target"`
	Dir      string            `json:"dir"` // that takes new reproducers
	Programs int               `json:"programs"`
	Virtual  time.Duration     `json:"virtual"`
	Hits     map[string]int    `json:"hits"`   // of violations that are in the corpus, by signature
	New      map[string]string `json:"new"`    // files of the reproducers that the process put there, by signature
	States   States            `json:"states"` // nil: not counted
}

// Hit counts a violation that is in the corpus.
func (t *Tally) Hit(signature string) {
	if t.Hits == nil {
		t.Hits = map[string]int{}
	}
	t.Hits[signature]++
}

// Found says where the reproducer of a new violation is.
func (t *Tally) Found(signature, file string) {
	if t.New == nil {
		t.New = map[string]string{}
	}
	t.New[signature] = file
}

// Add adds what o counted to t.
func (t *Tally) Add(o *Tally) {
	if o.Target != "" {
		t.Target, t.Dir = o.Target, o.Dir
	}
	t.Programs += o.Programs
	t.Virtual += o.Virtual
	for sig, n := range o.Hits {
		t.Hit(sig)
		t.Hits[sig] += n - 1
	}
	if len(o.New) > 0 && t.New == nil {
		t.New = map[string]string{}
	}
	maps.Copy(t.New, o.New)
	t.States.Add(o.States)
}

// places is how many states are told apart. Chosen: the richest target has some thousands.
const places = 1 << 16

// States is a set of states, as a bitmap of their hashes: two states of the same hash count as one.
type States []byte

// Visit adds the state with this hash.
func (s *States) Visit(hash uint) {
	if *s == nil {
		*s = make(States, places/8)
	}
	hash %= places
	(*s)[hash/8] |= 1 << (hash % 8)
}

// Add adds the states of o.
func (s *States) Add(o States) {
	if len(o) != places/8 {
		return // none, or of another version of linkflap
	}
	if *s == nil {
		*s = make(States, places/8)
	}
	for i, b := range o {
		(*s)[i] |= b
	}
}

// Count is how many states there are.
func (s States) Count() (n int) {
	for _, b := range s {
		n += bits.OnesCount8(b)
	}
	return n
}

// Leave puts t into the folder that Env names, in place of what this process left before. What cannot be written is only missing in a
// summary.
func (t *Tally) Leave() {
	if text, err := json.Marshal(t); err == nil {
		leave(fmt.Sprintf("tally-%d.json", os.Getpid()), text)
	}
}

// Note leaves a text that must not get lost with this process's output.
func Note(text string) { leave(fmt.Sprintf("note-%d.txt", os.Getpid()), []byte(text)) }

func leave(name string, text []byte) {
	dir := os.Getenv(Env)
	if dir == "" {
		return
	}
	tmp := filepath.Join(dir, ".tmp-"+name)
	if os.WriteFile(tmp, text, 0o600) == nil {
		_ = os.Rename(tmp, filepath.Join(dir, name))
	}
}

// Collect adds up the tallies in dir, and returns them with the notes.
func Collect(dir string) (total Tally, notes []string) {
	for _, text := range read(dir, "tally-*") {
		var t Tally
		if json.Unmarshal(text, &t) == nil {
			total.Add(&t)
		}
	}
	for _, text := range read(dir, "note-*") {
		notes = append(notes, string(text))
	}
	return total, notes
}

func read(dir, pattern string) (texts [][]byte) {
	files, _ := filepath.Glob(filepath.Join(dir, pattern)) // sorted
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}
