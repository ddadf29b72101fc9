# Softspoken. `make run` serves the page; `make test` and `make check` are what CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test check format install lock bench clean

run: $(STAMP)
	@$(BIN)/softspoken serve

test: $(STAMP)
	$(BIN)/python -m pytest -q

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

install: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Softspoken needs Python 3.11 or newer: make PYTHON=python3.12 run")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $(STAMP)

# Pins the newest versions that fit pyproject.toml. Needs uv.
lock:
	uv pip compile --universal --python-version 3.11 --upgrade --no-header --no-annotate pyproject.toml --group dev -o requirements.lock

bench: $(STAMP)
	$(BIN)/python -m benchmarks.turns
	$(BIN)/python -m benchmarks.quality
	$(BIN)/python -m benchmarks.screening

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
