package esp_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/linkflap/linkflap/harness/trace"
	"github.com/linkflap/linkflap/mocks/esp"
)

const app esp.Base = "APP"

// esp_event.h, esp_event_loop_create_default: "ESP_ERR_INVALID_STATE: Default event loop has already been created".
func TestThereIsOneDefaultLoop(t *testing.T) {
	bare(t, esp.Config{}, func(b *board) {
		b.is(esp.ErrInvalidState, b.EventLoopDeleteDefault())
		b.is(esp.OK, b.EventLoopCreateDefault())
		b.is(esp.ErrInvalidState, b.EventLoopCreateDefault())
		b.is(esp.OK, b.EventLoopDeleteDefault())
		b.is(esp.OK, b.EventLoopCreateDefault())
	})
}

// esp_event.h: without a default event loop every function of it fails with ESP_ERR_INVALID_STATE (default_event_loop.c).
func TestWithoutALoopNothingWorks(t *testing.T) {
	use := func(b *board, want, gone esp.Err) {
		b.is(want, b.EventHandlerRegister(app, 1, b.see, nil))
		b.is(want, b.EventPost(app, 1, nil, 0))
		b.is(gone, b.EventHandlerUnregister(app, 1, b.see))
	}
	bare(t, esp.Config{}, func(b *board) { use(b, esp.ErrInvalidState, esp.ErrInvalidState) })
	on(t, esp.Config{}, func(b *board) { use(b, esp.OK, esp.OK) })
}

// esp_event.h, esp_event_handler_register: "ESP_ERR_INVALID_ARG: Invalid combination of event base and event ID"; esp_event_post the same.
func TestArgumentsOfTheLoop(t *testing.T) {
	on(t, esp.Config{}, func(b *board) {
		b.is(esp.ErrInvalidArg, b.EventHandlerRegister(esp.AnyBase, 1, b.see, nil))
		b.is(esp.ErrInvalidArg, b.EventHandlerRegister(app, 1, nil, nil))
		b.is(esp.ErrInvalidArg, b.EventPost(app, esp.AnyID, nil, 0))
		b.is(esp.ErrInvalidArg, b.EventPost(esp.AnyBase, 1, nil, 0))
		b.is(esp.OK, b.EventHandlerRegister(esp.AnyBase, esp.AnyID, b.see, nil))
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		b.Equal([]string{"APP 1"}, b.events())
	})
}

// esp_event.c, loop_remove_handler: ESP_ERR_NOT_FOUND for what is not registered.
func TestUnregister(t *testing.T) {
	for _, idf := range []esp.IDF{esp.IDF44, esp.IDF52, esp.IDF54} {
		tr := on(t, esp.Config{IDF: idf, QueueSize: 32}, func(b *board) {
			b.is(esp.ErrNotFound, b.EventHandlerUnregister(app, 1, b.see))
			b.is(esp.OK, b.EventHandlerRegister(app, 1, b.see, nil))
			b.is(esp.ErrNotFound, b.EventHandlerUnregister(app, 2, b.see))
			b.is(esp.ErrNotFound, b.EventHandlerUnregister(app, esp.AnyID, b.see))
			b.is(esp.OK, b.EventHandlerUnregister(app, 1, b.see))
			b.is(esp.ErrNotFound, b.EventHandlerUnregister(app, 1, b.see))
			b.is(esp.OK, b.EventPost(app, 1, nil, 0))
			b.Empty(b.events())
		})
		require.Equal(t, []string{"take 1", "free 1", "misuse 1"}, entries(tr, "esp.handler"), idf.Name)
	}
}

// esp_event.c, handler_instances_add: "handler already registered, overwriting", and its argument is the new one.
func TestRegisteringAgainOverwritesTheArgument(t *testing.T) {
	twice := func(idf esp.IDF) (got []any) {
		h := &esp.Handler{Func: func(arg any, _ esp.Event) { got = append(got, arg) }}
		on(t, esp.Config{IDF: idf, QueueSize: 32}, func(b *board) {
			b.is(esp.OK, b.EventHandlerRegister(app, 1, h, "old"))
			b.is(esp.OK, b.EventHandlerRegister(app, 1, h, "new"))
			b.is(esp.OK, b.EventPost(app, 1, nil, 0))
			b.events()
		})
		return got
	}
	require.Equal(t, []any{"new"}, twice(esp.IDF52))
	adds := esp.IDF52
	adds.RegisterOverwrites = false
	require.Equal(t, []any{"old", "new"}, twice(adds))
}

