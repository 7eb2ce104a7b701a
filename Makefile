# Everything that is done with this repository has one word here.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check lint fmt generate bench clean

help: ## List these words
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build Authflow and try it: server, demo user and demo page, nothing to configure
	@scripts/need rust
	@echo "Building Authflow; the first time takes a few minutes."
	cargo build --locked --package authflow
	@exec target/debug/authflow dev $(ARGS)

test: ## Run every test, on both databases, from units to browsers; installs what is missing where it may
	@scripts/test

check: lint ## The fast loop: format, lints, unit and SQLite tests
	cargo test --locked --workspace

lint: ## Format, lints, licences and generated files, without running anything
	@scripts/need rust
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- --deny warnings
	cargo xtask generate --check
	cargo xtask audit

fmt: ## Format the code
	cargo fmt --all

generate: ## Write the files that are generated from the code
	cargo xtask generate

bench: ## Measure: release build, both databases, results in bench/README.md
	@scripts/need rust postgres
	cargo xtask bench $(ARGS)

clean: ## Remove what was built and the data of `make run`
	cargo clean
	rm -rf .authflow test-artifacts
