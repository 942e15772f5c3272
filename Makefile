# One door to every job of this repository; `make` alone lists them.
# Variables worth setting: PYTHON, UNION7510_HOME, PORT, SERVE=0 (make demo), PYTEST_ARGS (make test).

PYTHON ?= python3
PORT   ?= 8000
SERVE  ?= 1
# Each worker begins with one half of the files and takes from the other in the end: what a module makes for its
# tests is made once.
PYTEST_ARGS ?= -n 2 --dist worksteal

UNION7510_HOME ?= var
# File names and output are Chinese, whatever the machine's locale is.
export PYTHONUTF8 = 1
export PIP_DISABLE_PIP_VERSION_CHECK = 1

BIN := .venv/bin
DAGSTER_BIN := .venv-dagster/bin
# The folder with dagster.yaml, and the variables that file reads; Dagster wants absolute paths.
DATA := $(abspath $(UNION7510_HOME))
INSTANCE := DAGSTER_HOME="$(CURDIR)" UNION7510_HOME="$(DATA)" UNION7510_DAGSTER="$(DATA)/dagster"
RETURNS := $(UNION7510_HOME)/demo-returns
PACKAGES := etl graphql_api warehouse tests

# Only what the lock file names: wheels, by hash, nothing resolved. Bytecode is compiled once, on all cores: where
# PYTHONDONTWRITEBYTECODE is set no import would ever keep it, and Dagster takes seconds longer at every start.
PIP_INSTALL := -m pip install --quiet --no-compile --no-deps
PIP_LOCKED := $(PIP_INSTALL) --require-hashes --only-binary :all: --requirement
# The build backend comes from the lock as well, so this asks no index.
PIP_PROJECT := $(PIP_INSTALL) --no-index --no-build-isolation --editable .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test clients check lint format types definitions schema schema-check docs docs-check lock dagster \
  bench bench-api bench-engines bench-warehouse clean dashboard dashboard-check codegen engines screenshots spark test-spark

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready  ## Make the environment .venv from the lock file (instant when it is current)

# $(call environment,FOLDER,LOCK FILE): an environment that still runs is brought up to date, not thrown away.
define environment
	@$(1)/bin/python -m pip --version >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "union7510 needs Python 3.11 or newer as '$(PYTHON)'; name another one with: make PYTHON=python3.11" >&2; exit 1; }; \
	  if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv --clear $(1); \
	  elif $(PYTHON) -m virtualenv --version >/dev/null 2>&1; then $(PYTHON) -m virtualenv --quiet --clear $(1); \
	  else echo "Python's venv module is missing. On Debian: apt-get install python3-venv (or: pip install virtualenv)" >&2; exit 1; fi; }
	@echo "installing $(2) into $(1), about half a minute when it is empty" >&2
	@$(1)/bin/python $(PIP_LOCKED) $(2)
	@$(1)/bin/python $(PIP_PROJECT)
	@$(1)/bin/python -m compileall -q -j 0 $(1)/lib >/dev/null || true
	@touch $(1)/.ready
endef

.venv/.ready: requirements/dev.txt pyproject.toml
	$(call environment,.venv,requirements/dev.txt)

.venv-dagster/.ready: requirements/dagster.txt pyproject.toml
	$(call environment,.venv-dagster,requirements/dagster.txt)

.venv-bench/.ready: requirements/bench.txt pyproject.toml
	$(call environment,.venv-bench,requirements/bench.txt)

# What the tests of distributed engines need on top: optional, because the client comes as source only (pip builds it).
engines: .venv/.engines  ## Sail and the client of Spark Connect in .venv: for publish --engine spark, and its tests

.venv/.engines: requirements/engines.txt .venv/.ready
	@$(BIN)/python $(PIP_LOCKED) $< --no-binary pyspark-client && $(BIN)/python -m compileall -q -j 0 .venv/lib >/dev/null; \
	  $(BIN)/python -c 'import pysail, pyspark' 2>/dev/null && touch $@ || \
	  echo "Sail and the client of Spark Connect are not installed: the tests of distributed engines are skipped" >&2

