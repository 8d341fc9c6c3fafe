# One environment for everything. Each target can be called first; a second call is quick.
# The newest Python of those that the lock is made for and that runs here.
PYTHON ?= $(shell for v in 3.13 3.12 3.11; do python$$v -c "" 2>/dev/null && echo python$$v && break; done)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
DEMO   := mediaflow_home/demo
# Processes that share the tests.
WORKERS ?= 2
# The build of torch (CPU or CUDA) is what pip finds for this machine; everything else is locked.
ONNX   := $(shell grep -o '^onnxruntime==[0-9.]*' requirements.lock)
TORCH  := $(shell grep -o 'torch==[0-9.]*' pyproject.toml)

.PHONY: demo dev test test-deploy bench lint models gpu gpu-check cpu lock audit messages image wheels clean help

help:            ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 16

demo: models     ## set up, build the sample project, run the whole graph on it
	$(BIN)/mediaflow sample $(DEMO)
	$(BIN)/mediaflow run $(DEMO)/13_Camille_sample.zip

dev: models      ## the Dagster UI with sensors on, loopback only
	$(BIN)/mediaflow dev

test: models     ## all tests
	$(BIN)/mediaflow models fetch whisper-base
	MEDIAFLOW_MODELS_DIR=$(CURDIR)/mediaflow_home/models $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal

test-deploy: models wheels ## deploy/ with real containers: needs root, Docker, docker-compose, debootstrap
	MEDIAFLOW_MODELS_DIR=$(CURDIR)/mediaflow_home/models $(BIN)/python -m pytest tests/deploy

image:           ## the image that deploy/ runs
	docker build --tag mediaflow-assets .

wheels: deploy/wheels/.ready ## every dependency, for a build of the image without network
deploy/wheels/.ready: requirements.lock | $(VENV)/.ready
	rm -rf deploy/wheels/*.whl
	$(PIP) wheel --no-deps --wheel-dir deploy/wheels $(TORCH)
	$(PIP) wheel --require-hashes --no-deps --wheel-dir deploy/wheels -r requirements.lock
	touch $@

bench: $(VENV)/.ready ## list the measurements; make bench NAME=faces.identity ARGS="--help" runs one
	@$(BIN)/python -m benchmarks $(NAME) $(ARGS)

lint: $(VENV)/.ready ## style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/dg check defs

models: $(VENV)/.ready ## fetch the default models by hash
	$(BIN)/mediaflow models fetch --default

$(VENV)/.ready: requirements.lock pyproject.toml setup.py
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; name it: make PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install $(TORCH)
	$(PIP) install --require-hashes --no-deps -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	touch $@

gpu: $(VENV)/.ready ## the CUDA build of ONNX Runtime in place of the CPU one
	$(PIP) uninstall --yes onnxruntime onnxruntime-gpu
	$(PIP) install --no-deps $(subst runtime,runtime-gpu,$(ONNX))

gpu-check: models ## every path of a GPU once, compared with the CPU; says so where there is none
	@if command -v nvidia-smi >/dev/null && nvidia-smi -L | grep -q GPU; then $(MAKE) gpu; fi
	MEDIAFLOW_MODELS_DIR=$(CURDIR)/mediaflow_home/models $(BIN)/python -m benchmarks gpu.check

cpu: $(VENV)/.ready ## the CPU build of ONNX Runtime again
	$(PIP) uninstall --yes onnxruntime onnxruntime-gpu
	$(PIP) install --no-deps $(ONNX)

lock: $(VENV)/.ready ## pin the dependencies again, after a change to pyproject.toml
	$(BIN)/python deploy/lock.py

audit: $(VENV)/.ready ## look the pinned dependencies up among published vulnerabilities (asks the network)
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/pip --quiet install pip-audit
	$(VENV)/audit/bin/pip-audit --disable-pip --no-deps -r requirements.lock

messages: $(VENV)/.ready ## bring the catalogues of the pages up to date; LANGUAGE=de begins a new one
	mkdir -p build
	$(BIN)/pybabel -q extract
	$(BIN)/pybabel update $(if $(LANGUAGE),--init-missing --locale $(LANGUAGE))

clean:           ## remove the environment and all data made by demo and dev
	rm -rf $(VENV) mediaflow_home
