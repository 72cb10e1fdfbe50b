package gadget

// Bug is a planted bug: one small difference from the clean driver, at the one place that asks for it. It is named after the class of real
// bug that it stands for.
type Bug string

// The planted bugs. Each has been seen in drivers that ship.
const (
	None            Bug = ""                 // the clean twin
	TrustedLength   Bug = "trusted length"   // a reply's length byte is believed
	NoTimeout       Bug = "no time-out"      // waits for a reply without pause or limit
	HandOverLocked  Bug = "hand-over locked" // waits for the keeper to stop while holding the lock that the keeper wants
	PatientResolve  Bug = "patient resolve"  // asks for an answer for ever
	HastyResolve    Bug = "hasty resolve"    // takes the chip's "not yet" for its answer
	UncheckedSend   Bug = "unchecked send"   // uses the chip's slot of a socket that is closed, or lost its slot
	ReleasedTwice   Bug = "released twice"   // close releases the slot of a socket that disconnect has released
	LengthOverflow  Bug = "length overflow"  // a chunk's length does not fit into the length byte
	ShortWrite      Bug = "short write"      // counts what it gave the chip, not what the chip took
	DeniedSend      Bug = "denied send"      // says that a send failed which took more than one frame
	CloseUnseen     Bug = "close unseen"     // to a blocked accept a closed listener is one that nobody calls
	EndUnseen       Bug = "end unseen"       // to a recv the end of what the other side sent is nothing yet
	StaysDead       Bug = "stays dead"       // a chip taken for dead is never reset
	RefusedKept     Bug = "refused kept"     // a dial that is refused keeps its slot
	SecondKeeper    Bug = "second keeper"    // every connect starts a keeper, disconnect stops the last
	Starved         Bug = "starved"          // the keeper feeds the watchdog only while there is a link
	UnlockedCounter Bug = "unlocked counter" // counts outside the lock
)
