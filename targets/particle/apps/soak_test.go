package apps

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/targets/particle/deviceos"
)

// soakTime is how long the soak lasts on each release. The whole day is `go test ./targets/particle/apps -run TestSoak -soak 24h -v`.
var soakTime = flag.Duration("soak", 30*time.Minute, "virtual time of the soak on each release")

// shortTime is how long other beds stand; it is a day for their timer.
const shortTime = 12 * time.Minute

// soakPace is slower than a board elsewhere: it halves the eight million turns of a day. Chosen.
const soakPace = 2 * DefaultPace

// bed is one test bed: a program, who uses it, and what disturbs them.
type bed struct {
	name     string
	program  string
	client   Client
	user     *User
	troubles []Trouble
}

// beds are those of the reports, each program in the ones that it was seen in.
func beds() []bed {
	night := Timer{Day: shortTime, At: shortTime / 6, For: shortTime / 8}
	modem := []Trouble{Moods{Every: 8*time.Minute + 310*time.Millisecond}, Sonoff}
	all := []bed{
		{"phone, Pi", "communication", Phone, nil, []Trouble{Pi}},
		{"phone, Off-Mode", "communication", Phone, &User{Awake: Pi.On, Asleep: Pi.Off}, nil},
		{"telnet, Pi", "communication", Telnet, nil, []Trouble{Pi}},
		{"telnet, Pi", "telnet", Telnet, nil, []Trouble{Pi}},
		{"phone, Pi", "telnet", Phone, nil, []Trouble{Pi}},
	}
	for _, web := range []string{"web", "web5"} {
		all = append(all,
			bed{"no trouble", web, HTTP, nil, nil},
			bed{"cable", web, HTTP, nil, []Trouble{Cable}},
			bed{"timer", web, HTTP, nil, []Trouble{night}},
			bed{"modem, Sonoff", web, HTTP, nil, modem},
		)
	}
	return all
}

// loses says that a program loses its server with the network on every release: it does not follow the vendor's procedure.
func (b *bed) loses() bool { return b.program == "communication" }

func (b *bed) troubled() bool { return len(b.troubles) > 0 || b.user != nil }

// row is what one release showed in one bed.
type row struct {
	Tally
	panics  [deviceos.PanicOutOfHeap + 1]int
	touches int // of freed memory
	back    []time.Duration
	lost    int // times that nobody was served between one trouble and the next, or the end
	healed  time.Duration
	waiting bool // for the first answer since healed
	hash    uint64
	wall    time.Duration
}

// note is the router's: trouble begins or ends.
func (r *row) note(now time.Duration, online bool) {
	if r.waiting {
		r.lost++
	}
	r.healed, r.waiting = now, online
}

// lostAfter is for how long nobody must have been served at the end of a run for the server to count as lost: more than any that came back.
const lostAfter = 2 * time.Minute

// soak runs one bed with one release.
func soak(t *testing.T, b bed, version string, d time.Duration) *row {
	r := &row{}
	start := time.Now()
	tr := atDesk(t, version, b.program, func(l *lab) {
		l.Pace = soakPace
		r.Served = func() {
			if r.waiting {
				r.back, r.waiting = append(r.back, l.w.Now()-r.healed), false
			}
		}
		l.router.OnChange = func(online bool) { r.note(l.w.Now(), online) }
		l.w.Go("client", func() { Use(l.w, b.client, l.air.Peer("p1"), l.program, &r.Tally) })
		l.w.Go("monitor", func() { Monitor{time.Second}.Watch(l.Photon, &r.Tally) })
		for _, trouble := range b.troubles {
			l.w.Go("trouble", func() { trouble.Disturb(l.router) })
		}
		if b.user != nil {
			l.w.Go("user", func() {
				b.user.Use(l.w, func(asleep bool) {
					l.Asleep = asleep
					r.note(l.w.Now(), !asleep)
				})
			})
		}
		for l.w.Now() < d {
			l.w.Sleep(time.Minute)
			r.drain(l.w.Trace)
		}
		if r.waiting && l.w.Now()-r.healed > lostAfter {
			r.lost++
		}
		r.panics = l.Panics
	})
	require.Zero(t, tr.Dropped, "the trace is drained often enough")
	r.hash, r.wall = tr.Hash(), time.Since(start)
	slices.Sort(r.back)
	return r
}

// drain counts what the oracles would look for, and makes room in the trace.
func (r *row) drain(tr *trace.Trace) {
	for _, e := range tr.Events {
		if e.Kind == trace.Touch {
			r.touches++
		}
	}
	tr.Events = tr.Events[:0]
}

func (r *row) resets() (n int) {
	for _, k := range r.panics {
		n += k
	}
	return n
}

// sos is the panics as times, and the code that the LED blinks.
func (r *row) sos() string {
	var all []string
	for code, n := range r.panics {
		if n > 0 {
			all = append(all, fmt.Sprintf("%d of SOS %d", n, code))
		}
	}
	if all == nil {
		return "0"
	}
	return strings.Join(all, ", ")
}

