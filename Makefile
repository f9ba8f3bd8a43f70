# Two commands on a fresh machine: `make run` and `make test`. Everything else is what they are made of.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
JUPYTER_LOCK := pool/images/jupyter/requirements.lock
DATASCIENCE_LOCK := pool/images/datascience/requirements.lock
RATTLER_LOCK := pool/images/own/rattler.lock
PEERS := bench/peers
COMPILED := build/compiled
# Read before the file that names the sources, so that what is compiled is found first.
FIRST := 00-compiled.pth
# Machine code behaves the same on both loops, so one is enough.
RELAY_TESTS := tests/unit/gateway/proxy tests/integration/proxy tests/compliance -k "uvloop or unit or compliance"
# Folders too: theirs is the time when a file was removed.
SOURCES := $(shell find config gateway pool ! -path '*__pycache__*')
# An optional check of jsonschema; importing it costs every Jupyter server a second of its start.
SLOW := rfc3987-syntax

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"
JUPYTER_EXTRA := import tomllib; p = tomllib.load(open("pyproject.toml", "rb")); \
	print(*p["project"]["optional-dependencies"]["jupyter"], sep="\n")

.PHONY: help run setup compiled interpreted engine test test-compiled chaos compliance check bench bench-click bench-memory bench-pausing bench-crowd bench-pluto bench-verdicts replay \
	lock reference clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ## start the gateway on this machine and print its address
	@exec $(BIN)/warmgate serve --preset dev --build $(ARGS)

# Where no Docker engine answers, the gateway runs notebooks itself and needs Jupyter beside it.
# What was compiled once is compiled again when its sources have changed.
setup: $(VENV)/.runtime $(wildcard $(VENV)/.compiled) ## make .venv with the gateway in it
	@$(BIN)/python tests/environment/engine_answers.py || $(MAKE) --no-print-directory $(VENV)/.jupyter

compiled: $(VENV)/.compiled ## relay by machine code: a quarter less CPU for each request; takes a minute

interpreted: ## undo `make compiled`
	rm -rf $(VENV)/.compiled $(VENV)/compiled $(VENV)/lib/python*/site-packages/$(FIRST)

engine: $(VENV)/.runtime ## a Docker engine that answers, with the images the tests need
	@tests/environment/docker.sh

test: $(VENV)/.tests $(wildcard $(VENV)/.compiled) ## make all the tests need, then run every test
	@tests/environment/for_tests.sh
	@$(BIN)/python -m pytest $(ARGS)

test-compiled: $(VENV)/.tests ## the relay's tests on what `make compiled` installs
	@tests/environment/compiled.sh $(COMPILED)
	@cd $(COMPILED) && $(CURDIR)/$(BIN)/python -m pytest $(RELAY_TESTS) $(ARGS)

chaos: $(VENV)/.tests $(wildcard $(VENV)/.compiled) ## the long form of the chaos tests: about 20 minutes, a table at the end
	@tests/environment/for_tests.sh
	@CHAOS=full $(BIN)/python -m pytest tests/chaos $(ARGS)

compliance: $(VENV)/.tests ## Autobahn's 517 websocket cases, direct and through the gateway: about half an hour
	@tests/environment/autobahn.sh $(VENV)/autobahn
	@$(BIN)/python -m tests.compliance.websocket.compare --wstest $(VENV)/autobahn/wstest $(ARGS)

check: $(VENV)/.tests ## lint, formatting, types, direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.tests $(wildcard $(VENV)/.compiled) ## compare the gateway with nginx, HAProxy, configurable-http-proxy and JupyterHub: 25 minutes
	@tests/environment/docker.sh || test $$? -eq 3 # without an engine all is measured but what needs one
	@tests/environment/peers.sh
	@$(BIN)/python -m bench.compare $(ARGS)

bench-click: $(VENV)/.runtime ## measure click to page and click to first result
	@tests/environment/docker.sh
	@$(BIN)/python -m bench.click $(ARGS)

bench-memory: $(VENV)/.tests ## how many warm notebooks a budget holds, limit against measured
	@tests/environment/docker.sh
	@$(BIN)/python -m bench.density $(ARGS)

