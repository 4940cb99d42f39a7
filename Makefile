# Every target makes .venv by itself. All that a machine needs is make and Python 3.11 or later; what the tests of LDAP
# need beside it is installed by scripts/install-test-servers.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
WORKERS ?= 2
BIN := .venv/bin
READY := .venv/ready
RIVAL := .venv/rival
LDAP_READY := .venv/ready-ldap
LDAP ?= yes
FUZZ_READY := .venv/ready-fuzz
FUZZ_SECONDS ?= 60
SBOM := .venv-sbom/ready
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP_COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options --annotation-style=line
CYCLONEDX := .venv-sbom/bin/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible

.PHONY: help demo servers test lint format docs coverage bench memory fuzz sbom torture mutants lock build clean
.DEFAULT_GOAL := help

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "rostersync needs Python 3.11 or later")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: $(READY) ## Run the whole story on a sample district in demo-district/
	rm -rf demo-district
	$(BIN)/rostersync demo demo-district

# python-ldap has to be built, so the tests alone wait for it. LDAP=no leaves out what needs it.
$(LDAP_READY): $(READY) requirements/ldap.txt | servers
	$(BIN)/python -m pip install --quiet --require-hashes --no-build-isolation -r requirements/ldap.txt
	touch $@

servers: $(READY)
	scripts/install-test-servers $(BIN)/python

test: $(if $(filter no,$(LDAP)),$(READY),$(LDAP_READY)) ## Run the tests (LDAP=no without those that need servers of LDAP and SSH)
	$(BIN)/pytest -n $(WORKERS) $(if $(filter no,$(LDAP)),--ignore-glob='*/test_directory_ldap*' --ignore=tests/sftp)

lint: $(READY) ## Check style, types, floors
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format the code and mend what can be mended
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(READY) ## Make docs/codes.md and docs/commands.md again out of the program
	$(BIN)/python docs/make_codes.py
	$(BIN)/python docs/make_commands.py

coverage: $(READY) ## Branch coverage of the engine and the model
	$(BIN)/pytest -n $(WORKERS) tests/engine tests/model --cov=rostersync.engine --cov=rostersync.model --cov-fail-under=100

$(RIVAL): requirements/rival.txt | $(READY)
	rm -rf $@
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps --target $@ -r $<
	touch $@

bench: $(READY) $(RIVAL) ## Measure speed and memory against curl, a loop and a client (BENCH="--large --json FILE")
	$(BIN)/python -m benchmarks $(BENCH)

memory: $(READY) ## Measure the peak memory of runs on 100,000 students, and on packages with a cell of 2 GB
	$(BIN)/python -m benchmarks --only-setting main
	$(BIN)/python benchmarks/csv.py

# atheris is large and made for few systems, so what fuzzes waits for it and nothing else does.
$(FUZZ_READY): $(READY) requirements/fuzz.txt
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/fuzz.txt
	touch $@

fuzz: $(FUZZ_READY) ## Fuzz what comes from outside, FUZZ_SECONDS for each target, and run the property tests for longer
	$(BIN)/python -m fuzz --seconds $(FUZZ_SECONDS)
	HYPOTHESIS_PROFILE=fuzz $(BIN)/pytest -n $(WORKERS) --timeout=0 tests/engine

# The tool has an environment of its own, so that it is no part of what it describes.
$(SBOM): requirements/sbom.txt | $(READY)
	$(BIN)/python -m venv --clear .venv-sbom
	.venv-sbom/bin/python -m pip install --quiet --require-hashes -r requirements/sbom.txt
	touch $@

sbom: $(SBOM) ## Write what the program is made of into dist/ (CycloneDX): at run time, and with all that builds and tests it
	mkdir -p dist
	$(CYCLONEDX) --output-file dist/rostersync.cdx.json requirements/runtime.txt
	$(CYCLONEDX) --output-file dist/rostersync-development.cdx.json requirements/dev.txt

torture: $(READY) ## Try for hours to lose or let in anything: crashes, faults, hostile input (AREAS="locks" for some of it)
	$(BIN)/python -m torture $(AREAS)

mutants: $(READY) ## Break the engine in small ways and see that a test notices
	$(BIN)/mutmut run
	$(BIN)/mutmut results

lock: $(READY) ## Lock the dependencies again (UPGRADE=--upgrade for newer ones)
	$(PIP_COMPILE) $(UPGRADE) --output-file=requirements/runtime.txt pyproject.toml
	$(PIP_COMPILE) $(UPGRADE) --extra=demo --extra=dev --extra=google --extra=keyring --extra=microsoft --extra=sftp \
		--constraint=requirements/runtime.txt --output-file=requirements/dev.txt pyproject.toml
	for each in build fuzz rival sbom; do \
		$(PIP_COMPILE) $(UPGRADE) --constraint=requirements/dev.txt --output-file=requirements/$$each.txt \
			requirements/$$each.in || exit; done

build: $(READY) ## Build the wheel and the source archive into dist/
	$(BIN)/python -m build --no-isolation

clean: ## Remove everything that make has made
	rm -rf .venv .venv-sbom fuzz/corpus fuzz/findings demo-district dist build mutants .coverage htmlcov .pytest_cache .mypy_cache .ruff_cache .hypothesis
