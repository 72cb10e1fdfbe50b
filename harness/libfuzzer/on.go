//go:build linkflap_libfuzzer && cgo

package libfuzzer

/*
#cgo LDFLAGS: -lstdc++ -lm -lpthread -ldl -lrt
#include <stdint.h>
#include <stdlib.h>
int linkflap_drive(int argc, char **argv, uint8_t *counters, uint8_t *end);
*/
import "C"

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"unsafe"
)

// On says that the binary is one of libFuzzer's.
const On = true

// What the builder puts here with the linker's -X.
var (
	fuzz  string // the fuzz function
	known string // lines of target, tab and signature, compressed, in base64
)

// args is the command line. Package testing must not see it: it would refuse libFuzzer's flags. That is why it is taken before main begins.
var args = takeArgs()

// Args are those for libFuzzer. The first is the name of the program.
func Args() []string { return args }

// byTime has libFuzzer prefer what runs fast when it chooses an input to change: without, it lives among the programs that wait longest, and
// runs a fifth as many.
const byTime = "-entropic_scale_per_exec_time=1"

func takeArgs() []string {
	all := os.Args
	os.Args = []string{all[0], "-test.run=^" + fuzz + "$/^seed#0$", "-test.timeout=0", "-test.v"}
	return slices.Insert(slices.Clone(all), 1, byTime) // what the user says of it comes later, and counts
}

// The counters that the compiler puts into code which it instruments for fuzzing, between these two. The linker places them for the native
// engine, which the binary contains too but does not use; the names are that engine's. The Go runtime could give them to libFuzzer itself
// (build tag libfuzzer), but then every comparison is told as well, and that takes as long as all the rest of a run.
//
//go:linkname counters internal/fuzz._counters
//go:linkname countersEnd internal/fuzz._ecounters
var counters, countersEnd [0]byte

// Known are the signatures of a target that the corpus held when the binary was built.
func Known(target string) (signatures []string) {
	packed, err := base64.StdEncoding.DecodeString(known)
	if err != nil || len(packed) == 0 {
		return nil
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		if of, sig, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok && of == target {
			signatures = append(signatures, sig)
		}
	}
	return signatures
}

// pipe is how the driver's thread hands an input to the goroutine that runs it.
type pipe struct {
	inputs chan []byte
	done   chan struct{}
}

// current is where the callback finds its pipe: C knows no Go pointer. A process has one driver.
var current atomic.Pointer[pipe]

// Drive calls run for every input that libFuzzer makes, until libFuzzer ends the process. The input is libFuzzer's memory, and must neither
// be changed nor kept. run is called on the goroutine of the caller, not on the driver's thread: there, every wake-up of another goroutine
// would switch threads.
func Drive(run func(input []byte)) {
	p := &pipe{make(chan []byte), make(chan struct{})}
	current.Store(p)
	go drive(args)
	for input := range p.inputs {
		run(input)
		p.done <- struct{}{}
	}
}

// drive is the driver's thread.
func drive(args []string) {
	runtime.LockOSThread()
	argv := make([]*C.char, len(args)+1)
	for i, a := range args {
		argv[i] = C.CString(a)
	}
	// C keeps argv, and so it must not be Go's memory
	block := (*[1 << 20]*C.char)(C.malloc(C.size_t(len(argv)) * C.size_t(unsafe.Sizeof(argv[0]))))
	copy(block[:len(argv)], argv)
	os.Exit(int(C.linkflap_drive(C.int(len(args)), &block[0], (*C.uint8_t)(unsafe.Pointer(&counters)), (*C.uint8_t)(unsafe.Pointer(&countersEnd)))))
}

//export linkflapInput
func linkflapInput(data *C.uint8_t, size C.size_t) {
	p := current.Load()
	p.inputs <- unsafe.Slice((*byte)(data), int(size))
	<-p.done
}
