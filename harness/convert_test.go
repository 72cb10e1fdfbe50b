package harness

import (
	"math/rand"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
)

// convertAll converts what is in from, and returns the new files.
func convertAll(t *testing.T, s *session[*toy], from string, form ask.Form) (files []string, a *ask.Answer) {
	t.Helper()
	a = &ask.Answer{}
	require.NoError(t, s.convert(t, &ask.Question{File: from, Form: form, Out: t.TempDir()}, a))
	files, err := filepath.Glob(filepath.Join(a.File, "*"))
	require.NoError(t, err)
	return files, a
}

func TestNoFormLosesAProgram(t *testing.T) {
	s := inModule(t, toyTarget("toy"), map[string]string{})
	dir := filepath.Join(s.root, "inputs")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	r := rand.New(rand.NewSource(1))
	want, bytesOf := map[string]int{}, map[string]bool{}
	for range 200 {
		world, calls, schedule := prog.Streams(r, s.spec)
		name, text := s.form(t, streams{world, calls, schedule}, ask.Native)
		bytesOf[text] = true
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		want[prog.Decode(s.spec, world, calls, schedule).String()]++
	}
	programs := func(dir string) map[string]int {
		all := map[string]int{}
		files, err := s.sources(dir)
		require.NoError(t, err)
		for _, f := range files {
			b, err := s.read(f)
			require.NoError(t, err)
			all[b.decode(s.spec).String()]++
		}
		return all
	}
	require.Equal(t, want, programs(dir))
	_, buffers := convertAll(t, s, dir, ask.LibFuzzer)
	require.Equal(t, want, programs(buffers.File))
	files, _ := convertAll(t, s, buffers.File, ask.Native)
	require.Len(t, files, len(bytesOf))
	for _, f := range files {
		text, err := os.ReadFile(f)
		require.NoError(t, err)
		require.True(t, bytesOf[string(text)], "from one engine to the other and back, not a byte changes")
	}

	delete(want, "")
	for p := range want {
		want[p] = 1 // equal programs are one text
	}
	_, texts := convertAll(t, s, buffers.File, ask.Text)
	require.Equal(t, want, programs(texts.File))
	_, again := convertAll(t, s, texts.File, ask.LibFuzzer)
	require.Equal(t, want, programs(again.File))
}

func TestReproducersAreExported(t *testing.T) {
	entry := "Why.\n\ntarget: toy\n\n-- prog --\nopen()\na: crash()\n-- want --\npanic: harness.toyTarget\n"
	s := inModule(t, toyTarget("toy"), map[string]string{"corpus/toy/bug.txt": entry})
	files, a := convertAll(t, s, "", ask.LibFuzzer)
	require.Equal(t, 1, a.Kept)
	e, err := s.entry(t, files[0])
	require.NoError(t, err)
	require.Equal(t, "open()\na: crash()\n", e.Prog.String())
	require.Equal(t, "panic: harness.toyTarget", e.Want)

	empty := filepath.Join(s.root, "empty")
	require.NoError(t, os.WriteFile(empty, []byte{1}, 0o600))
	_, err = s.entry(t, empty)
	require.ErrorContains(t, err, "got a program without calls")
	_, a = convertAll(t, s, empty, ask.Text)
	require.Equal(t, []string{empty}, a.Drop)

	texts, _ := convertAll(t, s, files[0], ask.Text)
	require.Regexp(t, `/panic-harness-toytarget-[0-9a-f]{8}\.txt$`, texts[0])
	e, err = corpus.ReadFile(s.spec, texts[0])
	require.NoError(t, err)
	require.Equal(t, "panic: harness.toyTarget", e.Want)

	torn := filepath.Join(s.root, "torn.txt")
	require.NoError(t, os.WriteFile(torn, []byte("Why.\n\ntarget: toy\n"), 0o600))
	_, err = s.entry(t, torn)
	require.ErrorContains(t, err, `torn.txt:4: got no line "-- prog --"`)
}
