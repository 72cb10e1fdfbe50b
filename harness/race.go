package harness

import (
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/linkflap/linkflap/harness/oracle"
	"github.com/linkflap/linkflap/harness/prog"
	"github.com/linkflap/linkflap/harness/sim"
)

// racePrograms is how many generated programs TestRace runs besides the corpus.
const racePrograms = 300

// raceEnv names the folder for the race detector's reports, in the process that runs under it.
const raceEnv = "LINKFLAP_RACES"

// raceReport is the file in that folder which says what the process found: package testing's own output is a line of FAIL for every known
// race.
const raceReport = "report"

// raceDone is the last line of the report of a process that found nothing new.
const raceDone = "linkflap: no new races"

// TestRace runs the corpus and generated programs so that the race detector sees only the synchronisation which the firmware does itself.
// A race is reported for the two functions that it is between, every time the program runs. Run it with `make race`: the detector must not
// look at the harness. Package testing fails whatever test a race is reported in, so the work is done in a second process, and known
// races, like other known bugs, are counted.
func TestRace[D any](t *testing.T, tg Target[D]) {
	if !sim.SeesRaces {
		t.Skip("races show only under the race detector: run make race")
	}
	if os.Getenv(raceEnv) != "" {
		open(t, &tg).hunt(t)
		return
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), raceEnv+"="+dir,
		"GORACE=halt_on_error=0 suppress_equal_stacks=0 suppress_equal_addresses=0 log_path="+filepath.Join(dir, "race"))
	out, err := cmd.CombinedOutput()
	text, _ := os.ReadFile(filepath.Join(dir, raceReport))
	switch {
	case len(text) == 0:
		t.Fatalf("%v\n%s", err, out)
	case !strings.Contains(string(text), raceDone):
		t.Fatalf("%s", text)
	}
	t.Logf("%s", text)
}

// hunt runs the programs, and ends with raceDone if they show nothing new.
func (s *session[D]) hunt(t *testing.T) {
	var programs []*prog.Prog
	for _, e := range s.entries {
		programs = append(programs, e.Prog)
	}
	r := rand.New(rand.NewSource(*seed))
	for range racePrograms {
		programs = append(programs, prog.Generate(r, s.spec))
	}
	for _, p := range programs {
		v := s.judge(t, p)
		if v == nil {
			continue
		}
		text, err := s.find(t, p, v)
		if err != nil {
			text = err.Error()
		}
		reportRaces(t, text)
		t.FailNow()
	}
	reportRaces(t, s.knownTable(s.stats.Hits)+raceDone+"\n")
}

func reportRaces(t *testing.T, text string) {
	if err := os.WriteFile(filepath.Join(os.Getenv(raceEnv), raceReport), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// races returns one violation for each pair of functions in the race detector's reports, and empties these.
func (tg *Target[D]) races() (vs []oracle.Violation) {
	files, _ := filepath.Glob(filepath.Join(os.Getenv(raceEnv), "race.*"))
	if os.Getenv(raceEnv) == "" || len(files) == 0 {
		return nil // not under TestRace: package testing says it
	}
	log, err := os.ReadFile(files[0])
	if err != nil || os.Truncate(files[0], 0) != nil {
		return nil
	}
	for _, report := range strings.Split(string(log), "WARNING: DATA RACE")[1:] {
		if where, ok := raceBetween(tg.Firmware, report); ok {
			vs = append(vs, oracle.Violation{Oracle: "race", Where: where, Detail: "the race detector's report is above"})
		}
	}
	return vs
}

// access matches the head of each of the two stacks of a report.
var access = regexp.MustCompile(`(?m)^(?:Previous )?(?:[Rr]ead|[Ww]rite|[Aa]tomic \w+) at .*$`)

// raceBetween names the innermost firmware function of each of the two accesses. It is no race of the firmware's if an access is made by the
// harness: what of that is compiled into the firmware's package the detector sees.
func raceBetween(firmware, report string) (where string, ok bool) {
	var names []string
	heads := access.FindAllStringIndex(report, -1)
	for i, h := range heads {
		end := len(report)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		stack, _, _ := strings.Cut(report[h[1]:end], "\n\n")
		name := innermost(firmware, stack)
		if name == "" {
			return "", false
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), " and "), len(names) > 0
}

// innermost is the first firmware function of a stack, "" if the harness or a mock comes first.
func innermost(firmware, stack string) string {
	for line := range strings.SplitSeq(stack, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, firmware+"."):
			return sim.ShortName(strings.TrimSuffix(line, "()"))
		case strings.HasPrefix(line, "github.com/linkflap/linkflap/"), strings.HasPrefix(line, "machine."):
			return ""
		}
	}
	return ""
}
