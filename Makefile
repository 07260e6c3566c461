# Two commands on a bare Debian or Ubuntu machine: `make demo` and `make test`. Both install what is missing.
SHELL := /bin/bash
BIN := .venv/bin
CORPUS ?=
# Tests of some files at once (tests/conftest.py says how many), those of one file one after another by one process.
PYTEST := $(BIN)/python -m pytest -q -n auto --maxprocesses=4 --dist loadfile --no-loadscope-reorder
# The tests start hundreds of commands: what is compiled once is kept.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo trial test test-postgresql run check format messages lock bench test-corpus test-corpus-mail bench-import clean

help:
	@echo "make demo         carry the sample post through the whole journey and print where it went"
	@echo "make trial        the pages over the sample post, with somebody at every desk"
	@echo "make test         run all tests"
	@echo "make test-postgresql   the tests of the mailroom itself on PostgreSQL in place of SQLite"
	@echo "make run          run the service on ./data"
	@echo "make check        formatting, lint, types, import contracts"
	@echo "make test-corpus CORPUS=DIR   the journeys over a folder of your own files"
	@echo "make test-corpus-mail CORPUS=DIR   the same, each file handed in as a mail by SMTP"
	@echo "make bench        benchmarks; prints tables and writes bench/*.json"
	@echo "make bench-archive ITEMS=20000   an archive of so many items, a million if none is said, searched on both databases"
	@echo "make bench-import ITEMS=10000   as many closed matters brought over by an index, 100 000 if no number is said"
	@echo "make format       format the code;  make lock: renew the locked dependencies"
	@echo "make messages     bring the Welsh catalogue up to the texts of the pages"

setup:
	@setup/install.sh

demo: setup
	@$(BIN)/python samples/demo.py

test: setup
	@$(PYTEST)

test-postgresql: setup
	@$(PYTEST) --on postgresql tests/mailroom

trial: setup
	@$(BIN)/python samples/trial.py

run: setup
	@$(BIN)/mailroom run

check: setup
	@$(BIN)/ruff format --no-cache --check -q .
	@$(BIN)/ruff check --no-cache -q .
	@$(BIN)/mypy
	@MYPYPATH=samples $(BIN)/mypy --strict samples/*.py samples/rendering setup/passed_on.py
	@MYPYPATH=samples:tests $(BIN)/mypy --strict --explicit-package-bases bench/*.py
	@$(BIN)/lint-imports

format: setup
	@$(BIN)/ruff check -q --fix .
	@$(BIN)/ruff format -q .

messages: setup
	@messages=$$(mktemp) && $(BIN)/pybabel -q extract -F setup/babel.cfg --no-location --omit-header -o $$messages mailroom && \
	$(BIN)/pybabel -q update -i $$messages -o mailroom/web/locale/cy/LC_MESSAGES/mailroom.po -l cy \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 120; rm -f $$messages

lock: setup
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements.lock
	@$(BIN)/uv pip compile --group dev pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q -o requirements-dev.lock

test-corpus: setup
	@test -n "$(CORPUS)" || { echo "Name the folder: make test-corpus CORPUS=DIR" >&2; exit 2; }
	@CORPUS="$(CORPUS)" $(BIN)/python -m pytest -q -s tests/journeys/corpus.py

test-corpus-mail: setup
	@test -n "$(CORPUS)" || { echo "Name the folder: make test-corpus-mail CORPUS=DIR" >&2; exit 2; }
	@CORPUS="$(CORPUS)" $(BIN)/python -m pytest -q -s tests/journeys/mail_corpus.py

bench: bench-reading bench-journey bench-desk

bench-import: setup
	@PYTHONPATH=samples:tests ITEMS="$(ITEMS)" $(BIN)/python bench/importing.py

bench-%: setup
	@PYTHONPATH=samples:tests $(BIN)/python bench/$*.py

clean:
	rm -rf build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
