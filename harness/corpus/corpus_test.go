package corpus_test

import (
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
)

func toySpec(t *testing.T) *prog.Spec {
	port := prog.Arg{Name: "port", Kind: prog.Int, Min: 1, Max: 65000, Nice: []int64{80}}
	spec := &prog.Spec{
		Ops: []prog.Op{
			{Name: "connect"},
			{Name: "listen", Args: []prog.Arg{port}, Result: "s"},
			{Name: "close", Args: []prog.Arg{{Name: "socket", Kind: prog.Ref, Of: []string{"s"}}}},
		},
		Faults: []prog.FaultSpec{{Name: "noack", MaxNth: 9}},
	}
	require.NoError(t, spec.Validate())
	return spec
}

const good = `Close frees the slot twice: once itself, once through the event that it waits for.

See the issue. This paragraph says: target: none.

target: toy (example.org/toy v1.2.3)

-- prog --
connect()
s0 = listen(80)
a: close(s0) (fault: noack@2)
-- schedule --
a done

-- want --
double-free: close in toy.Close
`

func TestParse(t *testing.T) {
	e, err := corpus.Parse(toySpec(t), "corpus/toy/double-free.txt", good)
	require.NoError(t, err)
	require.Equal(t, "corpus/toy/double-free.txt", e.Path)
	require.Equal(t, "double-free", e.Name())
	require.Equal(t, "toy (example.org/toy v1.2.3)", e.Target)
	require.Equal(t, "double-free: close in toy.Close", e.Want)
	require.True(t, strings.HasPrefix(e.Prose, "Close frees") && strings.HasSuffix(e.Prose, "target: none."), e.Prose)
	require.Len(t, e.Prog.Calls, 3)
	require.Len(t, e.Prog.Schedule, 1)
	require.Equal(t, good, e.String(), "a file in the usual form stays as it is, byte by byte")

	again, err := corpus.Parse(toySpec(t), e.Path, strings.ReplaceAll(good, "\n", "\r\n"))
	require.NoError(t, err, "a checkout with CRLF")
	require.Equal(t, good, again.String())
}

func TestParseIsTheInverseOfString(t *testing.T) {
	spec := toySpec(t)
	r := rand.New(rand.NewSource(1))
	proses := []string{"", "One line.", "Two\n\nparagraphs, with\n    an indented line", "target: not this one", "é ☃ -- prog -- in a line"}
	for i := range 500 {
		want := &corpus.Entry{
			Path: "corpus/toy/x.txt", Prose: proses[i%len(proses)], Prog: prog.Generate(r, spec),
			Want: []string{corpus.OK, "stale: send on a handle from listen"}[i%2], Target: "toy (local)",
		}
		got, err := corpus.Parse(spec, want.Path, want.String())
		require.NoError(t, err, want)
		require.Equal(t, want.String(), got.String())
		require.True(t, prog.Equal(want.Prog, got.Prog))
		got.Prog = want.Prog // compared above: one has nil slices where the other has empty ones
		require.Equal(t, want, got)
	}
}

// bad are files that are not entries, by what is wrong, with the error.
var bad = []struct{ name, text, want string }{
	{"empty", "", `:1: got no line "-- prog --", want one before the program`},
	{"binary", "\x7fELF\xff\xfe", ":1: got binary data, want text"},
	{"NUL", strings.Replace(good, "80", "8\x000", 1), ":1: got binary data, want text"},
	{"torn in the prose", good[:100], `:3: got no line "-- prog --"`},
	{"torn in the mark", cutAfter("-- prog -"), `:7: got no line "-- prog --"`},
	{"torn after the mark", cutAfter("-- prog --\n"), `:8: got no line "-- want --"`},
	{"torn in the program", cutAfter("listen("), `:9: got no line "-- want --"`},
	{"torn before the verdict", cutAfter("-- want --\n"), ":14: got 0 lines of verdict, want one"},
	{"two verdicts", good + "ok\n", ":16: got 2 lines of verdict, want one"},
	{"no target", strings.Replace(good, "target: toy", "goal: toy", 1), `:6: got no line "target: "`},
	{"target not last", strings.Replace(good, "\n-- prog", "More prose.\n\n-- prog", 1), `:7: got no line "target: "`},
	{"empty target", strings.Replace(good, "target: toy (example.org/toy v1.2.3)", "target: ", 1), `:6: got no line "target: "`},
	{"no prose", good[strings.Index(good, "-- prog"):], `:1: got no line "target: "`},
	{"unknown op", strings.Replace(good, "connect", "konnect", 1), `:8: got op "konnect"`},
	{"unknown handle", strings.Replace(good, "close(s0)", "close(s9)", 1), `:10: `},
	{"no such fault", strings.Replace(good, "noack@2", "noack@99", 1), `:10: `},
	{"bad step", strings.Replace(good, "a done", "a dine", 1), `:12: `},
	{"control character", strings.Replace(good, "connect", "con\x1b[31mnect", 1), `:8: got control character U+001B`},
	{"large", good + strings.Repeat("x", 1<<16), ":1: got 65842 bytes, want at most 65536"},
}