// recovery is how long it took until somebody was served again: share of those times were shorter.
func (r *row) recovery(share float64) string {
	if len(r.back) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f s", r.back[int(share*float64(len(r.back)-1))].Seconds())
}

// lines are the lines of the table: the counters by the names that the stress test gives them, and what it did not see.
var lines = []struct {
	name string
	of   func(r *row) any
}{
	{"success", func(r *row) any { return r.Success }},
	{"requestOtherException", func(r *row) any { return r.RequestOtherException }},
	{"requestTimeouts", func(r *row) any { return r.RequestTimeouts }},
	{"requestConnErr", func(r *row) any { return r.RequestConnErr }},
	{"serialTimouts", func(r *row) any { return r.SerialTimeouts }},
	{"serialExceptions", func(r *row) any { return r.SerialExceptions }},
	{"ReopenedSerialPorts", func(r *row) any { return r.ReopenedSerialPorts }},
	{"non200StatusCodes", func(r *row) any { return r.Non200StatusCodes }},
	{"resets", func(r *row) any { return r.sos() }},
	{"touches of freed memory", func(r *row) any { return r.touches }},
	{"server lost", func(r *row) any { return r.lost }},
	{"server back", func(r *row) any { return len(r.back) }},
	{"  after, at least", func(r *row) any { return r.recovery(0) }},
	{"  median", func(r *row) any { return r.recovery(0.5) }},
	{"  at most", func(r *row) any { return r.recovery(1) }},
	{"wall time", func(r *row) any { return r.wall.Round(time.Millisecond) }},
}

// table has the releases side by side.
func table(b bed, d time.Duration, rows []*row) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s: %s, %v\t%s\t\n", b.program, b.name, d, strings.Join(deviceos.VariantNames(), "\t"))
	for _, line := range lines {
		fmt.Fprint(w, line.name)
		for _, r := range rows {
			fmt.Fprint(w, "\t", line.of(r))
		}
		fmt.Fprintln(w, "\t")
	}
	_ = w.Flush() // a Builder takes everything
	return text.String()
}

// stand lets a bed stand for d with every release.
func stand(t *testing.T, b bed, d time.Duration) (rows []*row) {
	for _, v := range deviceos.VariantNames() {
		rows = append(rows, soak(t, b, v, d))
	}
	t.Logf("\n%s", table(b, d, rows))
	return rows
}

// The test bed of report B: an access point that is switched on and off, and a request a second. The oldest releases fault, the newest do
// neither that nor lose their server. Of v1 the post says that it "no longer goes into panic mode", but "also does not reconnect the TCPServer
// socket"; what faults here is the tcpip thread among servers that failed to start, of which nobody outside knows (inferred).
func TestSoak(t *testing.T) {
	for _, program := range []string{"web", "web5"} {
		rows := stand(t, bed{"Pi", program, HTTP, nil, []Trouble{Pi}}, *soakTime)
		first, last := rows[0], rows[len(rows)-1]
		cycles := int(*soakTime / (Pi.On + Pi.Off))
		require.Positive(t, first.resets()+first.lost, "v0 faults or loses its server")
		require.Zero(t, last.resets()+last.lost+last.touches, "v4 does neither")
		require.GreaterOrEqual(t, len(last.back), cycles-1, "it is back each time")
		for _, r := range rows {
			require.LessOrEqual(t, r.ReopenedSerialPorts, r.resets())
		}
	}
}

func TestBeds(t *testing.T) {
	for _, b := range beds() {
		for i, r := range stand(t, b, shortTime) {
			r.judge(t, b, deviceos.VariantNames()[i])
		}
	}
}

// judge says what the reports, and the fixes that followed them, let expect.
func (r *row) judge(t *testing.T, b bed, version string) {
	where := fmt.Sprintf("%s, %s, %s", b.program, b.name, version)
	require.Positive(t, r.Success, where)
	require.LessOrEqual(t, r.ReopenedSerialPorts, r.resets(), where)
	switch {
	case !b.troubled():
		require.Zero(t, r.touches+r.resets(), where)
	case version == "v0":
		require.Positive(t, r.touches, where)
	case version == "v4":
		require.Zero(t, r.touches+r.resets(), where)
		require.Equal(t, b.loses(), r.lost > 0, where)
		require.Equal(t, !b.loses(), len(r.back) > 0, where)
	case version == "v3":
		require.Zero(t, r.resets(), where)
	}
}

func TestSoakRepeats(t *testing.T) {
	b := bed{"cable", "web", HTTP, nil, []Trouble{Cable}} // faults, resets, and a system that runs in the application's thread
	a, again := soak(t, b, "v0", shortTime), soak(t, b, "v0", shortTime)
	require.Positive(t, a.resets())
	require.Equal(t, a.hash, again.hash)
	require.Equal(t, a.Counters, again.Counters)
}
