package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/ask"
)

func TestScoreTable(t *testing.T) {
	rows := []scoreRow{
		{"one", &ask.Summary{Signatures: map[string]int{"panic: a": 3, "panic: b": 1, "leak: c": 1}, Recovered: 7, Median: 3 * time.Second, Longest: 2 * time.Minute}},
		{"two", &ask.Summary{Signatures: map[string]int{}}},
	}
	require.Equal(t, `| driver | leak | panic | all | recovers | median | longest |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| one | 1 | 2 | 3 | 87.5% | 3s | 2m0s |
| two | 0 | 0 | 0 | 0.0% | 0s | 0s |
`, scoreTable(rows, 8))
}

// The same programs give the same table; a table that is not the one in the file is an error, and then a change.
func TestScoreIsKeptInAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(file, []byte("before\n<!-- score -->\nold\n<!-- /score -->\nafter\n"), 0o644))
	args := []string{"score", "-C", module, "--programs", "30", "wifinina", "-o", file}
	var out, log bytes.Buffer
	require.Equal(t, 1, run(append(args, "--check"), streams{&out, &log}))
	require.Equal(t, "linkflap: "+file+": what is between the score marks is not current: run linkflap score wifinina -o README.md\n", log.String())
	require.Empty(t, invoke(t, args...))
	require.Empty(t, invoke(t, append(args, "--check")...))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Regexp(t, `^before\n<!-- score -->\n\n\| driver (.*\n){2}\| wifinina \| .*\n\n<!-- /score -->\nafter\n$`, string(text))
}

// Both can sleep, but not for the same times.
func TestScoreNeedsTheSamePrograms(t *testing.T) {
	var out, log bytes.Buffer
	require.Equal(t, 1, run([]string{"score", "-C", module, "--programs", "10", "wifinina", "esp8266"}, streams{&out, &log}))
	require.Contains(t, log.String(), "got other programs for esp8266 than for wifinina: ")
}

func TestBetweenWantsBothMarks(t *testing.T) {
	for _, text := range []string{"", "<!-- score -->\n", "<!-- /score -->\n<!-- score -->\n"} {
		_, err := between(text, "score", "x")
		require.EqualError(t, err, `got no lines "<!-- score -->" and "<!-- /score -->", want both`)
	}
}
