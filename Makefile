# `make` alone tells what there is. Everything is installed into .venv, .venv-sam and .venv-checkov in this folder,
# nothing elsewhere.
PYTHON ?= python3
UV ?= uv

export SAM_CLI_TELEMETRY = 0
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The tools want a region before they look at a template; nothing is called there.
export AWS_DEFAULT_REGION ?= us-east-1

bin := .venv/bin
sam := .venv-sam/bin/sam

# The status page is tested in Chromium. Where there is none these tests stay out; .ci/run installs it.
without_browser := $(if $(and $(shell command -v chromium),$(shell command -v chromedriver)),,-m "not browser")

.DEFAULT_GOAL := help
.PHONY: help install demo test lint security build bench docs fuzz soak verify-on-aws lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## Install the command and everything for development into .venv

demo: .venv/installed ## Start the local cloud, change a few flows, show what became of each
	$(bin)/appflow-gitops local demo

test: .venv/installed .venv-sam/installed ## Run all tests
	$(bin)/pytest --numprocesses auto --dist loadfile $(without_browser)

lint: .venv/installed ## Check style, types, layers and the template
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/mypy functions benchmarks tools
	$(bin)/lint-imports
	$(bin)/cfn-lint

security: .venv-checkov/installed ## Look for weak spots in the template; .checkov.yaml tells what is left out and why
	.venv-checkov/bin/checkov --config-file .checkov.yaml

build: .venv/installed .venv-sam/installed ## Build what `sam deploy` uploads, into .aws-sam
	PYTHON="$(CURDIR)/$(bin)/python" $(sam) build

bench: .venv/installed .venv-sam/installed ## Measure speed and size beside baselines, 10 minutes: make bench ONLY=init ROUNDS=7
	$(bin)/python -m benchmarks $(ONLY:%=--only %) --rounds $(or $(ROUNDS),7)

fuzz: .venv/installed ## Feed hostile bytes to the check: make fuzz RUNS=200000
	$(bin)/python -m tools.fuzz.fuzz --runs $(or $(RUNS),200000)

soak: .venv/installed ## Simulate many more histories, new ones each time: make soak RUNS=50000 SEED=1 (SEED repeats them)
	SIMULATION_RUNS=$(or $(RUNS),50000) $(bin)/pytest tests/simulation/test_nothing_lost.py --hypothesis-seed=$(or $(SEED),$(shell date +%s))

verify-on-aws: .venv/installed ## Settle in your AWS account what is not known about AppFlow: make verify-on-aws PROFILE=me REGION=eu-west-1
	@$(bin)/python -m tools.verify_on_aws.verify --profile '$(call named,PROFILE)' --region '$(call named,REGION)' --report '$(REPORT)'

docs: .venv/installed ## Write the generated pages anew: docs/rules.md, permissions.md, status-events.md, schemas/
	$(bin)/python -m tools.docs.rules > docs/rules.md
	$(bin)/python -m tools.docs.status_events
	PYTHONPATH=tests:functions $(bin)/python -m integration.permissions.report > docs/permissions.md
	$(bin)/appflow-gitops schema --output schemas/flow-document.schema.json
	$(bin)/appflow-gitops schema policy --output schemas/policy.schema.json

lock: ## Pin the newest versions that the requirements/*.in files allow (needs uv)
	$(call pin,layers/appflow_gitops/requirements)
	$(call pin,requirements/dev)
	$(call pin,requirements/sam)
	$(call pin,requirements/checkov)

clean: ## Remove everything that the other targets made
	rm -rf .venv .venv-sam .venv-checkov .aws-sam bench.json .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# A virtual environment is made once and brought up to date when its pins change.
.venv/installed: requirements/dev.txt pyproject.toml
	$(call virtual_environment,.venv,requirements/dev.txt)
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv-sam/installed: requirements/sam.txt
	$(call virtual_environment,.venv-sam,requirements/sam.txt)
	@touch $@

.venv-checkov/installed: requirements/checkov.txt
	$(call virtual_environment,.venv-checkov,requirements/checkov.txt)
	@touch $@

# --no-deps: the files pin every package, and older versions of pip trip over extras when they resolve with hashes.
define virtual_environment
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
$(PYTHON) -m venv $(1)
$(1)/bin/pip install --quiet --no-deps --require-hashes --requirement $(2)
endef

# A variable of the command line only: whose account it is must not come from the environment by chance.
named = $(if $(filter command,$(origin $(1))),$($(1)))

define pin
$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
    $(1).in --output-file $(1).txt
endef
