PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test check bench train evaluate format docs

install: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(STAMP)

demo: install
	$(BIN)/breakwater demo $(DEMO)

test: install
	$(BIN)/python -m pytest

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: install
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: install
	$(BIN)/python -m training.rules_reference > docs/rules.md

bench: install
	for file in bench/*.py; do $(BIN)/python $$file || exit 1; done

train: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-train.lock
	$(BIN)/python -m training.train

evaluate: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-train.lock
	$(BIN)/python -m training.evaluate
