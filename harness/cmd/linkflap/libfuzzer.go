package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/linkflap/linkflap/harness/corpus"
	"github.com/linkflap/linkflap/harness/hunt"
	"github.com/linkflap/linkflap/harness/instrument"
	"github.com/linkflap/linkflap/harness/libfuzzer"
)

type libfuzzerCmd struct {
	inModule
	Package string `arg:"" help:"The package with the target."`
	Out     string `short:"o" required:"" placeholder:"FILE" help:"The binary."`
	Fuzz    string `placeholder:"FuzzX" help:"The fuzz function, if the package has several."`
	Known   bool   `default:"true" negatable:"" help:"Go past the violations that are in the corpus now."`
}

// Help is what the help says besides.
func (c *libfuzzerCmd) Help() string {
	return `Builds a binary that libFuzzer drives instead of Go's own engine: it takes libFuzzer's arguments and runs wherever libFuzzer binaries run.
An input is what linkflap corpus export writes. At the first violation that the corpus did not hold when the binary was built it writes the
input to a file, which linkflap replay --target NAME reads, and exits with status 77.

It needs cgo and clang's libraries, on Debian: apt-get install clang-19 libclang-rt-19-dev.`
}

func (c *libfuzzerCmd) Run(ctx context.Context, to streams) error {
	library, err := fuzzerLibrary(ctx)
	if err != nil {
		return err
	}
	root, err := c.root()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "instrument.txt")); err == nil {
		if err := instrument.Run(ctx, instrument.Config{Dir: root, Check: true}); err != nil {
			return err
		}
	}
	p, err := onePackage(ctx, c.Dir, c.Package)
	if err != nil {
		return err
	}
	if c.Fuzz, err = oneFuzz(ctx, p, c.Fuzz); err != nil {
		return err
	}
	known := ""
	if c.Known {
		if known, err = packKnown(root); err != nil {
			return err
		}
	}
	return c.build(ctx, p, library, known)
}

// onePackage is the package with targets that a pattern names.
func onePackage(ctx context.Context, dir, pattern string) (*hunt.Package, error) {
	pkgs, err := hunt.Packages(ctx, dir, []string{pattern})
	if err != nil {
		return nil, err
	}
	if len(pkgs) > 1 {
		return nil, fmt.Errorf("got %d packages with targets, want one", len(pkgs))
	}
	return &pkgs[0], nil
}

// oneFuzz is the fuzz function that is wanted, or the only one that there is.
func oneFuzz(ctx context.Context, p *hunt.Package, wanted string) (string, error) {
	names, err := fuzzFunctions(ctx, p)
	switch {
	case err != nil:
		return "", err
	case wanted == "" && len(names) == 1:
		return names[0], nil
	case !slices.Contains(names, wanted):
		return "", fmt.Errorf("got --fuzz %q, want one of %s", wanted, strings.Join(names, ", "))
	}
	return wanted, nil
}

// driverPath is the package with libFuzzer's driver.
const driverPath = "github.com/linkflap/linkflap/harness/libfuzzer"

// build makes the binary. The linker lets it have the coverage counters, which belong to package internal/fuzz.
func (c *libfuzzerCmd) build(ctx context.Context, p *hunt.Package, library, known string) error {
	out, err := filepath.Abs(c.Out)
	if err != nil {
		return err
	}
	watch, err := p.Watch(ctx)
	if err != nil {
		return err
	}
	args := []string{
		"test", "-c", "-o", out, "-tags", libfuzzer.Tag,
		"-ldflags", fmt.Sprintf("-checklinkname=0 -X %[1]s.fuzz=%[2]s -X %[1]s.known=%[3]s", driverPath, c.Fuzz, known),
	}
	cmd := exec.CommandContext(ctx, "go", slices.Concat(args, watch, []string{p.ImportPath})...)
	cmd.Dir = p.Dir
	cmd.Env = append(os.Environ(), "PWD="+p.Dir, "CGO_ENABLED=1", "CGO_LDFLAGS="+strings.TrimSpace(library+" "+os.Getenv("CGO_LDFLAGS")))
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not build for libFuzzer:\n%s", p.ImportPath, text)
	}
	return nil
}

// packKnown is what the binary is told of the corpus; see libfuzzer.Known.
func packKnown(root string) (string, error) {
	heads, errs := corpus.Skim(filepath.Join(root, "corpus"))
	if len(errs) > 0 {
		return "", errors.Join(errs...)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for i := range heads {
		if h := &heads[i]; h.Want != corpus.OK {
			fmt.Fprintf(z, "%s\t%s\n", h.Target, h.Want)
		}
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(packed.Bytes()), nil
}

// fuzzerLibrary finds libFuzzer without a main function among clang's libraries.
func fuzzerLibrary(ctx context.Context) (string, error) {
	arch := map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[runtime.GOARCH]
	for _, clang := range []string{"clang-19", "clang"} {
		out, err := exec.CommandContext(ctx, clang, "-print-resource-dir").Output()
		if err != nil {
			continue
		}
		lib := filepath.Join(strings.TrimSpace(string(out)), "lib", "*", "libclang_rt.fuzzer_no_main")
		for _, pattern := range []string{lib + "-" + arch + ".a", lib + ".a"} {
			if found, _ := filepath.Glob(pattern); len(found) > 0 {
				return found[0], nil
			}
		}
	}
	return "", errNoClang
}

var errNoClang = errors.New("found no libclang_rt.fuzzer_no_main of clang-19 or clang: install it (Debian: apt-get install clang-19 libclang-rt-19-dev)")
