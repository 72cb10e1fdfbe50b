# linkflap: the commands of a working day. `make help` lists them.

T   ?= wifinina
FOR ?= 60s
F   ?= $(firstword $(wildcard corpus/$(T)/*.txt))

# The packages, without the instrumented copies in build/.
PKGS     := ./harness/... ./mocks/... ./targets/...
RACEFREE := -gcflags='github.com/linkflap/linkflap/harness/...=-race=false' -gcflags='github.com/linkflap/linkflap/mocks/...=-race=false'

.PHONY: help instrument test fuzz race repro bench

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

instrument: ## rewrite the firmware packages of instrument.txt into build/, if the copy is stale
	@GOWORK=off go run ./harness/cmd/linkflap instrument

fuzz: instrument ## fuzz target T (wifinina) for FOR (60s); prints and keeps the minimal reproducer of a new bug
	@go test ./targets/$(T) -run '^$$' -fuzz . -fuzztime $(FOR) -fuzzminimizetime 0x
