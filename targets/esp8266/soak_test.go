package esp8266

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/sim"
	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/watchdog"
	"github.com/linkflap/linkflap/targets/esp8266/core"
	"github.com/linkflap/linkflap/targets/esp8266/sketch"
)

// blinker is a sketch that comes round once a second, with a loop watchdog.
type blinker struct {
	*core.Board
	lwdt *watchdog.Loop
}

func (s *blinker) Setup() {
	s.lwdt.Feed()
	if err := s.Attach(sketch.LwdTimeout, s.lwdt.Check); err != nil {
		panic(err)
	}
}

func (s *blinker) Loop() {
	s.lwdt.Feed()
	s.Delay(time.Second)
}

// soakTime is longer than the 49 d 17 h after which millis wraps.
const soakTime = 50 * 24 * time.Hour

// soakBudget is for a run of 4.3 million rounds, each with a delay and the end of loop.
var soakBudget = sim.Budget{Points: 1 << 30, Loops: 1 << 30, Transfers: 1, Wall: 5 * time.Minute}

func soak(t *testing.T, check watchdog.Check) *trace.Trace {
	return sim.Run(t, sim.Config{Budget: soakBudget}, func(w *sim.World) {
		board, err := core.New(w, core.Config{}, func(b *core.Board) core.Program {
			lwdt, err := watchdog.NewLoop(w, watchdog.LoopConfig{
				Config:  watchdog.Config{Name: "loop", Reason: int64(core.SoftRestart), Reset: func(watchdog.Bite) { b.Restart() }},
				Timeout: sketch.LwdTimeout, Check: check, Millis: b.Millis,
			})
			require.NoError(t, err)
			return &blinker{b, lwdt}
		}, nil)
		require.NoError(t, err)
		w.Spawn("person", 0, func(*sim.Task) {
			board.PowerUp(0)
			w.Sleep(soakTime)
			require.Less(t, board.Millis(), uint32(1<<31), "the clock has wrapped, or begun anew")
			board.PowerDown()
		})
		require.Equal(t, sim.Settled, w.Await(soakTime+time.Hour, 0))
	})
}

func TestFiftyDays(t *testing.T) {
	for _, v := range sketch.Versions[1:] {
		start := time.Now()
		tr := soak(t, v.Check)
		took := time.Since(start)
		t.Logf("%s: %v of virtual time in %v", v.Name, soakTime, took.Round(time.Millisecond))
		var bites []trace.Event
		for _, e := range tr.Events {
			if e.Kind == trace.Bite {
				bites = append(bites, e)
			}
			require.NotEqual(t, trace.Limit, e.Kind)
		}
		require.Zero(t, tr.Dropped)
		if v.Name != "the wrong comparison" {
			require.Empty(t, bites)
			continue
		}
		require.Len(t, bites, 1)
		require.Equal(t, "loop (fed in time)", bites[0].Name)
		left := watchdog.MillisWrap - bites[0].At
		require.True(t, left > 0 && left < sketch.LwdTimeout, "got a bite %v before the wrap", left)
	}
}
