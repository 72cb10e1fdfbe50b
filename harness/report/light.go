package report

import (
	"strings"

	"github.com/linkflap/linkflap/harness/trace"
)

// light is what an LED shows.
type light struct {
	Colour  string // a name that page.css knows
	Pattern string // steady, blink, breathe or sos
	Period  int    // of the pattern in milliseconds, 0 if there is none
}

// The words in the name of a Light event that mean a colour or a pattern; others mean neither.
var (
	colours  = words("off white red orange yellow green cyan blue magenta purple")
	patterns = words("blink breathe sos")
)

func words(list string) map[string]bool {
	known := map[string]bool{}
	for _, w := range strings.Fields(list) {
		known[w] = true
	}
	return known
}

// The periods that are shown as they are: faster is not seen, and slower looks like none.
const minPeriod, maxPeriodLED = 50, 60_000

// newLight reads a Light event: a colour, then a pattern.
func newLight(e *trace.Event) light {
	l := light{Colour: "other", Pattern: "steady"}
	for _, w := range strings.Fields(strings.ToLower(e.Name)) {
		switch {
		case colours[w]:
			l.Colour = w
		case patterns[w]:
			l.Pattern = w
		}
	}
	if l.Pattern != "steady" && e.A > 0 {
		l.Period = int(min(max(e.A, minPeriod), maxPeriodLED))
	}
	return l
}
