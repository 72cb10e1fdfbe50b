package prog_test

import (
	"fmt"
	"math/rand"

	"github.com/linkflap/linkflap/harness/prog"
)

// door is a device that can be opened, and then shut.
var door = &prog.Spec{
	Ops: []prog.Op{
		{Name: "open", Result: "d"},
		{Name: "shut", Args: []prog.Arg{{Name: "handle", Kind: prog.Ref, Of: []string{"d"}}}},
	},
	Faults: []prog.FaultSpec{{Name: "jam", MaxNth: 10}},
}

func ExampleParse() {
	p, err := prog.Parse(door, "door.txt", 1, "front = open()\na: shut(front) (fault: jam@2)\nb: shut(front)\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(p)
	// Output:
	// d0 = open()
	// a: shut(d0) (fault: jam@2)
	// b: shut(d0)
}

// A mistake is named by its place.
func ExampleParse_error() {
	_, err := prog.Parse(door, "door.txt", 1, "d0 = open()\nshut(d1)\n")
	fmt.Println(err)
	// Output: door.txt:2: shut: argument handle: got "d1", want the name of the result of an earlier call
}

// Every byte string is a program, and every program has its bytes.
func ExampleDecode() {
	p := prog.Generate(rand.New(rand.NewSource(1)), door)
	world, calls, schedule := p.Encode()
	fmt.Println(prog.Equal(p, prog.Decode(door, world, calls, schedule)))
	// Output: true
}

// A schedule says which task runs when: here a for three scheduling points, then b until it can go on no further.
func ExampleProg() {
	p, err := prog.Parse(door, "door.txt", 1, "d0 = open()\na: shut(d0)\nb: shut(d0)\n-- schedule --\na 3\nb block\n")
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, c := range p.Calls {
		fmt.Printf("%v makes %s %q\n", c.Task, door.Ops[c.Op].Name, p.Name(i))
	}
	for _, s := range p.Schedule {
		fmt.Println(s.Task, "runs until", s.Until, s.N)
	}
	fmt.Println("without the first shut, and what the schedule says of its task:")
	fmt.Print(p.Keep(func(call int) bool { return call != 1 }))
	// Output:
	// main makes open "d0"
	// a makes shut ""
	// b makes shut ""
	// a runs until points 3
	// b runs until block 0
	// without the first shut, and what the schedule says of its task:
	// d0 = open()
	// b: shut(d0)
	// -- schedule --
	// b block
}
