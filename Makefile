# Every command of the project; `make help` lists them. Needs Python 3.11 to 3.13 and make, nothing else.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
export WINNUMBER_HOME ?= $(CURDIR)/var
export DAGSTER_HOME   ?= $(WINNUMBER_HOME)/dagster
export WINNUMBER_EVENT_LOG ?= $(DAGSTER_HOME)/history/runs
export DO_NOT_TRACK = 1
# Half of a small refresh would be compiling modules that were compiled the day before.
unexport PYTHONDONTWRITEBYTECODE
export GX_ANALYTICS_ENABLED = false
export DBT_SEND_ANONYMOUS_USAGE_STATS = false

# The sample that `make refresh` makes when landing/ is empty.
STATES ?= nc,oh,fl,va,pa
VOTERS ?= 50000
DAYS   ?= 1
SEED   ?= 1
# Voters of the benchmark.
N      ?= 100000

.DEFAULT_GOAL := help
.PHONY: help setup refresh test test-faults test-all lint format types audit mutation ui bench bench-linkage bench-scores sample lock derived clean hooks

help: ## List the commands
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

$(STAMP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $(STAMP)

setup: $(STAMP) ## Make the virtual environment from the lock file

refresh: $(STAMP) ## Run the daily refresh (makes sample deliveries first when landing/ is empty)
	@if [ -z "$$(ls -A $(WINNUMBER_HOME)/landing 2>/dev/null)" ]; then \
		$(BIN)/winnumber sample --states $(STATES) --voters $(VOTERS) --days $(DAYS) --seed $(SEED); fi
	@$(BIN)/winnumber refresh

sample: $(STAMP) ## Make sample deliveries (STATES, VOTERS, DAYS, SEED)
	@$(BIN)/winnumber sample --states $(STATES) --voters $(VOTERS) --days $(DAYS) --seed $(SEED)

test: $(STAMP) ## Lint, type-check, audit what is installed and run the tests, fast ones first
	@$(MAKE) --no-print-directory lint types audit
	@$(BIN)/python -m pytest

# SEED decides where the random faults strike; a failure prints it.
test-faults: $(STAMP) ## Break the refresh in every way we know, and show that nothing wrong gets out (under 30 minutes)
	@WINNUMBER_FAULT_SEED=$(SEED) $(BIN)/python -m pytest -m faults

test-all: $(STAMP) ## Also the tests marked slow
	@$(BIN)/python -m pytest -m ""

lint: $(STAMP) ## Check Python and SQL style
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/sqlfluff lint dbt_project/models dbt_project/tests --processes 2 --disable-progress-bar

format: $(STAMP) ## Rewrite Python and SQL in the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/sqlfluff fix dbt_project/models dbt_project/tests --processes 2 --disable-progress-bar

types: $(STAMP) ## Check types
	@$(BIN)/mypy

audit: $(STAMP) ## Hold what is installed against the lock, its own records, licences and known weaknesses (offline)
	@$(BIN)/python -m orchestration.supply.audit

mutation: $(STAMP) ## Break every check of a refreshed home, and name what would slip through
	@$(BIN)/python -m tests.mutation --home $(WINNUMBER_HOME)

ui: $(STAMP) ## Dagster webserver and daemon on 127.0.0.1:3000
	@mkdir -p $(DAGSTER_HOME) && cp dagster.yaml $(DAGSTER_HOME)/
	@$(BIN)/dagster dev --workspace workspace.yaml --host 127.0.0.1 --port 3000

bench: $(STAMP) ## Time the whole commands at N voters, beside the floor
	@$(BIN)/python -m benchmarks.run --voters $(N)

bench-linkage: $(STAMP) ## Time and measure the linkage of 100 thousand donors to 1 million voters
	@$(BIN)/python -m benchmarks.linkage

bench-scores: $(STAMP) ## Measure turnout and support of 1 million voters against the sample's truth
	@$(BIN)/python -m benchmarks.scores --seed $(SEED)

derived: $(STAMP) ## Write what is derived from the contracts (dbt sources, data dictionary)
	@$(BIN)/python -m orchestration.contracts.derive

hooks: $(STAMP) ## Install the pre-commit hooks
	@$(BIN)/pre-commit install

lock: ## Resolve the dependencies anew and write requirements.lock
	@test -x $(BIN)/uv || $(MAKE) --no-print-directory setup
	@$(BIN)/uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean: ## Remove the environment and caches (never var/)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis dbt_project/target
