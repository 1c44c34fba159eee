# Every recipe is one call of a tool in tools/; what a target does is written there.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
RUN := .venv/bin/python -m
FRAMEWORK ?= fastapi

.PHONY: help python bootstrap demo test gate bench unasync build bump new lock lock-check docs \
	template-pack audit mutants test-floors proof clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }

bootstrap: python ## the environments: .venv, and .venvs/3.X for every other Python found
	@"$(PYTHON)" -m tools.bootstrap

demo: bootstrap ## generate a service, run its gate, start it, drive it (FRAMEWORK=fastapi|litestar)
	@$(RUN) tools.demo --framework "$(FRAMEWORK)"

test: bootstrap ## the whole test suite
	@$(RUN) tools.suite test

gate: bootstrap ## everything that must hold before a change lands; needs no network
	@$(RUN) tools.gate

bench: bootstrap ## the benchmarks and their bounds
	@$(RUN) tools.bench

unasync: bootstrap ## write the synchronous twins
	@$(RUN) tools.unasync

build: bootstrap ## all wheels and source distributions into dist/
	@$(RUN) tools.build

bump: python ## one version everywhere (V=x.y.z)
	@"$(PYTHON)" -m tools.bump "$(V)"

new: python ## a new distribution (D=mic-foo-bar, CAPABILITY=foo for a backend)
	@"$(PYTHON)" -m tools.new "$(D)" --capability "$(CAPABILITY)"

lock: python ## resolve again; writes uv.lock and requirements.lock
	@"$(PYTHON)" -m tools.lock

lock-check: python ## requirements.lock is what the manifests resolve to
	@"$(PYTHON)" -m tools.lock --check

docs: python ## write the generated parts: extras, paths, layers, tables
	@"$(PYTHON)" -m tools.generate

template-pack: python ## pack template/ into the archive that `mic new` unpacks
	@"$(PYTHON)" -m tools.template_pack

audit: bootstrap ## known vulnerabilities in requirements.lock
	@$(RUN) tools.audit

mutants: bootstrap ## mutation tests of the portions that decide (ONLY=mic-core)
	@$(RUN) tools.mutants "$(ONLY)"

test-floors: bootstrap ## tests with the oldest versions that the manifests allow
	@$(RUN) tools.floors

proof: bootstrap ## the long kill harnesses
	@$(RUN) tools.suite proof

clean: python ## remove what the other targets made, environments included
	@"$(PYTHON)" -m tools.clean
