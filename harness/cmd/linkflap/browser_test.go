package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// need skips the test where a program is not installed; in CI it must be.
func need(t *testing.T, names ...string) (path string) {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("found no %s: run .ci/chromium", names[0])
	}
	t.Skipf("found no %s: run .ci/chromium", names[0])
	return ""
}

// browser is a page in a real browser, and what it complained about and asked for.
type browser struct {
	*testing.T
	ctx    context.Context
	mu     sync.Mutex
	errors []string
	asked  []string
}

// browse opens a file at 1280x800.
func browse(t *testing.T, file string) *browser {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(need(t, "chromium", "chromium-browser", "google-chrome")),
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(1280, 800))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b := &browser{T: t, ctx: ctx}
	require.NoError(t, chromedp.Listen(ctx, b.hear))
	path, err := filepath.Abs(file)
	require.NoError(t, err)
	b.run(call(network.Enable, network.EnableParams{}), call(log.Enable, cdp.Empty{}), chromedp.EmulateViewport(1280, 800))
	b.ctx, cancel = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b.run(chromedp.Navigate("file://" + path))
	return b
}

// hear notes what the browser reports.
func (b *browser) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventExceptionThrown:
		b.errors = append(b.errors, ev.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		b.errors = append(b.errors, "console: "+string(ev.Type))
	case *log.EventEntryAdded:
		b.errors = append(b.errors, ev.Entry.Text)
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, ev.Request.URL)
	}
}

// call is a command of the browser's protocol.
func call[P, R any](c cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	})
}

// scheme sets what the user prefers: light or dark.
func scheme(name string) chromedp.Action[chromedp.Void] {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	require.NoError(b.T, chromedp.Do(b.ctx, actions...))
}

// eval is the value of a JavaScript expression.
func eval[V any](b *browser, js string) V {
	b.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[V](js))
	require.NoError(b.T, err)
	return v
}

// quiet says that nothing went wrong and nothing but the page itself, and what is written in it, was asked for.
func (b *browser) quiet() {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	require.Empty(b.T, b.errors)
	for _, url := range b.asked {
		require.True(b.T, strings.HasPrefix(url, "file://") || strings.HasPrefix(url, "data:"), url)
	}
	require.LessOrEqual(b.T, len(b.asked), 2)
}

// shoot keeps a picture in the folder that SHOTS names, in light and dark.
func (b *browser) shoot(page string) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		return
	}
	for _, name := range []string{"light", "dark"} {
		b.run(scheme(name))
		png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(b.T, err)
		require.NoError(b.T, os.WriteFile(filepath.Join(dir, page+"-"+name+".png"), png, 0o644))
	}
}

// visible is JavaScript that says whether an element is within the window, and nothing covers it.
const visible = `(e => { if (!e) return false; const r = e.getBoundingClientRect();
	const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
	return r.height > 0 && r.top >= 0 && r.left >= 0 && r.bottom <= innerHeight && r.right <= innerWidth && (e.contains(top) || top.contains(e)) })`

const chosen = `document.activeElement.id`

// pages are the reproducers whose pages are looked at.
var pages = []string{
	"wifinina/deadlock-disconnect-in-wifinina-addr-waits-for-a-lock-held", "wifinina/stale-send-reaches-another-connection",
	"wifinina/panic-wifinina-getip", "esp8266/watchdog-the-loop-overwritten-watchdog-bites-on-one-variable",
	"atomvm/double-free-start-network-frees-a-wifi-config-t-that-start",
}

func TestPagesInABrowser(t *testing.T) {
	need(t, "chromium", "chromium-browser", "google-chrome")
	for _, name := range pages {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "report.html")
			invoke(t, "report", "-C", module, "-o", file, filepath.Join(module, "corpus", name+".txt"))
			b := browse(t, file)
			require.True(t, eval[bool](b, visible+`(document.querySelector("h1"))`), "the verdict")
			require.True(t, eval[bool](b, visible+`(document.querySelector(".row.violation .verdict"))`), "the violation, without scrolling")
			require.Zero(t, eval[float64](b, `document.scrollingElement.scrollTop`))
			require.False(t, eval[bool](b, `document.body.scrollWidth > innerWidth`), "nothing is cut at the right")
			light := eval[string](b, `getComputedStyle(document.body).backgroundColor`)
			b.run(scheme("dark"))
			require.NotEqual(t, light, eval[string](b, `getComputedStyle(document.body).backgroundColor`), "dark is not light")
			b.shoot(filepath.Base(name))
			b.quiet()
		})
	}
}

