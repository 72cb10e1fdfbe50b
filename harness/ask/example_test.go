package ask_test

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/linkflap/linkflap/harness/ask"
)

// Only a target's own tests can run its programs, so they are asked to: here, to replay a reproducer of the corpus.
func ExampleAsk() {
	file, err := filepath.Abs("../../corpus/wifinina/deadlock-connect-in-wifinina-addr-waits-for-a-lock-held-by.txt")
	if err != nil {
		fmt.Println(err)
		return
	}
	a, err := ask.Ask(context.Background(), "../..", ask.Question{Do: ask.Replay, File: file, Target: "wifinina"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(a.Document.Program)
	fmt.Println(a.Document.Contract)
	fmt.Println(a.Document.Verdict)
	// Output:
	// notify(addr)
	// netdev.Netdever: multiple goroutines may invoke methods simultaneously; only accept and recv may wait without limit
	// deadlock: connect in wifinina.Addr waits for a lock held by connect
}
