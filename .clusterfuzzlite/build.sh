#!/bin/bash -eu
# Build every target for libFuzzer into $OUT, with its reproducers as seeds. The engine runs this in the repository, with SRC, WORK and OUT set.
# TARGETS names other targets than all but the canary, which is there to fail. With SANITIZER=coverage it builds, for each target, what runs a
# corpus and says which of the firmware's code that covers.
tool=$WORK/linkflap
go build -buildvcs=false -o "$tool" ./harness/cmd/linkflap
"$tool" instrument

# seeds packs the target's reproducers.
seeds() {
	[ -d "corpus/$1" ] || return 0
	dir=$(mktemp -d "$WORK/seeds.XXXXXX")
	"$tool" corpus export "./targets/$1" -o "$dir"
	(cd "$dir" && zip -q -r "$OUT/fuzz_$1_seed_corpus.zip" .)
}

# fuzzer builds the binary. The firmware is Go and needs no AddressSanitizer, but OSS-Fuzz counts the calls of its code and refuses a binary
# with few (github.com/google/oss-fuzz, infra/base-images/base-runner/bad_build_check). Its options leave the Go runtime the signals that
# become panics of the firmware, and spare a search for leaks: there is no C code that could.
fuzzer() {
	if [ "${SANITIZER:-}" = address ]; then
		GO_EXTLINK_ENABLED=1 CGO_LDFLAGS="-fsanitize=address ${CGO_LDFLAGS:-}" "$tool" libfuzzer "./targets/$1" -o "$OUT/fuzz_$1"
	else
		"$tool" libfuzzer "./targets/$1" -o "$OUT/fuzz_$1"
	fi
	printf '[libfuzzer]\nmax_len = 1085\n\n[asan]\ndetect_leaks = 0\nhandle_segv = 1\nhandle_sigbus = 1\nhandle_sigfpe = 1\n' >"$OUT/fuzz_$1.options"
}

# firmware lists the packages of the target's firmware, and their folders: what is instrumented, or kept with the target.
firmware() {
	go list -deps -test -f '{{if not (or .Standard .ForTest)}}{{.ImportPath}} {{.Dir}}{{end}}' "./targets/$1" | grep -E " $PWD/(build|targets/$1)/"
}

# coverage builds what OSS-Fuzz's script of that name wants (infra/base-images/base-runner/coverage): a file with the word FUZZ_CORPUS_DIR,
# which runs the inputs in that folder and writes -test.coverprofile; and commands for sed, which make the names in that profile paths. The
# sources are then in $OUT, below the path that they have now.
coverage() {
	go test -c -cover -coverpkg="$(firmware "$1" | cut -d ' ' -f 1 | paste -sd ,)" -o "$OUT/coverage/$1" "./targets/$1"
	firmware "$1" | sed -E 's=^(\S+) (.*)$=s|^\1/|\2/|=' >"$OUT/fuzz_$1.gocovpath"
	cat >"$OUT/fuzz_$1" <<-END
		#!/bin/bash -eu
		out=\$(cd "\$(dirname "\$0")" && pwd)
		question=\$(mktemp)
		printf '{"Do": "min", "File": "%s", "Answer": "%s.answer"}' "\$FUZZ_CORPUS_DIR" "\$question" >"\$question"
		cd "\$out$PWD/targets/$1"
		LINKFLAP_ASK=\$question "\$out/coverage/$1" -test.run '^Fuzz/^seed#0\$' "\$@"
	END
	chmod +x "$OUT/fuzz_$1"
}

for target in ${TARGETS:-$(find targets -name '*_test.go' -exec grep -l '^func Fuzz' {} + | xargs -n 1 dirname | xargs -n 1 basename | grep -vx canary | sort -u)}; do
	if [ "${SANITIZER:-}" = coverage ]; then
		coverage "$target"
	else
		fuzzer "$target"
	fi
	seeds "$target"
done
