package hunt

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// Watch returns the arguments for go test -c with which an engine watches the code that tells it something: the module's own, with the
// firmware in its instrumented copy, and package harness, whose feedback turns a state of the device into a place of the code. With -fuzz
// the go tool would have everything watched, the scheduler, the mocks and the standard library too: that tells nothing of the firmware, and
// takes more than half of the time.
func (p *Package) Watch(ctx context.Context) ([]string, error) {
	list, err := goTool(ctx, p.Dir, "", "list", "-deps", "-test", "-f", "{{if not (or .Standard .ForTest)}}{{.ImportPath}}\t{{.Dir}}{{end}}", p.ImportPath)
	if err != nil {
		return nil, err
	}
	dirs := map[string]string{}
	for line := range strings.Lines(string(list)) {
		path, dir, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if dir != "" && !strings.HasSuffix(path, ".test") {
			dirs[path] = resolved(dir)
		}
	}
	own := dirs[harnessPath]
	dirs[p.ImportPath] = resolved(p.Dir)
	var args []string
	for path, dir := range dirs {
		if path == harnessPath || within(dir, resolved(p.Module.Dir)) && !within(dir, own) && !within(dir, filepath.Join(filepath.Dir(own), "mocks")) {
			args = append(args, "-gcflags="+path+"=-d=libfuzzer")
		}
	}
	slices.Sort(args) // the go tool knows a build by its arguments
	return args, nil
}

// resolved is dir without symbolic links, as the go tool has it or not.
func resolved(dir string) string {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		return real
	}
	return dir
}

// within says that dir is folder or below it.
func within(dir, folder string) bool {
	rel, err := filepath.Rel(folder, dir)
	return err == nil && filepath.IsLocal(rel)
}
