# The words that people, hooks and CI use. `make` alone lists them.
#
# Settings come from the environment; the ones of the server are described in README.md.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VENV ?= .venv
BIN := $(VENV)/bin
export VENV
export PARITY_HOST ?= 127.0.0.1
export PARITY_PORT ?= 8050
export PARITY_DATA_DIR ?= ./var
# At a desk one sees the internal figures; a server that nobody told otherwise shows the public ones.
run bench screenshots: export PARITY_AUDIENCE ?= internal

# Tests of a module follow each other on one worker, which sets up once what they share; who has no work takes some.
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: install demo ## set up what is missing and serve on 127.0.0.1:8050 (public view: 8051)
	@echo "Open http://$(PARITY_HOST):$(PARITY_PORT)/ (stop with Ctrl-C)"
	@exec $(BIN)/gunicorn -c gunicorn.conf.py app:server

.PHONY: demo
demo: install ## build the demonstration warehouse if there is none
	@$(BIN)/parity demo --if-missing

.PHONY: test
test: setup ## the tests, those in a browser and behind nginx included; what takes longer is in prove
	@PARITY_CHROMIUM="$$(tools/chromium.sh | tail -n 1)" && PARITY_NGINX="$$(tools/nginx.sh | tail -n 1)" && \
		export PARITY_CHROMIUM PARITY_NGINX && $(PYTEST) $(ARGS)

# Longer than one waits for: for before a release, and after a change of what is counted, protected or said.
.PHONY: prove
prove: export PARITY_DRAWS ?= 5000
prove: setup ## what takes long: claims of thousands of drawn selections, the whole public file, more browser looks
	@PARITY_CHROMIUM="$$(tools/chromium.sh | tail -n 1)" && PARITY_NGINX="$$(tools/nginx.sh | tail -n 1)" && \
		export PARITY_CHROMIUM PARITY_NGINX && $(PYTEST) -m prove $(ARGS)

.PHONY: quick
quick: setup ## the tests one runs all day: no browser, nothing slow
	@$(PYTEST) -m "not browser and not slow" $(ARGS)

# Each part is a word of its own; `make -k check` goes on to the next after a failure.
CHECKS := check-format check-code check-imports check-sql check-docs check-texts
.PHONY: check $(CHECKS)
check: $(CHECKS) ## style, import contracts, SQL, links, translations
check-format: setup
	@$(BIN)/ruff format --check .
check-code: setup
	@$(BIN)/ruff check .
check-imports: setup
	@$(BIN)/lint-imports
check-sql: setup
	@$(BIN)/python -m tools.lint_sql
check-docs: setup
	@$(BIN)/python -m tools.check_links
check-texts: setup
	@$(BIN)/python -m tools.check_texts

.PHONY: fix
fix: setup ## repair what a tool can repair
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .
	@$(BIN)/python -m tools.lint_sql --fix

.PHONY: bench
bench: setup demo ## measure the demonstration warehouse
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: screenshots
screenshots: setup demo ## picture the pages, for docs/ and for looking at
	@PARITY_CHROMIUM="$$(tools/chromium.sh | tail -n 1)" && export PARITY_CHROMIUM && \
		$(BIN)/python -m tools.screenshots $(ARGS) && $(BIN)/python -m tools.screenshots --readme

# What serving takes; `setup` adds what developing takes.
.PHONY: install
install:
	@tools/setup.sh requirements.txt

.PHONY: setup
setup: ## .venv with everything that running, testing and checking need
	@tools/setup.sh requirements-dev.txt

.PHONY: lock
lock: ## write both lock files anew from pyproject.toml (needs uv; ARGS=--upgrade for newer versions)
	@tools/lock.sh $(ARGS)

.PHONY: plotly
plotly: ## build assets/plotly anew (needs Node and npm; nothing else here does)
	@cd tools/plotly && npm ci --no-audit --no-fund --ignore-scripts && node build.mjs
