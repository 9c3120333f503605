# `make` lists the targets. Everything is installed into .venv* in this folder, and only there.
PYTHON ?= python3
UV ?= uv

export SAM_CLI_TELEMETRY = 0
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# The tools need a region to check a template; they call nothing there.
export AWS_DEFAULT_REGION ?= us-east-1

bin := .venv/bin
sam := .venv-sam/bin/sam
release := .venv-release/bin

# The tests of the status page need Chromium and are skipped without it; .ci/run installs it.
without_browser := $(if $(and $(shell command -v chromium),$(shell command -v chromedriver)),,-m "not browser")

.DEFAULT_GOAL := help
.PHONY: help install demo test lint security build distribution layer sbom sam-local bench docs fuzz soak verify-on-aws moto-patch lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: .venv/installed ## Install the command and the development tools into .venv

demo: .venv/installed ## Change a few flows in a local cloud and show each result
	$(bin)/appflow-gitops local demo

# Four processes for two processors: end-to-end tests wait for timers a third of their time. With bytecode: without it,
# every process that a test starts would compile the project.
test: .venv/installed .venv-sam/installed ## Run all tests
	env -u PYTHONDONTWRITEBYTECODE $(bin)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder $(without_browser)

lint: .venv/installed ## Check style, types, import layers and the template
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/mypy functions benchmarks tools
	$(bin)/lint-imports
	$(bin)/cfn-lint

security: .venv-checkov/installed ## Scan the template with checkov (exceptions: .checkov.yaml)
	.venv-checkov/bin/checkov --config-file .checkov.yaml

build: .venv/installed .venv-sam/installed ## Build for `sam deploy` into .aws-sam (ARCHITECTURE=x86_64)
	PYTHON="$(CURDIR)/$(bin)/python" $(sam) build $(ARCHITECTURE:%=--parameter-overrides Architecture=%)

distribution: .venv-release/installed ## Build, install and test wheel and sdist (PYTHONS=python3)
	rm -rf dist
	$(release)/python -m build --no-isolation
	$(release)/twine check --strict dist/*.whl dist/*.tar.gz
	DISTRIBUTIONS=dist $(release)/python -m pytest --confcutdir tests/distribution tests/distribution

layer: .venv/installed ## Build the layer for both architectures: build/layer-*.zip
	$(foreach architecture,arm64 x86_64,$(call layer_archive,$(architecture)))

sbom: .venv-release/installed ## Write SBOMs of the command and the layer into build
	mkdir -p build
	$(release)/cyclonedx-py requirements --output-format JSON --output-file build/command.cdx.json requirements/action.txt
	$(release)/cyclonedx-py requirements --output-format JSON --output-file build/layer.cdx.json layers/appflow_gitops/requirements.txt

sam-local: .venv/installed .venv-sam/installed ## Run every sample event in sam local (Docker), 3 minutes
	@$(bin)/python -m tools.sam_local

bench: .venv/installed .venv-sam/installed ## Measure speed and size, 18 minutes (ONLY=init ROUNDS=7)
	$(bin)/python -m benchmarks $(ONLY:%=--only %) --rounds $(or $(ROUNDS),7)

fuzz: .venv/installed ## Validate random hostile documents (RUNS=200000)
	$(bin)/python -m tools.fuzz.fuzz --runs $(or $(RUNS),200000)

soak: .venv/installed ## Simulate random event histories (RUNS=50000 SEED=1)
	@PYTHONPATH=tests $(bin)/python -m simulation.soak --runs $(or $(RUNS),50000) --seed $(or $(SEED),$(shell date +%s))

verify-on-aws: .venv/installed ## Test the real AppFlow (PROFILE=me REGION=us-east-1)
	@$(bin)/python -m tools.verify_on_aws.verify --profile '$(call named,PROFILE)' --region '$(call named,REGION)' --report '$(REPORT)'

docs: .venv/installed ## Generate pages and schemas: docs/, schemas/
	$(bin)/python -m tools.docs.rules > docs/rules.md
	$(bin)/python -m tools.docs.status_events
	$(bin)/python -m tools.docs.modules
	$(bin)/python -m tools.docs.local_appflow
	PYTHONPATH=tests:functions $(bin)/python -m integration.permissions.report > docs/permissions.md
	$(bin)/appflow-gitops schema --output schemas/flow-document.schema.json
	$(bin)/appflow-gitops schema policy --output schemas/policy.schema.json
	cp schemas/flow-document.schema.json schemas/policy.schema.json examples/repository/.vscode/

moto-patch: .venv/installed ## Write the local AppFlow as a patch for moto and test it
	$(bin)/python -m tools.moto_patch.moto_patch --output moto-appflow.patch

lock: ## Update the pins in requirements/ (needs uv)
	$(call pin,layers/appflow_gitops/requirements)
	$(call pin,requirements/dev)
	$(call pin,requirements/sam)
	$(call pin,requirements/checkov)
	$(call pin,requirements/release)
	$(call pin,requirements/action)

clean: ## Remove everything that the other targets created
	rm -rf .venv .venv-sam .venv-checkov .venv-release .aws-sam dist build bench.json moto-appflow.patch .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

# A virtual environment is created once and updated when its pins change.
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

.venv-release/installed: requirements/release.txt
	$(call virtual_environment,.venv-release,requirements/release.txt)
	@touch $@

# --no-deps: the files pin every package, and older versions of pip fail on extras when they resolve with hashes.
define virtual_environment
@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
$(PYTHON) -m venv $(1)
$(1)/bin/pip install --quiet --no-deps --require-hashes --requirement $(2)
endef

# Only a variable of the command line counts: the account must not come from the environment by accident.
named = $(if $(filter command,$(origin $(1))),$($(1)))

define layer_archive
rm -rf build/layer-$(1) build/layer-$(1).zip
$(MAKE) --directory layers/appflow_gitops --makefile $(1)/Makefile build-LibraryLayer \
    ARTIFACTS_DIR="$(CURDIR)/build/layer-$(1)" PYTHON="$(CURDIR)/$(bin)/python"
$(bin)/python -m zipfile --create build/layer-$(1).zip build/layer-$(1)/python

endef

define pin
$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
    $(1).in --output-file $(1).txt
endef
