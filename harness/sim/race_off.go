//go:build !linkflap_race

package sim

import "unsafe"

// Without the tag linkflap_race the hand-over of the token orders everything, for the race detector too: the harness is race-free, and
// races of the firmware do not show. See race_on.go.

// SeesRaces says that the race detector sees the firmware's races.
const SeesRaces = false

func raceOff() {}
func raceOn()  {}

// RaceAcquire notes that the running task sees everything up to the last RaceRelease of p.
func RaceAcquire(unsafe.Pointer) {}

// RaceRelease notes that everything the running task did is seen by who acquires p.
func RaceRelease(unsafe.Pointer) {}

// RaceErrors is how many races the detector has reported so far.
func RaceErrors() int { return 0 }
