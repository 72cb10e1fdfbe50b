package libfuzzer

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnArtifactIsWhereLibFuzzerWouldPutIt(t *testing.T) {
	const empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709" // SHA-1 of nothing
	for _, c := range []struct{ args, kind, want string }{
		{"", KindCrash, "./crash-" + empty},
		{"-runs=1 corpus", KindTimeout, "./timeout-" + empty},
		{"-artifact_prefix=out/", KindCrash, "out/crash-" + empty},
		{"-artifact_prefix=out/ -artifact_prefix=x-", KindCrash, "x-crash-" + empty},
		{"-exact_artifact_path=here -artifact_prefix=out/", KindCrash, "here"},
	} {
		require.Equal(t, c.want, Artifact(strings.Fields("fuzz_x "+c.args), c.kind, nil), c.args)
	}
}

func TestAFailureIsToldInWordsThatOthersRead(t *testing.T) {
	var b strings.Builder
	tell(&b, "deadlock: close in toy.(*Device).Close waits for a lock held by toy.keeper.", "out/crash-1", nil)
	position := regexp.MustCompile(`(?m)^\t/.*/libfuzzer\.go:\d+$`)
	require.Len(t, position.FindAllString(b.String(), -1), 1, b.String())
	require.Equal(t, `
panic: deadlock: close in toy.(*Device).Close waits for a lock held by toy.keeper.

goroutine 1 [running]:
toy.(*Device).Close(...)
toy.keeper(...)
told by linkflap
	libfuzzer.go:1

DEDUP_TOKEN: deadlock:_close_in_toy.(*Device).Close_waits_for_a_lock_held_by_toy.keeper.
artifact_prefix=''; Test unit written to out/crash-1
`, position.ReplaceAllString(b.String(), "\tlibfuzzer.go:1"))

	b.Reset()
	tell(&b, "", "out/crash-1", errors.New("disk full"))
	require.Equal(t, "linkflap: cannot keep the input: disk full\n", b.String())
}
