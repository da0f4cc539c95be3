# `make run` and `make test` are all a newcomer needs; each builds the environment it lacks.

PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# How many processes share the suite on each engine: `make test WORKERS=4` where there are cores.
WORKERS ?= 2
# No index and no folder of this machine may end up in the lock files.
COMPILE := $(abspath $(BIN))/uv pip compile --quiet --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

# Modules are compiled once, not by each process anew, whatever the environment says.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup run test test-sqlite test-postgres test-browser bench screenshots docs lint \
	format lock

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: ## build .venv with everything that running, testing and checking need
	@$(PYTHON) scripts/setup.py dev

run: ## run the portal with demo data: web, worker and beat
	@$(PYTHON) scripts/setup.py base
	@$(BIN)/python scripts/run.py

test: setup ## the whole suite on SQLite and on PostgreSQL with Redis, both at once
	$(PYTEST) -m "not browser" --dist=each --tx $(WORKERS)*popen//env:ENGINE=sqlite \
		--tx $(WORKERS)*popen//env:ENGINE=postgresql

test-sqlite: setup ## the suite on SQLite alone
	ENGINE=sqlite $(PYTEST) -m "not browser" -n $(WORKERS) --dist=worksteal

test-postgres: setup ## the suite on PostgreSQL with Redis alone
	ENGINE=postgresql $(PYTEST) -m "not browser" -n $(WORKERS) --dist=worksteal

test-browser: setup ## the pages in a real Chromium
	@$(PYTHON) scripts/chromium.py
	$(PYTEST) -m browser -p no:xdist

screenshots: setup ## photograph the pages of a fresh demo into docs/screenshots
	@$(PYTHON) scripts/chromium.py
	$(BIN)/python scripts/screenshots.py

docs: setup ## write into docs/ what the code says: the status diagram and the tables
	$(BIN)/python scripts/write_docs.py

bench: setup ## measure against the targets and bare servers; needs wrk and pgbench
	$(BIN)/python -m benchmarks

lint: export DEBUG = 1
lint: setup ## style, types, templates, import contracts, migrations, deployment settings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	PYTHONPATH=. $(BIN)/python scripts/check_deploy.py

format: setup ## let the tools write the style they ask for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: setup ## compile requirements/*.in into hashed pins
	cd requirements && $(COMPILE) -o base.txt base.in
	cd requirements && $(COMPILE) -o dev.txt dev.in
