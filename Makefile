# Everything a newcomer needs: make run, make test, make check. The rest is called by these.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# -W error: a warning is a failure here as in the tests.

.PHONY: run install test check bench lock clean

run: install ## Install, migrate, start, and print a link that signs you in
	@$(BIN)/watchfloor run

install: $(VENV)/.installed node_modules/.installed ## Set up only; leaves .venv/bin/watchfloor

test: $(VENV)/.installed-dev node_modules/.installed-dev ## Everything we promise
	@$(BIN)/python -m pytest

check: $(VENV)/.installed-dev ## Format, lint, types, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet watchfloor

bench: $(VENV)/.installed-dev ## Print the figures that we promise beside what this machine does
	@$(BIN)/python -m bench

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Watchfloor needs Python 3.11 or newer; this is %s. Set PYTHON=python3.11." % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements/run.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements/dev.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

node_modules/.installed: package-lock.json
	npm ci --omit=dev --ignore-scripts --no-fund --no-audit --loglevel=error
	@touch $@

node_modules/.installed-dev: package-lock.json
	npm ci --ignore-scripts --no-fund --no-audit --loglevel=error
	@touch $@ node_modules/.installed

lock: ## Renew the hashed requirement files from pyproject.toml (needs uv)
	cd requirements && uv pip compile build.in $(LOCK) -o build.txt
	uv pip compile pyproject.toml $(LOCK) -o requirements/run.txt
	uv pip compile pyproject.toml --group dev $(LOCK) -c requirements/run.txt -o requirements/dev.txt

LOCK := --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --universal --quiet

clean:
	rm -rf $(VENV) node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache
