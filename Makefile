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

# The embedded control plane is a module of its own. It says the version of the
# k8s.io/kubernetes that it is.
KUBE := cmd/podlab-kube
KUBE_VERSION := $(shell awk '$$1 == "k8s.io/kubernetes" {print $$2}' $(KUBE)/go.mod)
KUBE_PACKAGE := k8s.io/component-base/version
KUBE_LDFLAGS := -s -w -X $(KUBE_PACKAGE).gitVersion=$(KUBE_VERSION) -X $(KUBE_PACKAGE).gitTreeState=clean \
  -X $(KUBE_PACKAGE).gitMajor=$(word 1,$(subst ., ,$(KUBE_VERSION:v%=%))) -X $(KUBE_PACKAGE).gitMinor=$(word 2,$(subst ., ,$(KUBE_VERSION:v%=%)))

.PHONY: kube
kube: bin/podlab-kube ## Build bin/podlab-kube, the cluster without a container engine (minutes at first)

bin/podlab-kube: $(shell find $(KUBE) -type f)
	cd $(KUBE) && go build -ldflags '$(KUBE_LDFLAGS)' -o $(abspath $@) .

# What podlab and podlab-kube are compiled for, by GOOS/GOARCH.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64

.PHONY: platforms
platforms: ## Compile podlab and podlab-kube for linux and darwin, amd64 and arm64
	@set -e; for p in $(PLATFORMS); do \
	  echo "podlab for $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} go build -ldflags '$(LDFLAGS)' -o bin/podlab-$${p%/*}-$${p#*/} ./cmd/podlab; \
	done; cd $(KUBE); for p in $(PLATFORMS); do \
	  echo "podlab-kube for $$p"; GOOS=$${p%/*} GOARCH=$${p#*/} go build -ldflags '$(KUBE_LDFLAGS)' -o $(abspath bin)/podlab-kube-$${p%/*}-$${p#*/} .; \
	done

.PHONY: run
run: build ## Build podlab and open it; without a container engine, podlab-kube too
	@if ! hack/engine >/dev/null && ! bin/podlab status -o json 2>/dev/null | grep -q '"provider": "existing"'; then \
	  [ -x bin/podlab-kube ] || echo 'No container engine answers: building the embedded cluster (some minutes, once)'; \
	  $(MAKE) --no-print-directory kube; \
	fi
	@bin/podlab

.PHONY: test
test: unit e2e ## Run all tests: units, golden views, CLI scripts, and e2e where an engine is at hand

.PHONY: unit
unit: ## Run the tests that need no cluster
	go test $$(go list ./... | grep -v '^podlab/test/')

.PHONY: e2e
e2e: build embedded ## Run the tests on a real API server, and on a kind cluster of their own
	hack/e2e

.PHONY: embedded
embedded: build kube ## Run the tests on the embedded cluster, which need no engine
	cd $(KUBE) && go test ./...
	PODLAB_KUBE=$(abspath bin)/podlab-kube go test -count=1 -timeout 15m ./test/embedded/...

.PHONY: nightly
nightly: test platforms ## Run everything, compile for all platforms, and prove all labs on both kinds of clusters
	PODLAB_E2E_NIGHTLY=1 $(MAKE) embedded
	hack/e2e --nightly

SCRIPTS := hack/e2e hack/engine hack/pictures .ci/run hack/bundle/debian $(wildcard hack/bundle/files/*/*.sh) \
	hack/bundle/files/httpd/httpd-foreground hack/bundle/files/proxy/iptables hack/bundle/files/redis/redis-server

.PHONY: lint
lint: $(GOLANGCI_LINT) ## Check style, errors that are ignored, and the direction of imports
	$(GOLANGCI_LINT) run ./...
	cd $(KUBE) && $(abspath $(GOLANGCI_LINT)) run ./...
	@if command -v shellcheck >/dev/null; then shellcheck $(SCRIPTS); else echo 'shellcheck is not installed: scripts are not checked'; fi

.PHONY: fmt
fmt: $(GOLANGCI_LINT) ## Format the code
	$(GOLANGCI_LINT) fmt ./...

.PHONY: bench
bench: build kube ## Measure what we promise, beside plain kind, as a table
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
