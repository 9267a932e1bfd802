# Two commands matter: `make demo` and `make test`. Each makes the virtual environment it needs.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PROTOS := $(sort $(wildcard protos/ledger/v1/*.proto))
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
BENCH_VENV := .venv-bench
BENCH_BIN := $(BENCH_VENV)/bin
BENCH := $(BENCH_VENV)/.bench-installed

.PHONY: help demo test lint types unit generate lock clean bench bench-growth bench-audit binding flips

help:
	@echo "make demo      the H20 file, signed, appended, proved and asked, in a temporary folder"
	@echo "make test      everything a change must pass"
	@echo "make lint      ruff, import contracts, buf lint, mypy"
	@echo "make generate  the protobuf code, from protos/"
	@echo "make bench     how fast it is, against this machine's limits and its peers"
	@echo "make binding   what each process takes for an append, and what nobody can avoid"
	@echo "make bench-growth  the same questions to logs of 1,000 to 1,000,000 entries"
	@echo "make bench-audit   how fast an audit is; make flips: what it misses"
	@echo "make lock      pin and hash the requirements anew (needs uv)"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; set PYTHON=..." >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Everything comes from the hashed lists, which are complete: nothing is left to be resolved, so that
# a release of tomorrow cannot come in by a dependency's own wish. The project itself needs no index.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

$(RUNTIME): deploy/requirements.txt deploy/requirements-build.txt pyproject.toml | $(BIN)/python
	$(INSTALL) --require-hashes -r deploy/requirements.txt -r deploy/requirements-build.txt
	$(INSTALL) --no-build-isolation -e .
	@touch $@

$(DEV): deploy/requirements-dev.txt $(RUNTIME)
	$(INSTALL) --require-hashes -r $<
	$(BIN)/python -m pip check
	@touch $@

# What is measured runs on the quickest interpreter that is there, or on BENCH_PYTHON. The other
# environment's pip installs into this one: a distribution's Python may come without it.
BENCH_LISTS := requirements requirements-build requirements-dev requirements-bench
BENCH_INSTALL := $(BIN)/python -m pip --python $(BENCH_BIN)/python install --quiet \
	--disable-pip-version-check --no-deps

$(BENCH_BIN)/python: | $(BIN)/python
	"$$($(BIN)/python tests/bench/interpreter.py $(BENCH_PYTHON))" -m venv --without-pip $(BENCH_VENV)

$(BENCH): $(BENCH_LISTS:%=deploy/%.txt) pyproject.toml | $(BENCH_BIN)/python
	$(BENCH_INSTALL) --require-hashes $(BENCH_LISTS:%=-r deploy/%.txt)
	$(BENCH_INSTALL) --no-build-isolation -e .
	@touch $@

demo: $(RUNTIME)
	@$(BIN)/regledger demo

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	cd protos && ../$(BIN)/buf lint

types: $(DEV)
	$(BIN)/mypy

# Three at a time on two cores: what waits for a disk or a process leaves room for another.
unit: $(DEV)
	$(BIN)/pytest -n 3 --cov --cov-report=term

test: lint types unit

# An audit of 100,000 entries against bare signature verification, in one run.
bench-audit: $(BENCH)
	$(BENCH_BIN)/python -m tests.bench.audit $(ENTRIES)

# Single bits flipped all over a ledger's database and bundle: each must be found, or not matter.
flips: $(DEV)
	$(BIN)/python -m tests.attacks.sweep

generate: $(DEV)
	$(BIN)/python -m grpc_tools.protoc --proto_path=protos --plugin=protoc-gen-mypy=$(BIN)/protoc-gen-mypy \
		--plugin=protoc-gen-mypy_grpc=$(BIN)/protoc-gen-mypy_grpc --python_out=. --mypy_out=quiet:. \
		--grpc_python_out=. --mypy_grpc_out=quiet:. $(PROTOS)

binding: $(BENCH)
	$(BENCH_BIN)/python -m tests.bench.binding

bench: $(BENCH)
	$(BENCH_BIN)/python -m tests.bench --json bench.json

bench-growth: $(BENCH)
	$(BENCH_BIN)/python -m tests.bench.growth --json bench-growth.json --picture bench-growth.svg

lock:
	uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate -o deploy/requirements.txt
	uv pip compile --quiet pyproject.toml --extra postgres --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate -c deploy/requirements.txt -o deploy/requirements-postgres.txt
	uv pip compile --quiet pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate -c deploy/requirements.txt -o deploy/requirements-dev.txt
	uv pip compile --quiet --group build --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate -c deploy/requirements-dev.txt -o deploy/requirements-build.txt
	uv pip compile --quiet --group bench --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate -c deploy/requirements-dev.txt -o deploy/requirements-bench.txt

clean:
	rm -rf $(VENV) $(BENCH_VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage* tests/node/node_modules
