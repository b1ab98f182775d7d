# make demo: set up and run the workflow on the bundled jets.   make test: set up and run the tests.
# Both set up for the GPU where NVIDIA's driver lists one; DEVICE=cpu does not, DEVICE=gpu in any case.
PYTHON ?= python3
CORES ?= all
DEVICE ?=
BACKEND ?= tensorflow
VENV := .venv
BIN := $(VENV)/bin
RESOLVE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --extra generate --extra formats --extra onnx \
  --extra scan --extra jax --extra dev

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-cluster test-gpu lint docs lessons lessons-test ui unlock lock bench \
  bench-training bench-gpu clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(VENV)/bin/pip  ## set up .venv, for the GPU where there is one; DEVICE=gpu or DEVICE=cpu decides
	@case "$(DEVICE)" in \
	  "") device=$$(PYTHONPATH=src $(PYTHON) -m jetline.training.driver);; \
	  cpu|gpu) device="$(DEVICE)";; \
	  *) echo "error: DEVICE=$(DEVICE); say DEVICE=gpu or DEVICE=cpu, or leave it out"; exit 1;; \
	esac; \
	test "$$device" = gpu && ready=.ready-gpu || ready=.ready; \
	$(MAKE) --no-print-directory $(VENV)/$$ready

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "error: $(PYTHON) is not Python 3.11 to 3.13; name one that is: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "error: Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

# What the second one installs is what the first one does and CUDA: after it the first is done too.
$(VENV)/.ready: requirements.lock pyproject.toml | $(VENV)/bin/pip
	@echo "installing the locked packages into $(VENV) (a download of 1.1 GB); this takes some minutes"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-gpu: requirements-gpu.lock pyproject.toml | $(VENV)/bin/pip
	@echo "installing the locked packages, with CUDA for the GPU, into $(VENV) (a download of 4.4 GB, of"
	@echo "which CUDA is 3.3 GB; make DEVICE=cpu does without it); this takes some minutes"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-gpu.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(VENV)/.ready $@

demo: setup  ## set up, then run the default configuration on the bundled jets
	@$(BIN)/snakemake --cores $(CORES)

test: setup  ## set up, then run all tests
	@$(BIN)/pytest -n 2 --dist loadfile

test-cluster: setup  ## run all tests on a SLURM cluster of this machine's own, long ones too
	@$(BIN)/pytest tests/cluster -m ""

test-gpu: setup  ## set up, then run the tests that only a GPU can pass
	@$(BIN)/pytest -m gpu

lint: $(VENV)/.ready  ## check the style of the Python code and of the workflow
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/snakefmt --check Snakefile workflow
	@$(BIN)/snakemake --lint

docs: $(VENV)/.ready  ## write the configuration's table and schema, and the picture of the DAG
	@$(BIN)/jetline document --output config
	@$(BIN)/python docs/draw_dag.py docs/images/dag.svg

LESSONS := $(patsubst docs/lessons/%.py,results/lessons/%.ipynb,$(wildcard docs/lessons/*.py))

lessons: $(LESSONS)  ## open the lessons for students in Jupyter
	@$(BIN)/jupyter lab results/lessons

# A notebook that is there is the student's, whatever became of the lesson.
results/lessons/%.ipynb: | docs/lessons/%.py $(VENV)/.ready-lessons
	@mkdir -p $(@D)
	@$(BIN)/jupytext --quiet --to ipynb --output $@ docs/lessons/$*.py

# Jupyter is not locked; what is stays as it is.
$(VENV)/.ready-lessons: | $(VENV)/.ready
	@echo "installing Jupyter into $(VENV)"
	@$(BIN)/pip freeze --exclude-editable > $(VENV)/installed.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -c $(VENV)/installed.txt \
	  --no-build-isolation -e '.[lessons]'
	@touch $@

lessons-test: $(VENV)/.ready-lessons  ## run all lessons as they are, some minutes each
	@$(BIN)/pytest tests/lessons -m ""

ui: $(VENV)/.ready  ## open MLflow's pages on this machine
	@$(BIN)/jetline ui results

unlock: $(VENV)/.ready  ## unlock the folder after Snakemake was killed
	@$(BIN)/snakemake --unlock

# First with CUDA; what is then preferred for the other lock is what this one has.
lock: $(VENV)/.ready  ## resolve the dependencies again and write both locks and both environments
	@$(RESOLVE) --extra gpu pyproject.toml --output-file requirements-gpu.lock
	@cp requirements-gpu.lock requirements.lock
	@$(RESOLVE) pyproject.toml --output-file requirements.lock
	@$(MAKE) --no-print-directory environment-gpu.yml

environment-gpu.yml: environment.yml
	@sed -e 's/environment\.yml/environment-gpu.yml/' -e 's/requirements\.lock/requirements-gpu.lock/' $< > $@

bench: bench-training  ## measure all speeds beside those of other packages
	@$(BIN)/python benchmarks/imaging.py

bench-training: $(VENV)/.ready  ## measure only training and inference; with JAX: BACKEND=jax
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[bench]'
	@KERAS_BACKEND=$(BACKEND) $(BIN)/python benchmarks/training_speed.py

bench-gpu:  ## set up, then measure what this machine's GPU does; PART=feed, MINUTES=9 for less
	@test "$$(PYTHONPATH=src $(PYTHON) -m jetline.training.driver)" = gpu || \
	  { echo "error: there is no GPU here to measure on; nothing was installed or measured"; exit 1; }
	@$(MAKE) --no-print-directory setup DEVICE=gpu
	@$(MAKE) --no-print-directory $(VENV)/.ready-peers $(VENV)-torch/.ready
	@$(BIN)/python benchmarks/gpu.py $(PART:%=--part %) $(MINUTES:%=--minutes %)

# EnergyFlow runs on our TensorFlow, so nothing that is locked may change for it.
$(VENV)/.ready-peers: $(VENV)/.ready-gpu
	@$(BIN)/pip freeze --exclude-editable > $(VENV)/installed.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check -c $(VENV)/installed.txt energyflow tf-keras
	@touch $@

# PyTorch brings a CUDA of its own, whose files would replace those of TensorFlow and JAX.
$(VENV)-torch/.ready:
	@echo "installing PyTorch and weaver-core into $(VENV)-torch (a download of some GB)"
	@$(PYTHON) -m venv $(VENV)-torch
	@$(VENV)-torch/bin/pip install --quiet --disable-pip-version-check torch weaver-core \
	  numpy pydantic xxhash zlib-ng
	@touch $@

clean:  ## remove the environment (results stay)
	rm -rf $(VENV) $(VENV)-torch
