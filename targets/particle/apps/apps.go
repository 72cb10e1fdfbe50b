// Package apps is the programs of the field reports about TCP servers on Particle's Photon, as applications on the wiring API of package
// deviceos, and what stood around the reporters' boards: access points that somebody switches, cables that somebody pulls, clients.
// It stands above the firmware under test, as its users do, and serves the target particle with ops and a soak with whole test beds.
//
// The hard word is turn: one pass of a loop that has no delay in it, be it loop() itself or a while within it. On the board turns follow each
// other as fast as the processor goes; here each costs a Board's Pace, and so virtual time passes in every loop.
//
// Sources: community.particle.io, "Hard Fault after TCP Connection and WiFi loss" (report A) and "Active TCPServer / Client appears to crash
// Photon when WiFi disconnects" (report B); sigmdel.ca, "ESP8266 Watchdogs in Arduino" of 27 August 2017 (report C). States, order of calls,
// delays and ports are those of the posted code; what the posts leave out is marked "chosen". What the programs print is left out.
//
// Peers of the air send tagged bytes and no text (mocks/air), so that requests are told apart by their length: where a posted program looks
// for an empty line, the application counts.
package apps

import (
	"time"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/mocks/air"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// App is a program in the board's memory, between two starts of the board.
type App interface {
	Setup()
	Loop()
	// Destroy runs the destructors of the program's objects, which a board never does.
	Destroy()
}

// Program is an application as it is in the flash.
type Program struct {
	Name     string
	Mode     deviceos.Mode // SYSTEM_MODE
	Threaded bool          // SYSTEM_THREAD(ENABLED)
	Port     uint16        // on which it serves
	Ask      int           // bytes of a request
	Answer   int           // bytes that answer it
	Closes   bool          // it is the server's close that ends an answer, not its length
	New      func(b *Board) App
}

// Programs are the four of the reports, in the order of the posts.
var Programs = []*Program{
	{Name: "communication", Mode: deviceos.Manual, Threaded: true, Port: 777, Ask: commandSize, Answer: reportSize, New: newCommunication},
	{Name: "telnet", Mode: deviceos.Manual, Threaded: true, Port: 23, Ask: lineSize, Answer: lineSize, New: newTelnet},
	{Name: "web", Mode: deviceos.Automatic, Port: 80, Ask: requestSize, Answer: webAnswer, Closes: true, New: newWeb},
	{Name: "web5", Mode: deviceos.Automatic, Threaded: true, Port: 7123, Ask: requestSize, Answer: web5Answer, New: newWeb5},
}

// ProgramNames are their names.
func ProgramNames() (names []string) {
	for _, p := range Programs {
		names = append(names, p.Name)
	}
	return names
}

// Find is the program of that name, nil if there is none.
func Find(name string) *Program {
	for _, p := range Programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// DefaultPace is how long a turn takes if nobody says otherwise. Chosen: with SYSTEM_THREAD a Photon comes round about once a millisecond; ten
// times that costs a tenth of the wall time, and no time of the reports is shorter than 50 ms.
const DefaultPace = 10 * time.Millisecond

// Board is what a program runs on: the device, and the processor's time.
type Board struct {
	*deviceos.Device
	Pace time.Duration // of a turn
	// Until is the virtual time at which the program is to end, if that is positive: programs end at their next turn.
	Until time.Duration
	// Asleep is the switch with which the user puts the product of report A into Off-Mode.
	Asleep bool
	// Pause lets the time of a turn pass; nil: the world's Sleep.
	Pause func(d time.Duration)

	w *sim.World
}

// NewBoard makes a board of a device.
func NewBoard(w *sim.World, d *deviceos.Device) *Board {
	return &Board{Device: d, Pace: DefaultPace, w: w}
}

// Turn is the end of a turn: its time passes. It reports whether the program is to go on.
func (b *Board) Turn() bool {
	if b.Pause != nil {
		b.Pause(b.Pace)
	} else {
		b.w.Sleep(b.Pace)
	}
	return b.Running()
}

// Running says that the program is to go on.
func (b *Board) Running() bool { return b.Until <= 0 || b.w.Now() < b.Until }

// Run runs a program on a board that has started: setup, and then loop until Until. The task that calls it is the application's thread.
func (b *Board) Run(p *Program) {
	app := p.New(b)
	b.run(app)
	app.Destroy()
}

func (b *Board) run(app App) {
	app.Setup()
	for b.Running() {
		app.Loop()
		b.Idle()
		b.Turn()
	}
}

// tag fills what the programs send of their own: no handle's stream has it, nor the cloud's.
const tag = 0x02

// payload is the n bytes at offset off of what a program sends on a connection.
func payload(off, n int) []byte {
	buf := make([]byte, n)
	air.Fill(buf, tag, int64(off))
	return buf
}
