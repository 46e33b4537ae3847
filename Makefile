# The commands anyone has to know. Everything they need is put inside this folder (.venv, .tools), nothing outside it.
PORT ?= 8000
# `make run LAN=1` serves the local network over HTTPS, for a phone's camera.
LAN ?=
PYTHON ?= python3
SETUP = $(PYTHON) tools/setup.py
BIN = .venv/bin

.PHONY: help run test check format dev bench lock clean

help: ## say what there is
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: ## a living demo market on http://localhost:$(PORT)
	@$(SETUP) run
	@exec $(BIN)/ennichi demo --port $(PORT) $(if $(LAN),--lan)

test: ## set up for the tests, check the code, run every test
	@$(SETUP) test
	@$(MAKE) --no-print-directory check
	@$(BIN)/python tools/pages.py test
	@$(BIN)/pytest
	@echo "Everything passed."

check: ## style, types, import directions
	@$(SETUP) check
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/pages.py check

format: ## put the Python code in order
	@$(SETUP) check
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

dev: ## the demo market; pages are rebuilt and the server restarted when a source file changes
	@$(SETUP) test
	@$(BIN)/python tools/dev.py --port $(PORT) $(if $(LAN),--lan)

bench: ## how fast it is: tables, ours beside a bound or a peer
	@$(SETUP) test
	@$(BIN)/python -m bench

lock: ## choose the newest versions of what we depend on, with their hashes
	@$(SETUP) lock

clean: ## remove what set-up and build made
	rm -rf .venv .tools dist frontend/node_modules src/ennichi/web/static src/ennichi/orders/papers/fonts .mypy_cache .ruff_cache .pytest_cache
