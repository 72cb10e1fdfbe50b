package corpus_test

import (
	"fmt"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/prog"
)

func ExampleParse() {
	spec := &prog.Spec{Ops: []prog.Op{{Name: "start"}, {Name: "stop"}}}
	e, err := corpus.Parse(spec, "stop.txt", `Stop before start follows a nil pointer.

target: modem (example.com/modem v1.2.0)

-- prog --
stop()

-- want --
panic: modem.Stop
`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.Target, len(e.Prog.Calls), e.Want)
	// Output: modem (example.com/modem v1.2.0) 1 panic: modem.Stop
}

func ExampleFileName() {
	fmt.Println(corpus.FileName("deadlock: stop in modem.Stop waits for a lock held by modem.poll"))
	// Output: deadlock-stop-in-modem-stop-waits-for-a-lock-held-by-modem.txt
}