spark: .venv-spark/.ready  ## Apache Spark itself in .venv-spark (450 MB): for test-spark; needs Java 17

.venv-spark/.ready: requirements/spark-server.txt | setup
	@echo "installing Apache Spark into .venv-spark, some minutes" >&2
	@$(BIN)/python $(PIP_LOCKED) $< --no-binary pyspark --upgrade --target .venv-spark
	@touch $@

# The stamp is written last: a sample that was interrupted is written again, byte for byte.
$(RETURNS)/.written: | setup
	@mkdir -p $(RETURNS)
	$(BIN)/union7510 sample $(RETURNS) --year 2024 --months 6 --units all --seed 7510
	@touch $@

demo: setup dashboard $(RETURNS)/.written  ## The main job on synthetic returns, then the page and GraphQL on port 8000 (SERVE=0: without)
	$(BIN)/union7510 submit $(RETURNS) >/dev/null  # a line a file; the sum is on stderr
	$(BIN)/union7510 ingest || [ $$? -eq 1 ]  # 1: rows of a return were held out, the others count
	$(BIN)/union7510 progress
ifneq ($(SERVE),0)
	$(BIN)/union7510 serve --host 127.0.0.1 --port $(PORT)
endif

test: setup clients dashboard engines .venv-dagster/.ready  ## Run the tests (PYTEST_ARGS="-k name" for some)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-spark: engines spark  ## The slow test: Spark as a cluster of processes publishes what DuckDB does
	$(BIN)/python -m pytest -n 0 -m slow

# Node's DuckDB, which reads publications in the tests; where it cannot be installed, the tests say so and go without.
CLIENTS := tests/clients
clients: $(CLIENTS)/node_modules/.package-lock.json

$(CLIENTS)/node_modules/.package-lock.json: $(CLIENTS)/package-lock.json
	@npm ci --silent --ignore-scripts --prefix $(CLIENTS) && touch $@ || { rm -rf $(CLIENTS)/node_modules; \
	  echo "Node's DuckDB is not installed (it needs Node 20 with npm): the tests that read with it are skipped" >&2; }

# The page. Where it cannot be built the server still starts, and `/` says how to build it.
PAGE := graphql_api/dashboard
PAGE_SOURCES := $(shell find $(PAGE)/src -type f) $(PAGE)/index.html $(PAGE)/vite.config.ts
GRAPHIQL := graphql_api/graphiql

dashboard: $(PAGE)/dist/index.html $(GRAPHIQL)/dist/index.html  ## Build the page and GraphiQL (Node 20.19 or newer, npm; instant when current)

$(PAGE)/dist/index.html: $(PAGE)/node_modules/.package-lock.json $(PAGE_SOURCES)
	@test ! -d $(PAGE)/node_modules || { cd $(PAGE) && npm run --silent build -- --logLevel warn && touch dist/index.html; } || \
	  echo "the page is not built: 'npm run build' failed in $(PAGE)" >&2

$(PAGE)/node_modules/.package-lock.json: $(PAGE)/package-lock.json
	@echo "installing what builds the page into $(PAGE)/node_modules" >&2
	@npm ci --silent --ignore-scripts --prefix $(PAGE) && touch $@ || { rm -rf $(PAGE)/node_modules; \
	  echo "the page is not built (it needs Node 20.19 with npm): its tests are skipped, and / says how to build it" >&2; }

# GraphiQL for a browser at /graphql: files of its packages, copied.
$(GRAPHIQL)/dist/index.html: $(GRAPHIQL)/package-lock.json $(GRAPHIQL)/index.html $(GRAPHIQL)/start.js
	@{ npm ci --silent --ignore-scripts --prefix $(GRAPHIQL) && cd $(GRAPHIQL) && npm run --silent build; } || \
	  echo "GraphiQL is not there (it needs Node 20.19 with npm): its test is skipped, and /graphql says so" >&2

dashboard-check: dashboard  ## The page: types, linter, tests of what is pure, and whether its GraphQL client is current
	@test ! -d $(PAGE)/node_modules || { cd $(PAGE) && npm run --silent types && npm run --silent lint && \
	  npm run --silent codegen-check && npm run --silent test; }

