# Deskhand. `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
AREA ?=
.DEFAULT_GOAL := help
.PHONY: help setup run test test-all check bench peers train evaluate audit clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## install both environments (.venv, .venv-dialogue); quick when nothing changed
	@$(PYTHON) -m deskhand.cli.bootstrap

run: setup ## install, migrate, train, start every service and print the sign-in links
	@$(BIN)/deskhand up

test: ## install what tests need and run one of everything over the real services
	@$(PYTHON) -m deskhand.cli.bootstrap --test --system
	@$(BIN)/python -m pytest -q -n 2 --no-loadscope-reorder --durations=12 --durations-min=5 --hypothesis-profile=deskhand-same -m "not full and not gpu"

test-all: ## the full counts; AREA=store runs tests/store alone
	@$(PYTHON) -m deskhand.cli.bootstrap --test --system
	@$(BIN)/python -m pytest -q -n 2 --no-loadscope-reorder -m "not gpu" tests/$(AREA)

check: ## ruff, mypy strict, import-linter
	@$(PYTHON) -m deskhand.cli.bootstrap --test
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports --no-cache | tail -8

bench: ## measure speed and memory; prints ratios and figures
	@$(PYTHON) -m deskhand.cli.bootstrap --test --system
	@$(BIN)/python -m tests.benchmarks

peers: ## install the model servers beside which ours is measured (5 GB, in var/peers)
	@$(PYTHON) -m deskhand.cli.bootstrap --test
	@$(BIN)/python -m tests.benchmarks.make_peers

train: setup ## train the dialogue model if its inputs changed
	@$(BIN)/deskhand train

evaluate: setup ## how well utterances that training never saw are understood
	@$(BIN)/deskhand evaluate

audit: ## known vulnerabilities of both locks
	@$(PYTHON) -m deskhand.cli.bootstrap --test
	@$(BIN)/deskhand vulnerabilities

clean: ## remove environments, caches and var/ (the demo's data too)
	rm -rf .venv .venv-dialogue var .mypy_cache .ruff_cache .pytest_cache .hypothesis deskhand.egg-info