func TestKeyboard(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	need(t, "chromium", "chromium-browser", "google-chrome")
	invoke(t, "report", "-C", module, "-o", file, filepath.Join(module, "corpus", pages[1]+".txt"))
	b := browse(t, file)
	violation := eval[string](b, `document.querySelector(".row.violation").id`)
	require.Equal(t, violation, eval[string](b, chosen), "the violation has the focus")
	what := func() string { return eval[string](b, `document.querySelector("#facts dd.what").textContent`) }
	require.Contains(t, what(), "bytes peer.bad")

	b.run(chromedp.KeyEvent(kb.ArrowDown))
	below := eval[string](b, chosen)
	require.NotEqual(t, violation, below)
	require.NotContains(t, what(), "bytes peer.bad", "the facts follow")
	require.True(t, eval[bool](b, `parseFloat(getComputedStyle(document.activeElement, "::after").borderTopWidth) >= 1 && document.activeElement.matches(":focus-visible")`),
		"the focus is seen")
	b.run(chromedp.KeyEvent(kb.ArrowUp))
	require.Equal(t, violation, eval[string](b, chosen))

	b.run(chromedp.KeyEvent(kb.Home))
	require.Equal(t, "e1", eval[string](b, chosen))
	require.True(t, eval[bool](b, visible+`(document.activeElement)`))
	for range 200 { // there are not so many faults
		if b.run(chromedp.KeyEvent("n")); eval[string](b, chosen) == violation {
			break
		}
	}
	require.Equal(t, violation, eval[string](b, chosen), "n comes to the violation")
	b.run(chromedp.KeyEvent(kb.End), chromedp.KeyEvent("p"))
	require.True(t, eval[bool](b, `"jump" in document.activeElement.dataset`))
	b.run(chromedp.KeyEvent("v"))
	require.Equal(t, violation, eval[string](b, chosen))

	eval[bool](b, `document.querySelector("#e1").dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))`)
	require.Contains(t, what(), "starts task main", "hovering shows the event")
	b.quiet()
}

func TestFoldedBus(t *testing.T) {
	need(t, "chromium", "chromium-browser", "google-chrome")
	file := filepath.Join(t.TempDir(), "report.html")
	invoke(t, "report", "-C", module, "-o", file, filepath.Join(module, "corpus", pages[4]+".txt"))
	b := browse(t, file)
	b.run(chromedp.KeyEvent(kb.Home))
	bundle := eval[string](b, `document.querySelector(".row.bundle").id`)
	for eval[string](b, chosen) != bundle {
		b.run(chromedp.KeyEvent(kb.ArrowDown))
	}
	folded := `[...document.querySelectorAll("[data-in]")].filter(r => "e" + r.dataset.in === "` + bundle + `" && r.hidden).length`
	require.NotZero(t, eval[int](b, folded))
	b.run(chromedp.KeyEvent(kb.Enter))
	require.Zero(t, eval[int](b, folded), "Enter unfolds")
	b.run(chromedp.KeyEvent(kb.ArrowLeft))
	require.NotZero(t, eval[int](b, folded), "and Left folds")
	b.quiet()
}

func TestIndexInABrowser(t *testing.T) {
	need(t, "chromium", "chromium-browser", "google-chrome")
	dir := t.TempDir()
	file := filepath.Join(dir, "index.html")
	invoke(t, "report", "-C", module, "-o", filepath.Join(dir, filepath.Base(pages[0])+".html"), filepath.Join(module, "corpus", pages[0]+".txt"))
	invoke(t, "report", "-C", module, "--index", "-o", file)
	b := browse(t, file)
	count := `document.querySelectorAll(".entry:not([hidden])").length`
	all := eval[int](b, count)
	require.Greater(t, all, 50)
	require.Equal(t, 1, eval[int](b, `document.querySelectorAll(".has").length`), "one report is there")
	b.shoot("index")
	b.run(chromedp.Click(chromedp.CSS(`button[data-target=wifinina][data-oracle=deadlock]`)))
	some := eval[int](b, count)
	require.Equal(t, eval[string](b, `document.querySelector("button[aria-pressed=true]").textContent`), eval[string](b, `String(`+count+`)`))
	b.run(chromedp.KeyEvent("/"), chromedp.SendKeys(chromedp.CSS("#find"), "addr"))
	require.Less(t, eval[int](b, count), some)
	b.run(chromedp.KeyEvent(kb.Escape))
	require.Equal(t, all, eval[int](b, count))
	b.run(chromedp.KeyEvent("j"), chromedp.KeyEvent("j"))
	require.Equal(t, "A", eval[string](b, `document.activeElement.tagName`))
	b.quiet()
}

// A page made of hostile text is what it says, and does nothing.
func TestHostilePageInABrowser(t *testing.T) {
	need(t, "chromium", "chromium-browser", "google-chrome")
	const evil = `</script><script>document.title='owned'</script><img src=http://127.0.0.1:9/x onerror=document.title='owned'>`
	dir := t.TempDir()
	program := strings.Replace(deadlocks, "Not minimal.", evil, 1)
	invoke(t, "report", "-C", module, "-o", filepath.Join(dir, "r.html"), reproducerFile(t, program))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "x.txt"), []byte(program), 0o644))
	invoke(t, "report", "--index", "-o", filepath.Join(dir, "i.html"), dir)
	for _, name := range []string{"r.html", "i.html"} {
		b := browse(t, filepath.Join(dir, name))
		require.NotEqual(t, "owned", eval[string](b, `document.title`))
		require.Contains(t, eval[string](b, `document.body.textContent`), "<script>document.title")
		require.Zero(t, eval[int](b, `document.images.length`))
		b.quiet()
	}
}
