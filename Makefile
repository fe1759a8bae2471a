# The project's habits; `make help` lists them. Nothing is installed outside this folder, but for Go's and npm's own caches.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

TOOL := CGO_ENABLED=0 go tool -modfile=tools/go.mod
# The race detector needs a C compiler, which a machine with Go alone lacks; in CI its absence is a failure.
RACE := $(if $(or $(CI),$(shell command -v cc)),-race)
# A checkout that git won't read, such as another owner's, builds too: without its commit in `flowviz version`.
BUILDVCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)
FUZZTIME ?= 5s
# What a schema may not break: the branch's start, or else the last commit.
SCHEMA_BASE ?= $(shell base=$$(git merge-base HEAD origin/main 2>/dev/null || true); \
	if [ -n "$$base" ] && [ "$$base" != "$$(git rev-parse HEAD)" ]; then echo "$$base"; else echo HEAD~1; fi)

GO_FOLDERS := $(wildcard bench cmd db docs graph internal migrations web/*.go)
GENERATED := db graph schema.graphql docs/access.md docs/cost.md
WEB_SOURCES := $(shell find web \( -name node_modules -o -name dist -o -name '*.go' \) -prune -o -type f -print)
# npm writes this file last, so it stands for the whole folder.
INSTALLED := node_modules/.package-lock.json

## Run

.PHONY: demo
demo: build tools/postgres/$(INSTALLED) ## Start on http://127.0.0.1:8080 with two plants' history; Ctrl-C stops it, ./data keeps it
	@exec bin/flowviz demo

.PHONY: serve
serve: build tools/postgres/$(INSTALLED) ## Start without demo data
	@exec bin/flowviz serve

## Build

.PHONY: build
build: web/dist/graphiql.html ## Build bin/flowviz, web app included
	CGO_ENABLED=0 go build -trimpath -buildvcs=$(BUILDVCS) -o bin/flowviz ./cmd/flowviz

web/dist/graphiql.html: web/$(INSTALLED) $(WEB_SOURCES)
	cd web && npm run build
	@touch $@

%/$(INSTALLED): %/package-lock.json
	@command -v npm >/dev/null || { echo 'npm is missing: install Node.js 20.19 or later' >&2; exit 1; }
	cd $* && npm ci --no-audit --no-fund
	@touch $@

.PHONY: generate
generate: ## Write anew what is generated: db/*.sql.go, graph/generated, graph/*.resolvers.go, schema.graphql, docs/access.md and cost.md
	$(TOOL) sqlc generate
	go tool gqlgen generate
	$(TOOL) gofumpt -w graph/*.resolvers.go
	@mkdir -p .cache
	go run ./graph/sdl > .cache/schema.graphql
	@mv .cache/schema.graphql schema.graphql
	go run ./graph/sdl access > .cache/access.md
	@mv .cache/access.md docs/access.md
	go run ./graph/sdl cost > .cache/cost.md
	@mv .cache/cost.md docs/cost.md

.PHONY: clean
clean: ## Remove what was built and installed here; ./data stays
	rm -rf bin .cache web/dist/assets web/dist/graphiql.html web/node_modules tools/postgres/node_modules tools/graphql-http/node_modules tools/graphql-clients/node_modules tools/graphql-clients/recipes tools/postgraphile/node_modules

## Test

.PHONY: test
test: test-go test-web ## Run all tests, on what they need

.PHONY: test-go
test-go: web/dist/graphiql.html tools/postgres/$(INSTALLED) tools/graphql-http/$(INSTALLED) tools/graphql-clients/$(INSTALLED) ## Run Go's tests with the race detector, on one PostgreSQL 17
	$(if $(RACE),,@echo 'no C compiler: the race detector is off' >&2)
	go run ./db/dbtest/withserver go test $(RACE) ./...

.PHONY: test-web
test-web: web/$(INSTALLED) ## Run the web app's tests
	cd web && npm test

.PHONY: golden
golden: tools/postgres/$(INSTALLED) ## Write anew what GraphQL queries of graph/testdata answer, after a change that is meant
	go test ./graph -update

.PHONY: picture
picture: ## Draw docs/genealogy.svg anew, after a golden file that changed it
	@mkdir -p .cache
	go run ./docs/genealogy < graph/testdata/trace/picture.txtar > .cache/genealogy.svg
	@mv .cache/genealogy.svg docs/genealogy.svg

.PHONY: fuzz
fuzz: ## Fuzz each target for FUZZTIME (5s)
	@grep -rlE '^func Fuzz' --include='*_test.go' $(GO_FOLDERS) | sort | while read -r file; do \
		for target in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$$file"); do \
			echo "$$file $$target"; \
			go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) "./$$(dirname "$$file")"; \
		done; \
	done

.PHONY: bench-trace
bench-trace: build tools/postgres/$(INSTALLED) tools/postgraphile/$(INSTALLED) ## Measure traces beside a hand-written handler and PostGraphile, a recall, growth and start-up (SHORT=1: a minute or two, nothing written; HUGE=1: up to 10,000,000 lots)
	go build -o bin/bench-raw ./bench/raw
	go run ./bench/trace $(if $(SHORT),-short) $(if $(HUGE),-large 10000000)

.PHONY: bench-write
bench-write: build tools/postgres/$(INSTALLED) ## Measure writes beside pgbench with the bare statements, batches and holds (SHORT=1: half a minute, nothing written)
	go run ./bench/write $(if $(SHORT),-short)

.PHONY: bench-live
bench-live: build tools/postgres/$(INSTALLED) ## Measure how soon 2,000 subscribers hear of 10 decisions a second (SHORT=1: 200 for 5 s, nothing written)
	go run ./bench/live $(if $(SHORT),-short)

## Prove

# $(call prove,tests,packages): shows a promise at its full size, and ends with a line of figures. `make test` runs the same tests
# small, as SHORT=1 does.
define prove
	@mkdir -p .cache
	@$(if $(SHORT),,PROVE=full) go run ./db/dbtest/withserver go test -count=1 -v -timeout 60m -run '^($(1))$$' $(2) > .cache/$@ 2>&1 || { cat .cache/$@ >&2; exit 1; }
	@grep -q 'prove: ' .cache/$@ || { cat .cache/$@ >&2; echo 'nothing was measured' >&2; exit 1; }
	@echo "$@: $$(sed -n 's/.*prove: //p' .cache/$@ | paste -sd ';' | sed 's/;/; /g')"
endef

.PHONY: prove-tokens
prove-tokens: tools/postgres/$(INSTALLED) ## Forged tokens are refused; of parallel refreshes of one token, one succeeds
	$(call prove,TestProveTokens|TestProveTokensOnce,./internal/identity)

.PHONY: prove-revoke
prove-revoke: tools/postgres/$(INSTALLED) ## Sign-out, deactivation and a changed role end access within 2 s, streams too
	$(call prove,TestProveRevoke|TestProveRevokeStreams,./internal/identity ./graph)

.PHONY: prove-login
prove-login: tools/postgres/$(INSTALLED) ## Ten wrong passwords are compared for an account in 15 minutes, however packed
	$(call prove,TestProveLogin|TestLoginsAreCountedEach,./internal/identity ./graph)

.PHONY: prove-pool
prove-pool: tools/postgres/$(INSTALLED) ## 100,000 requests of many sites over 5 connections, disturbed, also through PgBouncer, leak nothing
	$(call prove,TestProvePool,./graph)

.PHONY: prove-tenants
prove-tenants: tools/postgres/$(INSTALLED) ## 10,000 random operations of a member of one site, full of codes and ids of another, learn nothing and change nothing
	$(call prove,TestProveTenants,./graph)

.PHONY: prove-matrix
prove-matrix: tools/postgres/$(INSTALLED) ## Ask for each field as each caller, and compare with docs/access.md
	$(call prove,TestMatrix,./graph)

.PHONY: prove-http
prove-http: tools/postgres/$(INSTALLED) tools/graphql-http/$(INSTALLED) ## Run the 61 audits of GraphQL over HTTP
	$(call prove,TestHTTPAudits,./graph)

.PHONY: prove-hostile
prove-hostile: tools/postgres/$(INSTALLED) ## Send 200 hostile documents by each transport, and measure what each costs
	$(call prove,TestHostile|TestHostileStreams,./graph)

.PHONY: prove-audit
prove-audit: tools/postgres/$(INSTALLED) ## Tamper with audit logs in 20 ways at 100 places, and verify 1,000,000 events within 30 s, also by GraphQL
	$(call prove,TestProveAudit|TestProveVerifyAudit,./internal/audit ./graph)

.PHONY: prove-mass
prove-mass: tools/postgres/$(INSTALLED) ## 50,000 draws, stocktakes and readings at once are linearizable, to the gram
	$(call prove,TestProveMass,./internal/linetest)

.PHONY: prove-dag
prove-dag: tools/postgres/$(INSTALLED) ## 50,000 hostile links at once, and corrections, close no circle at any instant
	$(call prove,TestProveDAG.*,./internal/linetest)

.PHONY: prove-genealogy
prove-genealogy: tools/postgres/$(INSTALLED) ## 300 genealogies, one 5,000 deep, answer as a plain search does, also while others write
	$(call prove,TestProveGenealogy,./internal/trace)

.PHONY: prove-rules
prove-rules: tools/postgres/$(INSTALLED) ## Switch each rule off by itself, and see that a test fails
	@go run ./db/dbtest/withserver go run ./internal/linetest/rules $(if $(SHORT),-short) | sed 's/^prove:/$@:/'

.PHONY: prove-laws
prove-laws: tools/postgres/$(INSTALLED) ## Random work in random order, at whose every stage no invariant of the domain is broken
	$(call prove,TestProveLaws,./internal/linetest)

.PHONY: prove-day
prove-day: tools/postgres/$(INSTALLED) ## Play a day of each scenario over GraphQL, from receipt to shipment
	$(call prove,TestProveDay,./graph)

.PHONY: prove-idempotency
prove-idempotency: tools/postgres/$(INSTALLED) ## 1,000 keys, each sent 20 times to two replicas, do 1,000 things
	$(call prove,TestProveIdempotency,./internal/linetest)

.PHONY: prove-ws
prove-ws: tools/postgres/$(INSTALLED) ## 14 behaviours of graphql-transport-ws, and five sockets a user
	$(call prove,TestProveWebSocket,./graph)

.PHONY: prove-resume
prove-resume: tools/postgres/$(INSTALLED) ## 100,000 events, 200 listeners, 3 replicas killed 10 times each: none is lost, doubled or reordered
	$(call prove,TestProveResume,./graph)

.PHONY: prove-hint-loss
prove-hint-loss: tools/postgres/$(INSTALLED) ## Without Redis for a minute, events come within a second
	$(call prove,TestProveHintLoss,./graph)

.PHONY: prove-slow
prove-slow: tools/postgres/$(INSTALLED) ## 50 of 200 listeners stall: they are closed, and the others hear as soon as before
	$(call prove,TestProveSlow,./graph)

.PHONY: prove-leak
prove-leak: tools/postgres/$(INSTALLED) ## 10,000 connections that are cut off leave neither goroutines nor files
	$(call prove,TestProveLeak,./graph)

.PHONY: prove-clients
prove-clients: tools/postgres/$(INSTALLED) tools/graphql-clients/$(INSTALLED) ## graphql-ws, graphql-sse, Apollo Client and urql hear all as docs/live.md says, also through nginx, cut off meanwhile
	$(call prove,TestProveClients,./graph)

## Check

.PHONY: lint
lint: lint-format lint-vet lint-go lint-web ## Run all linters

.PHONY: lint-format
lint-format: ## Name the Go files that gofumpt would change
	@unformatted=$$($(TOOL) gofumpt -l $(GO_FOLDERS)); \
	[ -z "$$unformatted" ] || { echo "run gofumpt -w on:" >&2; echo "$$unformatted" >&2; exit 1; }

.PHONY: format
format: web/$(INSTALLED) ## Format Go and web code
	$(TOOL) gofumpt -w $(GO_FOLDERS)
	cd web && npm run format

.PHONY: lint-vet
lint-vet: ## Run go vet
	go vet ./...

# A cache for each folder that is checked out to, beside Go's: in a shared one the paths of another checkout stay, and the rules for folders miss them;
# inside the checkout a clean one would begin with none, and take a hundred seconds instead of five.
LINT_CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/golangci-lint$(CURDIR)

.PHONY: lint-go
lint-go: ## Run golangci-lint, which takes 4 minutes to build once
	GOLANGCI_LINT_CACHE=$(LINT_CACHE) $(TOOL) golangci-lint run --allow-parallel-runners

.PHONY: lint-web
lint-web: web/$(INSTALLED) ## Check the web app's style, format and types
	cd web && npm run lint && npm run format:check && npm run types

.PHONY: check-tidy
check-tidy: ## Fail if go.mod doesn't say what the code needs
	go mod tidy -diff

.PHONY: check-resolvers
check-resolvers: ## Fail on what gqlgen left to be written by hand
	@! grep -nE 'not implemented|!!! WARNING' graph/*.resolvers.go

.PHONY: check-proofs
check-proofs: ## Fail if a prove-X here names a test that isn't there
	@sed -nE 's/.*call prove,(Test[^,]*),.*/\1/p' Makefile | tr '|' '\n' | while read -r test; do \
		grep -rqE "^func $$test\(" --include='*_test.go' $(GO_FOLDERS) || { echo "there is no test $$test" >&2; exit 1; }; \
	done

.PHONY: check-generate
check-generate: ## Fail if what is generated isn't what `make generate` writes
	@mkdir -p .cache
	@find $(wildcard $(GENERATED)) -type f | sort | xargs cksum > .cache/generated
	@$(MAKE) --no-print-directory generate
	@find $(GENERATED) -type f | sort | xargs cksum | diff .cache/generated - >&2 \
		|| { echo 'These files (checksum, size, name) differ from a fresh one (>): commit what `make generate` wrote.' >&2; exit 1; }

.PHONY: check-schema
check-schema: ## Fail if schema.graphql breaks what clients of SCHEMA_BASE use and that wasn't deprecated there
	@mkdir -p .cache
	@if git show $(SCHEMA_BASE):schema.graphql > .cache/base.graphql 2>/dev/null; then \
		go run ./graph/schemadiff .cache/base.graphql schema.graphql; \
	else \
		echo 'there is no schema to compare with at $(SCHEMA_BASE)'; \
	fi

.PHONY: ci
ci: ## Run all that CI runs
	.ci/run

.PHONY: help
help: ## Show this list
	@awk 'BEGIN { FS = ":.*## " } /^## / { printf "\n%s\n", substr($$0, 4) } /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
