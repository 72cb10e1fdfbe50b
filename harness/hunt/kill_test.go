package hunt_test

import (
	"flag"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	kills    = flag.Int("kills", 2, "how often TestNothingIsLostToAKill kills a hunt")
	killSeed = flag.Int64("killseed", 1, "of the moments at which it does")
)

// latest is the latest moment of a kill, from the begin of a hunt or from its first find.
const latest = 5 * time.Second

func TestNothingIsLostToAKill(t *testing.T) {
	t.Parallel()
	y := newToy(t)
	r := rand.New(rand.NewSource(*killSeed))
	before := map[string]string{}
	phases := map[string]int{}
	for i := range *kills {
		moment := time.Duration(r.Int63n(int64(latest)))
		found := i%2 == 1
		if found { // the bugs that there are get known too soon
			for name := range before {
				require.NoError(t, os.Remove(filepath.Join(y.dir, name)))
			}
			clear(before)
		}
		out := y.kill(t, moment, found)
		y.isAlone(t, 10*time.Second)
		after := y.entries(t)
		for name, text := range before {
			require.Contains(t, after, name, "kill %d after %v: it is lost", i, moment)
			if !strings.Contains(text, "Not yet shrunk.") {
				require.Equal(t, text, after[name], "kill %d after %v", i, moment)
			}
		}
		for _, said := range regexp.MustCompile(`new violation in .*\n    (\S+)\n`).FindAllStringSubmatch(out, -1) {
			require.Contains(t, after, said[1], "kill %d after %v: it was said and is lost", i, moment)
		}
		y.isWhole(t, after)
		before = after
		phases[phase(out)]++
	}
	t.Logf("%d kills: %v; %d reproducers", *kills, phases, len(before))

	y.age(t)
	status, out := y.run(t, "--for", "6s")
	require.Less(t, status, 2, out)
	shrunk(t, y.entries(t))
	left, err := os.ReadDir(y.tmp)
	require.NoError(t, err)
	require.Empty(t, left, "the hunt after the kills cleans up")
	require.Empty(t, y.leftovers(t), "also among the reproducers")
	y.replays(t)
}

// phase is how far a hunt got, by what it printed.
func phase(out string) string {
	switch {
	case strings.Contains(out, "shrunk to "):
		return "shrinking"
	case strings.Contains(out, "new violation"):
		return "found"
	case regexp.MustCompile(`(?m)^Fuzz`).MatchString(out):
		return "taking turns"
	case strings.Contains(out, "building"):
		return "building or first turn"
	}
	return "nothing yet"
}

// kill hunts for so long, from the first find on if found, kills the hunt, and returns what it printed.
func (y *toy) kill(t *testing.T, after time.Duration, found bool) string {
	t.Helper()
	cmd, _ := y.hunt("--for", "10m")
	file := filepath.Join(filepath.Dir(y.dir), "out")
	out, err := os.Create(file)
	require.NoError(t, err)
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	printed := func() string {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return string(text)
	}
	require.NoError(t, cmd.Start())
	if found {
		require.Eventually(t, func() bool { return strings.Contains(printed(), "new violation") }, 2*time.Minute, 20*time.Millisecond)
	}
	time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	err = cmd.Wait()
	require.Equal(t, syscall.SIGKILL, err.(*exec.ExitError).Sys().(syscall.WaitStatus).Signal(), printed())
	return printed()
}

var (
	entry = regexp.MustCompile(`(?s)^Not yet explained\.\n\n(Not yet shrunk\.\n\n)?target: \w+\n\n-- prog --\n.+\n-- want --\npanic: toy\.\w+\n$`)
	input = regexp.MustCompile(`^go test fuzz v1\n(\[\]byte\(".*"\)\n){3}$`)
)

// isWhole says that no reproducer and no input of the engine's is torn, and that no bug was kept twice.
func (y *toy) isWhole(t *testing.T, entries map[string]string) {
	t.Helper()
	var wants []string
	for name, text := range entries {
		require.Regexp(t, entry, text, name)
		wants = append(wants, filepath.Dir(name)+text[strings.LastIndex(text, "-- want --"):])
	}
	slices.Sort(wants)
	require.Len(t, slices.Compact(wants), len(entries), "a bug has one reproducer")
	inputs, err := filepath.Glob(filepath.Join(y.cache, "example.com", "toy", "*", "*"))
	require.NoError(t, err)
	for _, f := range inputs {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		require.Regexp(t, input, string(text), f)
	}
}

// leftovers are what writers that were killed left half-written. Whoever reads the corpus takes them for nothing.
func (y *toy) leftovers(t *testing.T) []string {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(y.dir, "corpus", "*", ".*"))
	require.NoError(t, err)
	return left
}

// age makes the leftovers, and one that is always there, older than any writer of now.
func (y *toy) age(t *testing.T) {
	t.Helper()
	torn := filepath.Join(y.dir, "corpus", "toy", ".tmp-torn")
	require.NoError(t, os.WriteFile(torn, []byte("Not yet expl"), 0o600))
	ago := time.Now().Add(-2 * time.Minute)
	for _, f := range y.leftovers(t) {
		require.NoError(t, os.Chtimes(f, ago, ago))
	}
}

// replays says that go test agrees with the corpus.
func (y *toy) replays(t *testing.T) {
	t.Helper()
	cmd := exec.Command("go", "test", "-run", "TestCorpus", "-count", "1", ".")
	cmd.Dir, cmd.Env = y.dir, y.env
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}
