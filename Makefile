# `make run` and `make test` are all a newcomer needs; both build the environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
COMPILE := uv pip compile --quiet --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.PHONY: setup lock lint format

lock: ## compile requirements/*.in into hashed pins
	cd requirements && PATH=$(abspath $(BIN)):$$PATH $(COMPILE) -o base.txt base.in
	cd requirements && PATH=$(abspath $(BIN)):$$PATH $(COMPILE) -o dev.txt dev.in
