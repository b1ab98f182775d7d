# make demo: set up and run the workflow on the bundled jets.   make test: set up and run the tests.
PYTHON ?= python3
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-cluster lint docs ui unlock lock bench bench-training clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "error: $(PYTHON) is not Python 3.11 to 3.13; name one that is: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "error: Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@echo "installing the locked packages into $(VENV); this takes some minutes"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(VENV)/.ready  ## set up, then run the default configuration on the bundled jets
	@$(BIN)/snakemake --cores $(CORES)

test: $(VENV)/.ready  ## set up, then run all tests
	@$(BIN)/pytest -n 2 --dist loadfile

test-cluster: $(VENV)/.ready  ## run all tests on a SLURM cluster of this machine's own, long ones too
	@$(BIN)/pytest tests/cluster -m ""

lint: $(VENV)/.ready  ## check the style of the Python code and of the workflow
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/snakefmt --check Snakefile workflow
	@$(BIN)/snakemake --lint

docs: $(VENV)/.ready  ## write the configuration's table and schema, and the picture of the DAG
	@$(BIN)/jetline document --output config
	@$(BIN)/python docs/draw_dag.py docs/images/dag.svg

ui: $(VENV)/.ready  ## open MLflow's pages on this machine
	@$(BIN)/jetline ui results

unlock: $(VENV)/.ready  ## unlock the folder after Snakemake was killed
	@$(BIN)/snakemake --unlock

lock: $(VENV)/.ready  ## resolve the dependencies again and write requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --extra generate --extra scan --extra dev pyproject.toml --output-file requirements.lock

bench: bench-training  ## measure all speeds beside those of other packages
	@$(BIN)/python benchmarks/imaging.py

bench-training: $(VENV)/.ready  ## measure only training and inference
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[bench]'
	@$(BIN)/python benchmarks/training_speed.py

clean:  ## remove the environment (results stay)
	rm -rf $(VENV)
