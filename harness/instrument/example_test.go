package instrument_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/tools/txtar"

	"github.com/linkflap/linkflap/harness/instrument"
)

// user is somebody's module: it tests package modem, which lies in a folder beside it here and may come from anywhere.
const user = `
-- go.mod --
module example.com/user

go 1.26.0

require (
	github.com/linkflap/linkflap v0.0.0
	example.com/modem v1.2.3
)

replace (
	github.com/linkflap/linkflap => %s
	example.com/modem => ./modem
)
-- instrument.txt --
example.com/modem
-- user.go --
package user

import _ "example.com/modem"
-- modem/go.mod --
module example.com/modem

go 1.24
-- modem/modem.go --
package modem

import (
	"sync"
	"time"
)

type Modem struct {
	mu   sync.Mutex
	stop chan bool
}

func (m *Modem) Start() { go m.poll() }

func (m *Modem) poll() {
	for len(m.stop) == 0 {
		m.mu.Lock()
		m.mu.Unlock()
		time.Sleep(time.Second)
	}
	<-m.stop
}
`

// Every line stays where it was, and all that could wait, or go on by itself, now asks the scheduler.
func ExampleRun() {
	linkflap, err := filepath.Abs("../..")
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "user-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	files, _ := txtar.FS(txtar.Parse(fmt.Appendf(nil, user, linkflap)))
	_ = os.CopyFS(dir, files)

	fmt.Println(instrument.Run(context.Background(), instrument.Config{Dir: dir, Check: true}))
	fmt.Println(instrument.Run(context.Background(), instrument.Config{Dir: dir, Log: os.Stdout}))
	text, _ := os.ReadFile(filepath.Join(dir, "build/example.com/modem@local/modem.go"))
	fmt.Println(string(text))
	// Output:
	// instrumented copy is missing: run linkflap instrument
	// instrument example.com/modem local
	// <nil>
	// package modem; import shim__ "github.com/linkflap/linkflap/harness/sim/shim"
	//
	// import (
	// 	_ "sync"
	// 	"time"
	// )
	//
	// type Modem struct {
	// 	mu   shim__.Mutex
	// 	stop chan bool
	// }
	//
	// func (m *Modem) Start() { shim__.Go("modem.poll", m.poll) }
	//
	// func (m *Modem) poll() {
	// 	for len(m.stop) == 0 { shim__.Loop();
	// 		m.mu.Lock()
	// 		m.mu.Unlock()
	// 		shim__.Sleep(time.Second)
	// 	}
	// 	shim__.Recv(m.stop)
	// }
}