// esp_event.c: within a node handlers of any id come before those of one, each in the order of their registration; but a handler of any id
// that is registered after one of a single id goes into a new node behind it. So ESP-IDF's own handlers, which are registered first, and
// for single ids, run before an application's.
func TestTheOrderOfHandlers(t *testing.T) {
	for _, c := range []struct {
		name string
		ids  []int32 // registered; -2 is any base
		want []int
	}{
		{"as registered", []int32{1, 1}, []int{0, 1}},
		{"any id first", []int32{esp.AnyID, 1}, []int{0, 1}},
		{"any id behind what was there", []int32{1, esp.AnyID}, []int{0, 1}},
		{"one id joins the last node", []int32{1, esp.AnyID, 1}, []int{0, 1, 2}},
		{"any base first", []int32{-2, esp.AnyID, 1}, []int{0, 1, 2}},
		{"any base behind what was there", []int32{1, -2, esp.AnyID}, []int{0, 1, 2}},
		{"another id is not called", []int32{2, 1, esp.AnyID}, []int{1, 2}},
	} {
		var got []int
		on(t, esp.Config{}, func(b *board) {
			for i, id := range c.ids {
				base := app
				if id == -2 {
					base, id = esp.AnyBase, esp.AnyID
				}
				h := &esp.Handler{Func: func(any, esp.Event) { got = append(got, i) }}
				b.is(esp.OK, b.EventHandlerRegister(base, id, h, nil))
			}
			b.is(esp.OK, b.EventPost(app, 1, nil, 0))
			b.events()
		})
		require.Equal(t, c.want, got, c.name)
	}
}

// slow registers a handler that takes a second.
func (b *board) slow() {
	b.is(esp.OK, b.EventHandlerRegister(app, 9, &esp.Handler{Func: func(any, esp.Event) { b.w.Sleep(time.Second) }}, nil))
}

// esp_event.rst: handlers are called one after the other, in the loop's own task; esp_event_post waits for room in the queue, and returns
// ESP_ERR_TIMEOUT if there is none in time.
func TestAFullQueue(t *testing.T) {
	on(t, esp.Config{IDF: esp.IDF52, QueueSize: 2}, func(b *board) {
		b.slow()
		b.is(esp.OK, b.EventPost(app, 9, nil, 0))
		b.w.Sleep(time.Millisecond) // it is being handled
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		b.is(esp.ErrTimeout, b.EventPost(app, 1, nil, 0))
		b.is(esp.ErrTimeout, b.EventPost(app, 1, nil, 100*time.Millisecond))
		b.Equal(101*time.Millisecond, b.w.Now())
		b.is(esp.OK, b.EventPost(app, 1, nil, esp.Forever))
		b.Equal(time.Second, b.w.Now(), "the handler has returned")
	})
}

// esp_event.c, esp_event_post_to: the loop's own task does not wait for itself.
func TestAHandlerDoesNotWaitForRoom(t *testing.T) {
	var got []esp.Err
	on(t, esp.Config{IDF: esp.IDF52, QueueSize: 1}, func(b *board) {
		h := &esp.Handler{Func: func(any, esp.Event) {
			got = append(got, b.EventPost(app, 2, nil, esp.Forever), b.EventPost(app, 2, nil, esp.Forever))
		}}
		b.is(esp.OK, b.EventHandlerRegister(app, 1, h, nil))
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		b.events()
	})
	require.Equal(t, []esp.Err{esp.OK, esp.ErrTimeout}, got)
}

// The Wi-Fi driver's events wait for room; none is lost.
func TestTheDriverWaitsForRoom(t *testing.T) {
	on(t, esp.Config{IDF: esp.IDF52, QueueSize: 1}, func(b *board) {
		b.watch()
		b.slow()
		b.is(esp.OK, b.EventPost(app, 9, nil, 0))
		b.w.Sleep(time.Millisecond)
		b.started(esp.ModeAPSTA, home)
		b.is(esp.OK, b.WifiStop())
		b.w.Sleep(time.Second)
		b.Equal([]string{"WIFI_EVENT 2", "WIFI_EVENT 12", "WIFI_EVENT 3", "WIFI_EVENT 13"}, b.events())
	})
}