bench-pausing: $(VENV)/.tests ## CPU of warm notebooks at rest and click to page, running against paused
	@tests/environment/docker.sh
	@$(BIN)/python -m bench.pausing $(ARGS)

bench-crowd: $(VENV)/.tests ## thirty visitors at once before eight seats
	@tests/environment/docker.sh
	@$(BIN)/python -m bench.crowd $(ARGS)

bench-pluto: $(VENV)/.tests ## click to Pluto's executed notebook and a slider's move: warm, paused, started for the visitor
	@tests/environment/docker.sh
	@$(BIN)/python -m bench.pluto $(ARGS)

bench-verdicts: $(VENV)/.tests ## what the rules of view mode cost a message, in microseconds
	@$(BIN)/python -m bench.verdicts $(ARGS)

replay: $(VENV)/.runtime ## replay arrivals against the pool's own sizing and against static pools
	@$(BIN)/python -m bench.replay $(ARGS)

lock: $(VENV)/.runtime ## pin all dependencies again, newest versions
	$(PIP) install --quiet uv
	$(COMPILE) --upgrade pyproject.toml -o requirements.lock
	$(BIN)/python -c '$(JUPYTER_EXTRA)' | $(COMPILE) --upgrade - -c requirements.lock -o $(JUPYTER_LOCK)
	echo octave_kernel | $(COMPILE) --upgrade - -c $(JUPYTER_LOCK) -o $(DATASCIENCE_LOCK)
	echo py-rattler | $(COMPILE) --upgrade - -o $(RATTLER_LOCK)
	$(COMPILE) --upgrade pyproject.toml --group dev --extra jupyter -c requirements.lock -c $(JUPYTER_LOCK) \
		-o tests/requirements.lock
	$(COMPILE) --upgrade $(PEERS)/requirements.in -c $(JUPYTER_LOCK) -o $(PEERS)/requirements.lock
	echo jupyterhub | $(COMPILE) --upgrade - -c $(PEERS)/requirements.lock -c $(JUPYTER_LOCK) \
		-o $(PEERS)/image/requirements.lock
	tests/environment/peers.sh
	cd $(PEERS) && PATH="$(CURDIR)/.bench/python/bin:$$PATH" npm install --package-lock-only --save-exact \
		--omit-lockfile-registry-resolved --no-audit --no-fund configurable-http-proxy@latest

reference: $(VENV)/.runtime ## write config/REFERENCE.md and the README's error codes anew
	@$(BIN)/python -c 'from config.show import reference; print("# Every key", reference(), sep="\n\n")' \
		> config/REFERENCE.md
	@$(BIN)/python -c 'from pathlib import Path; from gateway.errors_table import rewrite; rewrite(Path("README.md"))'

clean: ## remove .venv and what tools left behind; images and the engine stay
	rm -rf $(VENV) .bench build dist bench/out tests/compliance/out .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@tests/environment/python.sh $(PYTHON) $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --editable .
	@touch $@

$(VENV)/.jupyter: $(JUPYTER_LOCK) | $(VENV)/.runtime
	$(PIP) install --require-hashes -r $(JUPYTER_LOCK)
	@$(PIP) uninstall --quiet --yes $(SLOW)
	@touch $@

# The tests' pins hold everything the other two do.
$(VENV)/.tests: tests/requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r tests/requirements.lock
	@$(PIP) uninstall --quiet --yes $(SLOW)
	$(PIP) install --no-deps --editable .
	@touch $(VENV)/.runtime $(VENV)/.jupyter $@

$(VENV)/.compiled: $(SOURCES) pyproject.toml | $(VENV)/.tests
	@tests/environment/compiled.sh $(COMPILED)
	$(PIP) install --quiet --no-deps --upgrade --target $(VENV)/compiled $(COMPILED)/dist/*.whl
	@for packages in $(VENV)/lib/python*/site-packages; do echo $(CURDIR)/$(VENV)/compiled > $$packages/$(FIRST); done
	@touch $@
