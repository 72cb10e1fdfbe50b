// Package fault is how mocks describe what can be made to go wrong with them. Targets turn the descriptions into what programs may contain.
//
// The hard word is passage: a fault strikes at the nth passage of its site in the call that it is armed for, such as the third byte of a
// reply. The mock says where its sites are by asking sim.World.Fault there, by the fault's name.
package fault

// Kind is one way in which a chip or a line can misbehave.
type Kind struct {
	Name     string
	Doc      string
	Site     string // what counts as a passage
	Lawful   bool   // the protocol lets it happen: the driver has to cope
	HasValue bool
	Min, Max int64 // of the value
	Nice     []int64
	Unit     string // of the value: "byte", "ns", "count", "status"
	Hex      bool
}
