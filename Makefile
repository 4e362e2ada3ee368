# The few commands that a newcomer needs. `make run` and `make test` set up first, which does nothing when all is there.
PYTHON := .venv/bin/python
DATA ?= .local
SEED ?= demo
RUN_OPTIONS ?=
PYTEST_OPTIONS ?=

.PHONY: setup run test lint types check

setup:
	@python3 infra/setup.py

run: setup
	@exec $(PYTHON) -m infra.local --data $(DATA) --seed $(SEED) $(RUN_OPTIONS)

test: setup
	@$(PYTHON) -m pytest -n 2 $(PYTEST_OPTIONS)

lint: setup
	@$(PYTHON) -m ruff check .

types: setup
	@$(PYTHON) -m mypy

check: lint types test