func cutAfter(mark string) string { return good[:strings.Index(good, mark)+len(mark)] }

func TestBadFilesSayWhereAndWhatAndHideNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a [dir] with * in its name")
	require.NoError(t, os.Mkdir(dir, 0o755))
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	write("a good one.txt", good)
	for _, b := range bad {
		write(b.name+".txt", b.text)
	}
	write("z.txt", good)
	write("notes.md", "not an entry")
	write(".tmp-1234", "what a killed Write leaves")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.txt"), 0o755))

	entries, err := corpus.Read(toySpec(t), dir)
	require.Len(t, entries, 2)
	require.Equal(t, "a good one", entries[0].Name())
	require.Equal(t, "z", entries[1].Name())
	for _, b := range bad {
		require.ErrorContains(t, err, filepath.Join(dir, b.name+".txt")+b.want)
	}
	require.ErrorContains(t, err, "folder.txt")
	require.Len(t, strings.Split(err.Error(), "\n"), len(bad)+1, "one line each")
	for _, b := range bad {
		text, err := os.ReadFile(filepath.Join(dir, b.name+".txt"))
		require.NoError(t, err)
		require.Equal(t, b.text, string(text), "it stays as it is")
	}
}

func TestReadOfNoFolder(t *testing.T) {
	entries, err := corpus.Read(toySpec(t), filepath.Join(t.TempDir(), "none"))
	require.NoError(t, err)
	require.Empty(t, entries)

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	_, err = corpus.Read(toySpec(t), filepath.Join(file, "none"))
	require.NoError(t, err)
	_, err = corpus.Read(toySpec(t), file)
	require.ErrorContains(t, err, file, "known bugs must not go missing without a word")
}

func TestWrite(t *testing.T) {
	spec := toySpec(t)
	dir := t.TempDir()
	e, err := corpus.Parse(spec, filepath.Join(dir, "new", "toy", "x.txt"), good)
	require.NoError(t, err)
	require.NoError(t, corpus.Write(e))
	e.Want = corpus.OK
	require.NoError(t, corpus.Write(e), "over the old one")

	back, err := corpus.ReadFile(spec, e.Path)
	require.NoError(t, err)
	require.Equal(t, e, back)
	require.Equal(t, []string{"x.txt"}, names(t, filepath.Dir(e.Path)), "no temporary file is left")
	info, err := os.Stat(e.Path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode())
}

func TestAFailedWriteSaysSoOnceAndLosesNothing(t *testing.T) {
	e, err := corpus.Parse(toySpec(t), "", good)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), []byte("kept"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder.txt"), 0o755))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "link")))
	for _, path := range []string{"file/x.txt", "file/deep/x.txt", "folder.txt", "link/x.txt", strings.Repeat("x", 300) + ".txt"} {
		e.Path = filepath.Join(dir, path)
		err := corpus.Write(e)
		require.ErrorContains(t, err, "cannot write "+e.Path+": ", "names the file")
		require.NotContains(t, err.Error(), "\n")
		require.NotContains(t, err.Error(), ".tmp", "says nothing of its own business")
	}
	require.Equal(t, []string{"file", "folder.txt", "link"}, names(t, dir))
	text, err := os.ReadFile(filepath.Join(dir, "file"))
	require.NoError(t, err)
	require.Equal(t, "kept", string(text))
}

func names(t *testing.T, dir string) (all []string) {
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, f := range files {
		all = append(all, f.Name())
	}
	return all
}

func TestFileName(t *testing.T) {
	for _, c := range []struct{ signature, want string }{
		{"double-free: close in toy.Close", "double-free-close-in-toy-close.txt"},
		{"panic: connect in wifinina.(*Device).Connect", "panic-connect-in-wifinina-device-connect.txt"},
		{"  ../../etc/passwd\n", "etc-passwd.txt"},
		{
			"deadlock: disconnect waits for wifinina.watchdog, which waits for a lock held by disconnect",
			"deadlock-disconnect-waits-for-wifinina-watchdog-which-waits.txt",
		},
		{strings.Repeat("x", 200), strings.Repeat("x", 60) + ".txt"},
		{"", "entry.txt"},
		{"???", "entry.txt"},
	} {
		require.Equal(t, c.want, corpus.FileName(c.signature))
	}
}
