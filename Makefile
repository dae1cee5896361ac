# What there is to do: make help.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Tools are pinned here and built once, into bin/tools.
GOLANGCI_LINT_VERSION := v2.15.0
TOOLS := bin/tools
GOLANGCI_LINT := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint

# One configuration for building, testing and linting, so that one build cache
# serves all three: the dependencies take minutes to compile.
export CGO_ENABLED := 0
export GOFLAGS := -trimpath

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# The built-in kubectl says the version of the k8s.io/kubectl it is: v0.37.2 is v1.37.2.
KUBECTL_VERSION := $(shell awk '$$1 == "k8s.io/kubectl" {sub(/^v0/, "v1", $$2); print $$2}' go.mod)
LDFLAGS := -s -w -X main.version=$(VERSION) -X k8s.io/component-base/version.gitVersion=$(KUBECTL_VERSION)

# The same for builds, tests and linters, so that they share one build cache.
export CGO_ENABLED := 0
export GOFLAGS += -trimpath

# A bundle beside the checkout is used unless you chose one, or none (PODLAB_BUNDLE=).
SHARED_BUNDLE := $(wildcard ../shared/bundle/bundle.yaml)
ifneq ($(SHARED_BUNDLE),)
export PODLAB_BUNDLE ?= $(abspath $(dir $(SHARED_BUNDLE)))
endif

.PHONY: help
help: ## Say what there is to do
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build bin/podlab
	go build -ldflags '$(LDFLAGS)' -o bin/podlab ./cmd/podlab

.PHONY: run
run: build ## Build podlab and open it
	@bin/podlab

.PHONY: test
test: unit e2e ## Run all tests: units, golden views, CLI scripts, and e2e where an engine is at hand

.PHONY: unit
unit: ## Run the tests that need no cluster
	go test $$(go list ./... | grep -v '^podlab/test/')

.PHONY: e2e
e2e: build ## Run the tests on a kind cluster of their own
	hack/e2e

.PHONY: nightly
nightly: test ## Run everything, and prove all labs on a cluster
	hack/e2e --nightly

SCRIPTS := hack/e2e hack/pictures .ci/run hack/bundle/debian $(wildcard hack/bundle/files/*/*.sh) \
	hack/bundle/files/httpd/httpd-foreground hack/bundle/files/proxy/iptables hack/bundle/files/redis/redis-server

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Check style, errors that are ignored, and the direction of imports
	$(GOLANGCI_LINT) run ./...
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); else echo 'shellcheck is not installed: scripts are not checked'; fi

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code
	$(GOLANGCI_LINT) fmt ./...

.PHONY: bench
bench: build ## Measure what we promise, beside plain kind, as a table
	go build -o $(TOOLS)/kind sigs.k8s.io/kind
	go run ./test/bench -kind $(TOOLS)/kind -image "$${PODLAB_E2E_IMAGE:-$$(awk '/^ *image:/ {print $$2; exit}' "$$PODLAB_BUNDLE/bundle.yaml" 2>/dev/null)}"

# Where make bundle writes, and what it keeps beside it to go on from.
BUNDLE ?= build/bundle

.PHONY: bundle
bundle: ## Build an offline bundle from source into BUNDLE (build/bundle); needs root, debootstrap and zstd
	go run ./hack/bundle -dir '$(BUNDLE)' -work '$(BUNDLE).work'

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin coverage.out

$(GOLANGCI_LINT):
	GOBIN=$(abspath $(dir $@)) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_LINT_VERSION)
