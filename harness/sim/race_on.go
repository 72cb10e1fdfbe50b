//go:build linkflap_race && race

package sim

import (
	"runtime"
	"unsafe"
)

// With the tag linkflap_race the race detector does not see the token change hands, only the synchronisation that the firmware itself
// does (shim reports it through RaceAcquire and RaceRelease). Two tasks that touch the same memory without a lock are then reported,
// although they never really run at the same time, and reported again at every replay. The harness and the mocks do share memory without
// locks, so they must be compiled without the detector: `make race` says how.

// SeesRaces says that the race detector sees the firmware's races.
const SeesRaces = true

func raceOff() { runtime.RaceDisable() }
func raceOn()  { runtime.RaceEnable() }

// RaceAcquire notes that the running task sees everything up to the last RaceRelease of p.
func RaceAcquire(p unsafe.Pointer) { runtime.RaceAcquire(p) }

// RaceRelease notes that everything the running task did is seen by who acquires p.
func RaceRelease(p unsafe.Pointer) { runtime.RaceReleaseMerge(p) }

// RaceErrors is how many races the detector has reported so far.
func RaceErrors() int { return runtime.RaceErrors() }
