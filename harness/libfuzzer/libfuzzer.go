// Package libfuzzer lets libFuzzer drive a target instead of Go's own engine, and with it whatever runs libFuzzer binaries on many machines.
// It stands where package testing's fuzzing does: an input comes in, harness.Fuzz runs it. Only binaries that `linkflap libfuzzer` builds
// have it: they link the C++ library through cgo, behind the build tag linkflap_libfuzzer.
//
// The hard word is driver: libFuzzer's own main function, LLVMFuzzerRunDriver, which calls back for every input and ends the process when it
// is done. A failure ends the process too. libFuzzer learns of failures from a crash of C code or a signal; Go code that panics does not pass
// through either, so Crash does what libFuzzer does then: it writes the artifact, says so in libFuzzer's words, and exits with its status.
package libfuzzer

import (
	"crypto/sha1" //nolint:gosec // libFuzzer's name for an input
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strings"
)

// Tag is the build tag of binaries that libFuzzer drives.
const Tag = "linkflap_libfuzzer"

// The exit statuses of libFuzzer's that tell failures apart: Options.ErrorExitCode and Options.TimeoutExitCode in FuzzerOptions.h.
const (
	StatusCrash   = 77
	StatusTimeout = 70
)

// Kinds of artifacts, as libFuzzer's file names begin.
const (
	KindCrash   = "crash-"
	KindTimeout = "timeout-"
)

// Artifact is the file that an input goes to, by the arguments that libFuzzer was given: -exact_artifact_path if there is one, else
// -artifact_prefix, which may be a folder or the beginning of a name, then kind and the input's SHA-1.
func Artifact(args []string, kind string, input []byte) string {
	exact, prefix := "", "./"
	for _, a := range args {
		if v, ok := strings.CutPrefix(a, "-exact_artifact_path="); ok {
			exact = v
		}
		if v, ok := strings.CutPrefix(a, "-artifact_prefix="); ok {
			prefix = v
		}
	}
	if exact != "" {
		return exact
	}
	return fmt.Sprintf("%s%s%x", prefix, kind, sha1.Sum(input)) //nolint:gosec // as above
}

// Crash ends the process: it writes what is known of the failure to standard error, keeps the input, and exits with the status of libFuzzer's
// that goes with the kind. A crash without a signature is known by the first line of its text.
func Crash(kind, signature, text string, input []byte) {
	fmt.Fprint(os.Stderr, text)
	if signature == "" && kind == KindCrash {
		signature, _, _ = strings.Cut(strings.TrimSpace(text), "\n")
	}
	file := Artifact(Args(), kind, input)
	err := os.WriteFile(file, input, 0o644)
	tell(os.Stderr, signature, file, err)
	if kind == KindTimeout {
		fmt.Fprintf(os.Stderr, "==%d== ERROR: libFuzzer: timeout\n", os.Getpid())
		os.Exit(StatusTimeout)
	}
	os.Exit(StatusCrash)
}

// function is a firmware function in a signature.
var function = regexp.MustCompile(`\b[A-Za-z_]\w*\.[A-Za-z_(][\w.()*]*`)

// tell says what failed in words that others read: libFuzzer compares the lines DEDUP_TOKEN when it minimises a crash
// (compiler-rt/lib/fuzzer/FuzzerDriver.cpp, MinimizeCrashInput), and ClusterFuzz takes a Go panic's first line, of which it reads 80 characters,
// and two frames, the firmware's only, as what makes two crashes the same. It looks for frames only where it finds ".go:", as in the position
// that ends the stack here (github.com/google/clusterfuzz, src/clusterfuzz/stacktraces: StackParser.parse in __init__.py; ASSERT_REGEX,
// GOLANG_STACK_FRAME_FUNCTION_REGEX, LINE_LENGTH_CAP and MAX_CRASH_STATE_FRAMES in constants.py).
func tell(w io.Writer, signature, file string, err error) {
	if signature != "" {
		fmt.Fprintf(w, "\npanic: %s\n\ngoroutine 1 [running]:\n", signature)
		for _, f := range function.FindAllString(signature, -1) {
			fmt.Fprintf(w, "%s(...)\n", strings.TrimRight(f, "."))
		}
		_, here, line, _ := runtime.Caller(0)
		fmt.Fprintf(w, "told by linkflap\n\t%s:%d\n\nDEDUP_TOKEN: %s\n", here, line, strings.ReplaceAll(signature, " ", "_"))
	}
	if err != nil {
		fmt.Fprintf(w, "linkflap: cannot keep the input: %v\n", err)
		return
	}
	fmt.Fprintf(w, "artifact_prefix=''; Test unit written to %s\n", file)
}
