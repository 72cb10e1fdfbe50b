package harness

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// The native engine runs the fuzz function in worker processes whose output it throws away. What they count and find they therefore leave
// in a folder that the first process makes and names in the environment.
const notesEnv = "LINKFLAP_NOTES"

// stats is what one process counted.
type stats struct {
	Programs int            `json:"programs"`
	Virtual  time.Duration  `json:"virtual"`
	Hits     map[string]int `json:"hits"` // of known bugs, by signature
	written  time.Time
}

func (s *stats) count(res *Result) {
	s.Programs++
	if n := len(res.Trace.Events); n > 0 {
		s.Virtual += res.Trace.Events[n-1].At
	}
	if s.Programs%256 == 0 {
		s.leave()
	}
}

func (s *stats) hit(signature string) {
	if s.Hits == nil {
		s.Hits = map[string]int{}
	}
	s.Hits[signature]++
}

const statsEvery = 500 * time.Millisecond

// leave writes the counts where the first process finds them, now and then.
func (s *stats) leave() {
	dir := os.Getenv(notesEnv)
	if now := time.Now(); dir != "" && now.Sub(s.written) >= statsEvery {
		s.written = now
		text, err := json.Marshal(s)
		if err == nil {
			writeNote(dir, fmt.Sprintf("stats-%d.json", os.Getpid()), text)
		}
	}
}

// writeNote writes a whole file or none. A note that cannot be written is only a number missing in a summary.
func writeNote(dir, name string, text []byte) {
	tmp := filepath.Join(dir, ".tmp-"+name)
	if os.WriteFile(tmp, text, 0o600) == nil {
		_ = os.Rename(tmp, filepath.Join(dir, name))
	}
}

// leaveNote keeps a text that must not get lost with this process's output.
func leaveNote(text string) {
	if dir := os.Getenv(notesEnv); dir != "" {
		writeNote(dir, fmt.Sprintf("note-%d.txt", os.Getpid()), []byte(text))
	}
}

// leaveFinding keeps the report of a new violation.
func leaveFinding(text string) {
	if dir := os.Getenv(notesEnv); dir != "" {
		writeNote(dir, fmt.Sprintf("finding-%d.txt", os.Getpid()), []byte(text))
	}
}

// collect adds up what all processes left.
func collect(dir string) (total stats, notes []string) {
	total.Hits = map[string]int{}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	sort.Strings(files)
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		if strings.HasPrefix(filepath.Base(f), "note-") {
			notes = append(notes, string(text))
			continue
		}
		var s stats
		if json.Unmarshal(text, &s) == nil {
			total.add(s)
		}
	}
	return total, notes
}

func (s *stats) add(o stats) {
	s.Programs += o.Programs
	s.Virtual += o.Virtual
	for sig, n := range o.Hits {
		s.Hits[sig] += n
	}
}
