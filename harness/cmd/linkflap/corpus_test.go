package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/corpus"
)

// inCorpus makes a module with files.
func inCorpus(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/m\n"
	for name, text := range files {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return dir
}

func entryText(prose, target, program, want string) string {
	return prose + "\n\ntarget: " + target + "\n\n-- prog --\n" + program + "\n-- want --\n" + want + "\n"
}

// three are the reproducers of two targets.
func three() map[string]string {
	return map[string]string{
		"corpus/a/one.txt": entryText("It breaks.\n\nContract: open(2): it\nopens 1.5 doors. acme/a issue 12; fixed by pull request 13.",
			"a (acme.com/a v1.2.3)", "open()\na: shut() # twice\n-- schedule --\na done\n", "deadlock: a|b"),
		"corpus/a/two.txt": entryText("Not yet explained.", "a (acme.com/a v1.2.3)", "open()\nopen()\nopen()", "deadlock: a|b"),
		"corpus/b/ok.txt":  entryText("Why.", "b", "open()", "ok"),
		"corpus/b/new.txt": entryText("Not yet explained.\n\nNot yet shrunk.", "b", "open()\nopen()", "leak: <b>"),
	}
}

func TestListShowsWhatIsThere(t *testing.T) {
	dir := inCorpus(t, three())
	require.Equal(t, `
a: 1 known bugs, 1 reproducers not explained

   2 calls  explained    deadlock: a|b
             corpus/a/one.txt
   3 calls  unexplained  deadlock: a|b
             corpus/a/two.txt

b: 1 known bugs, 1 programs that must stay without violation, 1 reproducers not explained

   2 calls  not shrunk   leak: <b>
             corpus/b/new.txt
   1 calls  explained    ok
             corpus/b/ok.txt
`, invoke(t, "corpus", "list", "-C", dir))
	require.NotContains(t, invoke(t, "corpus", "list", "-C", dir, "b"), "corpus/a")
}

func TestListNamesWhatIsNoReproducer(t *testing.T) {
	files := three()
	files["corpus/a/torn.txt"] = "Not yet explained.\n\ntarget: a\n\n-- prog --\nop"
	dir := inCorpus(t, files)
	for _, c := range []struct{ args, out, log string }{
		{"", "corpus/b/ok.txt", `corpus/a/torn.txt:6: got no lines "-- prog --" and "-- want --", want both`},
		{"c", "", `found no reproducers of target "c"`},
	} {
		var out, log bytes.Buffer
		args := append([]string{"corpus", "list", "-C", dir}, strings.Fields(c.args)...)
		require.Equal(t, 1, run(args, streams{&out, &log}))
		require.Contains(t, out.String(), c.out)
		require.Contains(t, log.String(), c.log)
	}
}

const tracked = `
<details>
<summary><b>a</b>: 1 known bugs, 1 reproducers not explained</summary>

| violation | calls | contract | reported | last reproduced at |
| --- | --- | --- | --- | --- |
| [deadlock: a\|b](corpus/a/one.txt) | 2 | open(2): it opens 1.5 doors | acme/a issue 12, pull request 13 | v1.2.3 |

</details>

<details>
<summary><b>b</b>: 1 known bugs, 1 programs that must stay without violation, 1 reproducers not explained</summary>

| violation | calls | contract | reported | last reproduced at |
| --- | --- | --- | --- | --- |
| [leak: &lt;b&gt;](corpus/b/new.txt) | 2 | not yet explained |  |  |

</details>

`

func TestTrackWritesTheTableAndNothingElse(t *testing.T) {
	files := three()
	files["README.md"] = "# Acme\n\n<!-- track-record -->\nold\n<!-- /track-record -->\n\nThe end.\n"
	dir := inCorpus(t, files)
	var out, log bytes.Buffer
	require.Equal(t, 1, run([]string{"corpus", "track", "--check", "-C", dir}, streams{&out, &log}))
	require.Equal(t, "linkflap: "+filepath.Join(dir, "README.md")+": what is between the track-record marks is not current: run linkflap corpus track\n", log.String())
	invoke(t, "corpus", "track", "-C", dir)
	text, err := os.ReadFile(filepath.Join(dir, "README.md"))
	require.NoError(t, err)
	require.Equal(t, "# Acme\n\n<!-- track-record -->\n"+tracked+"<!-- /track-record -->\n\nThe end.\n", string(text))
	require.Contains(t, invoke(t, "corpus", "track", "--check", "-C", dir), "current")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "README.md"), []byte("# Acme\n"), 0o644))
	require.Equal(t, 1, run([]string{"corpus", "track", "-C", dir}, streams{&out, &log}))
	require.Contains(t, log.String(), "want both")
}

func TestWhatAContractSentenceIs(t *testing.T) {
	for _, c := range []struct{ prose, contract, reported string }{
		{"It leaks.", "", ""},
		{`Contract: net.Conn, Close: "Any blocked calls will be unblocked." Not reported upstream.`, `net.Conn, Close: "Any blocked calls will be unblocked."`, "no"},
		{"Contract: close(2) frees. acme/a#7; again in acme/a#7.\n\nSee acme/a#8.", "close(2) frees", "acme/a#7"},
		{"Contract: it works", "it works", ""},
	} {
		contract, since := contractOf(&corpus.Head{Prose: c.prose})
		require.Equal(t, c.contract, contract)
		require.Equal(t, c.reported, reported(since))
	}
}
