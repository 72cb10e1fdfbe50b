# linkflap: the commands of a working day. `make help` lists them.

T   ?= wifinina
FOR ?= 50s
F   ?= $(firstword $(wildcard corpus/$(T)/*.txt))

DRIVERS := wifinina espat rtl8720dn comboat w5500

PKGS := ./harness/... ./mocks/... ./targets/...

# The race detector must not look at the harness and the mocks; harness/sim/race_on.go says why.
OURS  := github.com/linkflap/linkflap
RACE  := -race -tags linkflap_race -gcflags='$(OURS)/harness/...=-race=false' -gcflags='$(OURS)/mocks/...=-race=false' \
         -gcflags='$(OURS)/targets/...=-race=false' -gcflags='machine=-race=false' -gcflags='$(OURS)/targets/canary/gadget=-race'

# Where a reproducer's target and name are in its path.
repro_target = $(notdir $(patsubst %/,%,$(dir $(F))))
repro_name   = $(basename $(notdir $(F)))

.PHONY: help instrument check test smoke fuzz repro race score bench

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:[^#]*## /\t/' | expand -t 14

instrument: ## rewrite the firmware packages of instrument.txt into build/, unless the copy is fresh
	@GOWORK=off go run ./harness/cmd/linkflap instrument

check: instrument ## vet, staticcheck, actionlint, format, and what the README tells of the corpus
	go vet $(PKGS)
	go tool staticcheck $(PKGS)
	go tool actionlint
	@go run ./harness/cmd/linkflap corpus track --check
	@unformatted=$$(go tool gofumpt -l harness mocks targets); test -z "$$unformatted" || { echo "not formatted, run go tool gofumpt -w:"; echo "$$unformatted"; exit 1; }

test: check ## all tests, every reproducer replayed, the canary caught, 10 s of fuzzing of each target
	go test -timeout 20m $(PKGS)
	cd mocks/machine && GOWORK=off go test ./...
	@$(MAKE) --no-print-directory smoke

smoke: instrument ## 10 s of fuzzing of each target: fails if linkflap is at fault or the canary is not caught
	@.ci/smoke 10s

fuzz: instrument ## fuzz target T (wifinina) for FOR (50s); keeps and prints the minimal reproducer of a new bug
	@go test ./targets/$(T) -run '^$$' -fuzz . -fuzztime $(FOR) -fuzzminimizetime 0x

repro: instrument ## replay reproducer F 100 times: one verdict, one trace hash
	@go test $(GOTESTFLAGS) ./targets/$(repro_target) -run '^TestCorpus$$/^$(repro_name)$$' -count 1 -times 100 -v

race: instrument ## run reproducers and generated programs under the race detector, which sees only the firmware's own locking
	go test $(RACE) ./targets/$(T) -run 'TestRace' -count 1 -v

score: instrument ## compare the drivers by what one set of programs does to them, and write the scoreboard into the README
	@go run ./harness/cmd/linkflap score $(DRIVERS) -o README.md $(CHECK)

bench: instrument ## what a program, a scheduling point and a byte cost, and how fast hunt, the native engine and libFuzzer go
	go test -run '^$$' -bench . -benchmem ./harness/sim ./harness/prog ./mocks/... $(DRIVERS:%=./targets/%) ./targets/particle
	@.ci/fuzz-rate $(T)
	@.ci/hunt-rate $(T)
	@.ci/libfuzzer-rate $(T)
