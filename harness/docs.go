package harness

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestDocs keeps a page about the target current: what its programs may contain, and what is checked. With -update it writes the page.
func TestDocs[D any](t *testing.T, tg Target[D], file string) {
	want := tg.page()
	got, err := os.ReadFile(file)
	switch {
	case err == nil && string(got) == want:
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		t.Fatal(err)
	case !*update:
		t.Fatalf("%s is not current: run go test -run TestDocs -update", file)
	default:
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// page is all about the target, in Markdown.
func (tg *Target[D]) page() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- Written by TestDocs of the target; run it with -update. -->\n\n# %s\n\nFirmware: `%s`\n\n%s", tg.Name, tg.Firmware, tg.Spec().Markdown())
	b.WriteString("\n## Oracles\n\n| oracle | what should hold |\n| --- | --- |\n")
	for _, o := range tg.oracles() {
		fmt.Fprintf(&b, "| %s | %s |\n", o.Name, o.Contract)
	}
	return b.String()
}
