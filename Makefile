# make run and make test are all one needs; the rest is for those who change the code.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := run
.PHONY: run test faults audit lint format bench clean

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make $(or $(MAKECMDGOALS),run) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what the app needs (once)"
	@$(PIP) --requirement requirements.txt
	@touch $@

$(VENV)/.development: requirements.txt requirements-dev.txt constraints.txt | $(VENV)/bin/python
	@echo "Installing what the app and its tests need (once)"
	@$(PIP) --requirement requirements-dev.txt
	@touch $(VENV)/.runtime $@

run: $(VENV)/.runtime
	@exec $(BIN)/python -m dashboard run

test: $(VENV)/.development
	@$(BIN)/python -m pytest --numprocesses 3 --dist worksteal $(ARGS)

faults: $(VENV)/.development
	@FAULTS=1 $(BIN)/python -m pytest -p no:xdist tests/faults $(ARGS)

audit: $(VENV)/bin/python
	@test -x $(VENV)/audit/bin/pip-audit || { $(BIN)/python -m venv $(VENV)/audit && $(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1; }
	@$(VENV)/audit/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict --progress-spinner off || { echo "Either a package has a known weakness (above), or the list of them could not be read: it needs the network." >&2; exit 1; }

lint: $(VENV)/.development
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.development
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(VENV)/.development
	@$(BIN)/python -m bench $(ARGS)

clean:
	rm -rf $(VENV) var