codegen: dashboard  ## Write the page's GraphQL client from schema.graphql
	@cd $(PAGE) && npm run --silent codegen

screenshots:  ## Write docs/screenshots from the page over the synthetic returns of the demo
	@$(MAKE) demo SERVE=0 >/dev/null
	@UNION7510_SCREENSHOTS="$(DATA)" $(BIN)/python -m pytest -q -n 0 tests/dashboard/test_screenshots.py

check: lint types definitions schema-check docs-check dashboard-check  ## Everything .ci/run checks besides the tests

lint: setup  ## Linter and formatter, without changing a file
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: setup  ## Mend what the linter can mend, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: setup  ## The strict type checker
	$(BIN)/python -m mypy

definitions: setup  ## Load Dagster's definitions and check them
	$(INSTANCE) $(BIN)/dg check defs

schema: setup  ## Write schema.graphql from the code
	$(BIN)/python -m graphql_api.print_schema > schema.graphql.new
	@mv schema.graphql.new schema.graphql

schema-check: setup  ## Fail when schema.graphql is not what the code serves
	@$(BIN)/python -m graphql_api.print_schema | diff -u schema.graphql - || { \
	  echo "schema.graphql is not what the code serves: run 'make schema'" >&2; exit 1; }

docs: setup  ## Write docs/tables, the contract of the published schema, and the answers in docs/queries.md
	$(BIN)/python -m warehouse.building.documentation write
	$(BIN)/python -m tests.support.documented_queries

docs-check: setup  ## Fail when docs/tables or the contract are not what the models and the catalog make
	@$(BIN)/python -m warehouse.building.documentation check

COMPILE := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes --only-binary :all: \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' $(UPGRADE)

lock: setup  ## Compile the lock files again (UPGRADE=--upgrade for the newest versions)
	$(COMPILE) pyproject.toml --extra api --extra otel --extra postgres --group dev --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --extra postgres --extra webserver --group build --output-file requirements/dagster.txt
	$(COMPILE) pyproject.toml --extra api --group bench --output-file requirements/bench.txt
	$(COMPILE) --no-binary pyspark-client --group engines --constraint requirements/dev.txt --output-file requirements/engines.txt
	$(COMPILE) --no-binary pyspark --no-deps --group spark-server --output-file requirements/spark-server.txt

dagster: .venv-dagster/.ready  ## Dagster's pages on 127.0.0.1:3000, in an environment of their own
	$(INSTANCE) $(DAGSTER_BIN)/dagster dev --host 127.0.0.1 --port 3000

bench: .venv-bench/.ready  ## Paired timings of the intake, in an environment of their own (minutes; a quiet machine)
	.venv-bench/bin/python -m tests.benchmarks.bench_intake

bench-warehouse: setup  ## Paired timings of publishing 1 and 10 million rows, and of many files (ROWS='1e6 1e7 1e8')
	$(BIN)/python -m tests.benchmarks.bench_warehouse --rows $(or $(ROWS),1e6 1e7)

# Beside PostGraphile where its packages are: they are for nothing else.
POSTGRAPHILE := tests/benchmarks/postgraphile
bench-engines: engines  ## The same publication of 10 million rows by DuckDB, Sail and (after make spark) Spark
	$(BIN)/python -m tests.benchmarks.bench_engines

bench-api: setup  ## Paired requests a second of the API, beside a constant, Strawberry and PostGraphile (minutes; a quiet machine)
	@test -d $(POSTGRAPHILE)/node_modules || npm ci --silent --ignore-scripts --prefix $(POSTGRAPHILE) || true
	$(BIN)/python -m tests.benchmarks.bench_api

clean:  ## Remove the environments and caches; the data in var/ stays
	rm -rf .venv .venv-bench .venv-dagster .venv-spark .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist $(CLIENTS)/node_modules \
	  $(PAGE)/node_modules $(PAGE)/dist $(GRAPHIQL)/node_modules $(GRAPHIQL)/dist $(POSTGRAPHILE)/node_modules
	find $(PACKAGES) -name __pycache__ -type d -exec rm -rf {} +
