package bisect_test

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/linkflap/linkflap/harness/ask"
	"github.com/linkflap/linkflap/harness/bisect"
)

// A reproducer on each release of its firmware since v0.36.0: the bug was there before the release that it was found in.
func ExampleRun() {
	file, err := filepath.Abs("../../corpus/wifinina/deadlock-connect-in-wifinina-addr-waits-for-a-lock-held-by.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	cfg := bisect.Config{
		Dir:      "../..",
		Question: ask.Question{Do: ask.Replay, File: file, Target: "wifinina"},
		Package:  "tinygo.org/x/drivers/wifinina",
		From:     "v0.36.0",
	}
	err = bisect.Run(context.Background(), cfg, func(r bisect.Result) { fmt.Println(r.Version, r.Verdict, r.Err) })
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// v0.36.0 deadlock: connect in wifinina.Addr waits for a lock held by connect <nil>
	// v0.37.0 deadlock: connect in wifinina.Addr waits for a lock held by connect <nil>
}
