#!/bin/bash -eu
# Build every target for libFuzzer into $OUT, with its reproducers as seeds. The engine runs this in the repository, with SRC, WORK and OUT set.
# TARGETS names other targets than all but the canary, which is there to fail.
tool=$WORK/linkflap
go build -buildvcs=false -o "$tool" ./harness/cmd/linkflap
"$tool" instrument

targets=${TARGETS:-$(find targets -name '*_test.go' -exec grep -l '^func Fuzz' {} + | xargs -n 1 dirname | xargs -n 1 basename | grep -vx canary | sort -u)}
for target in $targets; do
	"$tool" libfuzzer "./targets/$target" -o "$OUT/fuzz_$target"
	if [ -d "corpus/$target" ]; then
		seeds=$(mktemp -d "$WORK/seeds.XXXXXX")
		"$tool" corpus export "./targets/$target" -o "$seeds"
		(cd "$seeds" && zip -q -r "$OUT/fuzz_${target}_seed_corpus.zip" .)
	fi
	printf '[libfuzzer]\nmax_len = 1085\n' >"$OUT/fuzz_$target.options"
done