// esp_event.c, esp_event_handler_unregister_with_internal: a handler that runs holds the loop's mutex, for which unregister waits. Then what is
// unregistered is not called any more, whether its entry is gone (older) or an internal event will remove it (newer).
func TestUnregisterWhileAHandlerRuns(t *testing.T) {
	for _, idf := range []esp.IDF{esp.IDF52, esp.IDF54} {
		tr := on(t, esp.Config{IDF: idf, QueueSize: 2}, func(b *board) {
			b.slow()
			b.is(esp.OK, b.EventHandlerRegister(app, 1, b.see, nil))
			b.is(esp.OK, b.EventPost(app, 9, nil, 0))
			b.w.Sleep(time.Millisecond)
			b.is(esp.OK, b.EventPost(app, 1, nil, 0))
			b.is(esp.OK, b.EventHandlerUnregister(app, 1, b.see))
			b.Equal(time.Second, b.w.Now(), "it waited")
			b.Empty(b.events(), "the event was posted before, but is handled after")
			b.is(esp.ErrNotFound, b.EventHandlerUnregister(app, 1, b.see))
		})
		require.Equal(t, []string{"take 1", "take 2", "free 2", "misuse 2"}, entries(tr, "esp.handler"), idf.Name)
	}
}

// What a handler unregisters is not called for the same event any more, whether its entry is gone (older) or an internal event will remove it
// (newer); unregistering it again finds nothing, or finds it marked.
func TestAHandlerUnregistersTheNext(t *testing.T) {
	for idf, again := range map[esp.IDF]esp.Err{esp.IDF52: esp.ErrNotFound, esp.IDF54: esp.OK} {
		on(t, esp.Config{IDF: idf, QueueSize: 2}, func(b *board) {
			first := &esp.Handler{Func: func(any, esp.Event) {
				b.is(esp.OK, b.EventHandlerUnregister(app, 1, b.see))
				b.is(again, b.EventHandlerUnregister(app, 1, b.see))
			}}
			b.is(esp.OK, b.EventHandlerRegister(app, 1, first, nil))
			b.is(esp.OK, b.EventHandlerRegister(app, 1, b.see, nil))
			b.is(esp.OK, b.EventPost(app, 1, nil, 0))
			b.Empty(b.events())
			b.is(esp.ErrNotFound, b.EventHandlerUnregister(app, 1, b.see))
		})
	}
}

// esp_event.c, esp_event_loop_delete: the task, then all handlers, whoever's they are, then the posts. Afterwards the functions of the default
// loop fail; a new loop knows nothing of the old one's handlers.
func TestDeletingTheLoopTakesEverybodysHandlers(t *testing.T) {
	tr := on(t, esp.Config{}, func(b *board) {
		b.watch()
		b.is(esp.OK, b.EventHandlerRegister(app, 1, b.see, nil))
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		b.is(esp.OK, b.EventLoopDeleteDefault())
		b.Empty(b.events(), "the post was dropped")
		b.is(esp.ErrInvalidState, b.EventPost(app, 1, nil, 0))
		b.is(esp.OK, b.EventLoopCreateDefault())
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		b.Empty(b.events(), "the handler went with the loop")
	})
	require.Equal(t, []string{"take 1", "take 2", "take 3", "free 1", "free 2", "free 3"}, entries(tr, "esp.handler"))
	exits := 0
	for _, e := range tr.Events {
		if e.Kind == trace.Exit && e.Name == "sys_evt" {
			exits++
		}
	}
	require.Equal(t, 1, exits, "the first loop's task ended")
}

// Deleting waits for the handler that runs (the mutex), and whoever waits for room learns that there will be none.
func TestDeletingABusyLoop(t *testing.T) {
	on(t, esp.Config{IDF: esp.IDF52, QueueSize: 1}, func(b *board) {
		b.slow()
		b.is(esp.OK, b.EventPost(app, 9, nil, 0))
		b.w.Sleep(time.Millisecond)
		b.is(esp.OK, b.EventPost(app, 1, nil, 0))
		var late esp.Err
		b.w.Go("poster", func() {
			late = b.EventPost(app, 1, nil, 10*time.Second)
			late = b.EventPost(app, 1, nil, 10*time.Second)
		})
		b.is(esp.OK, b.EventLoopDeleteDefault())
		b.Equal(time.Second, b.w.Now())
		b.w.Sleep(time.Millisecond)
		b.is(esp.ErrInvalidState, late)
	})
}
