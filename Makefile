# make run: everything from nothing to answering. make test: the whole suite. make check: style, types, architecture.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin

help:
	@echo "make run    set up the demo street if there is none, then serve (Ctrl-C stops)"
	@echo "make test   run the test suite"
	@echo "make check  style, types, architecture, knowledge"
	@echo "make lock   choose package versions anew"
	@echo "make clean  remove the environment, not the data in var/"

run: $(VENV)/.run
	@$(BIN)/falin run --demo

test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(PYTEST)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/falin knowledge check

lock: .tools/uv
	./.tools/uv pip compile pyproject.toml --python-version 3.10 --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -U -o requirements.lock
	./.tools/uv pip compile pyproject.toml --extra dev --python-version 3.10 --universal --generate-hashes \
		--no-header --no-annotate --no-emit-index-url -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) .tools .cache

$(VENV)/.run: requirements.lock pyproject.toml .tools/uv
	@./install.sh requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml .tools/uv
	@./install.sh requirements-dev.lock
	@touch $(VENV)/.run $@

.tools/uv:
	@./install.sh uv

.PHONY: help run test check lock clean
