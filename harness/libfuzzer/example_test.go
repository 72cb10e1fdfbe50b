package libfuzzer_test

import (
	"fmt"

	"github.com/linkflap/linkflap/harness/libfuzzer"
)

// Whoever starts the binary decides where an input that fails goes, with libFuzzer's own flags; its name says how it failed, and which
// input it is.
func ExampleArtifact() {
	input := []byte("connect, disconnect, connect")
	fmt.Println(libfuzzer.Artifact([]string{"fuzz_modem", "-artifact_prefix=out/"}, libfuzzer.KindCrash, input))
	fmt.Println(libfuzzer.Artifact([]string{"fuzz_modem", "-artifact_prefix=out/"}, libfuzzer.KindTimeout, input))
	fmt.Println(libfuzzer.Artifact([]string{"fuzz_modem", "-exact_artifact_path=minimized"}, libfuzzer.KindCrash, input))
	// Output:
	// out/crash-133a62a1cb10483659acda08dfe3469c924b8d48
	// out/timeout-133a62a1cb10483659acda08dfe3469c924b8d48
	// minimized
}
