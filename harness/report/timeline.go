// Package report shows a run to people, and to the tools that they use: a timeline in text, a page, a test, what the air saw, and what
// trackers and CI systems read. It stands at the end of the pipeline and only reads.
//
// The hard word is document: one judged run with everything that is known of it, so that it can be shown where neither the target nor the
// firmware is at hand. Whatever it says comes from programs, firmware and files, and is text to every renderer.
package report

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/linkflap/linkflap/harness/trace"
)

// Timeline renders n lines of t: those up to virtual time at, and, as a quarter of them, those after it. What a polling loop repeats is one
// line.
func Timeline(t *trace.Trace, at time.Duration, n int) string {
	rows := fold(t, -1)
	last := sort.Search(len(rows), func(i int) bool { return rows[i].at > at })
	last = min(len(rows), max(n, last+n/4))
	first := max(0, last-n)
	var b strings.Builder
	if first > 0 {
		fmt.Fprintf(&b, "%12s  ... %d earlier lines\n", "", first)
	}
	for _, r := range rows[first:last] {
		fmt.Fprintf(&b, "%12s  %-10s %s", clock(r.at), clean(t.Tasks[r.task]), clean(r.text))
		if r.times > 1 {
			fmt.Fprintf(&b, " (%d times)", r.times)
		}
		b.WriteByte('\n')
	}
	if left := len(rows) - last; left > 0 {
		fmt.Fprintf(&b, "%12s  ... %d later lines\n", "", left)
	}
	return b.String()
}

// clock is a virtual time in seconds, to the microsecond.
func clock(d time.Duration) string { return fmt.Sprintf("%.6fs", d.Seconds()) }
