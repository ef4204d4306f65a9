# make demo          the whole system on this machine, with a chat in the browser
# make test          all tests; of one file: make test TESTS=tests/unit/settings/test_settings.py
# make test-server   the tests of the database on an installed PostgreSQL: SERVER=folder of its programs
# make lint          check format, lint and types
# make bench         the benchmarks; installs the packages that they compare with
# make pictures      write docs/images from real runs; needs Chromium and an idle machine
# make screens       pictures of the screens of users and operators, to look at, in .data/screens;
#                    needs Chromium
# make requirements  write requirements.txt from setup.cfg and constraints.txt
# make clean         remove everything that the other targets made
PYTHON ?= python3
BIN := .venv/bin
# Tests mostly wait for other processes, so more workers than cores help. Tests are distributed
# one by one, otherwise one worker could get all the long ones; those of an `xdist_group` need the
# same dear thing and go to one worker together.
WORKERS ?= 6
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup
# The oldest one that Debian's packages have installed.
SERVER ?= $(firstword $(sort $(wildcard /usr/lib/postgresql/*/bin)))
SERVER_TESTS := $(addprefix tests/integration/, database lock intake dispatch delivery jobs money operator process)

.PHONY: demo test test-server lint lint-code lint-security bench pictures screens requirements clean

demo: .venv/installed
	@$(BIN)/python run.py demo $(DEMO)

test: .venv/installed
	@$(PYTEST) $(TESTS)

test-server: .venv/installed
	@if [ -z "$(SERVER)" ]; then echo "skipped: no PostgreSQL is installed in /usr/lib/postgresql"; \
	else echo "On $$($(SERVER)/postgres --version):"; TRT_TESTS_POSTGRES="$(SERVER)" \
	    $(PYTEST) -m "not any_server" $(SERVER_TESTS); fi

lint: lint-code lint-security

lint-code: .venv/installed
	@$(BIN)/ruff format --check --config .ci/ruff.toml .
	@$(BIN)/ruff check --config .ci/ruff.toml .
	@$(BIN)/mypy

lint-security: .venv/installed
	@$(BIN)/bandit --quiet -ll --recursive run.py supervisor handlers kie sandbox

bench: .venv/installed-bench
	@for each in tests/bench/*.py; do echo "== $$each"; $(BIN)/python $$each || exit 1; done

pictures: .venv/installed
	@$(BIN)/python tests/pictures/chat.py
	@$(BIN)/python tests/pictures/handover.py
	@$(BIN)/python tests/pictures/stage.py

screens: .venv/installed
	@$(BIN)/python tests/pictures/screens.py .data/screens
	@$(BIN)/python tests/pictures/desk.py .data/screens/desk

.venv/installed: setup.cfg constraints.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv (once) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile \
	    -c constraints.txt -e '.[local,dev]'
	@# On all cores, which pip does not; files of packages for other Pythons may not compile.
	@$(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true
	@touch $@

# What a deployment installs: the tested versions, with a hash for every file, for all systems and
# Pythons. Only wheels, because building a package would download tools without hashes.
requirements: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[lock]'
	@$(BIN)/uv pip compile setup.cfg --quiet --universal --python-version 3.11 --no-header \
	    --constraint constraints.txt --generate-hashes --no-emit-index-url \
	    --output-file .venv/requirements.txt
	@{ echo '# Written by `make requirements` from setup.cfg and constraints.txt.'; \
	   echo '--only-binary :all:'; \
	   cat .venv/requirements.txt; } > requirements.txt

.venv/installed-bench: .venv/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[local,dev,bench]'
	@touch $@

clean:
	rm -rf .venv .data build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
