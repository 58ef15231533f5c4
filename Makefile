# Everything runs from the project's own environment in .venv; nothing global is touched.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(BIN)/uv
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test explore check format bench mutants gallery words clean

help: ## Show what can be done
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make the environment in .venv from uv.lock

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Tierline needs Python 3.11 or newer; run: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements-uv.txt

$(READY): $(UV) uv.lock pyproject.toml
	$(UV) sync --quiet --locked
	@touch $@

demo: $(READY) ## Run the bot and a local Slack; prints the address to open
	$(BIN)/tierline demo

test: $(READY) ## Run every test, both databases and the browser included
	$(BIN)/python -m tests.setup_machine
	$(BIN)/python -m pytest -n 4 --dist worksteal

explore: $(READY) ## Try the properties on many times more, and on new, examples
	$(BIN)/python -m pytest -n 2 --hypothesis-profile=explore tests/domain tests/handlers tests/blocks

check: $(READY) ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format the code and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY) ## Measure; prints one table and writes build/bench.json
	$(BIN)/python -m tests.benchmarks

mutants: $(READY) ## Change the rules in thousands of small ways; prints what no test notices
	$(BIN)/python -m tests.mutants

words: $(READY) ## Write the catalogue of the texts that people read
	$(BIN)/python -m tests.words

gallery: $(READY) ## Take pictures of everything people see, into build/gallery
	$(BIN)/python -m tests.setup_machine
	$(BIN)/python -m tests.gallery

clean: ## Remove the environment and what was built
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
